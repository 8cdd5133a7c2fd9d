//! Contains an instance: protects it from destruction, takes it out of its Auto Scaling group and load balancers, moves
//! every network interface into the isolation group of its VPC, and disassociates its Elastic IP addresses.
//!
//! Every before-image is written before the first change. Every control is attempted, whether or not others fail. The
//! outcome is what the account shows afterwards, not what the API calls answered.

mod address;
mod balancing;
mod context;
mod flush;
mod group;
mod interfaces;
mod protect;
mod report;
mod scaling;

use std::collections::BTreeMap;
use std::time::Duration;

use futures_util::future::{Either, join_all, select};
use incident::{BeforeImage, Incident};
use responder::incident_store::{EarlierRuns, read_earlier_runs};
use responder::{Clients, Environment, Error, ErrorName, Parameters, Result, attached_interfaces, host, kill_switch};
use serde::Deserialize;

use address::Addresses;
use balancing::Balancing;
use context::Context;
use interfaces::Isolation;
use protect::Guards;
use scaling::Scaling;

pub use report::Output;

/// Interfaces can be attached while containment runs. After this many rounds the remaining ones are reported as failed.
const MAX_ROUNDS: usize = 4;

/// How long isolation waits at most for Auto Scaling and load balancers: once for the reads, once for the changes.
const MAX_WAIT_BEFORE_ISOLATION: Duration = Duration::from_secs(10);

/// Settings of the function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    table: String,
    isolation_group: String,
}

impl responder::Settings for Settings {
    fn read(environment: &Environment, parameters: &mut Parameters) -> Result<Settings> {
        Ok(Settings {
            table: environment.require("TABLE_NAME")?.to_owned(),
            isolation_group: parameters.require("isolation_group_name")?,
        })
    }
}

/// The incident to contain.
#[derive(Debug, Deserialize)]
pub struct Input {
    incident: Incident,
    /// ARN of the execution.
    #[serde(default)]
    execution: String,
    /// Whether the definition will not retry again: a transient failure is then reported instead of raised.
    #[serde(default)]
    last_attempt: bool,
    /// Whether tracked connections are flushed.
    #[serde(default)]
    flush: bool,
}

/// Contains the instance of an incident.
///
/// # Errors
/// `Containment.Interrupted` when a transient failure left a control open and the definition can retry: every other
/// control was attempted, and running the function again is safe. `Response.Stopped` when the kill switch is engaged; a
/// flush that an earlier run left open is closed even then. `Aws.Unexpected` when an internal invariant does not hold.
pub async fn handle(clients: &Clients, settings: &Settings, input: Input) -> Result<Output> {
    let incident = &input.incident;
    let (target, id) = clients.for_instance(incident)?;
    let execution = &input.execution;
    let context = Context { clients, settings, incident, execution, target: &target, instance_id: id };
    Box::pin(contain(&context, &input)).await
}

