//! `DefinitionSubstitutions`: `${Name}` in the text of a definition, replaced as CloudFormation replaces it.
//!
//! Source: `DefinitionProcessor.transformDefinition` in aws-cloudformation/aws-cloudformation-resource-providers-stepfunctions,
//! the handler of `AWS::StepFunctions::StateMachine`. It calls `StringUtils.replaceEachRepeatedly` of Apache Commons Lang:
//! names can be any text, values go into the text as they are (not escaped as JSON), values can have placeholders
//! themselves, and a placeholder without a value stays as it is.

use std::collections::{BTreeMap, BTreeSet};

use thiserror::Error;

/// Why a definition cannot be made.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum SubstitutionError {
    /// A value leads back to its own placeholder; CloudFormation's handler fails.
    #[error("the substitutions contain each other: `${{{0}}}` never goes away")]
    Cycle(String),
    /// The text grows beyond what any definition can be.
    #[error("the definition is longer than {MOST_BYTES} bytes once its placeholders are replaced")]
    TooLong,
}

/// How often the handler replaces again what values brought in, at least; it is as often as there are names, if there are
/// more (`StringUtils.DEFAULT_TTL`).
const LEAST_ROUNDS: usize = 5;

/// No definition is longer: Step Functions takes 1,048,576 characters (`CreateStateMachine`, API reference) of at most
/// four bytes.
const MOST_BYTES: usize = 4 * 1_048_576;

/// The text of a definition with the placeholders replaced that have a value.
///
/// ```
/// use std::collections::BTreeMap;
/// use template::substitution::substitute;
///
/// let values = BTreeMap::from([("Extra".to_owned(), r#"{"a": "b"}"#.to_owned())]);
/// let text = r#"{"extra": ${Extra}, "text": "${amount}"}"#;
/// assert_eq!(substitute(text, &values)?, r#"{"extra": {"a": "b"}, "text": "${amount}"}"#);
/// # Ok::<(), template::substitution::SubstitutionError>(())
/// ```
///
/// # Errors
/// Values that contain each other, and a text that grows too long.
pub fn substitute(text: &str, values: &BTreeMap<String, String>) -> Result<String, SubstitutionError> {
    let mut text = text.to_owned();
    for _ in 0..=values.len().max(LEAST_ROUNDS) {
        match replace_once(&text, values)? {
            Some(replaced) => text = replaced,
            None => return Ok(text),
        }
    }
    match next(&text, values) {
        Some((_, name, _)) => Err(SubstitutionError::Cycle(name.to_owned())),
        None => Ok(text),
    }
}

/// Replaces every placeholder that the text has now; nothing when it has none with a value.
fn replace_once(text: &str, values: &BTreeMap<String, String>) -> Result<Option<String>, SubstitutionError> {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, name, after)) = next(rest, values) {
        out.push_str(before);
        out.push_str(values.get(name).map_or("", String::as_str));
        if out.len() > MOST_BYTES {
            return Err(SubstitutionError::TooLong);
        }
        rest = after;
    }
    if rest.len() == text.len() {
        return Ok(None);
    }
    out.push_str(rest);
    Ok(Some(out))
}

/// The first placeholder with a value: the text before it, its name, and the text after it.
fn next<'a>(text: &'a str, values: &BTreeMap<String, String>) -> Option<(&'a str, &'a str, &'a str)> {
    let longest = values.keys().map(String::len).max()?;
    text.match_indices("${").find_map(|(at, opening)| {
        let (before, rest) = (text.get(..at)?, text.get(at + opening.len()..)?);
        // a name can have a brace itself, so that each brace can be the end
        let ends = rest.match_indices('}').map(|(end, _)| end).take_while(|end| *end <= longest);
        let mut names = ends.filter_map(|end| Some((rest.get(..end)?, rest.get(end + 1..)?)));
        let (name, after) = names.find(|(name, _)| values.contains_key(*name))?;
        Some((before, name, after))
    })
}

