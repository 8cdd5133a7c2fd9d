//! YAML text to a tree of nodes with their places: what the later stages need and no more.
//!
//! CloudFormation reads YAML 1.1, the parser here YAML 1.2. A plain scalar that the two read differently (`yes`,
//! `0123`, `12:30`) is refused, so that the replay never sees another value than the deployment.

use saphyr::{LoadableYamlNode, MarkedYaml, Marker, Scalar, YamlData};
use serde_json::Value;

use super::err::{Place, TemplateError};

/// The most bytes of a template that CloudFormation takes (AWS CloudFormation quotas: template body in Amazon S3).
const MOST_BYTES: usize = 1_048_576;

/// Block collections nest with the column, so a bound on the length of a line bounds the tree that the parser builds
/// (and drops by recursion) before this module sees it.
const LONGEST_LINE: usize = 1_000;

/// The deepest nesting that is taken.
const DEEPEST: usize = 64;

/// A node of the tree.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Node {
    /// Where the node starts.
    pub(super) place: Place,
    /// The name of its tag without the exclamation mark, as `Ref` in `!Ref Name`.
    pub(super) tag: Option<String>,
    /// What it holds.
    pub(super) kind: Kind,
}

/// What a node holds.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Kind {
    /// Nothing, or `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number without a fraction.
    Integer(i64),
    /// A number with a fraction.
    Float(f64),
    /// Text.
    Text(String),
    /// A sequence.
    List(Vec<Node>),
    /// A mapping, in the order of the text.
    Map(Vec<Entry>),
}

/// An entry of a mapping.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Entry {
    /// Where the key stands.
    pub(super) place: Place,
    /// The key.
    pub(super) key: String,
    /// The value.
    pub(super) value: Node,
}

/// Reads one YAML document.
///
/// # Errors
/// Text that is no YAML, more than one document, duplicate keys, aliases, keys that are not text, tags on keys, deep
/// nesting, and scalars that YAML 1.1 and 1.2 read differently.
pub(super) fn read(text: &str) -> Result<Node, TemplateError> {
    if text.len() > MOST_BYTES {
        return Err(TemplateError::TooLong { bytes: text.len(), limit: MOST_BYTES });
    }
    for (number, line) in text.lines().enumerate() {
        if line.len() > LONGEST_LINE {
            let place = Place { line: number + 1, column: LONGEST_LINE + 1 };
            return Err(wrong(place, format!("the line is longer than {LONGEST_LINE} bytes")));
        }
    }
    let documents = MarkedYaml::load_from_str(text).map_err(|error| wrong(place(error.marker()), error.info()))?;
    let source = Source { characters: text.chars().collect() };
    match documents.as_slice() {
        [document] => source.node(document, 0),
        [] => Err(wrong(Place { line: 1, column: 1 }, "there is no document")),
        [_, second, ..] => Err(wrong(place(&second.span.start), "there is more than one document")),
    }
}

/// The text by characters, which is how the parser counts.
struct Source {
    characters: Vec<char>,
}

impl Source {
    fn node(&self, node: &MarkedYaml<'_>, depth: usize) -> Result<Node, TemplateError> {
        let place = place(&node.span.start);
        if depth > DEEPEST {
            return Err(wrong(place, format!("nested more than {DEEPEST} levels deep")));
        }
        // An alias becomes a copy of its anchor in the parser, but the text at its place still shows it: no plain
        // scalar can start with an asterisk.
        if self.characters.get(node.span.start.index()) == Some(&'*') {
            return Err(wrong(place, "aliases are not taken: write the value out"));
        }
        let (tag, data) = match &node.data {
            YamlData::Tagged(tag, inner) => {
                if tag.handle != "!" {
                    return Err(wrong(place, format!("the tag `{tag}` is not taken")));
                }
                (Some(tag.suffix.clone()), &inner.data)
            }
            data => (None, data),
        };
        let kind = match data {
            YamlData::Value(scalar) => self.scalar(scalar, node, place)?,
            YamlData::Sequence(items) => {
                Kind::List(items.iter().map(|item| self.node(item, depth + 1)).collect::<Result<_, _>>()?)
            }
            YamlData::Mapping(entries) => {
                let mut map = Vec::with_capacity(entries.len());
                for (key, value) in entries {
                    map.push(self.entry(key, value, depth)?);
                }
                Kind::Map(map)
            }
            _ => return Err(wrong(place, "the value does not fit its tag")),
        };
        Ok(Node { place, tag, kind })
    }

