//! The parser of JSON: one pass, recursion bounded by [`MAX_DEPTH`].

use std::borrow::Cow;

use super::err::{Expected, SourceError, SyntaxError};
use super::node::{Member, Node, Object, Value};
use super::position::Lines;
use super::{Document, Format, placeholder};

/// How deeply objects and arrays may be nested.
pub const MAX_DEPTH: usize = 200;

/// How long a text may be: eight times what Step Functions takes as a definition.
pub const MAX_BYTES: usize = 8 * 1024 * 1024;

/// Reads a JSON text.
///
/// # Errors
/// The first thing in the text that is not JSON (RFC 8259), with its place; nesting deeper than [`MAX_DEPTH`]; a text
/// longer than [`MAX_BYTES`]. A byte order mark at the start is skipped.
pub fn parse(text: &str) -> Result<Document<'_>, SourceError> {
    parse_with(text, false)
}

/// Reads a JSON text; with `placeholders`, a `${Name}` without quotes stands for a value, or for properties.
pub(super) fn parse_with(text: &str, placeholders: bool) -> Result<Document<'_>, SourceError> {
    let lines = Lines::new(text);
    let placeholders = placeholders && placeholder::first(text).is_some();
    let at = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    let mut parser = Parser { text, at, open: Vec::new(), placeholders };
    match parser.document() {
        Ok(root) => Ok(Document { root, lines, format: Format::Json }),
        Err(error) => {
            let at = parser.at;
            Err(SourceError { error, at, position: lines.position(at) })
        }
    }
}

struct Parser<'t> {
    text: &'t str,
    /// The byte offset of the next character; when parsing fails, the place that is at fault.
    at: usize,
    /// Where the open objects and arrays start.
    open: Vec<usize>,
    /// Whether placeholders are looked for.
    placeholders: bool,
}

type Parsed<T> = Result<T, SyntaxError>;

