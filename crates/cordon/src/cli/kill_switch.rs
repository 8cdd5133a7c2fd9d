//! `cordon kill-switch`: the only command that reaches a real account; it changes one record there.

use clap::{Args, Subcommand};
use incident::text;
use responder::custody::caller_arn;
use responder::kill_switch::{self, KillSwitch};
use responder::{Clients, Error, ErrorName};
use serde_json::json;

use super::{Format, Stop, Streams};
use crate::escape::escaped;
use crate::exit_code;
use crate::layout::hanging;

#[derive(Debug, Subcommand)]
pub(super) enum Arguments {
    /// Pause the response
    ///
    /// A function that starts from now on changes nothing, and every incident that would be contained is escalated. A
    /// function that has already started runs to its end.
    #[command(after_help = exit_code::SWITCH_HELP)]
    Engage(Change),
    /// Resume the response
    #[command(after_help = exit_code::SWITCH_HELP)]
    Release(Change),
    /// Show whether the response is paused
    #[command(after_help = exit_code::STATUS_HELP)]
    Status(Place),
}

#[derive(Debug, Args)]
pub(super) struct Change {
    #[command(flatten)]
    place: Place,
    /// The reason, which people read whose incidents are escalated because of it
    #[arg(long, value_parser = reason)]
    reason: String,
}

#[derive(Debug, Args)]
pub(super) struct Place {
    /// Name of the incident table: the output TableName of the stack
    #[arg(long, value_name = "NAME")]
    table: String,
    /// Region of the response account; by default that of the environment or profile
    #[arg(long)]
    region: Option<String>,
    /// Endpoint for all calls instead of those of AWS
    #[arg(long, value_name = "URL")]
    endpoint_url: Option<String>,
    /// How to write the output
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
}

/// Exit code of `status` while the switch is engaged.
const ENGAGED: u8 = exit_code::CHECK_FAILED;

fn reason(given: &str) -> Result<String, String> {
    let reason = text::line(given, 256);
    if reason.is_empty() { Err("say why in a few words".to_owned()) } else { Ok(reason) }
}

pub(super) fn run(arguments: &Arguments, streams: &mut Streams<'_>) -> Result<u8, Stop> {
    let (Arguments::Engage(Change { place, .. }) | Arguments::Release(Change { place, .. }) | Arguments::Status(place)) =
        arguments;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    match runtime.block_on(switch(arguments, place)) {
        Ok((region, switch)) => {
            write(place, &region, switch.as_ref(), streams)?;
            let engaged = switch.is_some_and(|switch| switch.engaged);
            Ok(if engaged && matches!(arguments, Arguments::Status(_)) { ENGAGED } else { 0 })
        }
        Err(error) => fail(place, &error, streams),
    }
}

/// Sets or reads the switch; its Region and its state.
async fn switch(arguments: &Arguments, place: &Place) -> Result<(String, Option<KillSwitch>), Error> {
    let (clients, region) = responder::connect(place.region.clone(), place.endpoint_url.clone()).await?;
    let read = match arguments {
        Arguments::Status(_) => kill_switch::read(&clients, &place.table).await?,
        Arguments::Engage(change) => {
            // An emergency stop does not wait for a name.
            let by =
                caller_arn(clients.home()).await.unwrap_or_else(|_| "someone whom AWS STS could not name".to_owned());
            Some(set(&clients, place, true, &by, &change.reason).await?)
        }
        Arguments::Release(change) => {
            let by = caller_arn(clients.home()).await?;
            Some(set(&clients, place, false, &by, &change.reason).await?)
        }
    };
    Ok((region, read))
}

async fn set(clients: &Clients, place: &Place, engaged: bool, by: &str, reason: &str) -> Result<KillSwitch, Error> {
    kill_switch::set(clients, &place.table, engaged, by, reason).await
}

fn write(place: &Place, region: &str, switch: Option<&KillSwitch>, streams: &mut Streams<'_>) -> Result<(), Stop> {
    match (place.format, switch) {
        (Format::Json, switch) => writeln!(
            streams.out,
            "{}",
            json!({
                "table": place.table,
                "region": region,
                "engaged": switch.is_some_and(|switch| switch.engaged),
                "by": switch.map(|switch| &switch.by),
                "reason": switch.map(|switch| &switch.reason),
                "at": switch.map(|switch| &switch.at),
            })
        )?,
        (Format::Human, None) => {
            let mut text = String::new();
            hanging(
                &mut text,
                "",
                &format!("released: the kill switch of {} in {region} was never engaged", place.table),
            );
            streams.out.write_all(text.as_bytes())?;
        }
        (Format::Human, Some(switch)) => {
            let meaning = if switch.engaged {
                "engaged: the response is paused and changes nothing in any account"
            } else {
                "released: the response acts as configured"
            };
            let mut text = format!("{meaning}\n");
            hanging(&mut text, "  table   ", &format!("{} in {region}", place.table));
            for (label, value) in [("by", &switch.by), ("at", &switch.at), ("reason", &switch.reason)] {
                hanging(&mut text, &format!("  {label:<8}"), value);
            }
            streams.out.write_all(text.as_bytes())?;
        }
    }
    Ok(())
}

/// Says what went wrong and what to do. For the functions a switch whose record cannot be read is engaged, and so it is
/// here.
fn fail(place: &Place, error: &Error, streams: &mut Streams<'_>) -> Result<u8, Stop> {
    let table = escaped(&place.table);
    let next = match error.name {
        ErrorName::SettingsInvalid => return Err(Stop::BadInput(error.to_string())),
        ErrorName::ResponseStopped => {
            writeln!(streams.err, "cordon: {}", escaped(&error.to_string()))?;
            return Ok(ENGAGED);
        }
        _ if error.has_code("ResourceNotFoundException") => {
            return Err(Stop::BadInput(format!(
                "there is no table `{table}` in this account and Region; its name is the output TableName of the stack"
            )));
        }
        ErrorName::AwsAccessDenied => {
            "use credentials of the response account that may call dynamodb:GetItem and dynamodb:PutItem on the table"
        }
        _ => {
            "check credentials, Region and network, and try again; until then the functions stop by themselves only \
              if they cannot read the table either"
        }
    };
    let error = escaped(&error.to_string());
    writeln!(streams.err, "cordon: the kill switch in `{table}` could not be reached: {error}; {next}")?;
    Ok(exit_code::TOOL_FAILED)
}
