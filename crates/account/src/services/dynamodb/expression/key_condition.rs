use super::condition::{Comparator, Condition, Operand};
use crate::base::ServiceError;
use crate::services::dynamodb::attribute::Attribute;
use crate::services::dynamodb::err::validation;

/// A key condition by attribute: which keys a query reads.
#[derive(Debug, Clone, PartialEq, Hash)]
pub(in crate::services::dynamodb) struct KeyCondition {
    pub(in crate::services::dynamodb) attribute: String,
    pub(in crate::services::dynamodb) range: Range,
}

/// The values of a key attribute that a query reads.
#[derive(Debug, Clone, PartialEq, Hash)]
pub(in crate::services::dynamodb) enum Range {
    Equal(Attribute),
    Less(Attribute),
    LessOrEqual(Attribute),
    Greater(Attribute),
    GreaterOrEqual(Attribute),
    Between(Attribute, Attribute),
    BeginsWith(Attribute),
}

impl Range {
    /// The values that the condition compares with.
    pub(in crate::services::dynamodb) fn values(&self) -> Vec<&Attribute> {
        match self {
            Self::Equal(value)
            | Self::Less(value)
            | Self::LessOrEqual(value)
            | Self::Greater(value)
            | Self::GreaterOrEqual(value)
            | Self::BeginsWith(value) => vec![value],
            Self::Between(low, high) => vec![low, high],
        }
    }

    /// Whether a key of this value is read.
    pub(in crate::services::dynamodb) fn includes(&self, value: &Attribute) -> bool {
        let order = |bound: &Attribute| super::evaluate::order(value, bound);
        match self {
            Self::Equal(wanted) => value == wanted,
            Self::Less(bound) => order(bound).is_some_and(std::cmp::Ordering::is_lt),
            Self::LessOrEqual(bound) => order(bound).is_some_and(std::cmp::Ordering::is_le),
            Self::Greater(bound) => order(bound).is_some_and(std::cmp::Ordering::is_gt),
            Self::GreaterOrEqual(bound) => order(bound).is_some_and(std::cmp::Ordering::is_ge),
            Self::Between(low, high) => {
                order(low).is_some_and(std::cmp::Ordering::is_ge) && order(high).is_some_and(std::cmp::Ordering::is_le)
            }
            Self::BeginsWith(prefix) => match (value, prefix) {
                (Attribute::S(text), Attribute::S(prefix)) => text.starts_with(prefix.as_str()),
                (Attribute::B(bytes), Attribute::B(prefix)) => bytes.starts_with(prefix),
                _ => false,
            },
        }
    }
}

/// Reads a parsed condition as conditions on key attributes, at most one for each.
pub(in crate::services::dynamodb) fn key_condition(condition: &Condition) -> Result<Vec<KeyCondition>, ServiceError> {
    let mut parts = Vec::new();
    conjuncts(condition, &mut parts);
    let mut conditions: Vec<KeyCondition> = Vec::new();
    for part in parts {
        let next = one(part)?;
        if conditions.iter().any(|earlier| earlier.attribute == next.attribute) {
            return Err(validation("KeyConditionExpressions must only contain one condition per key"));
        }
        conditions.push(next);
    }
    if conditions.len() > 2 {
        return Err(validation("Conditions can be of length 1 or 2 only"));
    }
    Ok(conditions)
}

/// The conditions that `AND` connects, through parentheses; as deep as the parser nests.
fn conjuncts<'a>(condition: &'a Condition, found: &mut Vec<&'a Condition>) {
    match condition {
        Condition::All(parts) => parts.iter().for_each(|part| conjuncts(part, found)),
        other => found.push(other),
    }
}

fn one(condition: &Condition) -> Result<KeyCondition, ServiceError> {
    let invalid =
        |operator: &str| Err(validation(format!("Invalid operator used in KeyConditionExpression: {operator}")));
    match condition {
        Condition::Compare(Comparator::NotEqual, ..) => invalid("<>"),
        Condition::Any(_) => invalid("OR"),
        Condition::Not(_) => invalid("NOT"),
        Condition::In { .. } => invalid("IN"),
        Condition::Exists(_) => invalid("attribute_exists"),
        Condition::NotExists(_) => invalid("attribute_not_exists"),
        Condition::HasType(..) => invalid("attribute_type"),
        Condition::Contains(..) => invalid("contains"),
        // Taken apart before.
        Condition::All(_) => Err(validation("KeyConditionExpressions cannot contain nested operations")),
        Condition::Compare(comparator, Operand::Value(value), key @ Operand::Path(_)) => {
            // The value stands on the left: the comparison is turned around.
            let range = match comparator {
                Comparator::Less => Range::Greater(value.clone()),
                Comparator::LessOrEqual => Range::GreaterOrEqual(value.clone()),
                Comparator::Greater => Range::Less(value.clone()),
                Comparator::GreaterOrEqual => Range::LessOrEqual(value.clone()),
                Comparator::Equal | Comparator::NotEqual => Range::Equal(value.clone()),
            };
            Ok(KeyCondition { attribute: attribute(key)?, range })
        }
        Condition::Compare(comparator, key, value) => {
            let value = constant(value)?;
            let range = match comparator {
                Comparator::Less => Range::Less(value),
                Comparator::LessOrEqual => Range::LessOrEqual(value),
                Comparator::Greater => Range::Greater(value),
                Comparator::GreaterOrEqual => Range::GreaterOrEqual(value),
                Comparator::Equal | Comparator::NotEqual => Range::Equal(value),
            };
            Ok(KeyCondition { attribute: attribute(key)?, range })
        }
        Condition::Between { value, low, high } => {
            first_operand(value, "BETWEEN")?;
            Ok(KeyCondition { attribute: attribute(value)?, range: Range::Between(constant(low)?, constant(high)?) })
        }
        Condition::BeginsWith(value, prefix) => {
            first_operand(value, "begins_with")?;
            Ok(KeyCondition { attribute: attribute(value)?, range: Range::BeginsWith(constant(prefix)?) })
        }
    }
}

fn first_operand(operand: &Operand, operator: &str) -> Result<(), ServiceError> {
    match operand {
        Operand::Value(_) => Err(validation(format!(
            "Invalid condition in KeyConditionExpression: {operator} operator must have the key attribute as its first operand"
        ))),
        Operand::Path(_) | Operand::Size(_) => Ok(()),
    }
}

fn attribute(operand: &Operand) -> Result<String, ServiceError> {
    match operand {
        Operand::Path(path) if path.is_nested() => {
            Err(validation("KeyConditionExpressions cannot have conditions on nested attributes"))
        }
        Operand::Path(path) => Ok(path.attribute().to_owned()),
        Operand::Value(_) => Err(validation("Invalid condition in KeyConditionExpression: No key attribute specified")),
        Operand::Size(_) => Err(validation("KeyConditionExpressions cannot contain nested operations")),
    }
}

fn constant(operand: &Operand) -> Result<Attribute, ServiceError> {
    match operand {
        Operand::Value(value) => Ok(value.clone()),
        Operand::Path(_) => Err(validation(
            "Invalid condition in KeyConditionExpression: Multiple attribute names used in one condition",
        )),
        Operand::Size(_) => Err(validation("KeyConditionExpressions cannot contain nested operations")),
    }
}
