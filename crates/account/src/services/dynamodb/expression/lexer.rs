use crate::services::dynamodb::err::ExpressionError;

/// The longest expression, in bytes.
///
/// Source: DynamoDB Developer Guide, "Quotas and limits", "Expression parameters".
const MAX_LENGTH: usize = 4096;

/// One token with its text and where that text is in the expression (bytes).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) text: String,
    pub(super) start: usize,
    pub(super) end: usize,
}

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Kind {
    /// A bare name or keyword.
    Word,
    /// `#name`.
    Name,
    /// `:value`.
    Value,
    /// Digits.
    Digits,
    /// Punctuation or a comparator.
    Mark,
}

/// Splits an expression.
pub(super) fn tokens(expression: &str) -> Result<Vec<Token>, ExpressionError> {
    if expression.len() > MAX_LENGTH {
        return Err(ExpressionError::TooLong(expression.len()));
    }
    let mut tokens: Vec<Token> = Vec::new();
    let mut rest = expression;
    loop {
        rest = rest.trim_start_matches([' ', '\t', '\r', '\n']);
        let Some(first) = rest.chars().next() else { break };
        let start = expression.len() - rest.len();
        let (kind, length) = match first {
            'a'..='z' | 'A'..='Z' | '_' => (Kind::Word, run(rest, 0)),
            '#' => (Kind::Name, run(rest, 1)),
            ':' => (Kind::Value, run(rest, 1)),
            '0'..='9' => (Kind::Digits, rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len())),
            '<' if rest.starts_with("<=") || rest.starts_with("<>") => (Kind::Mark, 2),
            '>' if rest.starts_with(">=") => (Kind::Mark, 2),
            '(' | ')' | '[' | ']' | '.' | ',' | '+' | '-' | '=' | '<' | '>' => (Kind::Mark, 1),
            other => (Kind::Mark, other.len_utf8()),
        };
        let (text, after) = rest.split_at_checked(length).unwrap_or((rest, ""));
        let unknown = matches!(kind, Kind::Name | Kind::Value) && length == 1
            || kind == Kind::Mark && !matches!(first, '(' | ')' | '[' | ']' | '.' | ',' | '+' | '-' | '=' | '<' | '>');
        if unknown {
            let before = tokens.last().map_or(start, |token| token.start);
            let near: String = expression.get(before..).unwrap_or(rest).chars().take(start - before + 3).collect();
            return Err(ExpressionError::Syntax { token: text.to_owned(), near });
        }
        tokens.push(Token { kind, text: text.to_owned(), start, end: start + length });
        rest = after;
    }
    match tokens.is_empty() {
        false => Ok(tokens),
        true if expression.is_empty() => Err(ExpressionError::Empty),
        true => Err(ExpressionError::Syntax { token: "<EOF>".to_owned(), near: expression.to_owned() }),
    }
}

/// The length of the run of name characters after `skip` bytes.
fn run(text: &str, skip: usize) -> usize {
    let tail = text.get(skip..).unwrap_or_default();
    skip + tail.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(tail.len())
}
