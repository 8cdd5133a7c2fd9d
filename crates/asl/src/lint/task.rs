//! What a task calls, with which role and which parameters.

use super::check::{Checker, Scope};
use super::fields::Language;
use super::integration::Integration;
use super::place::Place;
use super::report::Wording;
use super::rule;
use super::{Kind, Rules, expression};
use crate::source::{Node, Object};

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
        if !integration.has_its_pattern() {
            let words = format!(
                "The resource provided {resource} is not recognized. The value is not a valid resource ARN, or the resource \
                 is not available in this region."
            );
            let message = format!("the integration `{service}` has no `{pattern}`");
            self.report.error(&rule::RESOURCE, place, node.at, message, Wording::schema(words, place));
        } else if !integration.is_documented() {
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
        let Some(known) = integration.parameters() else { return };
        let here = place.field(field);
        let service = format!("{}:{}", integration.service, integration.action);
        if let Some(optional) = known.optional {
            self.only(&[known.required, optional].concat(), given, &rule::PARAMETERS, &here, &service);
        }
        for name in known.required {
            if !has(given, name) {
                let words = format!("The field '{name}' is required but was missing");
                let message = format!("{service} needs `{name}`");
                let wording = Wording::schema(words, &here);
                self.report.error(&rule::PARAMETERS, &here, parameters.value.at, message, wording);
            }
        }
    }

    /// Refuses parameters that what is called does not take.
    fn only(&mut self, known: &[&str], given: &Object<'_>, rule: &'static rule::Rule, place: &Place<'_>, called: &str) {
        for member in given.effective() {
            let name = plain(&member.name);
            if !known.contains(&name) {
                let words = format!("The field '{name}' is not supported by Step Functions");
                let message = match known.iter().find(|known| known.eq_ignore_ascii_case(name)) {
                    Some(similar) => format!("{called} takes no `{name}`; it takes `{similar}`"),
                    None => format!("{called} takes no `{name}`"),
                };
                let wording = Wording::schema(words, place);
                self.report.error(rule, &place.field(&member.name), member.at, message, wording);
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
        let Some(given) = self.object(node, place).filter(|_| self.options.rules == Rules::Service) else { return };
        self.only(&["RoleArn"], given, &rule::CREDENTIALS, place, "a task's `Credentials`");
        if !has(given, "RoleArn") {
            let wording = Wording::schema("The field 'RoleArn' is required but was missing", place);
            self.report.error(&rule::CREDENTIALS, place, node.at, "credentials need a `RoleArn`", wording);
        }
    }
}

/// Whether a parameter is given, as a value or as a path.
fn has(given: &Object<'_>, name: &str) -> bool {
    given.members().iter().any(|member| plain(&member.name) == name)
}

/// A parameter's name without the mark of a path.
fn plain(name: &str) -> &str {
    name.strip_suffix(".$").unwrap_or(name)
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
