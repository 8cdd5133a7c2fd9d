//! What a task calls, with which role and which parameters.

use super::check::{Checker, Scope};
use super::fields::Language;
use super::place::Place;
use super::report::Wording;
use super::rule;
use super::{Kind, Rules, expression};
use crate::source::{Node, Object};

/// A service integration: `arn:aws:states:::sns:publish.waitForTaskToken`.
struct Integration<'r> {
    service: &'r str,
    /// With `aws-sdk`, the service and the action.
    action: &'r str,
    pattern: &'r str,
}

impl<'r> Integration<'r> {
    fn of(resource: &'r str) -> Option<Integration<'r>> {
        let (_, rest) = resource.strip_prefix("arn:")?.split_once(":states:::")?;
        let (service, action) = rest.split_once(':')?;
        let pattern = [".waitForTaskToken", ".sync:2", ".sync"].into_iter().find(|pattern| action.ends_with(pattern));
        let pattern = pattern.unwrap_or_default();
        let action = action.strip_suffix(pattern).unwrap_or(action);
        Some(Integration { service, action, pattern })
    }
}

/// The optimised integrations of the developer guide.
static SERVICES: &[&str] = &[
    "apigateway",
    "athena",
    "aws-sdk",
    "batch",
    "bedrock",
    "bedrock-agentcore",
    "codebuild",
    "databrew",
    "dynamodb",
    "ecs",
    "eks",
    "elasticmapreduce",
    "emr-containers",
    "emr-serverless",
    "events",
    "glue",
    "http",
    "lambda",
    "mediaconvert",
    "sagemaker",
    "sns",
    "sqs",
    "states",
];

/// Integrations that cannot wait for the end of a job.
static WITHOUT_SYNC: &[&str] =
    &["apigateway", "aws-sdk", "bedrock-agentcore", "dynamodb", "events", "lambda", "sns", "sqs"];

/// Integrations that cannot wait for a callback.
static WITHOUT_TOKEN: &[&str] = &[
    "athena",
    "batch",
    "bedrock-agentcore",
    "codebuild",
    "databrew",
    "dynamodb",
    "elasticmapreduce",
    "emr-containers",
    "emr-serverless",
    "glue",
    "mediaconvert",
    "sagemaker",
];

/// Parameters that an integration must be given, as `ValidateStateMachineDefinition` demands them.
static REQUIRED: &[(&str, &str, &[&str])] = &[
    ("dynamodb", "getItem", &["TableName", "Key"]),
    ("dynamodb", "putItem", &["TableName", "Item"]),
    ("ecs", "runTask", &["TaskDefinition"]),
    ("events", "putEvents", &["Entries"]),
    ("glue", "startJobRun", &["JobName"]),
    ("lambda", "invoke", &["FunctionName"]),
    ("sns", "publish", &["Message"]),
    ("sqs", "sendMessage", &["QueueUrl", "MessageBody"]),
    ("states", "startExecution", &["StateMachineArn"]),
];

impl Checker<'_, '_> {
    /// Checks `Resource`.
    pub(super) fn resource(&mut self, node: &Node<'_>, place: &Place<'_>, scope: Scope<'_>) {
        let Some(resource) = self.string(node, place) else { return };
        if self.options.rules == Rules::Specification {
            let scheme = resource.split_once(':').map(|(scheme, _)| scheme).unwrap_or_default();
            if scheme.is_empty() || !scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte)) {
                self.report.refuse(&rule::RESOURCE, place, node.at, format!("`{resource}` is not a URI"));
            }
            return;
        }
        if !is_arn(resource) {
            let wording = Wording::schema("Value is not a valid resource ARN", place);
            return self.report.error(&rule::RESOURCE, place, node.at, format!("`{resource}` is not an ARN"), wording);
        }
        if is_activity(resource) && scope.kind == Kind::Express {
            let wording = Wording::schema("Express state machine does not support Activity ARN", place);
            let message = "an Express state machine cannot use an activity";
            self.report.error(&rule::EXPRESS, place, node.at, message, wording);
        }
        let Some(integration) = Integration::of(resource) else { return };
        let Integration { service, pattern, .. } = integration;
        if !pattern.is_empty() && scope.kind == Kind::Express {
            let words = format!("Express state machine does not support '{pattern}' service integration ");
            let message = format!("an Express state machine cannot use `{pattern}`");
            return self.report.error(&rule::EXPRESS, place, node.at, message, Wording::schema(words, place));
        }
        let impossible = match pattern {
            ".sync" => WITHOUT_SYNC.contains(&service),
            ".sync:2" => service != "states",
            ".waitForTaskToken" => WITHOUT_TOKEN.contains(&service),
            _ => false,
        };
        if impossible {
            let words = format!("The resource provided {resource} is not recognized");
            let message = format!("the integration `{service}` has no `{pattern}`");
            self.report.error(&rule::RESOURCE, place, node.at, message, Wording::schema(words, place));
        } else if !SERVICES.contains(&service) {
            let message =
                format!("Step Functions documents no integration `{service}`; other services are called as `aws-sdk`");
            self.report.warn(&rule::UNKNOWN_INTEGRATION, place, node.at, message);
        }
    }

    /// Checks what only the fields of a task together tell.
    pub(super) fn task(&mut self, task: &Object<'_>, place: &Place<'_>, at: usize, scope: Scope<'_>) {
        let Some(resource) = task.get("Resource").and_then(|resource| resource.value.as_str()) else { return };
        if let Some(credentials) = task.get("Credentials").filter(|_| is_activity(resource)) {
            let here = place.field("Credentials");
            let wording = Wording::schema("The field 'Credentials' is not supported for activities", &here);
            let message = "an activity is not called, so that it needs no credentials";
            self.report.error(&rule::CREDENTIALS, &here, credentials.at, message, wording);
        }
        if let Some(integration) = Integration::of(resource).filter(|_| self.options.rules == Rules::Service) {
            self.parameters(resource, &integration, task, place, at, scope);
        }
    }

    fn parameters(
        &mut self,
        resource: &str,
        integration: &Integration<'_>,
        task: &Object<'_>,
        place: &Place<'_>,
        at: usize,
        scope: Scope<'_>,
    ) {
        let field = if scope.language == Language::Jsonata { "Arguments" } else { "Parameters" };
        let Some(parameters) = task.get(field) else {
            let words = format!("{field} field is required for resource ARN: {resource}");
            let message = format!("the integration needs `{field}`");
            return self.report.error(&rule::PARAMETERS, place, at, message, Wording::schema(words, place));
        };
        let Some(given) = parameters.value.as_object() else { return };
        let known = REQUIRED
            .iter()
            .find(|(service, action, _)| *service == integration.service && *action == integration.action);
        for name in known.map(|(_, _, names)| *names).unwrap_or_default() {
            if !has(given, name) {
                let here = place.field(field);
                let words = format!("The field '{name}' is required but was missing");
                let message = format!("{}:{} needs `{name}`", integration.service, integration.action);
                self.report.error(
                    &rule::PARAMETERS,
                    &here,
                    parameters.value.at,
                    message,
                    Wording::schema(words, &here),
                );
            }
        }
    }

    /// Checks `Credentials`.
    pub(super) fn credentials(&mut self, node: &Node<'_>, place: &Place<'_>, scope: Scope<'_>) {
        if scope.language == Language::Jsonata {
            if node.as_str().is_some_and(expression::is_meant) {
                return self.expression(node, place, scope);
            }
            self.data(node, place, scope);
        } else {
            self.template(node, place, scope);
        }
        let Some(given) = self.object(node, place) else { return };
        if !has(given, "RoleArn") && self.options.rules == Rules::Service {
            let wording = Wording::schema("The field 'RoleArn' is required but was missing", place);
            self.report.error(&rule::CREDENTIALS, place, node.at, "credentials need a `RoleArn`", wording);
        }
    }
}

/// Whether a parameter is given, as a value or as a path.
fn has(given: &Object<'_>, name: &str) -> bool {
    given.members().iter().any(|member| member.name.strip_suffix(".$").unwrap_or(&member.name) == name)
}

/// `arn:partition:service:region:account:resource`, the Region and the account possibly empty.
fn is_arn(text: &str) -> bool {
    let parts: Vec<&str> = text.splitn(6, ':').collect();
    matches!(parts[..], ["arn", partition, service, _, _, resource]
        if !partition.is_empty() && !service.is_empty() && !resource.is_empty())
}

fn is_activity(resource: &str) -> bool {
    let parts: Vec<&str> = resource.splitn(6, ':').collect();
    matches!(parts[..], ["arn", _, "states", _, _, rest] if rest.starts_with("activity:"))
}
