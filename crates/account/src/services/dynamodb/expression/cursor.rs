use super::lexer::{Kind, Token, tokens};
use super::path::{Path, Step};
use super::placeholders::Placeholders;
use super::reserved::is_reserved;
use crate::services::dynamodb::err::ExpressionError;

/// The most operators and functions in one expression.
///
/// Source: DynamoDB Developer Guide, "Quotas and limits", "Expression parameters".
const MAX_OPERATORS: usize = 300;
/// How deep parentheses, `NOT` and functions may nest here; far beyond what a person writes, and safe for the stack.
const MAX_DEPTH: usize = 100;

/// A place in an expression, with what every parser needs.
pub(super) struct Cursor<'a> {
    expression: &'a str,
    tokens: Vec<Token>,
    next: usize,
    operators: usize,
    depth: usize,
    pub(super) placeholders: &'a mut Placeholders,
}

impl<'a> Cursor<'a> {
    pub(super) fn new(expression: &'a str, placeholders: &'a mut Placeholders) -> Result<Self, ExpressionError> {
        Ok(Self { expression, tokens: tokens(expression)?, next: 0, operators: 0, depth: 0, placeholders })
    }

    /// The next token, if it is of `kind`.
    pub(super) fn peek(&self, kind: Kind) -> Option<&str> {
        self.tokens.get(self.next).filter(|token| token.kind == kind).map(|token| token.text.as_str())
    }

    /// Whether the token after the next one is the mark `mark`.
    pub(super) fn followed_by(&self, mark: &str) -> bool {
        self.tokens.get(self.next + 1).is_some_and(|token| token.kind == Kind::Mark && token.text == mark)
    }

    /// Whether a parenthesis opens here that closes right before another closes: the inner pair of `((a = b))`, with
    /// the outer one just taken.
    pub(super) fn doubly_enclosed(&self) -> bool {
        let rest = self.tokens.get(self.next..).unwrap_or_default();
        if rest.first().is_none_or(|token| token.text != "(") {
            return false;
        }
        let mut open = 0_usize;
        let close = rest.iter().position(|token| {
            match token.text.as_str() {
                "(" => open += 1,
                ")" => open = open.saturating_sub(1),
                _ => (),
            }
            open == 0
        });
        close.and_then(|index| rest.get(index + 1)).is_some_and(|token| token.text == ")")
    }

    pub(super) fn at_end(&self) -> bool {
        self.next >= self.tokens.len()
    }

    /// Takes the next token if it is the mark `mark`.
    pub(super) fn take_mark(&mut self, mark: &str) -> bool {
        let found = self.peek(Kind::Mark) == Some(mark);
        self.next += usize::from(found);
        found
    }

    /// Takes the next token if it is the keyword `word`, in any case.
    pub(super) fn take_word(&mut self, word: &str) -> bool {
        let found = self.peek(Kind::Word).is_some_and(|text| text.eq_ignore_ascii_case(word));
        self.next += usize::from(found);
        found
    }

    /// Takes the next token if it is of `kind`.
    pub(super) fn take(&mut self, kind: Kind) -> Option<String> {
        let text = self.peek(kind)?.to_owned();
        self.next += 1;
        Some(text)
    }

    pub(super) fn expect_mark(&mut self, mark: &str) -> Result<(), ExpressionError> {
        if self.take_mark(mark) { Ok(()) } else { Err(self.unexpected()) }
    }

    pub(super) fn expect_end(&self) -> Result<(), ExpressionError> {
        if self.at_end() { Ok(()) } else { Err(self.unexpected()) }
    }

    /// The error for a token that does not fit.
    pub(super) fn unexpected(&self) -> ExpressionError {
        let text_between = |from: usize, to: usize| self.expression.get(from..to).unwrap_or_default().to_owned();
        let before = self.next.checked_sub(1).and_then(|index| self.tokens.get(index));
        match self.tokens.get(self.next) {
            None => ExpressionError::Syntax {
                token: "<EOF>".to_owned(),
                near: before.map(|token| text_between(token.start, self.expression.len())).unwrap_or_default(),
            },
            Some(token) => {
                let start = before.map_or(token.start, |before| before.start);
                let end = self.tokens.get(self.next + 1).map_or(token.end, |after| after.end);
                ExpressionError::Syntax { token: token.text.clone(), near: text_between(start, end) }
            }
        }
    }

    /// Counts an operator or function.
    pub(super) fn operator(&mut self) -> Result<(), ExpressionError> {
        self.operators += 1;
        if self.operators > MAX_OPERATORS {
            return Err(ExpressionError::TooManyOperators(self.operators));
        }
        Ok(())
    }

    /// Parses one level further in.
    pub(super) fn nested<T>(
        &mut self,
        parse: impl FnOnce(&mut Self) -> Result<T, ExpressionError>,
    ) -> Result<T, ExpressionError> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(ExpressionError::TooDeep);
        }
        let parsed = parse(self);
        self.depth -= 1;
        parsed
    }

    /// A document path: names, `.name` and `[index]`.
    pub(super) fn path(&mut self) -> Result<Path, ExpressionError> {
        let mut steps = vec![Step::Name(self.path_name()?)];
        loop {
            if self.take_mark(".") {
                let name = self.path_name()?;
                steps.push(Step::Name(name));
            } else if self.take_mark("[") {
                let Some(digits) = self.take(Kind::Digits) else { return Err(self.unexpected()) };
                // An index beyond any list is an index all the same.
                steps.push(Step::Index(digits.parse().unwrap_or(usize::MAX)));
                self.expect_mark("]")?;
            } else {
                return Ok(Path(steps));
            }
        }
    }

    fn path_name(&mut self) -> Result<String, ExpressionError> {
        if let Some(key) = self.take(Kind::Name) {
            return self.placeholders.name(&key);
        }
        let Some(word) = self.peek(Kind::Word).map(str::to_owned) else { return Err(self.unexpected()) };
        if is_reserved(&word) {
            return Err(ExpressionError::Reserved(word));
        }
        // A bare name has letters and digits only; the underscore needs a placeholder at the beginning.
        if word.starts_with('_') {
            return Err(self.unexpected());
        }
        self.next += 1;
        Ok(word)
    }
}
