//! The place of the stack that an event reaches.

use incident::{Incident, partition};
use serde_json::Value;
use template::Surroundings;

/// Name of the stack in replays.
const STACK_NAME: &str = "cordon";

/// Account and Region of the stack where an event names none.
const DEFAULT_PLACE: (&str, &str) = ("111122223333", "us-east-1");

/// The place of the stack that an event reaches: the account and Region of the envelope, else those of the resource, else a
/// default.
pub fn stack_of(event: &Value, incident: Option<&Incident>) -> Surroundings {
    let text = |key: &str| event.get(key).and_then(Value::as_str);
    let account = text("account")
        .filter(|account| partition::is_account(account))
        .or(incident.map(|incident| incident.account.as_str()))
        .unwrap_or(DEFAULT_PLACE.0);
    let region = text("region")
        .filter(|region| partition::is_region(region))
        .or(incident.map(|incident| incident.region.as_str()))
        .unwrap_or(DEFAULT_PLACE.1);
    let partition = incident.map_or_else(|| partition::of_region(region), |incident| &incident.partition);
    Surroundings {
        account: account.to_owned(),
        region: region.to_owned(),
        partition: partition.to_owned(),
        stack_name: STACK_NAME.to_owned(),
    }
}
