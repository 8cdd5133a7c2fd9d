//! Outputs that are one page of several: a replay with half an account would be wrong, so it is refused.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use crate::model::Model;
use crate::service::SeedError;

/// The member of the CLI itself for outputs that `--max-items` cuts off.
const NEXT_TOKEN: &str = "NextToken";

/// Takes the members about pages out of the outputs of one command, whose last one must be the last page.
pub(super) fn join(outputs: &mut [Map<String, Value>], model: &Model) -> Result<(), SeedError> {
    let tokens: BTreeSet<&str> = model.page_tokens().chain([NEXT_TOKEN]).collect();
    let mut cut_off = None;
    for output in outputs {
        cut_off = None;
        for token in &tokens {
            if let Some(value) = output.remove(*token)
                && !value.is_null()
                && value != ""
            {
                cut_off = Some(*token);
            }
        }
        if output.remove("IsTruncated") == Some(Value::Bool(true)) {
            cut_off = cut_off.or(Some("IsTruncated"));
        }
    }
    match cut_off {
        None => Ok(()),
        Some(member) => Err(SeedError::malformed(
            member,
            "the output is cut off here: run the command without `--max-items` and `--no-paginate`, or add the other pages as a list of outputs",
        )),
    }
}