    fn entry(&self, key: &MarkedYaml<'_>, value: &MarkedYaml<'_>, depth: usize) -> Result<Entry, TemplateError> {
        let node = self.node(key, depth + 1)?;
        match node {
            Node { place, tag: None, kind: Kind::Text(key) } => {
                Ok(Entry { place, key, value: self.node(value, depth + 1)? })
            }
            other => Err(wrong(other.place, "a key must be plain text; put it into quotes")),
        }
    }

    fn scalar(&self, scalar: &Scalar<'_>, node: &MarkedYaml<'_>, place: Place) -> Result<Kind, TemplateError> {
        let (start, end) = (node.span.start.index(), node.span.end.index());
        let raw: String = self.characters.get(start..end).unwrap_or_default().iter().collect();
        if read_differently(raw.trim()) {
            let raw = raw.trim();
            return Err(wrong(
                place,
                format!("`{raw}` means different things in YAML 1.1 and 1.2; put it into quotes"),
            ));
        }
        Ok(match scalar {
            Scalar::Null => Kind::Null,
            Scalar::Boolean(value) => Kind::Bool(*value),
            Scalar::Integer(value) => Kind::Integer(*value),
            Scalar::FloatingPoint(value) if value.0.is_finite() => Kind::Float(value.0),
            Scalar::FloatingPoint(_) => return Err(wrong(place, "the number is not finite")),
            Scalar::String(value) => Kind::Text(value.clone().into_owned()),
        })
    }
}

impl Node {
    /// The node as JSON. Tags are for the stage of the intrinsic functions, so none is left when this is called.
    pub(super) fn to_value(&self) -> Value {
        match &self.kind {
            Kind::Null => Value::Null,
            Kind::Bool(value) => Value::Bool(*value),
            Kind::Integer(value) => Value::from(*value),
            Kind::Float(value) => Value::from(*value),
            Kind::Text(value) => Value::String(value.clone()),
            Kind::List(items) => Value::Array(items.iter().map(Self::to_value).collect()),
            Kind::Map(entries) => {
                Value::Object(entries.iter().map(|entry| (entry.key.clone(), entry.value.to_value())).collect())
            }
        }
    }

    /// The text of a scalar as CloudFormation writes it where text is asked for; null and collections have none.
    pub(super) fn as_text(&self) -> Option<String> {
        match &self.kind {
            Kind::Text(value) => Some(value.clone()),
            Kind::Bool(value) => Some(value.to_string()),
            Kind::Integer(value) => Some(value.to_string()),
            Kind::Float(value) => Some(value.to_string()),
            Kind::Null | Kind::List(_) | Kind::Map(_) => None,
        }
    }
}

fn place(marker: &Marker) -> Place {
    Place { line: marker.line(), column: marker.col() + 1 }
}

fn wrong(place: Place, problem: impl Into<String>) -> TemplateError {
    TemplateError::Yaml { place, problem: problem.into() }
}

/// Whether YAML 1.1 and YAML 1.2 read a plain scalar differently (YAML 1.1 types bool, int and float; YAML 1.2.2
/// section 10.3). Single letters as `N` are text for CloudFormation too. Quoted text starts with its quote and so never
/// looks like one of these.
fn read_differently(raw: &str) -> bool {
    const WORDS: [&str; 12] = ["yes", "Yes", "YES", "no", "No", "NO", "on", "On", "ON", "off", "Off", "OFF"];
    if WORDS.contains(&raw) {
        return true;
    }
    let number = raw.strip_prefix(['+', '-']).unwrap_or(raw);
    let mut characters = number.chars();
    let (Some(first), second) = (characters.next(), characters.next()) else { return false };
    if !first.is_ascii_digit() {
        return false;
    }
    let octal_or_binary = first == '0' && second.is_some_and(|c| c == 'o' || c == 'b');
    let digits_and = |others: &str| number.chars().all(|c| c.is_ascii_digit() || others.contains(c));
    let leading_zero = first == '0' && second.is_some_and(|c| c.is_ascii_digit()) && digits_and("_");
    let underscores = number.contains('_') && digits_and("_.");
    let base_sixty = number.contains(':')
        && digits_and(":._")
        && number
            .split(':')
            .skip(1)
            .all(|part| part.split('.').next().is_some_and(|whole| (1..=2).contains(&whole.len())));
    let bare_exponent = digits_and("eE+-") && number.contains(['e', 'E']);
    octal_or_binary || leading_zero || underscores || base_sixty || bare_exponent
}
