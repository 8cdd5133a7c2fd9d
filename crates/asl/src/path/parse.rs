use std::fmt::Write as _;
use std::sync::Arc;

use super::err::PathSyntaxError;
use super::filter::Filter;
use super::function::Function;
use crate::payload::MAX_DEPTH as MAX_PAYLOAD_DEPTH;

/// The root of a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Root {
    /// `$`: the input.
    Input,
    /// `$$`: the context object.
    Context,
    /// `$name`: a variable.
    Variable(Arc<str>),
    /// `@`: the item that a filter tests.
    Item,
}

/// A part of the context object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ContextPart {
    /// The input of the execution.
    Input,
    /// Another part.
    Other,
    /// Possibly the whole object.
    Whole,
}

/// A parsed path.
#[derive(Debug, Clone)]
pub struct Path {
    pub(super) text: Arc<str>,
    pub(super) root: Root,
    pub(super) steps: Vec<Step>,
    pub(super) function: Option<Function>,
}

#[derive(Debug, Clone)]
pub(super) enum Step {
    Name(Box<str>),
    Names(Vec<Box<str>>),
    Index(i64),
    Indices(Vec<i64>),
    Slice(Option<i64>, Option<i64>),
    Wildcard,
    Filter(Box<Filter>),
    /// `..` before the step that follows it.
    Descend,
}

impl Path {
    /// Reads a path that starts with `$`, `$$` or a variable.
    ///
    /// # Errors
    /// The text is not a path of the dialect.
    pub fn parse(text: &str) -> Result<Path, PathSyntaxError> {
        let mut parser = Parser { text, rest: text, depth: 0 };
        let path = parser.path(false)?;
        if !parser.rest.is_empty() {
            return Err(parser.error("there is text after its end"));
        }
        Ok(Path { text: Arc::from(text), ..path })
    }

    /// The text the path was read from.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The root of the path.
    #[must_use]
    pub fn root(&self) -> &Root {
        &self.root
    }

    /// Whether the path is its root alone.
    #[must_use]
    pub fn is_root(&self) -> bool {
        self.steps.is_empty() && self.function.is_none()
    }

    /// Whether the path has no more than that many steps.
    pub(super) fn is_whole(&self, taken: usize) -> bool {
        self.steps.len() == taken && self.function.is_none()
    }

    /// Which part of the context object a path that starts with `$$` needs.
    pub(super) fn context_part(&self) -> ContextPart {
        match self.steps.as_slice() {
            [Step::Name(first), Step::Name(second), ..] if &**first == "Execution" => {
                if &**second == "Input" {
                    ContextPart::Input
                } else {
                    ContextPart::Other
                }
            }
            [Step::Name(first), ..] if &**first != "Execution" => ContextPart::Other,
            _ => ContextPart::Whole,
        }
    }

    /// Whether the path selects exactly one value.
    #[must_use]
    pub fn is_definite(&self) -> bool {
        self.function.is_some() || self.steps.iter().all(Step::is_definite)
    }

    /// The path in bracket notation, as messages show it.
    pub(super) fn canonical(&self) -> String {
        let mut out = String::from("$");
        for step in &self.steps {
            step.write(&mut out);
        }
        out
    }

    pub(super) fn steps_for_reference(&self) -> &[Step] {
        &self.steps
    }
}

impl Step {
    pub(super) fn is_definite(&self) -> bool {
        matches!(self, Step::Name(_) | Step::Index(_))
    }

    pub(super) fn write(&self, out: &mut String) {
        // writing to a `String` cannot fail
        let _ = match self {
            Step::Name(name) => write!(out, "['{name}']"),
            Step::Names(names) => write!(out, "['{}']", names.join("','")),
            Step::Index(index) => write!(out, "[{index}]"),
            Step::Indices(list) => write!(out, "[{}]", list.iter().map(i64::to_string).collect::<Vec<_>>().join(",")),
            Step::Slice(start, end) => {
                let show = |n: &Option<i64>| n.map(|n| n.to_string()).unwrap_or_default();
                write!(out, "[{}:{}]", show(start), show(end))
            }
            Step::Wildcard => write!(out, "[*]"),
            Step::Filter(_) => write!(out, "[?]"),
            Step::Descend => write!(out, ".."),
        };
    }
}

