//! The item of a claim: its attributes ↔ [`Claim`].

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use incident::claim::{Claim, Status};
use incident::{Action, Outcome, SCHEMA, Timestamp};
use responder::incident_store::{self, Item};
use responder::{Clients, Error, ErrorName, Result};
use serde::de::DeserializeOwned;
use serde_json::Value;

/// Sort key of the claim.
pub(crate) const SORT_KEY: &str = "claim";

/// Reads the claim of a resource, strongly consistent.
///
/// # Errors
/// As DynamoDB answers; `Aws.Unexpected` when the item cannot be read: an unknown claim is never taken over.
pub(crate) async fn read(clients: &Clients, table: &str, base: &str) -> Result<Option<Claim>> {
    let item = incident_store::get(clients, table, base, SORT_KEY).await?;
    item.as_ref().map(|item| parse_item(base, item)).transpose()
}

fn parse_item(base: &str, item: &Item) -> Result<Claim> {
    let broken = |name: &str| {
        Error::new(ErrorName::AwsUnexpected, format!("the claim of {base} has no `{name}` that this version can read"))
    };
    let number = |name: &str| item.get(name)?.as_n().ok()?.parse::<u64>().ok();
    let text = |name: &str| item.get(name).and_then(|value| value.as_s().ok()).cloned();
    let timestamp = |name: &str| text(name).and_then(|text| text.parse::<Timestamp>().ok());
    if number("schema") != Some(u64::from(SCHEMA)) {
        return Err(broken("schema"));
    }
    Ok(Claim {
        version: number("version").ok_or_else(|| broken("version"))?,
        episode: number("episode").and_then(|episode| episode.try_into().ok()).ok_or_else(|| broken("episode"))?,
        status: named::<Status>(text("status")).ok_or_else(|| broken("status"))?,
        execution: text("execution").ok_or_else(|| broken("execution"))?,
        lease_until: timestamp("lease_until").ok_or_else(|| broken("lease_until"))?,
        action: named::<Action>(text("action")).ok_or_else(|| broken("action"))?,
        outcome: match text("outcome") {
            Some(name) => Some(named::<Outcome>(Some(name)).ok_or_else(|| broken("outcome"))?),
            None => None,
        },
        settled_at: match item.get("settled_at") {
            Some(_) => Some(timestamp("settled_at").ok_or_else(|| broken("settled_at"))?),
            None => None,
        },
        seen_at: timestamp("seen_at").ok_or_else(|| broken("seen_at"))?,
        updates: number("updates").ok_or_else(|| broken("updates"))?,
        budget_hour: text("budget_hour"),
    })
}

/// Parses the serialized name of a unit variant.
fn named<T: DeserializeOwned>(name: Option<String>) -> Option<T> {
    serde_json::from_value(Value::String(name?)).ok()
}

/// The complete item.
pub(crate) fn item(base: &str, claim: &Claim) -> Item {
    let text = |value: &str| AttributeValue::S(value.to_owned());
    let number = |value: u64| AttributeValue::N(value.to_string());
    let mut item = HashMap::from([
        ("incident_id".to_owned(), text(base)),
        ("record".to_owned(), text(SORT_KEY)),
        ("schema".to_owned(), number(u64::from(SCHEMA))),
        ("version".to_owned(), number(claim.version)),
        ("episode".to_owned(), number(u64::from(claim.episode))),
        ("status".to_owned(), text(claim.status.name())),
        ("execution".to_owned(), text(&claim.execution)),
        ("lease_until".to_owned(), text(&claim.lease_until.to_string())),
        ("action".to_owned(), text(claim.action.name())),
        ("seen_at".to_owned(), text(&claim.seen_at.to_string())),
        ("updates".to_owned(), number(claim.updates)),
    ]);
    let optional = [
        ("outcome", claim.outcome.map(|outcome| outcome.name().to_owned())),
        ("settled_at", claim.settled_at.map(|settled_at| settled_at.to_string())),
        ("budget_hour", claim.budget_hour.clone()),
    ];
    item.extend(optional.into_iter().filter_map(|(name, value)| Some((name.to_owned(), AttributeValue::S(value?)))));
    item
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_what_is_read() -> Result<()> {
        for status in Status::ALL {
            let claim = Claim {
                version: 7,
                episode: 2,
                status,
                execution: "execution:respond-ec2:a".to_owned(),
                lease_until: Timestamp::from_unix_seconds(1_770_000_900),
                action: Action::RequestApproval,
                outcome: (status != Status::Open).then_some(Outcome::AwaitingApproval),
                settled_at: (status != Status::Open).then(|| Timestamp::from_unix_seconds(1_770_000_060)),
                seen_at: Timestamp::from_unix_seconds(1_770_000_000),
                updates: 3,
                budget_hour: (status == Status::Released).then(|| "2026-02-12T10".to_owned()),
            };
            assert_eq!(parse_item("inc-1", &item("inc-1", &claim))?, claim);
        }
        Ok(())
    }

    #[test]
    fn what_cannot_be_read_is_an_error_and_not_a_claim() {
        let claim = Claim {
            version: 1,
            episode: 1,
            status: Status::Open,
            execution: "e".to_owned(),
            lease_until: Timestamp::from_unix_seconds(0),
            action: Action::Contain,
            outcome: None,
            settled_at: None,
            seen_at: Timestamp::from_unix_seconds(0),
            updates: 0,
            budget_hour: None,
        };
        let whole = item("inc-1", &claim);
        for required in
            ["schema", "version", "episode", "status", "execution", "lease_until", "action", "seen_at", "updates"]
        {
            let mut without = whole.clone();
            without.remove(required);
            assert!(parse_item("inc-1", &without).is_err(), "{required}");
            let mut wrong = whole.clone();
            wrong.insert(required.to_owned(), AttributeValue::Bool(true));
            assert!(parse_item("inc-1", &wrong).is_err(), "{required}");
        }
        let mut unknown = whole.clone();
        unknown.insert("outcome".to_owned(), AttributeValue::S("fine".to_owned()));
        assert!(parse_item("inc-1", &unknown).is_err());
        let mut newer = whole;
        newer.insert("schema".to_owned(), AttributeValue::N("2".to_owned()));
        assert!(parse_item("inc-1", &newer).is_err());
    }
}
