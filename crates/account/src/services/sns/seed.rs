//! Reading `account.json`: topics, by `list-topics` or with their attributes by `get-topic-attributes`.

use std::collections::BTreeMap;

use super::topic::{State, Topic};
use crate::protocol::Params;
use crate::service::{Context, SeedError};

/// Reads the output of one command.
pub(super) fn seed(
    state: &mut State,
    context: &mut Context<'_>,
    command: &str,
    mut document: Params,
) -> Result<(), SeedError> {
    match command {
        "list-topics" => document.take_list("Topics")?.into_iter().try_for_each(|mut topic| {
            let arn = topic.require_string("TopicArn")?;
            declare(state, context, arn, BTreeMap::new(), &format!("{}.TopicArn", topic.path()))
        }),
        "get-topic-attributes" => {
            let mut attributes = document.take_map("Attributes")?;
            let arn =
                attributes.remove("TopicArn").ok_or_else(|| SeedError::malformed("Attributes", "has no `TopicArn`"))?;
            declare(state, context, arn, attributes, "Attributes.TopicArn")
        }
        other => Err(SeedError::unknown_command("sns", other)),
    }
}

fn declare(
    state: &mut State,
    context: &Context<'_>,
    arn: String,
    attributes: BTreeMap<String, String>,
    place: &str,
) -> Result<(), SeedError> {
    let prefix = context.arn("sns", "");
    if !arn.starts_with(&prefix) {
        return Err(SeedError::malformed(place, format!("`{arn}` does not begin with `{prefix}`")));
    }
    if arn.ends_with(".fifo") {
        return Err(SeedError::malformed(place, "FIFO topics are not simulated"));
    }
    state.declare(Topic { arn, attributes });
    Ok(())
}
