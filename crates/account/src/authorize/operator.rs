use super::err::PolicyErrorKind;
use super::strictness::Strictness;
use crate::base::Timestamp;

/// What a condition operator compares.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Comparison {
    Text {
        ignore_case: bool,
    },
    Like,
    Arn,
    Number(Order),
    Date(Order),
    Bool,
    Null,
    /// Addresses and bytes: no simulated call has a key of either type, so the key is always absent.
    Unsupplied,
}

/// How numbers and moments are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Order {
    Equal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// How the values of a multivalued key are combined.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Quantifier {
    Single,
    ForAllValues,
    ForAnyValue,
}

/// A condition operator with its prefix and suffix.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Operator {
    pub(super) comparison: Comparison,
    pub(super) negated: bool,
    pub(super) if_exists: bool,
    pub(super) quantifier: Quantifier,
}

/// Reads an operator name: `[ForAllValues:|ForAnyValue:]Name[IfExists]`.
///
/// IP addresses and binary values are refused in a policy of the wiring: no simulated call has any.
pub(super) fn parse(text: &str, strictness: Strictness) -> Result<Operator, PolicyErrorKind> {
    let (quantifier, name) = if let Some(name) = text.strip_prefix("ForAllValues:") {
        (Quantifier::ForAllValues, name)
    } else if let Some(name) = text.strip_prefix("ForAnyValue:") {
        (Quantifier::ForAnyValue, name)
    } else {
        (Quantifier::Single, text)
    };
    let (name, if_exists) = match name.strip_suffix("IfExists") {
        Some(name) => (name, true),
        None => (name, false),
    };
    let exact = Comparison::Text { ignore_case: false };
    let folded = Comparison::Text { ignore_case: true };
    let (comparison, negated) = match name {
        "StringEquals" => (exact, false),
        "StringNotEquals" => (exact, true),
        "StringEqualsIgnoreCase" => (folded, false),
        "StringNotEqualsIgnoreCase" => (folded, true),
        "StringLike" => (Comparison::Like, false),
        "StringNotLike" => (Comparison::Like, true),
        // The two behave the same: IAM User Guide, "ARN condition operators".
        "ArnEquals" | "ArnLike" => (Comparison::Arn, false),
        "ArnNotEquals" | "ArnNotLike" => (Comparison::Arn, true),
        "NumericEquals" => (Comparison::Number(Order::Equal), false),
        "NumericNotEquals" => (Comparison::Number(Order::Equal), true),
        "NumericLessThan" => (Comparison::Number(Order::Less), false),
        "NumericLessThanEquals" => (Comparison::Number(Order::LessOrEqual), false),
        "NumericGreaterThan" => (Comparison::Number(Order::Greater), false),
        "NumericGreaterThanEquals" => (Comparison::Number(Order::GreaterOrEqual), false),
        "DateEquals" => (Comparison::Date(Order::Equal), false),
        "DateNotEquals" => (Comparison::Date(Order::Equal), true),
        "DateLessThan" => (Comparison::Date(Order::Less), false),
        "DateLessThanEquals" => (Comparison::Date(Order::LessOrEqual), false),
        "DateGreaterThan" => (Comparison::Date(Order::Greater), false),
        "DateGreaterThanEquals" => (Comparison::Date(Order::GreaterOrEqual), false),
        "IpAddress" | "BinaryEquals" if strictness.supplied.is_none() => (Comparison::Unsupplied, false),
        "NotIpAddress" if strictness.supplied.is_none() => (Comparison::Unsupplied, true),
        "Bool" => (Comparison::Bool, false),
        // Whether a key exists is what `Null` asks, so it takes neither prefix nor suffix.
        "Null" if !if_exists && quantifier == Quantifier::Single => (Comparison::Null, false),
        _ => return Err(PolicyErrorKind::Operator(text.to_owned())),
    };
    Ok(Operator { comparison, negated, if_exists, quantifier })
}

impl Order {
    /// Whether `found` stands to `wanted` as this says.
    pub(super) fn holds<T: PartialOrd>(self, found: &T, wanted: &T) -> bool {
        match self {
            Self::Equal => found == wanted,
            Self::Less => found < wanted,
            Self::LessOrEqual => found <= wanted,
            Self::Greater => found > wanted,
            Self::GreaterOrEqual => found >= wanted,
        }
    }
}

/// A moment in a policy or a context key: ISO 8601 to the second or to the day, or seconds since the epoch.
///
/// Source: IAM User Guide, "Date condition operators".
pub(super) fn moment(text: &str) -> Option<Timestamp> {
    let seconds = || text.parse::<i64>().ok()?.checked_mul(1000).map(Timestamp::from_millis);
    Timestamp::parse(text).ok().or_else(|| Timestamp::parse(&format!("{text}T00:00:00Z")).ok()).or_else(seconds)
}