impl<'t> Parser<'t> {
    fn document(&mut self) -> Parsed<Node<'t>> {
        if self.text.len() > MAX_BYTES {
            return Err(SyntaxError::Size);
        }
        self.skip_space();
        if self.peek().is_none() {
            return Err(SyntaxError::Empty);
        }
        let root = self.node()?;
        self.skip_space();
        if self.peek().is_some() { Err(SyntaxError::Trailing) } else { Ok(root) }
    }

    fn node(&mut self) -> Parsed<Node<'t>> {
        self.skip_space();
        let at = self.at;
        if let Some(placeholder) = self.placeholder() {
            return Ok(Node { at, value: Value::Placeholder(Cow::Borrowed(placeholder)) });
        }
        let value = match self.peek() {
            Some(b'{') => self.object()?,
            Some(b'[') => self.array()?,
            Some(b'"') => Value::String(self.string()?),
            Some(b'-' | b'0'..=b'9') => self.number()?,
            Some(byte) if byte.is_ascii_alphabetic() || byte == b'_' || byte == b'$' || byte >= 0x80 => self.word()?,
            _ => return Err(self.unexpected(Expected::Value)),
        };
        Ok(Node { at, value })
    }

    fn object(&mut self) -> Parsed<Value<'t>> {
        self.enter()?;
        let mut members = Vec::new();
        self.skip_space();
        if self.take(b'}') {
            self.open.pop();
            return Ok(Value::Object(Object::default()));
        }
        loop {
            self.skip_space();
            members.push(self.member()?);
            self.skip_space();
            if self.take(b',') {
                continue;
            }
            if self.take(b'}') {
                self.open.pop();
                return Ok(Value::Object(Object::new(members)));
            }
            return Err(self.unexpected(Expected::ObjectNext));
        }
    }

    fn member(&mut self) -> Parsed<Member<'t>> {
        let at = self.at;
        let placeholder = self.placeholder();
        let name = match placeholder {
            Some(placeholder) => Cow::Borrowed(placeholder),
            None if self.peek() == Some(b'"') => self.string()?,
            None => return Err(self.unexpected(Expected::Name)),
        };
        self.skip_space();
        let value = match placeholder {
            // one that stands for whole properties
            Some(placeholder) if self.peek() != Some(b':') => {
                Node { at, value: Value::Placeholder(Cow::Borrowed(placeholder)) }
            }
            _ if self.take(b':') => self.node()?,
            _ => return Err(self.unexpected(Expected::Colon)),
        };
        Ok(Member { at, name, value, repeated: false })
    }

    /// Takes placeholders without quotes, and the characters of a number around them.
    fn placeholder(&mut self) -> Option<&'t str> {
        if !self.placeholders {
            return None;
        }
        let rest = self.text.get(self.at..)?;
        let mut end = 0;
        let mut found = false;
        loop {
            let tail = rest.get(end..)?;
            if let Some(length) = placeholder::length_at_start(tail) {
                found = true;
                end += length;
            } else if tail.starts_with(placeholder::is_of_number) {
                end += 1;
            } else {
                break;
            }
        }
        if !found {
            return None;
        }
        self.at += end;
        rest.get(..end)
    }

    fn array(&mut self) -> Parsed<Value<'t>> {
        self.enter()?;
        let mut items = Vec::new();
        self.skip_space();
        if self.take(b']') {
            self.open.pop();
            return Ok(Value::Array(items));
        }
        loop {
            items.push(self.node()?);
            self.skip_space();
            if self.take(b',') {
                continue;
            }
            if self.take(b']') {
                self.open.pop();
                return Ok(Value::Array(items));
            }
            return Err(self.unexpected(Expected::ArrayNext));
        }
    }

    fn enter(&mut self) -> Parsed<()> {
        if self.open.len() >= MAX_DEPTH {
            return Err(SyntaxError::Depth);
        }
        self.open.push(self.at);
        self.at += 1;
        Ok(())
    }

    fn string(&mut self) -> Parsed<Cow<'t, str>> {
        self.at += 1;
        let start = self.at;
        let mut built: Option<String> = None;
        let mut copied = start;
        loop {
            match self.peek() {
                None => return Err(self.unexpected(Expected::Quote)),
                Some(b'"') => {
                    let rest = self.since(copied);
                    self.at += 1;
                    return Ok(match built {
                        None => Cow::Borrowed(rest),
                        Some(mut text) => {
                            text.push_str(rest);
                            Cow::Owned(text)
                        }
                    });
                }
                Some(b'\\') => {
                    let text = built.get_or_insert_with(String::new);
                    text.push_str(self.since(copied));
                    let escape = self.at;
                    match self.escape() {
                        Ok(found) => text.push(found),
                        Err(error) => {
                            // the whole escape is at fault, unless the text ends within it
                            if !matches!(error, SyntaxError::End { .. }) {
                                self.at = escape;
                            }
                            return Err(error);
                        }
                    }
                    copied = self.at;
                }
                Some(byte) if byte < 0x20 => return Err(SyntaxError::Control { code: u32::from(byte) }),
                Some(_) => self.at += 1,
            }
        }
    }

    /// Reads an escape, from its backslash.
    fn escape(&mut self) -> Parsed<char> {
        self.at += 1;
        let Some(found) = self.text.get(self.at..).and_then(|rest| rest.chars().next()) else {
            return Err(self.unexpected(Expected::Quote));
        };
        self.at += found.len_utf8();
        Ok(match found {
            '"' | '\\' | '/' => found,
            'b' => '\u{8}',
            'f' => '\u{c}',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'u' => return self.unicode(),
            _ => return Err(SyntaxError::Escape { found }),
        })
    }

    fn unicode(&mut self) -> Parsed<char> {
        let first = self.hex()?;
        let code = match first {
            0xd800..=0xdbff => {
                if !(self.take(b'\\') && self.take(b'u')) {
                    return Err(SyntaxError::Unicode);
                }
                let second = self.hex()?;
                if !(0xdc00..=0xdfff).contains(&second) {
                    return Err(SyntaxError::Unicode);
                }
                0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00)
            }
            code => code,
        };
        char::from_u32(code).ok_or(SyntaxError::Unicode)
    }

    fn hex(&mut self) -> Parsed<u32> {
        let digits = self.text.get(self.at..self.at + 4).ok_or(SyntaxError::Unicode)?;
        if !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(SyntaxError::Unicode);
        }
        self.at += 4;
        u32::from_str_radix(digits, 16).map_err(|_| SyntaxError::Unicode)
    }

    fn number(&mut self) -> Parsed<Value<'t>> {
        let run = self
            .bytes()
            .iter()
            .take_while(|byte| matches!(byte, b'0'..=b'9' | b'+' | b'-' | b'.' | b'e' | b'E'))
            .count();
        let (literal, _) = self.rest().split_at(run);
        if !is_number(literal) {
            return Err(SyntaxError::Number { literal: literal.chars().take(64).collect() });
        }
        if !literal.parse::<f64>().is_ok_and(f64::is_finite) {
            return Err(SyntaxError::NumberRange { literal: literal.chars().take(64).collect() });
        }
        self.at += run;
        Ok(Value::Number(Cow::Borrowed(literal)))
    }

    fn word(&mut self) -> Parsed<Value<'t>> {
        let rest = self.rest();
        let end = rest.find(|c: char| !(c.is_alphanumeric() || c == '_' || c == '$')).unwrap_or(rest.len());
        let (word, _) = rest.split_at(end);
        let value = match word {
            "true" => Value::Bool(true),
            "false" => Value::Bool(false),
            "null" => Value::Null,
            "" => return Err(self.unexpected(Expected::Value)),
            _ => return Err(SyntaxError::Word { word: word.chars().take(256).collect() }),
        };
        self.at += end;
        Ok(value)
    }

    fn unexpected(&self, expected: Expected) -> SyntaxError {
        match self.text.get(self.at..).and_then(|rest| rest.chars().next()) {
            Some(found) => SyntaxError::Unexpected { found, expected },
            None => SyntaxError::End { expected, open: self.open.last().copied() },
        }
    }

    fn bytes(&self) -> &'t [u8] {
        self.text.as_bytes().split_at(self.at).1
    }

    /// The text from here on. Between tokens, and in a string before an ASCII character, this is a character boundary.
    fn rest(&self) -> &'t str {
        self.text.split_at(self.at).1
    }

    /// The text from an offset up to here.
    fn since(&self, start: usize) -> &'t str {
        self.text.split_at(self.at).0.split_at(start).1
    }

    fn peek(&self) -> Option<u8> {
        self.bytes().first().copied()
    }

    fn take(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        if found {
            self.at += 1;
        }
        found
    }

    fn skip_space(&mut self) {
        self.at += self.bytes().iter().take_while(|byte| matches!(byte, b' ' | b'\t' | b'\n' | b'\r')).count();
    }
}

/// Whether a literal is a number as RFC 8259 writes it.
pub(super) fn is_number(literal: &str) -> bool {
    let rest = literal.strip_prefix('-').unwrap_or(literal);
    let whole = digits(rest);
    if whole == 0 || (whole > 1 && rest.starts_with('0')) {
        return false;
    }
    let (_, mut rest) = rest.split_at(whole);
    if let Some(fraction) = rest.strip_prefix('.') {
        let count = digits(fraction);
        if count == 0 {
            return false;
        }
        (_, rest) = fraction.split_at(count);
    }
    if let Some(exponent) = rest.strip_prefix(['e', 'E']) {
        let exponent = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
        let count = digits(exponent);
        return count > 0 && count == exponent.len();
    }
    rest.is_empty()
}

fn digits(text: &str) -> usize {
    text.bytes().take_while(u8::is_ascii_digit).count()
}

#[cfg(test)]
#[path = "json_tests.rs"]
mod tests;
