//! The resource, the credentials and the parameters of Task states.

use super::check::{Checker, Scope};
use super::fields::Language;
use super::integration::Integration;
use super::location::Location;
use super::report::AwsError;
use super::rule;
use super::{Kind, Rules, expression};
use crate::source::{Node, Object};

impl Checker<'_, '_> {
    /// Checks `Resource`.
    pub(super) fn resource(&mut self, node: &Node<'_>, location: &Location<'_>, scope: Scope<'_>) {
        let Some(resource) = node.as_str() else { return self.wrong_type(node, location, "STRING", "a string") };
        if self.has_placeholder(resource) && (self.options.rules == Rules::Specification || !is_arn(resource)) {
            return;
        }
        if self.options.rules == Rules::Specification {
            let scheme = resource.split_once(':').map(|(scheme, _)| scheme).unwrap_or_default();
            if scheme.is_empty() || !scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte)) {
                self.report.schema_error(&rule::RESOURCE, location, node.at, format!("`{resource}` is not a URI"));
            }
            return;
        }
        if !is_arn(resource) {
            let aws_error = AwsError::schema("Value is not a valid resource ARN", location);
            return self.report.error(
                &rule::RESOURCE,
                location,
                node.at,
                format!("`{resource}` is not an ARN"),
                aws_error,
            );
        }
        if is_activity(resource) && scope.kind == Kind::Express {
            let aws_error = AwsError::schema("Express state machine does not support Activity ARN", location);
            let message = "an Express state machine cannot use an activity";
            self.report.error(&rule::EXPRESS, location, node.at, message, aws_error);
        }
        let Some(integration) = self.integration(resource) else { return };
        let Integration { service, pattern, .. } = integration;
        if !pattern.is_empty() && scope.kind == Kind::Express {
            let words = format!("Express state machine does not support '{pattern}' service integration ");
            let message = format!("an Express state machine cannot use `{pattern}`");
            return self.report.error(&rule::EXPRESS, location, node.at, message, AwsError::schema(words, location));
        }
        if !integration.supports_pattern() {
            let words = format!(
                "The resource provided {resource} is not recognized. The value is not a valid resource ARN, or the resource \
                 is not available in this region."
            );
            let message = format!("the integration `{service}` does not support `{pattern}`");
            self.report.error(&rule::RESOURCE, location, node.at, message, AwsError::schema(words, location));
        } else if !integration.is_documented() {
            let message = format!(
                "the developer guide lists no optimized integration `{service}`; use `aws-sdk:` for other services"
            );
            self.report.warn(&rule::UNKNOWN_INTEGRATION, location, node.at, message);
        }
    }

    /// The integration that a resource names, unless a placeholder is part of its name.
    fn integration<'r>(&self, resource: &'r str) -> Option<Integration<'r>> {
        Integration::of(resource)
            .filter(|found| !self.has_placeholder(found.service) && !self.has_placeholder(found.call))
    }

    /// Checks the fields of a task that depend on each other.
    pub(super) fn task(&mut self, task: &Object<'_>, location: &Location<'_>, at: usize, scope: Scope<'_>) {
        let Some(resource) = task.get("Resource").and_then(|resource| resource.value.as_str()) else { return };
        if let Some(credentials) = task.get("Credentials").filter(|_| is_activity(resource)) {
            let here = location.field("Credentials");
            let aws_error = AwsError::schema("The field 'Credentials' is not supported for activities", &here);
            let message = "a task of an activity has no `Credentials`, because Step Functions does not call activities";
            self.report.error(&rule::CREDENTIALS, &here, credentials.at, message, aws_error);
        }
        if let Some(integration) = self.integration(resource).filter(|_| self.options.rules == Rules::Service) {
            self.parameters(resource, &integration, task, location, at, scope);
        }
    }

    fn parameters(
        &mut self,
        resource: &str,
        integration: &Integration<'_>,
        task: &Object<'_>,
        location: &Location<'_>,
        at: usize,
        scope: Scope<'_>,
    ) {
        let Some(language) = scope.language else { return };
        let field = if language == Language::Jsonata { "Arguments" } else { "Parameters" };
        let Some(parameters) = task.get(field) else {
            if self.has_open_fields(task) {
                return;
            }
            let words = format!("{field} field is required for resource ARN: {resource}");
            let message = format!("the integration requires `{field}`");
            return self.report.error(&rule::PARAMETERS, location, at, message, AwsError::schema(words, location));
        };
        let Some(given) = parameters.value.as_object() else { return };
        let Some(known) = integration.parameters() else { return };
        let here = location.field(field);
        let service = format!("{}:{}", integration.service, integration.action);
        if let Some(optional) = known.optional {
            let called = format!("`{service}`");
            self.only(&[known.required, optional].concat(), given, &rule::PARAMETERS, &here, &called);
        }
        if self.has_open_fields(given) {
            return;
        }
        for name in known.required {
            if !has(given, name) {
                let words = format!("The field '{name}' is required but was missing");
                let message = format!("`{service}` requires `{name}`");
                let aws_error = AwsError::schema(words, &here);
                self.report.error(&rule::PARAMETERS, &here, parameters.value.at, message, aws_error);
            }
        }
    }

    /// Reports parameters that `called` does not take.
    fn only(
        &mut self,
        known: &[&str],
        given: &Object<'_>,
        rule: &'static rule::Rule,
        location: &Location<'_>,
        called: &str,
    ) {
        for member in given.effective() {
            let name = plain(&member.name);
            if !self.has_placeholder(name) && !known.contains(&name) {
                let words = format!("The field '{name}' is not supported by Step Functions");
                let message = match known.iter().find(|known| known.eq_ignore_ascii_case(name)) {
                    Some(similar) => format!("{called} does not accept `{name}`; the name is `{similar}`"),
                    None => format!("{called} does not accept `{name}`"),
                };
                let aws_error = AwsError::schema(words, location);
                self.report.error(rule, &location.field(&member.name), member.at, message, aws_error);
            }
        }
    }

    /// Checks `Credentials`.
    pub(super) fn credentials(&mut self, node: &Node<'_>, location: &Location<'_>, scope: Scope<'_>) {
        if scope.is_jsonata() {
            if node.as_str().is_some_and(expression::is_meant) {
                return self.expression(node, location, scope);
            }
            self.data(node, location, scope);
        } else if scope.is_jsonpath() {
            self.template(node, location, scope);
        }
        let Some(given) = self.object(node, location).filter(|_| self.options.rules == Rules::Service) else { return };
        self.only(&["RoleArn"], given, &rule::CREDENTIALS, location, "`Credentials`");
        if !has(given, "RoleArn") && !self.has_open_fields(given) {
            let aws_error = AwsError::schema("The field 'RoleArn' is required but was missing", location);
            self.report.error(&rule::CREDENTIALS, location, node.at, "`Credentials` requires `RoleArn`", aws_error);
        }
    }
}

/// Whether a parameter is given, as a value or as a query.
fn has(given: &Object<'_>, name: &str) -> bool {
    given.members().iter().any(|member| plain(&member.name) == name)
}

/// A parameter's name without the suffix `.$`, which marks a query.
fn plain(name: &str) -> &str {
    name.strip_suffix(".$").unwrap_or(name)
}

/// Whether a text has the form `arn:partition:service:region:account:resource`; Region and account can be empty.
fn is_arn(text: &str) -> bool {
    let parts: Vec<&str> = text.splitn(6, ':').collect();
    matches!(parts[..], ["arn", partition, service, _, _, resource]
        if !partition.is_empty() && !service.is_empty() && !resource.is_empty())
}

fn is_activity(resource: &str) -> bool {
    let parts: Vec<&str> = resource.splitn(6, ':').collect();
    matches!(parts[..], ["arn", _, "states", _, _, rest] if rest.starts_with("activity:"))
}
