//! Service integrations of a definition: calls of the same account with the machine's own role.

use account::{ServiceError, World};
use asl::{Answer, Pattern, Resource};
use serde_json::Value;

use super::runner::Work;
use crate::deployment::{Deployment, Machine};

/// The services that are called through an integration, with the prefix of their error names (recorded for SNS:
/// `SNS.NotFoundException` for the code `NotFound`; for DynamoDB `DynamoDB.ResourceNotFoundException`).
const SERVICES: [(&str, &str); 5] =
    [("sns", "SNS"), ("dynamodb", "DynamoDB"), ("ec2", "Ec2"), ("ssm", "Ssm"), ("securityhub", "SecurityHub")];

/// The target of a resource.
pub(super) enum Called {
    /// A Lambda function.
    Function,
    /// Another execution.
    StartExecution,
    /// An operation of a service.
    Service(ServiceCall),
}

/// An operation of a service.
pub(super) struct ServiceCall {
    /// Name of the service.
    service: &'static str,
    /// Prefix of its error names.
    error_prefix: &'static str,
    /// Name of the operation, as the API names it.
    operation: String,
}

/// The target of a resource; `None` when it is not simulated.
pub(super) fn called(resource: &Resource) -> Option<Called> {
    match resource {
        Resource::LambdaFunction(_) => Some(Called::Function),
        Resource::Integration { service, action, pattern: Pattern::RequestResponse, .. } => {
            if service == "lambda" && action == "invoke" {
                return Some(Called::Function);
            }
            if service == "states" && action == "startExecution" {
                return Some(Called::StartExecution);
            }
            let (service, error_prefix) = SERVICES.into_iter().find(|(known, _)| known == service)?;
            Some(Called::Service(ServiceCall { service, error_prefix, operation: upper_first(action) }))
        }
        _ => None,
    }
}

fn upper_first(action: &str) -> String {
    let mut characters = action.chars();
    characters.next().map_or_else(String::new, |first| first.to_uppercase().chain(characters).collect())
}

impl ServiceCall {
    /// Begins the call.
    pub(super) fn begin(self, world: &World, deployment: &Deployment, machine: &Machine, parameters: Value) -> Work {
        let (result, latency) = world.integrate(
            &machine.caller.access_key_id,
            &deployment.surroundings.region,
            self.service,
            &self.operation,
            parameters,
        );
        let clock = world.clock();
        Box::pin(async move {
            clock.sleep_for(latency).await;
            match result {
                Ok(value) => Answer::Succeeded(value),
                Err(error) => {
                    Answer::Failed { error: error_name(self.error_prefix, &error), cause: Some(error.message) }
                }
            }
        })
    }
}

/// The name that an integration gives to a service's error: the prefix of the service and the name of the exception.
fn error_name(prefix: &str, error: &ServiceError) -> String {
    let exception =
        if error.code.ends_with("Exception") { error.code.to_string() } else { format!("{}Exception", error.code) };
    format!("{prefix}.{exception}")
}
