//! Text to a tree that knows where everything stands.
//!
//! The first stage. [`read`] reads a definition, as JSON or else as YAML, and keeps the offset of every key
//! and value, so that later stages can say where in the file a problem is. Depth and size are bounded, because definitions
//! come from strangers.
//!
//! [`parse`] reads strict JSON (RFC 8259). `serde_json` gives no offsets, and the crates that do either accept more than
//! JSON, have no bound on depth, or do not keep properties that appear twice; hence a small parser of our own. YAML is
//! parsed by `saphyr-parser`.

mod err;
mod json;
mod mask;
mod node;
mod placeholder;
mod position;
mod scalar;
mod yaml;

pub use err::{Expected, SourceError, SyntaxError};
pub use json::{MAX_BYTES, MAX_DEPTH, parse};
pub use node::{Array, Member, Node, Object, Value};
pub use placeholder::has_placeholder;
pub use position::Position;
pub use yaml::{MAX_YAML_BYTES, YamlError};

use position::Lines;

/// How far a definition is on its way to Step Functions, which decides what its text may be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Stage {
    /// A file as its author keeps it: JSON or YAML, in which a placeholder `${Name}` stands for whatever
    /// `DefinitionSubstitutions` puts there: text within quotes, or any value.
    #[default]
    Authored,
    /// The same after CloudFormation has replaced the placeholders: JSON or YAML, and a `${Name}` that is left is text.
    Substituted,
    /// The request of `CreateStateMachine`: JSON.
    Request,
}

/// The notation of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// JSON (RFC 8259), but for placeholders.
    Json,
    /// YAML.
    Yaml,
}

/// A parsed text: its tree and the means to turn an offset into a line and a column.
#[derive(Debug)]
pub struct Document<'t> {
    root: Node<'t>,
    lines: Lines<'t>,
    format: Format,
}

/// Reads a definition.
///
/// JSON comes first, then YAML, in the order of the handler of `AWS::StepFunctions::StateMachine` (`DefinitionProcessor` in
/// aws-cloudformation-resource-providers-stepfunctions).
///
/// ```
/// use asl::source::{Format, Stage, read};
///
/// let document = read("StartAt: Done\nStates:\n  Done: {Type: Succeed}\n", Stage::Authored)?;
/// assert_eq!(document.format(), Format::Yaml);
/// assert_eq!(document.to_value()["States"]["Done"]["Type"], "Succeed");
/// # Ok::<(), asl::source::SourceError>(())
/// ```
///
/// # Errors
/// What is wrong with the text as JSON, or as YAML where it is not meant as JSON, with its place.
pub fn read(text: &str, stage: Stage) -> Result<Document<'_>, SourceError> {
    let placeholders = stage == Stage::Authored;
    let not_json = match json::parse_with(text, placeholders) {
        Ok(document) => return Ok(document),
        Err(error) => error,
    };
    let hopeless = matches!(not_json.error, SyntaxError::Depth | SyntaxError::Size | SyntaxError::Empty);
    if hopeless || stage == Stage::Request {
        return Err(not_json);
    }
    let (brackets, quotes) = starts_as_json(text);
    if brackets && quotes {
        return Err(not_json);
    }
    match yaml::parse(text, placeholders) {
        Ok(document) if document.root.is_scalar() => Err(not_json),
        Err(_) if brackets => Err(not_json),
        other => other,
    }
}

/// Whether a text starts with a bracket, as JSON and YAML in flow style do, and whether a quote follows, so that it is meant
/// as JSON. YAML allows some mistakes in JSON, such as a trailing comma, which `CreateStateMachine` refuses.
fn starts_as_json(text: &str) -> (bool, bool) {
    let mut start = text.trim_start_matches('\u{feff}').chars().filter(|c| !c.is_whitespace());
    (matches!(start.next(), Some('{' | '[')), matches!(start.next(), Some('"')))
}

impl<'t> Document<'t> {
    /// The value of the whole text.
    pub fn root(&self) -> &Node<'t> {
        &self.root
    }

    /// The notation that the text was read as.
    pub fn format(&self) -> Format {
        self.format
    }

    /// The line and column of a byte offset, as [`Node::at`] and [`Member::at`] give it.
    pub fn position(&self, at: usize) -> Position {
        self.lines.position(at)
    }

    /// The value without offsets; of a property that appears twice the last one counts, as it does for Step Functions. A
    /// placeholder without quotes becomes text.
    pub fn to_value(&self) -> serde_json::Value {
        self.root.to_value()
    }
}
