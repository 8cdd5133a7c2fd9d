/// Why a text is not a path.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not a path: {reason}")]
pub struct PathSyntaxError {
    /// The text.
    pub text: String,
    /// What is wrong with it.
    pub reason: &'static str,
}

/// Why a path has no result. The messages are those of Step Functions.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PathError {
    /// The last step of a path finds nothing.
    #[error("No results for path: {0}")]
    NoResults(String),
    /// The last step of a path is an index past the end of an array.
    #[error("No results for path: {0}")]
    OutOfRange(String),
    /// A step before the last finds nothing.
    #[error("Missing property in path {0}")]
    MissingProperty(String),
    /// A name is looked up in a value that is not an object.
    #[error(
        "Expected to find an object with property {property} in path {path} but found '{found}'. This is not a json object according to the JsonProvider: 'com.jayway.jsonpath.spi.json.JacksonJsonNodeJsonProvider'."
    )]
    NotAnObject {
        /// The step.
        property: String,
        /// The path up to the value.
        path: String,
        /// The class of the value, as the messages of Jayway JsonPath name it.
        found: &'static str,
    },
    /// An index or a filter is applied to a value that is not an array.
    #[error("Filter: {filter} can only be applied to arrays. Current context is: {value}")]
    NotAnArray {
        /// The step.
        filter: String,
        /// The value.
        value: String,
    },
    /// An index is applied to null.
    #[error("The path {0} is null")]
    Null(String),
    /// A variable is not defined.
    #[error("No results for path: {0}")]
    NoVariable(String),
    /// The values that a state looks up take more memory than any result can have.
    #[error("The values that the state looks up are too large.")]
    TooLarge,
    /// Evaluating the path takes more steps than any payload within the limits needs.
    #[error("The path '{0}' takes too long to evaluate.")]
    TooLong(String),
}