/// The most steps of a path; no payload is nested more deeply.
const MAX_STEPS: usize = MAX_PAYLOAD_DEPTH;

/// How deeply filters, parentheses and functions may be nested.
const MAX_DEPTH: usize = 32;

pub(super) struct Parser<'a> {
    pub(super) text: &'a str,
    pub(super) rest: &'a str,
    pub(super) depth: usize,
}

impl<'a> Parser<'a> {
    pub(super) fn error(&self, reason: &'static str) -> PathSyntaxError {
        PathSyntaxError { text: self.text.to_owned(), reason }
    }

    pub(super) fn eat(&mut self, prefix: &str) -> bool {
        match self.rest.strip_prefix(prefix) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    pub(super) fn expect(&mut self, prefix: &str, reason: &'static str) -> Result<(), PathSyntaxError> {
        if self.eat(prefix) { Ok(()) } else { Err(self.error(reason)) }
    }

    pub(super) fn skip_spaces(&mut self) {
        self.rest = self.rest.trim_start_matches([' ', '\t', '\n', '\r']);
    }

    pub(super) fn take_while(&mut self, accept: impl Fn(char) -> bool) -> &'a str {
        let end = self.rest.find(|c| !accept(c)).unwrap_or(self.rest.len());
        let (taken, rest) = self.rest.split_at(end);
        self.rest = rest;
        taken
    }

    pub(super) fn deeper(&mut self) -> Result<(), PathSyntaxError> {
        self.depth += 1;
        if self.depth > MAX_DEPTH { Err(self.error("it is nested too deeply")) } else { Ok(()) }
    }

    /// A path; inside a filter it may start with `@` and ends where an operator starts.
    pub(super) fn path(&mut self, in_filter: bool) -> Result<Path, PathSyntaxError> {
        let start = self.rest;
        let root = self.root(in_filter)?;
        let mut steps = Vec::new();
        let mut function = None;
        loop {
            if self.eat("..") {
                steps.push(Step::Descend);
                if self.rest.starts_with('[') {
                    continue;
                }
                steps.push(self.dotted(in_filter)?);
            } else if self.eat(".") {
                if self.rest.starts_with('[') {
                    continue;
                }
                if let Some(name) = self.function_name() {
                    function = Some(
                        Function::named(name).ok_or_else(|| self.error("it calls a function that does not exist"))?,
                    );
                    break;
                }
                steps.push(self.dotted(in_filter)?);
            } else if self.eat("[") {
                steps.push(self.bracket()?);
            } else {
                break;
            }
            if steps.len() > MAX_STEPS {
                return Err(self.error("it has too many steps"));
            }
        }
        if matches!(steps.last(), Some(Step::Descend)) {
            return Err(self.error("it ends with `..`"));
        }
        let used = start.len() - self.rest.len();
        let (text, _) = start.split_at(used);
        Ok(Path { text: Arc::from(text), root, steps, function })
    }

    fn root(&mut self, in_filter: bool) -> Result<Root, PathSyntaxError> {
        if in_filter && self.eat("@") {
            return Ok(Root::Item);
        }
        self.expect("$", "it does not start with `$`")?;
        if self.eat("$") {
            return Ok(Root::Context);
        }
        let name = self.take_while(|c| c.is_alphanumeric() || c == '_');
        Ok(if name.is_empty() { Root::Input } else { Root::Variable(Arc::from(name)) })
    }

