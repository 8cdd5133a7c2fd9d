//! Who calls, and IAM identity policies: parsing a document and deciding whether it grants a call.
//!
//! The rules are those of the IAM User Guide, "IAM JSON policy elements reference" and "Policy evaluation logic":
//! an explicit deny wins, then any allow, and what nothing allows is denied. A document is read strictly: an
//! element, operator or condition key that this simulation could not evaluate is an error when the policy is
//! loaded, with its place in the document, and never something that is silently passed over.
//!
//! Architecture invariant: the evaluation knows no service, only actions, resources and condition keys, so that it is the
//! same for each of them.

mod condition;
mod condition_keys;
mod err;
mod evaluate;
mod identity;
mod keys;
mod operator;
mod parse;
mod pattern;
mod policy;
mod strictness;
mod usage;

pub use condition_keys::ConditionKeys;
pub use err::{PolicyError, PolicyErrorKind};
pub use evaluate::{Decision, Request, evaluate};
pub(crate) use evaluate::{Verdict, decide};
pub use identity::{Identities, Principal, Role};
pub(crate) use keys::{GLOBAL_KEYS, HOSTED_KEYS, is_listed};
pub use policy::{Effect, Policy};
pub use usage::{Permission, Usage};

#[cfg(test)]
mod tests;
