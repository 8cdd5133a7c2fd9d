//! Whether the engine of this crate runs a definition that Step Functions accepts.

use super::report::{Problem, Severity};
use super::{Lint, Options, lint_document, refused, rule};
use crate::definition;
use crate::source;

/// Checks a definition, and whether this crate's engine runs it: a feature that the engine does not support is an error of
/// the rule `not-simulated`.
///
/// ```
/// use asl::lint::{Options, lint_for_engine};
///
/// let lint = lint_for_engine(r#"{"StartAt": "A", "States": {"A": {"Type": "Succeed"}}}"#, Options::default());
/// assert!(lint.is_valid());
/// ```
pub fn lint_for_engine(text: &str, options: Options) -> Lint {
    let document = match source::read(text, options.stage) {
        Ok(document) => document,
        Err(error) => return refused(text, &error),
    };
    let mut lint = lint_document(text, &document, options);
    if lint.is_valid() {
        let unsupported = definition::unsupported(&document, options.stage);
        lint.problems.extend(unsupported.into_iter().map(|problem| Problem {
            severity: Severity::Error,
            code: rule::NOT_SIMULATED.code,
            message: problem.message,
            path: if problem.path.is_empty() { "/".to_owned() } else { problem.path },
            line: problem.line,
            column: problem.column,
            aws: None,
            diagnostic: None,
        }));
    }
    lint
}
