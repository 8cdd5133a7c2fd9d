//! JSONata expressions: `{% $states.input.name %}`.
//!
//! The language itself comes from `jsonata-core`; here are what Step Functions adds to it (functions, `$states`, variables),
//! what it takes away (`$eval`), its limits and the texts of its errors.

mod blame;
mod bound;
mod convert;
mod err;
mod eval;
mod expression;
mod field;
mod functions;
mod java_random;
mod library;
mod lookup;
#[cfg(test)]
mod oracle_tests;
mod quick;
mod signature;
mod steps;
mod template;
mod text;
mod tree;

pub(crate) use convert::to_jsonata;
pub(crate) use err::EvaluationError;
pub(crate) use eval::{Bindings, evaluate, type_name};
pub use expression::{Expression, ExpressionError};
pub(crate) use field::Field;
pub(crate) use lookup::Root;
pub use template::JsonataTemplate;