/// The phases of a run. Independent calls run concurrently.
async fn contain(context: &Context<'_>, input: &Input) -> Result<Output> {
    let (target, id) = (context.target, context.instance_id);
    let (switch, earlier, interfaces, protection, membership, groups) = tokio::join!(
        Box::pin(kill_switch::check(context.clients, &context.settings.table)),
        Box::pin(read_earlier_runs(context.clients, &context.settings.table, &context.incident.id, flush::MARKERS)),
        Box::pin(attached_interfaces(target, id)),
        Box::pin(host::protection(target, id)),
        context.within(MAX_WAIT_BEFORE_ISOLATION, host::membership(target, id)),
        context.within(MAX_WAIT_BEFORE_ISOLATION, host::target_groups(target)),
    );
    let mut interfaces = interfaces?;
    let mut gaps = Vec::new();
    let earlier = earlier.unwrap_or_else(|error| {
        gaps.push(format!("what earlier runs did could not be read: {error}"));
        EarlierRuns::default()
    });
    let mut isolation = Isolation::default();
    if let Err(stopped) = switch {
        if flush::is_open(&earlier) {
            isolation.repeat(context, &interfaces).await;
            flush::close_groups(context, &interfaces).await?;
        }
        return Err(stopped);
    }
    if interfaces.is_empty() {
        return Ok(report::not_found());
    }
    let mut guards = Guards::new(protection);
    let member = membership.as_ref().ok().and_then(Option::as_ref).cloned();
    let mut scaling = Scaling::new(membership, &earlier.before_images);
    let mut addresses = Addresses::new(&interfaces, &earlier.before_images);
    let find = Balancing::find(context, groups, member.as_ref(), &interfaces, &earlier.before_images);
    let (found, ()) = tokio::join!(
        context.within(MAX_WAIT_BEFORE_ISOLATION, async { Ok(find.await) }),
        Box::pin(isolation.find_groups(context, &interfaces))
    );
    let mut balancing = found.unwrap_or_else(|error| Balancing::unknown(context, error));

    let mut images = isolation.before_images(&interfaces);
    images.extend(guards.before_image(context));
    images.extend(scaling.before_image(context));
    images.extend(balancing.before_images());
    images.extend(addresses.before_images());
    let written = write_all(context, images).await;

    {
        let take_out_of_service = async {
            let standby = scaling.before_image(context).map_or(Ok(()), |image| written.allows(&image));
            scaling.leave_group(context, standby).await;
            balancing.deregister(context, |image| written.allows(image)).await;
        };
        let protect = async {
            let image = guards.before_image(context).map_or(Ok(()), |image| written.allows(&image));
            guards.set(context, image).await;
        };
        let before = Box::pin(async { tokio::join!(Box::pin(take_out_of_service), Box::pin(protect)) });
        let prove = Box::pin(isolation.prove(context, &interfaces, |image| written.allows(image)));
        let wait = async {
            // A failing or slow Auto Scaling group must not delay isolation.
            match select(before, Box::pin(context.clients.pause(MAX_WAIT_BEFORE_ISOLATION))).await {
                Either::Left(_) => None,
                Either::Right((_, unfinished)) => Some(unfinished),
            }
        };
        let (unfinished, ()) = tokio::join!(wait, prove);
        let swap = isolation.swap(context, &interfaces);
        let disassociate = addresses.disassociate(context, |image| written.allows(image));
        let rest = async {
            if let Some(unfinished) = unfinished {
                unfinished.await;
            }
        };
        tokio::join!(Box::pin(swap), Box::pin(disassociate), rest);
    }

    let (read, (), protection, membership, registrations) = tokio::join!(
        Box::pin(attached_interfaces(target, id)),
        Box::pin(isolation.prove_again(context)),
        Box::pin(host::protection(target, id)),
        Box::pin(host::membership(target, id)),
        Box::pin(balancing.read_back(context, &interfaces)),
    );
    interfaces = read?;
    let mut flushed = flush::is_open(&earlier);
    let mut left_open = None;
    if flushed && let Err(error) = flush::close_groups(context, &interfaces).await {
        left_open = Some(flush::left_open(context, &error));
    } else if input.flush && isolation.is_stable(&interfaces) {
        let done = Box::pin(flush::flush(context, &isolation, &interfaces)).await;
        gaps.extend(done.problem);
        left_open = done.left_open;
        interfaces = attached_interfaces(target, id).await?;
        flushed = true;
    }
    let mut unstable = flushed;
    for _ in 1..MAX_ROUNDS {
        if isolation.is_stable(&interfaces) {
            break;
        }
        unstable = true;
        Box::pin(isolation.repeat(context, &interfaces)).await;
        interfaces = attached_interfaces(target, id).await?;
    }
    if unstable {
        isolation.prove_again(context).await;
    }

    let mut before = guards.assess(context, &protection);
    before.extend(scaling.assess(context, &membership));
    before.extend(balancing.assess(context, &registrations));
    before.extend(left_open);
    report::build(before, isolation.assess(&interfaces), addresses.assess(&interfaces), gaps, input.last_attempt)
}

/// The results of writing the before-images, by sort key.
struct WrittenImages(BTreeMap<String, Result<()>>);

impl WrittenImages {
    /// Whether the resource may be changed: its before-image must be stored.
    ///
    /// # Errors
    /// As DynamoDB answered; `Aws.Unexpected` when this run has no before-image of the resource.
    fn allows(&self, image: &BeforeImage) -> Result<()> {
        let sort_key = image.sort_key();
        self.0.get(&sort_key).cloned().unwrap_or_else(|| {
            Err(Error::new(ErrorName::AwsUnexpected, format!("{sort_key} was not written before the change")))
        })
    }
}

/// Writes before-images concurrently.
async fn write_all(context: &Context<'_>, images: Vec<BeforeImage>) -> WrittenImages {
    let writes = images.into_iter().map(|image| {
        Box::pin(async move {
            let written = context.write_image(&image).await;
            (image.sort_key(), written)
        })
    });
    WrittenImages(join_all(writes).await.into_iter().collect())
}
