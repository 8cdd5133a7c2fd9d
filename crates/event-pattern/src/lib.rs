//! EventBridge event patterns: parse, match, and say why an event does not match.
//!
//! The semantics are those of the EventBridge user guide (Creating event patterns, Comparison operators) and, where it
//! is silent, those of Event Ruler, the open-source library behind EventBridge:
//!
//! - An event is a set of fields. The name of a field joins the keys on the way to a value with dots, arrays leave no
//!   trace in it, and each value within an array is a value of the field. So `{"a.b": 1}` and `{"a": {"b": 1}}` are the
//!   same, and empty objects and arrays have no field.
//! - All fields of a pattern must match, each with any of its values. Values that match must not stand in different
//!   elements of one array (array consistency).
//! - Numbers between -5.0e9 and 5.0e9 with at most six decimals are compared by value, others by their text.
//! - `exists` and `anything-but` look at values: a field that holds an object does not exist, and `anything-but` wants a
//!   value to be there.
//!
//! ```
//! use event_pattern::Pattern;
//! use serde_json::json;
//!
//! let pattern = Pattern::parse(&json!({
//!     "source": ["aws.guardduty"],
//!     "detail": {"severity": [{"numeric": [">=", 7]}]},
//! }))?;
//! let event = json!({"source": "aws.guardduty", "detail": {"severity": 8.5}});
//! assert!(pattern.matches(&event));
//!
//! let minor = json!({"source": "aws.guardduty", "detail": {"severity": 4}});
//! let why = pattern.explain(&minor).expect_err("the severity is too low");
//! assert!(why.to_string().contains("detail.severity"));
//! # Ok::<(), event_pattern::PatternError>(())
//! ```

mod address;
mod err;
mod event;
mod explain;
mod matcher;
mod number;
mod parse;
mod search;
#[cfg(test)]
mod tests;

use serde_json::Value;

pub use err::{PatternError, Problem};
pub use explain::{Difference, Found, Mismatch};

use event::Fields;
use matcher::Matcher;

/// A checked event pattern.
#[derive(Debug, Clone, PartialEq)]
pub struct Pattern {
    /// The pattern without `$or`: it matches when one of them does.
    alternatives: Vec<Alternative>,
}

/// What must match all together: fields in the order of the text.
#[derive(Debug, Clone, PartialEq, Default)]
struct Alternative {
    fields: Vec<Field>,
}

/// What one field must be.
#[derive(Debug, Clone, PartialEq)]
struct Field {
    /// The name, its keys joined by dots.
    name: String,
    /// Any of these.
    wanted: Vec<Matcher>,
}

impl Pattern {
    /// Checks and compiles a pattern.
    ///
    /// # Errors
    /// What `PutRule` refuses, with the path to it: values outside of arrays, empty objects and arrays, unknown
    /// operators, operands of the wrong type, numbers out of range, broken wildcards and CIDR blocks, one field twice,
    /// more than 1,000 combinations of `$or`, more than 2,048 characters.
    pub fn parse(pattern: &Value) -> Result<Self, PatternError> {
        parse::parse(pattern)
    }

    /// Whether the event matches. Only an object can.
    pub fn matches(&self, event: &Value) -> bool {
        Fields::of(event).is_some_and(|fields| self.find(&fields).is_some())
    }

    /// Says why the event does not match.
    ///
    /// # Errors
    /// What differs. With `$or` in the pattern: in the combination that comes closest.
    pub fn explain(&self, event: &Value) -> Result<(), Mismatch> {
        let fields = Fields::of(event).ok_or(Mismatch::NoObject)?;
        match self.find(&fields) {
            Some(_) => Ok(()),
            None => Err(explain::mismatch(&self.alternatives, &fields)),
        }
    }

    fn find(&self, fields: &Fields) -> Option<&Alternative> {
        self.alternatives.iter().find(|alternative| search::holds(alternative, fields))
    }
}
