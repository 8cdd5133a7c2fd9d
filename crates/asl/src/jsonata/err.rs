/// Why an expression has no value that its field takes. The texts are those that Step Functions shows, without the prefix
/// that names the state.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("The JSONata expression '{expression}' specified for the field '{field}' {problem}")]
pub(crate) struct EvaluationError {
    pub(crate) expression: String,
    pub(crate) field: String,
    pub(crate) problem: Problem,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Problem {
    #[error("returned nothing (undefined).")]
    Undefined,
    #[error("returned an unsupported result type.")]
    Unsupported,
    #[error("returned a result that is too large.")]
    TooLarge,
    #[error("returned an unexpected result type. Expected '{expected}', but was '{found}' for value: {value}")]
    Unexpected { expected: &'static str, found: &'static str, value: String },
    #[error("threw an error during evaluation. {0}")]
    Threw(String),
}
