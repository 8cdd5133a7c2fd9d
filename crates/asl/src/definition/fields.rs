use std::sync::Arc;

use crate::jsonata::{Expression, JsonataTemplate};
use crate::path::{Path, Query, ReferencePath, Template};

/// The language of a state's expressions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum QueryLanguage {
    /// `JSONPath`
    #[default]
    JsonPath,
    /// `JSONata`
    Jsonata,
}

/// How a state processes its input and output. States without data fields share one flow.
#[derive(Debug, Clone)]
pub enum Flow {
    /// With paths.
    JsonPath(Arc<JsonPathFlow>),
    /// With expressions.
    Jsonata(Arc<JsonataFlow>),
}

/// The data fields of a state that uses JSONPath.
#[derive(Debug, Clone, Default)]
pub struct JsonPathFlow {
    /// `InputPath`
    pub input_path: DataPath,
    /// `Parameters`
    pub parameters: Option<Template>,
    /// `ResultSelector`
    pub result_selector: Option<Template>,
    /// `ResultPath`
    pub result_path: ResultPath,
    /// `OutputPath`
    pub output_path: DataPath,
    /// `Assign`
    pub(crate) assign: Option<Assign>,
}

/// The data fields of a state that uses JSONata.
#[derive(Debug, Clone, Default)]
pub struct JsonataFlow {
    /// `Arguments`
    pub arguments: Option<JsonataTemplate>,
    /// `Output`
    pub output: Option<JsonataTemplate>,
    /// `Assign`
    pub(crate) assign: Option<Assign>,
}

/// The data fields of a Catcher or a Choice rule.
#[derive(Debug, Clone)]
pub(crate) enum CatchFlow {
    JsonPath { result_path: ResultPath, assign: Option<Assign> },
    Jsonata { output: Option<JsonataTemplate>, assign: Option<Assign> },
}

/// The variables that a state assigns, in the order of their names.
#[derive(Debug, Clone)]
pub(crate) enum Assign {
    JsonPath(Vec<(Arc<str>, crate::path::AssignedField)>),
    Jsonata(Vec<(Arc<str>, JsonataTemplate)>),
}

/// `InputPath` or `OutputPath`.
#[derive(Debug, Clone, Default)]
pub enum DataPath {
    /// `$`
    #[default]
    Whole,
    /// null: an empty object
    Nothing,
    /// Part of the data.
    Query(Query),
}

/// `ResultPath`
#[derive(Debug, Clone, Default)]
pub enum ResultPath {
    /// `$`: the result replaces the input.
    #[default]
    Replace,
    /// null: the input stays as it is.
    Discard,
    /// The result goes into the input at that place.
    Place(ReferencePath),
}

/// A number that is given, found by a path, or computed.
#[derive(Debug, Clone)]
pub enum Number {
    /// As `TimeoutSeconds: 5`
    Given(serde_json::Number),
    /// As `TimeoutSecondsPath: "$.timeout"`
    Path(Path),
    /// As `TimeoutSeconds: "{% $timeout %}"`
    Computed(Expression),
}

/// A text that is given, found by a query, or computed.
#[derive(Debug, Clone)]
pub enum TextField {
    /// As `Error: "Name"`
    Given(Arc<str>),
    /// As `ErrorPath: "$.error"`
    Query(Query),
    /// As `Error: "{% $name %}"`
    Computed(Expression),
}
