use thiserror::Error;

use crate::base::ServiceError;

/// Why a text is not a number that DynamoDB stores. The texts are DynamoDB's own.
#[derive(Debug, Clone, PartialEq, Eq, Error, Hash)]
pub enum NumberError {
    /// No text at all.
    #[error("The parameter cannot be converted to a numeric value")]
    Empty,
    /// Not a decimal number.
    #[error("The parameter cannot be converted to a numeric value: {0}")]
    NotNumeric(String),
    /// Too large.
    #[error("Number overflow. Attempting to store a number with magnitude larger than supported range")]
    Overflow,
    /// Too close to zero.
    #[error("Number underflow. Attempting to store a number with magnitude smaller than supported range")]
    Underflow,
    /// Too many digits.
    #[error("Attempting to store more than 38 significant digits in a Number")]
    Digits,
}

/// Why an expression is refused. The texts are DynamoDB's own.
#[derive(Debug, Clone, PartialEq, Eq, Error, Hash)]
pub enum ExpressionError {
    /// The expression is an empty text.
    #[error("The expression can not be empty;")]
    Empty,
    /// The expression is longer than 4,096 bytes.
    #[error("Expression size has exceeded the maximum allowed size; expression size: {0}")]
    TooLong(usize),
    /// The expression does not follow the grammar.
    #[error("Syntax error; token: \"{token}\", near: \"{near}\"")]
    Syntax {
        /// The token that does not fit, or `<EOF>`.
        token: String,
        /// The token with its neighbors.
        near: String,
    },
    /// Conditions or parentheses are nested beyond what is evaluated.
    #[error("The expression is nested too deeply;")]
    TooDeep,
    /// More than 300 operators and functions.
    #[error("The expression contains too many operators; operator count: {0}")]
    TooManyOperators(usize),
    /// A bare name is one of DynamoDB's reserved words.
    #[error("Attribute name is a reserved keyword; reserved keyword: {0}")]
    Reserved(String),
    /// A `#name` without definition.
    #[error("An expression attribute name used in the document path is not defined; attribute name: {0}")]
    UndefinedName(String),
    /// A `:value` without definition.
    #[error("An expression attribute value used in expression is not defined; attribute value: {0}")]
    UndefinedValue(String),
    /// No such function.
    #[error("Invalid function name; function: {0}")]
    UnknownFunction(String),
    /// A function where it may not stand.
    #[error("The function is not allowed to be used this way in an expression; function: {0}")]
    MisusedFunction(String),
    /// Too few or too many operands.
    #[error(
        "Incorrect number of operands for operator or function; operator or function: {function}, number of operands: {count}"
    )]
    OperandCount {
        /// The operator or function.
        function: String,
        /// How many it got.
        count: usize,
    },
    /// An operand of the wrong type.
    #[error(
        "Incorrect operand type for operator or function; operator or function: {function}, operand type: {operand}"
    )]
    OperandType {
        /// The operator or function.
        function: String,
        /// The type it got.
        operand: String,
    },
    /// An `ADD` or `DELETE` of a type that has no such operation.
    #[error(
        "Incorrect operand type for operator or function; operator: {action}, operand type: {operand}, typeSet: ALLOWED_FOR_{action}_OPERAND"
    )]
    UpdateOperandType {
        /// `ADD` or `DELETE`.
        action: &'static str,
        /// The long name of the type.
        operand: &'static str,
    },
    /// A function that needs a path got something else.
    #[error("Operator or function requires a document path; operator or function: {0}")]
    PathRequired(String),
    /// `attribute_type` with a type that does not exist.
    #[error("Invalid attribute type name found; type: {0}, valid types: {{B,NULL,SS,BOOL,L,BS,N,NS,S,M}}")]
    UnknownType(String),
    /// A comparison of a path with itself.
    #[error(
        "The first operand must be distinct from the remaining operands for this operator or function; operator: {operator}, first operand: {path}"
    )]
    NotDistinct {
        /// The operator.
        operator: String,
        /// The path, as a list of its elements.
        path: String,
    },
    /// `((a = b))`.
    #[error("The expression has redundant parentheses;")]
    RedundantParentheses,
    /// `BETWEEN` with bounds of two types.
    #[error(
        "The BETWEEN operator requires same data type for lower and upper bounds; lower bound operand: AttributeValue: {{{lower}}}, upper bound operand: AttributeValue: {{{upper}}}"
    )]
    BoundTypes {
        /// `type:value` of the lower bound.
        lower: String,
        /// `type:value` of the upper bound.
        upper: String,
    },
    /// `BETWEEN` with bounds in the wrong order.
    #[error(
        "The BETWEEN operator requires upper bound to be greater than or equal to lower bound; lower bound operand: AttributeValue: {{{lower}}}, upper bound operand: AttributeValue: {{{upper}}}"
    )]
    BoundOrder {
        /// `type:value` of the lower bound.
        lower: String,
        /// `type:value` of the upper bound.
        upper: String,
    },
    /// One section twice.
    #[error("The \"{0}\" section can only be used once in an update expression;")]
    SectionTwice(&'static str),
    /// One path is the other, or leads into it.
    #[error(
        "Two document paths overlap with each other; must remove or rewrite one of these paths; path one: {one}, path two: {two}"
    )]
    Overlap {
        /// The earlier path.
        one: String,
        /// The later path.
        two: String,
    },
    /// One path takes for a map what the other takes for a list.
    #[error(
        "Two document paths conflict with each other; must remove or rewrite one of these paths; path one: {one}, path two: {two}"
    )]
    Conflict {
        /// The earlier path.
        one: String,
        /// The later path.
        two: String,
    },
}

/// Why an update that is well formed cannot be applied to the item. The texts are DynamoDB's own.
#[derive(Debug, Clone, PartialEq, Eq, Error, Hash)]
pub enum UpdateError {
    /// A path of `SET`, `ADD` or `DELETE` leads through something that is not there or has no such place.
    #[error("The document path provided in the update expression is invalid for update")]
    InvalidPath,
    /// An operand, or the attribute to change, has a type that the operation does not take.
    #[error("An operand in the update expression has an incorrect data type")]
    OperandType,
    /// An operand is not in the item.
    #[error("The provided expression refers to an attribute that does not exist in the item")]
    NoSuchAttribute,
    /// The result is no number that can be stored.
    #[error(transparent)]
    Number(#[from] NumberError),
}

/// DynamoDB's `ValidationException`.
pub(super) fn validation(message: impl Into<String>) -> ServiceError {
    ServiceError::new("ValidationException", message)
}

/// A parameter whose value a JSON type cannot be read from.
pub(super) fn serialization(message: impl Into<String>) -> ServiceError {
    ServiceError::new("SerializationException", message)
}
