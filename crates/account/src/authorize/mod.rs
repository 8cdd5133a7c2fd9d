//! IAM identity policies: parsing a document and deciding whether it grants a call.
//!
//! The rules are those of the IAM User Guide, "IAM JSON policy elements reference" and "Policy evaluation logic":
//! an explicit deny wins, then any allow, and what nothing allows is denied. A document is read strictly: an
//! element, operator or condition key that this simulation could not evaluate is an error when the policy is
//! loaded, with its place in the document, and never something that is silently passed over.

mod condition;
mod err;
mod evaluate;
mod keys;
mod operator;
mod parse;
mod pattern;
mod policy;
mod reading;
mod usage;

pub use err::{PolicyError, PolicyErrorKind};
pub use evaluate::{Decision, Request, evaluate};
pub use keys::is_supplied;
pub(crate) use pattern::text_matches;
pub use policy::{Effect, Policy};
pub use usage::{Permission, Usage};

#[cfg(test)]
mod tests;
