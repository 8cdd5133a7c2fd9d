//! Service integrations of a definition: the same account, with the machine's own role.

use account::{ServiceError, World};
use asl::{Answer, Pattern, Resource};
use serde_json::Value;

use super::running::Work;
use crate::deployment::{Deployment, Machine};

/// What a resource calls.
pub(super) enum Called {
    /// A Lambda function.
    Function,
    /// Another execution.
    StartExecution,
    /// An operation of a service.
    Service {
        /// Name of the service.
        service: String,
        /// Name of the operation, as the API names it.
        operation: String,
    },
}

/// What a resource calls; `None` when it is not simulated.
pub(super) fn called(resource: &Resource) -> Option<Called> {
    match resource {
        Resource::LambdaFunction(_) => Some(Called::Function),
        Resource::Integration { service, action, pattern: Pattern::RequestResponse, .. } => {
            if service == "lambda" && action == "invoke" {
                Some(Called::Function)
            } else if service == "states" && action == "startExecution" {
                Some(Called::StartExecution)
            } else if matches!(service.as_str(), "sns" | "dynamodb" | "ec2" | "ssm" | "securityhub") {
                Some(Called::Service { service: service.clone(), operation: upper_first(action) })
            } else {
                None
            }
        }
        _ => None,
    }
}

fn upper_first(action: &str) -> String {
    let mut characters = action.chars();
    characters.next().map_or_else(String::new, |first| first.to_uppercase().chain(characters).collect())
}

/// Begins a call of a service.
pub(super) fn begin(
    world: &World,
    deployment: &Deployment,
    machine: &Machine,
    service: String,
    operation: String,
    parameters: Value,
) -> Work {
    let (result, latency) = world.integrate(
        &machine.caller.access_key_id,
        &deployment.surroundings.region,
        &service,
        &operation,
        parameters,
    );
    let clock = world.clock();
    Box::pin(async move {
        clock.sleep_for(latency).await;
        match result {
            Ok(value) => Answer::Succeeded(value),
            Err(error) => Answer::Failed { error: error_name(&service, &error), cause: Some(error.message) },
        }
    })
}

/// The name that an integration gives to a service's error: the service's prefix and the name of the exception
/// (recorded for SNS: `SNS.NotFoundException` for the code `NotFound`; for DynamoDB `DynamoDB.ResourceNotFoundException`).
fn error_name(service: &str, error: &ServiceError) -> String {
    let prefix = match service {
        "sns" => "SNS",
        "dynamodb" => "DynamoDB",
        "ec2" => "Ec2",
        "ssm" => "Ssm",
        _ => "SecurityHub",
    };
    let exception =
        if error.code.ends_with("Exception") { error.code.to_string() } else { format!("{}Exception", error.code) };
    format!("{prefix}.{exception}")
}
