//! The JSONPath dialect of the States Language, reference paths, and payload templates.
//!
//! The dialect is that of Jayway JsonPath, the library that Step Functions uses: unquoted names can have hyphens, a definite
//! path returns a value, an indefinite path returns an array, and functions can end a path.

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
