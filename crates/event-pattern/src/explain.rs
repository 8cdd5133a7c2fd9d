//! Why an event does not match.

use std::fmt;

use super::event::Fields;
use super::matcher::{Matcher, wanted};
use super::{Alternative, Field};

/// The most values of a field that a difference shows.
const SHOWN: usize = 3;

/// Why an event does not match a pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mismatch {
    /// The event is no object.
    NoObject,
    /// Fields that differ, in the order of the pattern; never empty.
    Fields(Vec<Difference>),
    /// Each field matches, but only in different elements of an array.
    Elements {
        /// The fields of the pattern, in its order.
        fields: Vec<String>,
    },
}

/// A field that differs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// The name, its keys joined by dots.
    pub field: String,
    /// What the pattern wants, in words.
    pub wanted: String,
    /// What the event has.
    pub found: Found,
}

/// What an event has in a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// No value.
    Nothing,
    /// Values as JSON, shortened.
    Values {
        /// The first of them.
        shown: Vec<String>,
        /// How many more there are.
        more: usize,
    },
}

impl fmt::Display for Mismatch {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoObject => out.write_str("the event is no object"),
            Self::Fields(differences) => {
                for (index, difference) in differences.iter().enumerate() {
                    if index > 0 {
                        out.write_str("; ")?;
                    }
                    difference.fmt(out)?;
                }
                Ok(())
            }
            Self::Elements { fields } => {
                let fields: Vec<String> = fields.iter().map(|field| format!("`{field}`")).collect();
                write!(out, "no single element of the arrays has all of {}", fields.join(", "))
            }
        }
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { field, wanted, found } = self;
        match found {
            Found::Nothing => write!(out, "`{field}` is missing, the rule wants {wanted}"),
            Found::Values { shown, more: 0 } => {
                write!(out, "`{field}` is {}, the rule wants {wanted}", shown.join(", "))
            }
            Found::Values { shown, more } => {
                write!(out, "`{field}` is {} and {more} more, the rule wants {wanted}", shown.join(", "))
            }
        }
    }
}

/// Why none of the alternatives holds: the differences of the one with the fewest, the first of them.
pub(super) fn mismatch(alternatives: &[Alternative], fields: &Fields) -> Mismatch {
    let closest = alternatives
        .iter()
        .map(|alternative| {
            let differing: Vec<&Field> = alternative.fields.iter().filter(|field| !alone(field, fields)).collect();
            (alternative, differing)
        })
        .min_by_key(|(_, differing)| differing.len());
    match closest {
        Some((alternative, differing)) if differing.is_empty() => {
            Mismatch::Elements { fields: alternative.fields.iter().map(|field| field.name.clone()).collect() }
        }
        Some((_, differing)) => {
            Mismatch::Fields(differing.into_iter().map(|field| difference(field, fields)).collect())
        }
        None => Mismatch::Fields(Vec::new()),
    }
}

/// Whether the field matches by itself.
fn alone(field: &Field, fields: &Fields) -> bool {
    let values = fields.values(&field.name);
    (values.is_empty() && field.wanted.contains(&Matcher::Absent))
        || values.iter().any(|one| field.wanted.iter().any(|wanted| wanted.takes(&one.value)))
}

fn difference(field: &Field, fields: &Fields) -> Difference {
    let values = fields.values(&field.name);
    let found = match values.len() {
        0 => Found::Nothing,
        all => Found::Values {
            shown: values.iter().take(SHOWN).map(|one| one.value.to_string()).collect(),
            more: all.saturating_sub(SHOWN),
        },
    };
    Difference { field: field.name.clone(), wanted: wanted(&field.wanted), found }
}
