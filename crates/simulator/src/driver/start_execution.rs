//! `states:startExecution`: an execution that another one starts and does not wait for.
//!
//! Parameters and errors are those of `StartExecution` in the Step Functions API reference; the optimized integration
//! takes them with capital letters and takes the input as JSON. Its errors carry the prefix `StepFunctions.` and the
//! name of the exception; errors that the API does not model, such as a denied or throttled call, are
//! `StepFunctions.AWSStepFunctionsException`.

use std::sync::Arc;

use account::{HostedCall, ServiceError};
use asl::Answer;
use serde_json::{Map, Value, json};

use super::runner::{LiveExecution, Runner, Work, execution_arn};
use crate::deployment::Machine;

/// Longest name of an execution, in characters.
const MAX_NAME: usize = 80;

/// The exceptions that the API models, by the code on the wire.
const MODELED: [&str; 4] = ["ExecutionAlreadyExists", "InvalidArn", "InvalidName", "StateMachineDoesNotExist"];

/// The condition key with the version or alias of a start.
pub(super) const QUALIFIER: &str = "states:StateMachineQualifier";

/// The permission that a start needs.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Permission<'a> {
    /// ARN of the state machine, without version or alias.
    pub(super) resource: &'a str,
    /// Version or alias, the value of [`QUALIFIER`].
    pub(super) qualifier: Option<&'a str>,
}

impl Permission<'_> {
    /// The start of a version or an alias is authorized on the ARN of the state machine; the qualifier is a condition key
    /// (Step Functions developer guide, "Authorization for versions and aliases"; Service Authorization Reference,
    /// `StartExecution`).
    pub(super) fn to_start(arn: &str) -> Permission<'_> {
        // arn:PARTITION:states:REGION:ACCOUNT:stateMachine:NAME, and for some :QUALIFIER
        let is_qualified = arn.split(':').count() == 8;
        match arn.rsplit_once(':') {
            Some((resource, qualifier)) if is_qualified => Permission { resource, qualifier: Some(qualifier) },
            _ => Permission { resource: arn, qualifier: None },
        }
    }
}

/// The result of an accepted call.
enum Admitted<'a> {
    /// A new execution.
    New { machine: &'a Machine, name: String, input: Value },
    /// The one that was started by the same call before and still runs.
    Running { arn: String, started_at: i64 },
}

impl<'a> Runner<'a> {
    /// Begins a call of `StartExecution` by the execution at a position. What it starts begins now, while the answer
    /// takes its time.
    pub(super) fn start_execution(&mut self, by: usize, caller: &Machine, parameters: Value) -> Work {
        let target = text(&parameters, "StateMachineArn").unwrap_or_default().to_owned();
        let Permission { resource, qualifier } = Permission::to_start(&target);
        let keys = qualifier.map(|qualifier| (QUALIFIER, qualifier));
        let call = HostedCall {
            access_key_id: &caller.caller.access_key_id,
            region: &self.deployment.surroundings.region,
            service: "states",
            operation: "StartExecution",
            resource,
            keys: keys.as_slice(),
            parameters,
        };
        let now = self.world.clock().now().as_millis();
        let mut new = None;
        let (result, latency) = self.world.hosted_call(call, |parameters| {
            let (arn, started_at) = match self.admit(&target, parameters)? {
                Admitted::New { machine, name, input } => {
                    let arn = execution_arn(machine, &name);
                    new = Some((machine, name, input));
                    (arn, now)
                }
                Admitted::Running { arn, started_at } => (arn, started_at),
            };
            // The form of the date in the output of the integration is not documented; nothing may depend on it.
            Ok(json!({"ExecutionArn": arn, "StartDate": started_at}))
        });
        if let Some((machine, name, input)) = new {
            self.start(machine, name, input, Some(by));
        }
        let clock = self.world.clock();
        Box::pin(async move {
            clock.sleep_for(latency).await;
            match result {
                Ok(output) => Answer::Succeeded(output),
                Err(error) => Answer::Failed { error: error_name(&error), cause: Some(error.message) },
            }
        })
    }

    fn admit(&self, target: &str, parameters: &Value) -> Result<Admitted<'a>, ServiceError> {
        const KNOWN: [&str; 3] = ["StateMachineArn", "Name", "Input"];
        let nothing = Map::new();
        let given = parameters.as_object().unwrap_or(&nothing);
        if let Some(unknown) = given.keys().find(|name| !KNOWN.contains(&name.as_str())) {
            return Err(ServiceError::unsupported(format!("parameter {unknown}")));
        }
        let mut machines = self.deployment.machines.values().map(Arc::as_ref);
        let machine =
            machines.find(|machine| machine.arn == target || machine.alias_arn.as_deref() == Some(target)).ok_or_else(
                || ServiceError::new("StateMachineDoesNotExist", format!("State Machine Does Not Exist: '{target}'")),
            )?;
        let input = given.get("Input").cloned().unwrap_or_else(|| json!({}));
        let Some(name) = given.get("Name") else {
            let (seed, others) = (self.seed_text(), self.live.len().to_string());
            let name = incident::text::short_hash(&[&machine.arn, &seed, &others]);
            return Ok(Admitted::New { machine, name, input });
        };
        let name = name.as_str().filter(|name| is_name(name)).ok_or_else(|| {
            ServiceError::new(
                "InvalidName",
                format!("Invalid Name: '{}'", incident::text::line(&name.to_string(), 100)),
            )
        })?;
        let of_that_name = |live: &&LiveExecution<'_>| live.name == name && std::ptr::eq(live.machine, machine);
        match self.live.iter().find(of_that_name) {
            None => Ok(Admitted::New { machine, name: name.to_owned(), input }),
            Some(live) if live.ended_at.is_none() && live.input == input => {
                Ok(Admitted::Running { arn: live.arn.clone(), started_at: live.started_at.as_millis() })
            }
            Some(live) => {
                Err(ServiceError::new("ExecutionAlreadyExists", format!("Execution Already Exists: '{}'", live.arn)))
            }
        }
    }
}

fn text<'v>(parameters: &'v Value, name: &str) -> Option<&'v str> {
    parameters.get(name).and_then(Value::as_str)
}

/// Whether a text may be the name of an execution: at most 80 characters, no white space, control characters, brackets,
/// wildcards or special characters.
fn is_name(name: &str) -> bool {
    const SPECIAL: &str = "<>{}[]?*\"#%\\^|~`$&,;:/";
    let allowed = |c: char| !c.is_whitespace() && !c.is_control() && !SPECIAL.contains(c);
    (1..=MAX_NAME).contains(&name.chars().count()) && name.chars().all(allowed)
}

fn error_name(error: &ServiceError) -> String {
    if error.code == "SdkClientException" {
        "StepFunctions.SdkClientException".to_owned()
    } else if MODELED.contains(&error.code.as_str()) {
        format!("StepFunctions.{}Exception", error.code)
    } else {
        "StepFunctions.AWSStepFunctionsException".to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_alias_is_started_by_permission_on_its_machine() {
        let resource = "arn:aws:states:eu-central-1:111122223333:stateMachine:m";
        assert_eq!(Permission::to_start(resource), Permission { resource, qualifier: None });
        let alias = format!("{resource}:live");
        assert_eq!(Permission::to_start(&alias), Permission { resource, qualifier: Some("live") });
    }
}