/// The names of placeholders in a text that look like names of substitutions: letters, digits, `_`, `-` and `.`. Others, as
/// in an expression, are text.
pub fn placeholders(text: &str) -> BTreeSet<String> {
    text.match_indices("${").filter_map(|(at, _)| placeholder(text.get(at..)?)).map(str::to_owned).collect()
}

/// A placeholder that looks like the name of a substitution and has no value. CloudFormation leaves it as text, which is
/// seldom what the author wants.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("line {line}: `${{{name}}}` is not among the `DefinitionSubstitutions` of the template and stays text")]
pub struct Unreplaced {
    /// The name.
    pub name: String,
    /// The line in the text of the definition, from 1.
    pub line: usize,
}

/// The placeholders of a definition that [`substitute`] leaves as they are.
pub fn unreplaced(text: &str, values: &BTreeMap<String, String>) -> Vec<Unreplaced> {
    let names = |(line, text): (usize, &str)| {
        let unknown = placeholders(text).into_iter().filter(|name| !values.contains_key(name));
        unknown.map(move |name| Unreplaced { name, line: line + 1 }).collect::<Vec<_>>()
    };
    text.lines().enumerate().flat_map(names).collect()
}

fn placeholder(text: &str) -> Option<&str> {
    let (name, _) = text.strip_prefix("${")?.split_once('}')?;
    (!name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || "_-.".contains(c))).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    fn check(text: &str, pairs: &[(&str, &str)], expected: &str) {
        assert_eq!(substitute(text, &values(pairs)).as_deref(), Ok(expected), "{text}");
    }

    #[test]
    fn names_are_free_and_values_go_in_as_they_are() {
        check("1${A}2${ A}$$ {${A}}", &[("A", "x\"y")], "1x\"y2${ A}$$ {x\"y}");
        check(
            "${triage_arn} ${a-b} ${a.b} ${a b} ${ä}",
            &[("triage_arn", "1"), ("a-b", "2"), ("a.b", "3")],
            "1 2 3 ${a b} ${ä}",
        );
        check("${a b}${ä}${a}b}", &[("a b", "1"), ("ä", "2"), ("a}b", "3")], "123");
        check("{\"n\": ${N}, \"b\": ${B}}", &[("N", "5"), ("B", "true")], "{\"n\": 5, \"b\": true}");
    }

    #[test]
    fn what_has_no_value_stays() {
        check("costs ${amount} ${", &[("A", "x")], "costs ${amount} ${");
        check("${A}", &[], "${A}");
        check("", &[("A", "x")], "");
        check("${${A}}", &[("A", "B"), ("B", "x")], "x");
    }

    #[test]
    fn values_can_have_placeholders() {
        check("${A}", &[("A", "<${B}>"), ("B", "<${C}>"), ("C", "x")], "<<x>>");
        let cycle = substitute("${A}", &values(&[("A", "${B}"), ("B", "${A}")]));
        assert!(matches!(cycle, Err(SubstitutionError::Cycle(_))), "{cycle:?}");
        let growth: Vec<(String, String)> =
            (0..40).map(|n| (format!("A{n}"), format!("${{A{0}}}${{A{0}}}", n + 1))).collect();
        assert_eq!(substitute("${A0}", &growth.into_iter().collect()), Err(SubstitutionError::TooLong));
    }

    #[test]
    fn a_name_without_a_value_has_its_line() {
        let found = unreplaced("${A}\n\"${B} ${a b}\"\n", &values(&[("A", "x")]));
        let said = "line 2: `${B}` is not among the `DefinitionSubstitutions` of the template and stays text";
        assert_eq!(found.iter().map(ToString::to_string).collect::<Vec<_>>(), [said]);
    }

    #[test]
    fn finds_what_looks_like_a_name() {
        let found = placeholders("${A}${b_c-d.e}${A} ${a b} ${\"a\": 1} ${}");
        assert_eq!(found, BTreeSet::from(["A".to_owned(), "b_c-d.e".to_owned()]));
    }
}
