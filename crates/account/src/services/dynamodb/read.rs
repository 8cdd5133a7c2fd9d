use serde_json::Value;

use super::State;
use crate::state::ReadState;

/// Reads DynamoDB without a call.
pub trait ReadDynamoDb: ReadState {
    /// The items of a table, as DynamoDB JSON, in the order of their keys; empty if there is no such table.
    fn items(&self, account: &str, region: &str, table: &str) -> Vec<Value> {
        self.read(account, region, |region, _| region.state::<State>().items(table)).unwrap_or_default()
    }
}

impl<T: ReadState> ReadDynamoDb for T {}
