use super::err::PolicyErrorKind;

/// What a condition operator compares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Comparison {
    Text { ignore_case: bool },
    Like,
    Arn,
    Number(Order),
    Bool,
    Null,
}

/// How numbers are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    Equal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// How the values of a multivalued key are combined.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Quantifier {
    Single,
    ForAllValues,
    ForAnyValue,
}

/// A condition operator with its prefix and suffix.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Operator {
    pub(super) comparison: Comparison,
    pub(super) negated: bool,
    pub(super) if_exists: bool,
    pub(super) quantifier: Quantifier,
}

/// Reads an operator name: `[ForAllValues:|ForAnyValue:]Name[IfExists]`.
///
/// Dates, IP addresses and binary values are refused: no simulated call depends on them.
pub(super) fn parse(text: &str) -> Result<Operator, PolicyErrorKind> {
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
        "Bool" => (Comparison::Bool, false),
        // Whether a key exists is what `Null` asks, so it takes neither prefix nor suffix.
        "Null" if !if_exists && quantifier == Quantifier::Single => (Comparison::Null, false),
        _ => return Err(PolicyErrorKind::Operator(text.to_owned())),
    };
    Ok(Operator { comparison, negated, if_exists, quantifier })
}
