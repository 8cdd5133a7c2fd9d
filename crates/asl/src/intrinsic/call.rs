use serde_json::Value;

use super::err::IntrinsicError;
use super::functions::Function;
use crate::path::{Lookup, Path, PathSyntaxError};

/// A parsed call.
#[derive(Debug, Clone)]
pub struct Call {
    text: String,
    function: Function,
    arguments: Vec<Argument>,
}

/// An argument of a call.
#[derive(Debug, Clone)]
pub enum Argument {
    /// A string in quotes, a number, `true`, `false` or `null`.
    Literal(Value),
    /// A path.
    Path(Path),
    /// Another call.
    Call(Call),
}

/// How deeply calls may be nested; Step Functions allows ten levels.
const MAX_DEPTH: usize = 16;

impl Call {
    /// Reads a call.
    ///
    /// # Errors
    /// The text is not a call of a known function with well-formed arguments.
    pub fn parse(text: &str) -> Result<Call, PathSyntaxError> {
        Call::parse_at(text, 0)
    }

    /// The text of the call.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The arguments.
    #[must_use]
    pub fn arguments(&self) -> &[Argument] {
        &self.arguments
    }

    fn parse_at(text: &str, depth: usize) -> Result<Call, PathSyntaxError> {
        let error = |reason| PathSyntaxError { text: text.to_owned(), reason };
        if depth > MAX_DEPTH {
            return Err(error("calls are nested too deeply"));
        }
        let (name, rest) = text.split_once('(').ok_or_else(|| error("a call has no arguments"))?;
        let function = Function::named(name.trim()).ok_or_else(|| error("there is no such intrinsic function"))?;
        let inner = rest.trim_end().strip_suffix(')').ok_or_else(|| error("a parenthesis is not closed"))?;
        let mut arguments = Vec::new();
        if !inner.trim().is_empty() {
            for part in split_arguments(inner).ok_or_else(|| error("the arguments are not well formed"))? {
                arguments.push(Argument::parse(part.trim(), depth)?);
            }
        }
        Ok(Call { text: text.to_owned(), function, arguments })
    }

    /// The value of the call.
    pub(crate) fn evaluate(&self, lookup: &mut dyn Lookup) -> Result<Value, IntrinsicError> {
        let mut values = Vec::with_capacity(self.arguments.len());
        for argument in &self.arguments {
            values.push(match argument {
                Argument::Literal(value) => value.clone(),
                Argument::Call(call) => call.evaluate(lookup)?,
                Argument::Path(path) => match path.evaluate(lookup) {
                    Ok(payload) => payload.into_value(),
                    Err(error) => {
                        return Err(IntrinsicError::Path {
                            path: path.text().to_owned(),
                            input: lookup.input().clone(),
                            error,
                        });
                    }
                },
            });
        }
        self.function.apply(values, &mut || lookup.random()).map_err(IntrinsicError::Arguments)
    }
}

impl Argument {
    fn parse(text: &str, depth: usize) -> Result<Argument, PathSyntaxError> {
        let error = |reason| PathSyntaxError { text: text.to_owned(), reason };
        if text.starts_with("States.") {
            return Call::parse_at(text, depth + 1).map(Argument::Call);
        }
        if text.starts_with('$') {
            return Path::parse(text).map(Argument::Path);
        }
        if let Some(inner) = text.strip_prefix('\'') {
            let inner = inner.strip_suffix('\'').ok_or_else(|| error("a quote is not closed"))?;
            return Ok(Argument::Literal(Value::String(
                unescape(inner).ok_or_else(|| error("a backslash escapes nothing"))?,
            )));
        }
        match serde_json::from_str::<Value>(text) {
            Ok(value @ (Value::Null | Value::Bool(_) | Value::Number(_))) => Ok(Argument::Literal(value)),
            _ => Err(error("an argument is neither a value, a path nor a call")),
        }
    }
}

/// Splits at the commas that are outside of quotes, parentheses and brackets.
fn split_arguments(text: &str) -> Option<Vec<&str>> {
    let mut parts = Vec::new();
    let (mut start, mut depth, mut quoted, mut escaped) = (0, 0_usize, false, false);
    for (at, c) in text.char_indices() {
        if quoted {
            match c {
                _ if escaped => escaped = false,
                '\\' => escaped = true,
                '\'' => quoted = false,
                _ => {}
            }
            continue;
        }
        match c {
            '\'' => quoted = true,
            '(' | '[' => depth += 1,
            ')' | ']' => depth = depth.checked_sub(1)?,
            ',' if depth == 0 => {
                parts.push(text.get(start..at)?);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(text.get(start..)?);
    (!quoted && depth == 0).then_some(parts)
}

/// Resolves the escapes of quotes and backslashes; those of braces stay, because `States.Format` reads them itself. `None` for
/// an unknown escape (Step Functions developer guide, "Reserved characters in intrinsic functions").
fn unescape(text: &str) -> Option<String> {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        if c != '\\' {
            if c == '\'' {
                return None;
            }
            out.push(c);
            continue;
        }
        match chars.next()? {
            brace @ ('{' | '}') => {
                out.push('\\');
                out.push(brace);
            }
            other @ ('\'' | '\\') => out.push(other),
            _ => return None,
        }
    }
    Some(out)
}
