//! YAML text to the tree of a JSON text.
//!
//! Definitions are read as the handler of `AWS::StepFunctions::StateMachine` reads them, with what could surprise refused:
//! keys that appear twice, aliases, further documents, tags, and scalars that YAML 1.1 and 1.2 read differently. Aliases
//! are never expanded, so that the tree is no larger than the text.

use std::borrow::Cow;

use saphyr_parser::{Event, Marker, Parser, ScalarStyle, Tag};

use super::err::{SourceError, SyntaxError};
use super::json::MAX_DEPTH;
use super::node::{Member, Node, Object, Value};
use super::position::Lines;
use super::{Document, Format, mask, placeholder, scalar};

/// How long a YAML text may be: the most that CloudFormation's handler takes as a definition from Amazon S3
/// (`MAX_DEFINITION_SIZE`).
pub const MAX_YAML_BYTES: usize = 1_048_576;

/// What is wrong with a YAML text.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum YamlError {
    /// The text is no YAML; the parser says why.
    #[error("not YAML: {0}")]
    Syntax(String),
    /// A mapping has a key twice.
    #[error("the key `{name}` appears twice in its mapping; the first is in line {line}")]
    RepeatedKey {
        /// The key.
        name: String,
        /// The line of the first one, from 1.
        line: usize,
    },
    /// An alias (`*name`), which CloudFormation reads as text.
    #[error("aliases are not supported, because CloudFormation reads them as text; write the value out")]
    Alias,
    /// A merge key (`<<`), which CloudFormation reads as an ordinary field.
    #[error("merge keys (`<<`) are not supported, because CloudFormation does not merge; write the fields out")]
    MergeKey,
    /// More than one document; CloudFormation reads the first only.
    #[error("there is more than one document, and CloudFormation reads only the first")]
    Documents,
    /// A key that is a mapping or a sequence.
    #[error("a key must be text")]
    Key,
    /// A tag such as `!Sub`, which nothing evaluates in the file of a definition.
    #[error("the tag `{0}` has no meaning in a definition")]
    Tag(String),
    /// A value that its tag does not fit.
    #[error("the value does not fit its tag `{0}`")]
    TagMismatch(String),
    /// A scalar that YAML 1.1 and YAML 1.2 read differently.
    #[error("`{0}` means different things in YAML 1.1, which CloudFormation reads, and 1.2; put it into quotes")]
    Ambiguous(String),
    /// A number that is not finite or too large.
    #[error("`{0}` is a number that JSON cannot hold")]
    Number(String),
    /// A text too long.
    #[error("a YAML definition has at most {MAX_YAML_BYTES} bytes")]
    Size,
}

/// Reads a YAML text; with `placeholders`, a `${Name}` stands for any value.
pub(super) fn parse(text: &str, placeholders: bool) -> Result<Document<'_>, SourceError> {
    let lines = Lines::new(text);
    match read(text, placeholders, &lines) {
        Ok(root) => Ok(Document { root, lines, format: Format::Yaml }),
        Err(Failure { at, error }) => Err(SourceError { error, at, position: lines.position(at) }),
    }
}

/// What is wrong, at which byte offset.
struct Failure {
    at: usize,
    error: SyntaxError,
}

impl Failure {
    fn new(at: usize, error: impl Into<SyntaxError>) -> Failure {
        Failure { at, error: error.into() }
    }

    /// The parser closes what it did not open, or ends a mapping after a key; it does neither.
    fn unbalanced(at: usize) -> Failure {
        Failure::new(at, YamlError::Syntax("internal error: the events of the parser are not balanced".to_owned()))
    }
}

