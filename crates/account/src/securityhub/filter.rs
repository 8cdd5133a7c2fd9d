//! The filters of `GetFindings` on texts. Filters on numbers, dates, maps and addresses are not simulated.

use super::finding::Finding;
use crate::operation::ServiceError;
use crate::params::Params;

/// The text filters that are simulated, and the text that each looks at.
const FIELDS: &[(&str, &str)] = &[
    ("Id", "/Id"),
    ("ProductArn", "/ProductArn"),
    ("AwsAccountId", "/AwsAccountId"),
    ("Region", "/Region"),
    ("GeneratorId", "/GeneratorId"),
    ("Title", "/Title"),
    ("ProductName", "/ProductName"),
    ("CompanyName", "/CompanyName"),
    ("SeverityLabel", "/Severity/Label"),
    ("WorkflowStatus", "/Workflow/Status"),
    ("RecordState", "/RecordState"),
    ("VerificationState", "/VerificationState"),
    ("ComplianceStatus", "/Compliance/Status"),
    ("ComplianceSecurityControlId", "/Compliance/SecurityControlId"),
    ("NoteText", "/Note/Text"),
    ("NoteUpdatedBy", "/Note/UpdatedBy"),
];

/// The most filters and the most values of a filter.
///
/// Source: Security Hub API Reference, "GetFindings", `Filters`.
const MAX_FIELDS: usize = 10;
const MAX_VALUES: usize = 20;

/// The conditions on one text.
#[derive(Debug)]
pub(super) struct Filter {
    pointer: &'static str,
    conditions: Vec<(Comparison, String)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Comparison {
    Equals,
    Prefix,
    Contains,
    ContainsWord,
    NotEquals,
    PrefixNotEquals,
    NotContains,
}

impl Comparison {
    fn is_negative(self) -> bool {
        matches!(self, Self::NotEquals | Self::PrefixNotEquals | Self::NotContains)
    }

    fn holds(self, text: &str, value: &str) -> bool {
        match self {
            Self::Equals => text == value,
            Self::NotEquals => text != value,
            Self::Prefix => text.starts_with(value),
            Self::PrefixNotEquals => !text.starts_with(value),
            Self::Contains => text.contains(value),
            Self::NotContains => !text.contains(value),
            Self::ContainsWord => text.split(|c: char| !c.is_alphanumeric()).any(|word| word == value),
        }
    }
}

/// Reads `Filters`. A filter that is not simulated stays behind and is reported.
pub(super) fn take(filters: &mut Params) -> Result<Vec<Filter>, ServiceError> {
    let mut taken = Vec::new();
    if filters.names().len() > MAX_FIELDS {
        return Err(invalid("Filters", "has more than 10 attributes"));
    }
    for (name, pointer) in FIELDS {
        let mut conditions = Vec::new();
        for mut given in filters.take_list(*name)? {
            let value = given.require_string("Value")?;
            let comparison = match given.require_string("Comparison")?.as_str() {
                "EQUALS" => Comparison::Equals,
                "PREFIX" => Comparison::Prefix,
                "NOT_EQUALS" => Comparison::NotEquals,
                "PREFIX_NOT_EQUALS" => Comparison::PrefixNotEquals,
                "CONTAINS" => Comparison::Contains,
                "NOT_CONTAINS" => Comparison::NotContains,
                "CONTAINS_WORD" => Comparison::ContainsWord,
                other => return Err(invalid(&format!("Filters.{name}"), &format!("has the comparison {other}"))),
            };
            conditions.push((comparison, value));
        }
        if conditions.len() > MAX_VALUES {
            return Err(invalid(&format!("Filters.{name}"), "has more than 20 values"));
        }
        if !conditions.is_empty() {
            taken.push(Filter { pointer, conditions });
        }
    }
    Ok(taken)
}

/// Whether a finding passes all filters. Positive conditions on a text are alternatives, negative ones must all hold.
pub(super) fn passes(finding: &Finding, filters: &[Filter]) -> bool {
    filters.iter().all(|filter| {
        let text = finding.text(filter.pointer);
        let holds = |(comparison, value): &(Comparison, String)| match text {
            Some(text) => comparison.holds(text, value),
            None => comparison.is_negative(),
        };
        let (negative, positive): (Vec<_>, Vec<_>) =
            filter.conditions.iter().partition(|(comparison, _)| comparison.is_negative());
        negative.into_iter().all(holds) && (positive.is_empty() || positive.into_iter().any(holds))
    })
}

/// Security Hub's `InvalidInputException`.
pub(super) fn invalid(parameter: &str, why: &str) -> ServiceError {
    ServiceError::new("InvalidInputException", format!("Invalid parameter '{parameter}': {why}"))
}
