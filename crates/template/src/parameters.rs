//! The parameters of a template: defaults, values from outside, and what is allowed.

use std::collections::BTreeMap;

use super::allowed_pattern;
use super::err::TemplateError;
use super::properties::{Section, refuse, shape};
use super::yaml::{Kind, Node};

/// The effective value of each parameter as text, which is how `Ref` gives it.
///
/// # Errors
/// Values for names that are no parameters, parameters without value, values that the template does not allow, and
/// parameter types other than `String` and `Number`.
pub(super) fn read(
    section: Option<&Node>,
    overrides: &BTreeMap<String, String>,
) -> Result<BTreeMap<String, String>, TemplateError> {
    let mut parameters = BTreeMap::new();
    if let Some(node) = section {
        for entry in Section::of(node, "`Parameters`")?.entries() {
            let given = overrides.get(&entry.key).map(String::as_str);
            parameters.insert(entry.key.clone(), parameter(&entry.key, &entry.value, given)?);
        }
    }
    if let Some(name) = overrides.keys().find(|name| !parameters.contains_key(*name)) {
        return Err(TemplateError::UnknownParameter { name: name.clone(), known: parameters.into_keys().collect() });
    }
    Ok(parameters)
}

fn parameter(name: &str, node: &Node, given: Option<&str>) -> Result<String, TemplateError> {
    let section = Section::of(node, format!("the parameter `{name}`"))?;
    section.only(
        &[
            "AllowedPattern",
            "AllowedValues",
            "ConstraintDescription",
            "Default",
            "Description",
            "MaxLength",
            "MaxValue",
            "MinLength",
            "MinValue",
            "NoEcho",
            "Type",
        ],
        &[],
    )?;
    let kind = section.required_text("Type")?;
    if kind != "String" && kind != "Number" {
        let place = section.required("Type")?.place;
        return Err(refuse(place, format!("the parameter type `{kind}`"), "the reader knows String and Number"));
    }
    let default = section.get("Default").map(|node| scalar(node, "Default")).transpose()?;
    let value = match given {
        Some(value) => value.to_owned(),
        None => default.ok_or_else(|| TemplateError::ParameterWithoutValue { name: name.to_owned() })?,
    };
    let wrong = |reason: String| TemplateError::ParameterValue { name: name.to_owned(), value: value.clone(), reason };

    let allowed = section
        .list("AllowedValues")?
        .iter()
        .map(|item| scalar(item, "AllowedValues"))
        .collect::<Result<Vec<_>, _>>()?;
    if !allowed.is_empty() && !allowed.contains(&value) {
        return Err(wrong(format!("the template allows {}", allowed.join(", "))));
    }
    let number = |text: &str| text.parse::<f64>().ok().filter(|number| number.is_finite());
    let bound = |key: &'static str| -> Result<Option<f64>, TemplateError> {
        section
            .get(key)
            .map(|node| scalar(node, key).and_then(|text| number(&text).ok_or_else(|| shape(node, key, "a number"))))
            .transpose()
    };
    let measured = if kind == "Number" {
        let Some(number) = number(&value) else { return Err(wrong("it must be a number".to_owned())) };
        (number, bound("MinValue")?, bound("MaxValue")?, "")
    } else {
        // Lengths are far below the point where a float loses whole numbers.
        (value.chars().count() as f64, bound("MinLength")?, bound("MaxLength")?, " characters")
    };
    let (measure, least, most, unit) = measured;
    if let Some(least) = least.filter(|least| measure < *least) {
        return Err(wrong(format!("the least is {least}{unit}")));
    }
    if let Some(most) = most.filter(|most| measure > *most) {
        return Err(wrong(format!("the most is {most}{unit}")));
    }
    if let Some(node) = section.get("AllowedPattern") {
        let pattern = super::properties::text(node, "AllowedPattern")?;
        match allowed_pattern::matches(&pattern, &value) {
            Ok(true) => {}
            Ok(false) => return Err(wrong(format!("it must match `{pattern}` as a whole"))),
            Err(reason) => return Err(refuse(node.place, format!("the pattern `{pattern}`"), reason)),
        }
    }
    Ok(value)
}

fn scalar(node: &Node, what: &str) -> Result<String, TemplateError> {
    match (&node.tag, &node.kind) {
        (None, Kind::Text(_) | Kind::Integer(_) | Kind::Float(_) | Kind::Bool(_)) => {
            node.as_text().ok_or_else(|| shape(node, what, "text or a number"))
        }
        _ => Err(shape(node, what, "text or a number")),
    }
}
