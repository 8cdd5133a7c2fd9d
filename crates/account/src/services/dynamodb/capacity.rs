//! What a request is said to have consumed.

use serde_json::{Value, json};

use super::request::choice;
use crate::base::ServiceError;
use crate::protocol::Params;

/// How much of the consumption the caller wants to know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Detail {
    Nothing,
    Total,
    Indexes,
}

/// Units of consumption, in halves: eventually consistent reads count half.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash)]
pub(super) struct HalfUnits(usize);

impl HalfUnits {
    /// Units for reading so many bytes: one for each 4 KB, half of that unless consistent.
    ///
    /// Source: DynamoDB Developer Guide, "DynamoDB read and write operations".
    pub(super) fn read(bytes: usize, consistent: bool) -> Self {
        Self(bytes.div_ceil(4096).max(1) * if consistent { 2 } else { 1 })
    }

    /// Units for writing an item of so many bytes: one for each 1 KB, twice that in a transaction.
    pub(super) fn write(bytes: usize, transaction: bool) -> Self {
        Self(bytes.div_ceil(1024).max(1) * if transaction { 4 } else { 2 })
    }

    pub(super) fn plus(self, other: Self) -> Self {
        Self(self.0 + other.0)
    }
}

/// Reads `ReturnConsumedCapacity`.
pub(super) fn detail(params: &mut Params) -> Result<Detail, ServiceError> {
    Ok(match choice(params, "ReturnConsumedCapacity", &["INDEXES", "TOTAL", "NONE"])? {
        Some("INDEXES") => Detail::Indexes,
        Some("TOTAL") => Detail::Total,
        _ => Detail::Nothing,
    })
}

/// The `ConsumedCapacity` of a table, if it is wanted.
pub(super) fn consumed(detail: Detail, table: &str, units: HalfUnits) -> Option<Value> {
    #[expect(clippy::cast_precision_loss, reason = "an item has at most 400 KB, a page 1 MB")]
    let units = units.0 as f64 / 2.0;
    match detail {
        Detail::Nothing => None,
        Detail::Total => Some(json!({ "TableName": table, "CapacityUnits": units })),
        Detail::Indexes => {
            Some(json!({ "TableName": table, "CapacityUnits": units, "Table": { "CapacityUnits": units } }))
        }
    }
}
