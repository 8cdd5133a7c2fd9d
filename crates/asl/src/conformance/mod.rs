//! Running recorded cases: definition, input and mocked tasks in, a report of what differs out. No IO: cases come as JSON.

mod case;
mod report;
mod run;

pub use case::{Case, CaseError};
pub use report::{Measures, Report, Totals};
pub use run::{Ran, run, run_case};