    /// The name of a function call `name()` that starts here, which is then read.
    fn function_name(&mut self) -> Option<&'a str> {
        let end = self.rest.find(|c: char| !c.is_ascii_alphanumeric())?;
        let (name, rest) = self.rest.split_at_checked(end)?;
        if name.is_empty() {
            return None;
        }
        self.rest = rest.strip_prefix("()")?;
        Some(name)
    }

    fn dotted(&mut self, in_filter: bool) -> Result<Step, PathSyntaxError> {
        if self.eat("*") {
            return Ok(Step::Wildcard);
        }
        let name = self.take_while(|c| {
            let ends_operand = in_filter && matches!(c, ')' | '=' | '!' | '<' | '>' | '&' | '|' | ',' | ']');
            !matches!(c, '.' | '[' | ' ' | '(' | '\t' | '\n' | '\r') && !ends_operand
        });
        if name.is_empty() {
            return Err(self.error("a name is missing"));
        }
        if !in_filter && name.contains([')', ']', '\'', '"', ',', '@', '?', '$', '{', '}']) {
            return Err(self.error("a name has a character that must be quoted"));
        }
        Ok(Step::Name(name.into()))
    }

    fn bracket(&mut self) -> Result<Step, PathSyntaxError> {
        self.skip_spaces();
        let step = if self.eat("*") {
            Step::Wildcard
        } else if self.eat("?") {
            self.skip_spaces();
            self.expect("(", "a filter has no parenthesis")?;
            let filter = Filter::parse(self)?;
            self.skip_spaces();
            self.expect(")", "a parenthesis is not closed")?;
            Step::Filter(Box::new(filter))
        } else if self.rest.starts_with(['\'', '"']) {
            self.quoted_names()?
        } else {
            self.indices()?
        };
        self.skip_spaces();
        self.expect("]", "a bracket is not closed")?;
        Ok(step)
    }

    fn quoted_names(&mut self) -> Result<Step, PathSyntaxError> {
        let mut names: Vec<Box<str>> = vec![self.quoted()?.into()];
        loop {
            self.skip_spaces();
            if !self.eat(",") {
                break;
            }
            self.skip_spaces();
            names.push(self.quoted()?.into());
        }
        match names.pop() {
            Some(only) if names.is_empty() => Ok(Step::Name(only)),
            Some(last) => {
                names.push(last);
                Ok(Step::Names(names))
            }
            None => Err(self.error("a name is missing")),
        }
    }

    pub(super) fn quoted(&mut self) -> Result<String, PathSyntaxError> {
        let quote = self
            .rest
            .chars()
            .next()
            .filter(|c| matches!(c, '\'' | '"'))
            .ok_or_else(|| self.error("a quote is missing"))?;
        let mut out = String::new();
        let mut chars = self.rest.char_indices().skip(1);
        while let Some((at, c)) = chars.next() {
            match c {
                // A backslash escapes the quote that ends the name; before anything else it stands for itself.
                '\\' => match chars.next() {
                    Some((_, escaped)) if escaped == quote => out.push(escaped),
                    Some((_, other)) => out.extend([c, other]),
                    None => break,
                },
                c if c == quote => {
                    (_, self.rest) = self.rest.split_at(at + c.len_utf8());
                    return Ok(out);
                }
                c => out.push(c),
            }
        }
        Err(self.error("a quote is not closed"))
    }

    fn integer(&mut self) -> Result<Option<i64>, PathSyntaxError> {
        self.skip_spaces();
        let digits = self.take_while(|c| c.is_ascii_digit() || c == '-');
        if digits.is_empty() {
            return Ok(None);
        }
        digits.parse().map(Some).map_err(|_| self.error("an index is not a number"))
    }

    fn indices(&mut self) -> Result<Step, PathSyntaxError> {
        let first = self.integer()?;
        self.skip_spaces();
        if self.eat(":") {
            let end = self.integer()?;
            return Ok(Step::Slice(first, end));
        }
        let first = first.ok_or_else(|| self.error("an index is missing"))?;
        let mut list = vec![first];
        while self.eat(",") {
            list.push(self.integer()?.ok_or_else(|| self.error("an index is missing"))?);
            self.skip_spaces();
        }
        Ok(if list.len() == 1 { Step::Index(first) } else { Step::Indices(list) })
    }
}
