//! What can be wrong with an event pattern.

/// Why an event pattern is not valid, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}{problem}", if .path.is_empty() { String::new() } else { format!("`{path}`: ") })]
pub struct PatternError {
    /// The path to the fault, keys joined by dots and places in arrays in brackets; empty for the whole pattern.
    pub path: String,
    /// What is wrong.
    pub problem: Problem,
}

/// What is wrong with an event pattern.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// The pattern is no object.
    #[error("an event pattern must be an object")]
    NoObject,
    /// The pattern is longer than EventBridge takes by default (quota: event pattern size).
    #[error("the pattern has {length} characters, more than the {limit} that EventBridge takes")]
    TooLong {
        /// Characters of the pattern as JSON.
        length: usize,
        /// The most that is taken.
        limit: usize,
    },
    /// Nested too deeply to be read.
    #[error("the pattern is nested too deeply")]
    TooDeep,
    /// An object without keys.
    #[error("an empty object matches nothing and is not allowed")]
    EmptyObject,
    /// An array without values.
    #[error("an empty array matches nothing and is not allowed")]
    EmptyArray,
    /// A value outside of an array.
    #[error("must be an object or an array of values")]
    NoArray,
    /// An array within an array of values.
    #[error("a value must be a string, a number, true, false, null or an operator")]
    NoValue,
    /// An operator that EventBridge does not know.
    #[error("`{name}` is no operator here")]
    UnknownOperator {
        /// The name.
        name: String,
    },
    /// An operator with other keys beside it.
    #[error("an operator must be the only key")]
    SeveralOperators,
    /// An operand of another type than the operator takes.
    #[error("`{operator}` takes {wanted}")]
    Operand {
        /// The operator.
        operator: &'static str,
        /// What it takes.
        wanted: &'static str,
    },
    /// A number that EventBridge cannot compare.
    #[error("the number must lie between -5.0e9 and 5.0e9 and have at most six decimals")]
    Number,
    /// A numeric range whose bottom is not below its top.
    #[error("the bottom of a range must be less than its top")]
    EmptyRange,
    /// Two asterisks in a row.
    #[error("a wildcard must not have two asterisks in a row")]
    ConsecutiveWildcards,
    /// A backslash before something else than an asterisk or a backslash.
    #[error("a backslash in a wildcard must be followed by an asterisk or a backslash")]
    InvalidEscape,
    /// No CIDR block.
    #[error("`{text}` is no CIDR block; the prefix is 0 to 31 for IPv4 and 0 to 127 for IPv6")]
    InvalidCidr {
        /// The text.
        text: String,
    },
    /// `$or` with something else than two or more objects.
    #[error("`$or` takes an array of at least two objects")]
    InvalidOr,
    /// A field in `$or` with the name of an operator.
    #[error("`{name}` is the name of an operator and cannot be a field within `$or`")]
    ReservedName {
        /// The name.
        name: String,
    },
    /// A field that is named twice.
    #[error("the field `{name}` stands in the pattern twice")]
    RepeatedField {
        /// The name, its keys joined by dots.
        name: String,
    },
    /// More combinations of `$or` than EventBridge takes.
    #[error("`$or` makes more than {limit} combinations")]
    TooManyCombinations {
        /// The most that is taken.
        limit: usize,
    },
}