fn read(text: &str, placeholders: bool, lines: &Lines<'_>) -> Result<Node<'static>, Failure> {
    if text.len() > MAX_YAML_BYTES {
        return Err(Failure::new(0, YamlError::Size));
    }
    let body = text.strip_prefix('\u{feff}').unwrap_or(text);
    let offsets = Offsets::new(body, text.len() - body.len());
    let masked = if placeholders { mask::hide(body) } else { Cow::Borrowed(body) };
    let mut parser = Parser::new_from_str(&masked);
    let mut builder = Builder { masked: matches!(masked, Cow::Owned(_)), lines, open: Vec::new(), root: None };
    while let Some(next) = parser.next_event() {
        let (event, span) = next
            .map_err(|error| Failure::new(offsets.of(*error.marker()), YamlError::Syntax(error.info().to_owned())))?;
        builder.event(event, offsets.of(span.start))?;
    }
    builder.root.ok_or_else(|| Failure::new(offsets.start, SyntaxError::Empty))
}

/// Byte offsets of characters, by which the parser counts.
struct Offsets {
    /// The offset of each character; empty when every character is one byte.
    characters: Vec<usize>,
    start: usize,
    length: usize,
}

impl Offsets {
    fn new(text: &str, start: usize) -> Offsets {
        let characters = if text.is_ascii() { Vec::new() } else { text.char_indices().map(|(at, _)| at).collect() };
        Offsets { characters, start, length: text.len() }
    }

    fn of(&self, marker: Marker) -> usize {
        let within = if self.characters.is_empty() {
            marker.index().min(self.length)
        } else {
            // the place after the last character has no offset of its own
            self.characters.get(marker.index()).copied().unwrap_or(self.length)
        };
        self.start + within
    }
}

/// A collection whose end has not been read.
enum Open {
    Sequence { at: usize, items: Vec<Node<'static>> },
    Mapping { at: usize, members: Vec<Member<'static>>, key: Option<(usize, String)> },
}

/// Builds the tree from the parser's events.
struct Builder<'l> {
    /// Whether placeholders in the text are hidden.
    masked: bool,
    lines: &'l Lines<'l>,
    open: Vec<Open>,
    root: Option<Node<'static>>,
}

impl Builder<'_> {
    fn event(&mut self, event: Event<'_>, at: usize) -> Result<(), Failure> {
        match event {
            Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentEnd => Ok(()),
            Event::DocumentStart(_) if self.root.is_some() => Err(Failure::new(at, YamlError::Documents)),
            Event::DocumentStart(_) => Ok(()),
            Event::Alias(_) => Err(Failure::new(at, YamlError::Alias)),
            Event::Scalar(text, style, _, tag) => {
                let text = if self.masked { mask::restore(&text) } else { text.into_owned() };
                self.scalar(text, style, tag.as_deref(), at)
            }
            Event::SequenceStart(_, tag) => {
                check_tag(tag.as_deref(), "seq", at)?;
                self.enter(Open::Sequence { at, items: Vec::new() }, at)
            }
            Event::MappingStart(_, tag) => {
                check_tag(tag.as_deref(), "map", at)?;
                self.enter(Open::Mapping { at, members: Vec::new(), key: None }, at)
            }
            Event::SequenceEnd | Event::MappingEnd => self.leave(at),
        }
    }

    fn scalar(&mut self, text: String, style: ScalarStyle, tag: Option<&Tag>, at: usize) -> Result<(), Failure> {
        if let Some(Open::Mapping { key: key @ None, .. }) = self.open.last_mut() {
            check_tag(tag, "str", at)?;
            if text == "<<" && style == ScalarStyle::Plain {
                return Err(Failure::new(at, YamlError::MergeKey));
            }
            *key = Some((at, text));
            return Ok(());
        }
        let value = if style == ScalarStyle::Plain && !tag.is_some_and(|tag| is_core(tag, "str")) {
            self.plain(&text, tag, at)?
        } else {
            check_tag(tag, "str", at)?;
            Value::String(Cow::Owned(text))
        };
        self.add(Node { at, value }, at)
    }

    fn plain(&self, text: &str, tag: Option<&Tag>, at: usize) -> Result<Value<'static>, Failure> {
        if self.masked && placeholder::can_be_any_value(text) {
            return Ok(Value::Placeholder(Cow::Owned(text.to_owned())));
        }
        let value = scalar::resolve(text).map_err(|error| Failure::new(at, error))?;
        let type_name = match &value {
            Value::Null => "null",
            Value::Bool(_) => "bool",
            Value::Number(literal) if literal.contains(['.', 'e', 'E']) => "float",
            Value::Number(_) => "int",
            _ => "str",
        };
        check_tag(tag, type_name, at)?;
        Ok(value)
    }

    fn enter(&mut self, collection: Open, at: usize) -> Result<(), Failure> {
        if let Some(Open::Mapping { key: None, .. }) = self.open.last() {
            return Err(Failure::new(at, YamlError::Key));
        }
        if self.open.len() >= MAX_DEPTH {
            return Err(Failure::new(at, SyntaxError::Depth));
        }
        self.open.push(collection);
        Ok(())
    }

    fn leave(&mut self, at: usize) -> Result<(), Failure> {
        match self.open.pop() {
            Some(Open::Sequence { at, items }) => self.add(Node { at, value: Value::Array(items) }, at),
            Some(Open::Mapping { at, members, key: None }) => {
                let object = Object::new(members);
                if let Some(repeated) = object.members().iter().find(|member| member.repeated) {
                    let name = repeated.name.chars().take(64).collect();
                    let first = object.members().iter().find(|member| member.name == repeated.name);
                    let line = self.lines.position(first.map_or(at, |member| member.at)).line;
                    return Err(Failure::new(repeated.at, YamlError::RepeatedKey { name, line }));
                }
                self.add(Node { at, value: Value::Object(object) }, at)
            }
            Some(Open::Mapping { key: Some(_), .. }) | None => Err(Failure::unbalanced(at)),
        }
    }

    /// Adds a value to the innermost open collection.
    fn add(&mut self, value: Node<'static>, at: usize) -> Result<(), Failure> {
        match self.open.last_mut() {
            None => self.root = Some(value),
            Some(Open::Sequence { items, .. }) => items.push(value),
            Some(Open::Mapping { members, key, .. }) => {
                let (at, name) = key.take().ok_or_else(|| Failure::unbalanced(at))?;
                members.push(Member { at, name: Cow::Owned(name), value, repeated: false });
            }
        }
        Ok(())
    }
}

fn is_core(tag: &Tag, name: &str) -> bool {
    tag.is_yaml_core_schema() && tag.suffix == name
}

/// Refuses tags but the one that a value has anyway.
fn check_tag(tag: Option<&Tag>, name: &str, at: usize) -> Result<(), Failure> {
    match tag {
        None => Ok(()),
        Some(tag) if is_core(tag, name) => Ok(()),
        Some(tag) if tag.is_yaml_core_schema() => {
            Err(Failure::new(at, YamlError::TagMismatch(format!("!!{}", tag.suffix))))
        }
        Some(tag) => Err(Failure::new(at, YamlError::Tag(tag.to_string()))),
    }
}

#[cfg(test)]
#[path = "yaml_tests.rs"]
mod tests;
