use super::text;

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
    /// A JSONata error with its code.
    #[error("threw an error during evaluation. {0}")]
    Threw(String),
    #[error("threw an error during evaluation: {0}")]
    Limit(Limit),
}

/// A limit of Step Functions on the evaluation of an expression. Such an error has no code of JSONata (texts and limits:
/// floci-io/floci#2736 and #2737, which measured Step Functions).
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Limit {
    #[error("Expression evaluation memory limit exceeded: Check for excessive memory usage")]
    Memory,
    #[error(
        "Stack overflow error: Check for non-terminating recursive function.  Consider rewriting as tail-recursive."
    )]
    Depth,
    #[error("Expression evaluation timeout: Check for infinite loop")]
    Steps,
}

impl Problem {
    /// The problem for an error text of the evaluator.
    pub(super) fn of(message: &str) -> Problem {
        match message.split(':').next() {
            Some("D2014" | "D2015") => Problem::Limit(Limit::Memory),
            Some("D1011" | "U1001") => Problem::Limit(Limit::Depth),
            Some("D1012") => Problem::Limit(Limit::Steps),
            _ => Problem::Threw(text::of(message)),
        }
    }
}
