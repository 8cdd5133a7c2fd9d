//! `cordon kill-switch`: the only command that reaches a real account, and all it changes there is one record.

use clap::{Args, Subcommand};
use incident::text;
use responder::custody::caller_arn;
use responder::kill_switch::{self, KillSwitch};
use responder::{Clients, Error, ErrorName};
use serde_json::json;

use super::{Format, Stop, Streams};

#[derive(Debug, Subcommand)]
pub(super) enum Arguments {
    /// Stop: no function that starts from now on changes anything, and every incident that would be contained is
    /// escalated; one that has started goes on to its end
    Engage(Change),
    /// Let the response act again
    Release(Change),
    /// Tell how the switch stands; exits 2 while it is engaged
    Status(Place),
}

#[derive(Debug, Args)]
pub(super) struct Change {
    #[command(flatten)]
    place: Place,
    /// Why, for everyone whose incident is stopped by it
    #[arg(long, value_parser = reason)]
    reason: String,
}

#[derive(Debug, Args)]
pub(super) struct Place {
    /// Name of the incident table: the output TableName of the stack
    #[arg(long, value_name = "NAME")]
    table: String,
    /// Region of the response account; that of the environment or profile, if absent
    #[arg(long)]
    region: Option<String>,
    /// Another endpoint for every call
    #[arg(long, value_name = "URL")]
    endpoint_url: Option<String>,
    /// How to write the output
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
}

/// Exit code of `status` while the switch is engaged: the answer to "may the response act?" is no.
const ENGAGED: u8 = 2;

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
            tell(place, &region, switch.as_ref(), streams)?;
            let engaged = switch.is_some_and(|switch| switch.engaged);
            Ok(if engaged && matches!(arguments, Arguments::Status(_)) { ENGAGED } else { 0 })
        }
        Err(error) => fail(place, &error, streams),
    }
}

/// Does what is asked for; the Region, and how the switch stands now.
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

fn tell(place: &Place, region: &str, switch: Option<&KillSwitch>, streams: &mut Streams<'_>) -> Result<(), Stop> {
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
            writeln!(streams.out, "released: nobody has ever engaged the kill switch of {} in {region}", place.table)?;
        }
        (Format::Human, Some(switch)) => {
            let meaning = if switch.engaged {
                "engaged: nothing is changed in any account"
            } else {
                "released: the response acts as configured"
            };
            writeln!(streams.out, "{meaning}\n  table   {} in {region}", place.table)?;
            writeln!(streams.out, "  by      {}\n  at      {}\n  reason  {}", switch.by, switch.at, switch.reason)?;
        }
    }
    Ok(())
}

/// What went wrong and what to do. A switch whose record cannot be read is engaged for the functions, and so it is here.
fn fail(place: &Place, error: &Error, streams: &mut Streams<'_>) -> Result<u8, Stop> {
    let table = text::line(&place.table, 255);
    let next = match error.name {
        ErrorName::SettingsInvalid => return Err(Stop::BadInput(error.to_string())),
        ErrorName::ResponseStopped => {
            writeln!(streams.err, "cordon: {error}")?;
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
    writeln!(streams.err, "cordon: the kill switch in `{table}` could not be reached: {error}; {next}")?;
    Ok(1)
}
