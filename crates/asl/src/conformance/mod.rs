//! Recorded cases: a definition, an input and mocked tasks are run, and a report compares the result with what Step Functions
//! did. No IO: cases come as JSON.

mod case;
mod report;
mod run;

pub use case::{Case, CaseError};
pub use report::{Measures, Report, Totals};
pub use run::{RunResult, run, run_case};
