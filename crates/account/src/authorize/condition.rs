use super::ConditionKeys;
use super::operator::{Comparison, Operator, Quantifier, moment};
use super::pattern::{Pattern, Reach};

/// One key of one operator of a `Condition` element, with the values the policy lists.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Condition {
    pub(super) operator: Operator,
    pub(super) key: String,
    pub(super) values: Vec<Pattern>,
}

/// Whether `condition` holds for a call with these keys.
///
/// Source: IAM User Guide, "Condition operators", "Multivalued context keys" and "Evaluation logic for multiple
/// context keys or values".
pub(super) fn holds(condition: &Condition, keys: &dyn ConditionKeys) -> bool {
    let Operator { comparison, negated, if_exists, quantifier } = condition.operator;
    let supplied = keys.values(&condition.key);
    let supplied = supplied.as_deref();
    if comparison == Comparison::Null {
        let absent = supplied.is_none_or(<[String]>::is_empty);
        return condition.values.iter().any(|value| value.text().eq_ignore_ascii_case("true") == absent);
    }
    let listed = |supplied: &String| condition.values.iter().any(|value| compare(comparison, value, supplied, keys));
    // Several values in the policy are alternatives; for a negated operator none of them may match.
    let accepted = |supplied: &String| listed(supplied) != negated;
    match (quantifier, supplied) {
        (_, None) if if_exists => true,
        (Quantifier::ForAllValues, None) => true,
        (Quantifier::ForAllValues, Some(all)) => all.iter().all(accepted),
        (Quantifier::ForAnyValue, None) => false,
        (Quantifier::ForAnyValue, Some(all)) => all.iter().any(accepted),
        (Quantifier::Single, None) => negated,
        (Quantifier::Single, Some(all)) if negated => !all.iter().any(listed),
        (Quantifier::Single, Some(all)) => all.iter().any(listed),
    }
}

fn compare(comparison: Comparison, value: &Pattern, supplied: &str, keys: &dyn ConditionKeys) -> bool {
    match comparison {
        Comparison::Text { ignore_case } => value.matches(supplied, Reach::Text, ignore_case, keys),
        Comparison::Like => value.matches(supplied, Reach::Text, false, keys),
        Comparison::Arn => value.matches(supplied, Reach::Component, false, keys),
        Comparison::Bool => value.text().eq_ignore_ascii_case(supplied),
        Comparison::Number(order) => match (value.text().parse::<f64>(), supplied.parse::<f64>()) {
            (Ok(wanted), Ok(found)) => order.holds(&found, &wanted),
            _ => false,
        },
        Comparison::Date(order) => match (moment(value.text()), moment(supplied)) {
            (Some(wanted), Some(found)) => order.holds(&found, &wanted),
            _ => false,
        },
        Comparison::Null | Comparison::Unsupplied => false,
    }
}
