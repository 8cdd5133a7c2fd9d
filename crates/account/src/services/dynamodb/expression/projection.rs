use std::collections::BTreeMap;

use super::cursor::Cursor;
use super::path::{Path, Step};
use super::placeholders::Placeholders;
use crate::services::dynamodb::attribute::{Attribute, Item};
use crate::services::dynamodb::err::ExpressionError;

/// Parses a list of paths that do not overlap.
pub(in crate::services::dynamodb) fn projection(
    expression: &str,
    placeholders: &mut Placeholders,
) -> Result<Vec<Path>, ExpressionError> {
    let mut cursor = Cursor::new(expression, placeholders)?;
    let mut paths: Vec<Path> = Vec::new();
    loop {
        let path = cursor.path()?;
        for earlier in &paths {
            if earlier.0.iter().zip(&path.0).all(|(a, b)| a == b) {
                return Err(ExpressionError::Overlap { one: earlier.to_string(), two: path.to_string() });
            }
        }
        paths.push(path);
        if !cursor.take_mark(",") {
            break;
        }
    }
    cursor.expect_end()?;
    Ok(paths)
}

/// What of `item` the paths lead to, in the same nesting; elements of lists close up.
pub(in crate::services::dynamodb) fn project(paths: &[Path], item: &Item) -> Item {
    let steps: Vec<&[Step]> = paths.iter().map(|path| path.0.as_slice()).collect();
    entries(&steps, item)
}

fn entries(paths: &[&[Step]], map: &Item) -> Item {
    let mut inner: BTreeMap<&str, Vec<&[Step]>> = BTreeMap::new();
    for path in paths {
        if let Some((Step::Name(name), rest)) = path.split_first() {
            inner.entry(name).or_default().push(rest);
        }
    }
    inner.into_iter().filter_map(|(name, rests)| Some((name.to_owned(), part(&rests, map.get(name)?)?))).collect()
}

fn part(paths: &[&[Step]], value: &Attribute) -> Option<Attribute> {
    if paths.iter().any(|path| path.is_empty()) {
        return Some(value.clone());
    }
    match value {
        Attribute::M(map) => {
            let selected = entries(paths, map);
            if selected.is_empty() { None } else { Some(Attribute::M(selected)) }
        }
        Attribute::L(list) => {
            let mut inner: BTreeMap<usize, Vec<&[Step]>> = BTreeMap::new();
            for path in paths {
                if let Some((Step::Index(index), rest)) = path.split_first() {
                    inner.entry(*index).or_default().push(rest);
                }
            }
            let selected: Vec<Attribute> =
                inner.into_iter().filter_map(|(index, rests)| part(&rests, list.get(index)?)).collect();
            if selected.is_empty() { None } else { Some(Attribute::L(selected)) }
        }
        _ => None,
    }
}
