//! `${Name}` in a definition, replaced as AWS SAM's `DefinitionSubstitutions` are: in every text of the JSON document.

use std::collections::{BTreeMap, BTreeSet};

use thiserror::Error;

/// A placeholder that nothing replaces.
#[derive(Debug, Error, PartialEq, Eq)]
#[error("line {line}: `${{{name}}}` is not among the DefinitionSubstitutions of infra/template.yaml")]
pub struct SubstitutionError {
    /// The placeholder.
    pub name: String,
    /// Line of the definition, from 1.
    pub line: usize,
}

/// The names of the placeholders in a definition.
pub fn placeholders(text: &str) -> BTreeSet<String> {
    pieces(text)
        .filter_map(|piece| match piece {
            Piece::Placeholder(name) => Some(name.to_owned()),
            Piece::Text(_) => None,
        })
        .collect()
}

/// The definition with every placeholder replaced. Values are names and ARNs; they are escaped as JSON all the same.
///
/// # Errors
/// A placeholder without a value.
pub fn substitute(text: &str, values: &BTreeMap<String, String>) -> Result<String, SubstitutionError> {
    let mut out = String::with_capacity(text.len());
    for piece in pieces(text) {
        match piece {
            Piece::Text(text) => out.push_str(text),
            Piece::Placeholder(name) => {
                let value = values
                    .get(name)
                    .ok_or_else(|| SubstitutionError { name: name.to_owned(), line: 1 + out.matches('\n').count() })?;
                let escaped = serde_json::Value::String(value.clone()).to_string();
                out.push_str(escaped.trim_matches('"'));
            }
        }
    }
    Ok(out)
}

enum Piece<'a> {
    Text(&'a str),
    Placeholder(&'a str),
}

/// Cuts a text at its placeholders: `${`, a name of letters and digits, `}`. Anything else stays text.
fn pieces(text: &str) -> impl Iterator<Item = Piece<'_>> {
    let mut rest = text;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        if let Some(name) = placeholder(rest) {
            rest = rest.get(name.len() + 3..).unwrap_or_default();
            return Some(Piece::Placeholder(name));
        }
        // The next placeholder can begin one byte further on at the earliest.
        let next = rest
            .match_indices("${")
            .map(|(at, _)| at)
            .find(|at| *at > 0 && rest.get(*at..).is_some_and(|tail| placeholder(tail).is_some()));
        let (text, tail) = rest.split_at(next.unwrap_or(rest.len()));
        rest = tail;
        Some(Piece::Text(text))
    })
}

fn placeholder(text: &str) -> Option<&str> {
    let (name, _) = text.strip_prefix("${")?.split_once('}')?;
    (!name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric())).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_are_replaced_and_everything_else_stays() {
        let values = BTreeMap::from([("A".to_owned(), "x\"y".to_owned())]);
        assert_eq!(substitute("1${A}2${ A}$$ {${A}}", &values).as_deref(), Ok("1x\\\"y2${ A}$$ {x\\\"y}"));
        assert_eq!(substitute("\n${B}", &values), Err(SubstitutionError { name: "B".into(), line: 2 }));
        assert_eq!(placeholders("${A}${B}${A}"), BTreeSet::from(["A".to_owned(), "B".to_owned()]));
    }
}
