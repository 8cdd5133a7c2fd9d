//! The JSONPath dialect of the States Language, reference paths, and payload templates.
//!
//! The dialect is that of the Jayway library, which Step Functions uses: unquoted names with hyphens, definite paths that give
//! bare values, indefinite paths that give arrays, functions at the end of a path.

mod err;
mod eval;
mod filter;
mod function;
mod parse;
mod reference;
mod template;

pub use err::{PathError, PathSyntaxError};
pub use parse::{Path, Root};
pub use reference::ReferencePath;
pub use template::{Query, Template};

pub(crate) use template::{AssignedField, Lookup, TemplateError};
