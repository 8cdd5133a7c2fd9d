//! The filters of `GetFindings` on texts, on texts of the resources, and on entries of the product's fields. Filters on
//! numbers, dates and addresses are not simulated.

use std::collections::BTreeMap;

use serde_json::Value;

use super::finding::Finding;
use crate::base::ServiceError;
use crate::protocol::Params;

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

/// The text filters on the resources of a finding, and the member of a resource that each looks at.
const RESOURCE_FIELDS: &[(&str, &str)] =
    &[("ResourceId", "Id"), ("ResourceType", "Type"), ("ResourceRegion", "Region")];

/// The filters on maps, and the map that each looks at.
const MAPS: &[(&str, &str)] = &[("ProductFields", "ProductFields"), ("UserDefinedFields", "UserDefinedFields")];

/// The most filters and the most values of a filter.
///
/// Source: Security Hub API Reference, "GetFindings", `Filters`.
const MAX_FIELDS: usize = 10;
const MAX_VALUES: usize = 20;

/// The conditions on one text, or on one text of each resource.
#[derive(Debug)]
pub(super) struct Filter {
    place: Place,
    conditions: Vec<(Comparison, String)>,
}

/// Which texts of a finding a filter looks at.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Place {
    /// One text.
    At(&'static str),
    /// A member of each resource.
    OfResources(&'static str),
    /// An entry of a map.
    Entry(&'static str, String),
}

impl Place {
    fn texts<'a>(&self, finding: &'a Finding) -> Vec<&'a str> {
        match self {
            Self::At(pointer) => finding.text(pointer).into_iter().collect(),
            Self::OfResources(member) => {
                let resources = finding.document.get("Resources").and_then(Value::as_array);
                resources.into_iter().flatten().filter_map(|resource| resource.get(member)?.as_str()).collect()
            }
            Self::Entry(map, key) => {
                let entries = finding.document.get(*map).and_then(Value::as_object);
                entries.and_then(|entries| entries.get(key)?.as_str()).into_iter().collect()
            }
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
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
    let mut parsed = Vec::new();
    if filters.names().len() > MAX_FIELDS {
        return Err(invalid("Filters", "has more than 10 attributes"));
    }
    let texts = FIELDS.iter().map(|(name, pointer)| (*name, Place::At(pointer)));
    let of_resources = RESOURCE_FIELDS.iter().map(|(name, member)| (*name, Place::OfResources(member)));
    for (name, place) in texts.chain(of_resources) {
        let given = checked(filters, name)?;
        let conditions =
            given.into_iter().map(|mut given| condition(name, &mut given)).collect::<Result<Vec<_>, ServiceError>>()?;
        if !conditions.is_empty() {
            parsed.push(Filter { place, conditions });
        }
    }
    for (name, map) in MAPS {
        // Conditions on one key belong together, as conditions on one text do.
        let mut by_key: BTreeMap<String, Vec<(Comparison, String)>> = BTreeMap::new();
        for mut given in checked(filters, name)? {
            let key = given.require_string("Key")?;
            by_key.entry(key).or_default().push(condition(name, &mut given)?);
        }
        parsed.extend(by_key.into_iter().map(|(key, conditions)| Filter { place: Place::Entry(map, key), conditions }));
    }
    Ok(parsed)
}

fn checked(filters: &mut Params, name: &'static str) -> Result<Vec<Params>, ServiceError> {
    let given = filters.take_list(name)?;
    if given.len() > MAX_VALUES {
        return Err(invalid(&format!("Filters.{name}"), "has more than 20 values"));
    }
    Ok(given)
}

fn condition(name: &str, given: &mut Params) -> Result<(Comparison, String), ServiceError> {
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
    Ok((comparison, value))
}

/// Whether a finding passes all filters. Positive conditions on a text are alternatives, negative ones must all hold.
pub(super) fn passes(finding: &Finding, filters: &[Filter]) -> bool {
    filters.iter().all(|filter| {
        let texts = filter.place.texts(finding);
        let holds = |(comparison, value): &(Comparison, String)| {
            let mut each = texts.iter().map(|text| comparison.holds(text, value));
            if comparison.is_negative() { each.all(|holds| holds) } else { each.any(|holds| holds) }
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
