//! Which rule takes an event, what it starts, and why the other rules do not take it.

use std::fmt;

use serde_json::Value;

use crate::{Destination, Machine, Rule, Target, Template};
use event_pattern::Mismatch;

/// The event bus that receives the events of AWS services.
const DEFAULT_BUS: &str = "default";

/// What becomes of an event. Rules stand in the order of the template.
#[derive(Debug, Clone, PartialEq)]
pub struct Routing<'a> {
    /// The source of the event, where it is a text.
    pub source: Option<String>,
    /// The detail-type of the event, where it is a text.
    pub detail_type: Option<String>,
    /// The rules that take the event.
    pub matched: Vec<Matched<'a>>,
    /// The others.
    pub passed: Vec<Passed<'a>>,
}

/// A rule that takes an event.
#[derive(Debug, Clone, PartialEq)]
pub struct Matched<'a> {
    /// The rule.
    pub rule: &'a Rule,
    /// The machines that it starts, in the order of its targets; none where it tells people or queues only.
    pub started: Vec<Started<'a>>,
}

/// A machine that a rule starts.
#[derive(Debug, Clone, PartialEq)]
pub struct Started<'a> {
    /// The machine.
    pub machine: &'a Machine,
    /// The target with the ARN, the role, and what the machine is given.
    pub target: &'a Target,
}

/// A rule that does not take an event.
#[derive(Debug, Clone, PartialEq)]
pub struct Passed<'a> {
    /// The rule.
    pub rule: &'a Rule,
    /// Why not.
    pub why: WhyNot,
}

/// Why a rule does not take an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WhyNot {
    /// The rule is off.
    Disabled,
    /// The rule stands at another event bus than the one of AWS services.
    OtherBus(String),
    /// The event does not match.
    Mismatch(Mismatch),
}

impl WhyNot {
    /// Whether the rule is about events of another source or detail-type.
    fn is_another_family(&self) -> bool {
        match self {
            Self::Disabled | Self::OtherBus(_) | Self::Mismatch(Mismatch::NoObject | Mismatch::Elements { .. }) => {
                false
            }
            Self::Mismatch(Mismatch::Fields(differences)) => {
                differences.iter().any(|difference| matches!(difference.field.as_str(), "source" | "detail-type"))
            }
        }
    }
}

impl fmt::Display for WhyNot {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Disabled => out.write_str("the rule is disabled"),
            Self::OtherBus(bus) => write!(out, "the rule stands at the event bus `{bus}`"),
            Self::Mismatch(mismatch) => mismatch.fmt(out),
        }
    }
}

/// Routes an event of the default event bus through the rules of a template.
///
/// ```
/// use std::{collections::BTreeMap, path::Path};
/// use template::{Project, Surroundings, read, routing::route};
///
/// let project = Project::find(Path::new(env!("CARGO_MANIFEST_DIR")))?;
/// let stack = Surroundings {
///     account: "111122223333".into(),
///     region: "eu-central-1".into(),
///     partition: "aws".into(),
///     stack_name: "cordon".into(),
/// };
/// let template = read(project.template(), &BTreeMap::new(), &stack)?;
/// let routing = route(&template, &serde_json::json!({"source": "aws.health", "detail-type": "AWS Health Event"}));
/// assert!(routing.matched.is_empty());
/// assert_eq!(routing.passed.len(), template.rules.len());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn route<'a>(template: &'a Template, event: &Value) -> Routing<'a> {
    let text = |key: &str| event.get(key).and_then(Value::as_str).map(str::to_owned);
    let (source, detail_type) = (text("source"), text("detail-type"));
    let mut routing = Routing { source, detail_type, matched: Vec::new(), passed: Vec::new() };
    for rule in &template.rules {
        let why = if !rule.enabled {
            WhyNot::Disabled
        } else if rule.event_bus != DEFAULT_BUS {
            WhyNot::OtherBus(rule.event_bus.clone())
        } else if let Err(mismatch) = rule.pattern.explain(event) {
            WhyNot::Mismatch(mismatch)
        } else {
            routing.matched.push(Matched { rule, started: started(template, rule) });
            continue;
        };
        routing.passed.push(Passed { rule, why });
    }
    routing
}

fn started<'a>(template: &'a Template, rule: &'a Rule) -> Vec<Started<'a>> {
    let machine = |target: &'a Target| match &target.destination {
        Destination::Machine { logical_id, .. } => template.machine(logical_id),
        _ => None,
    };
    rule.targets.iter().filter_map(|target| Some(Started { machine: machine(target)?, target })).collect()
}

impl<'a> Routing<'a> {
    /// The machines that the event starts, with their rules.
    pub fn starts(&self) -> impl Iterator<Item = (&'a Rule, &Started<'a>)> {
        self.matched.iter().flat_map(|matched| matched.started.iter().map(move |started| (matched.rule, started)))
    }

    /// Why no rule starts a playbook, in one sentence. It quotes the event, unescaped.
    ///
    /// Only rules for the source and detail-type of the event are named; the others are about other kinds of events.
    pub fn why_not(&self) -> String {
        let matched = self.matched.iter().map(|matched| format!("{}: starts no playbook", matched.rule.logical_id));
        let near = self.passed.iter().filter(|passed| !passed.why.is_another_family());
        let near = near.map(|passed| format!("{}: {}", passed.rule.logical_id, passed.why));
        let reasons: Vec<String> = matched.chain(near).collect();
        if reasons.is_empty() {
            let text = |text: Option<&str>| text.map_or_else(|| "missing".to_owned(), |text| format!("`{text}`"));
            let (source, detail_type) = (text(self.source.as_deref()), text(self.detail_type.as_deref()));
            return format!("no rule handles events whose source is {source} and whose detail-type is {detail_type}");
        }
        format!("no rule starts a playbook: {}", reasons.join("; "))
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test")]

    use std::collections::BTreeMap;

    use serde_json::{Value, json};

    use super::{WhyNot, route};
    use crate::{Surroundings, Template, read};

    fn template(text: &str) -> Template {
        let surroundings = Surroundings {
            account: "111122223333".to_owned(),
            region: "eu-central-1".to_owned(),
            partition: "aws".to_owned(),
            stack_name: "cordon".to_owned(),
        };
        read(text, &BTreeMap::new(), &surroundings).unwrap()
    }

    fn started(template: &Template, event: &Value) -> Vec<(String, String)> {
        route(template, event)
            .starts()
            .map(|(rule, started)| (rule.logical_id.clone(), started.machine.logical_id.clone()))
            .collect()
    }

    #[test]
    fn the_rules_of_the_project_route_by_resource_type_and_rule_name() {
        let template = template(include_str!("../../../infra/template.yaml"));
        let finding = |resource: &str| json!({"source": "aws.guardduty", "detail-type": "GuardDuty Finding", "detail": {"resource": {"resourceType": resource}}});
        let config = |name: &str, message: &str| json!({"source": "aws.config", "detail-type": "Config Rules Compliance Change", "detail": {"messageType": message, "configRuleName": name}});
        let ec2 = vec![("RespondEc2GuardDutyInstance".to_owned(), "RespondEc2".to_owned())];
        let ssh = vec![("RemediateConfigRestrictedSsh".to_owned(), "RemediateConfig".to_owned())];
        assert_eq!(started(&template, &finding("Instance")), ec2);
        let other = vec![("RecordOtherFinding".to_owned(), "Record".to_owned())];
        for resource in ["AccessKey", "S3Bucket", "instance", "EKSCluster"] {
            assert_eq!(started(&template, &finding(resource)), other, "{resource}");
        }
        let change = "ComplianceChangeNotification";
        for name in [
            "restricted-ssh",
            "restricted-ssh-conformance-pack-ab12",
            "securityhub-restricted-ssh-1a2b",
            "OrgConfigRule-restricted-ssh-x",
        ] {
            assert_eq!(started(&template, &config(name, change)), ssh, "{name}");
        }
        assert_eq!(started(&template, &config("restricted-sshd", change)), []);
        assert_eq!(started(&template, &config("restricted-ssh", "ConfigRuleEvaluationStarted")), []);
    }

    #[test]
    fn other_rules_say_why_not() {
        let template = template(
            "Resources:
  Dead: {Type: AWS::Events::Rule, Properties: {State: DISABLED, EventPattern: {source: [a]}}}
  Bus: {Type: AWS::Events::Rule, Properties: {EventBusName: mine, EventPattern: {source: [a]}}}
  Not: {Type: AWS::Events::Rule, Properties: {EventPattern: {source: [b]}}}
  Live: {Type: AWS::Events::Rule, Properties: {EventPattern: {source: [a]}}}
",
        );
        let routing = route(&template, &json!({"source": "a"}));
        assert_eq!(routing.matched.len(), 1);
        assert_eq!(routing.starts().count(), 0);
        let why: Vec<(&str, String)> =
            routing.passed.iter().map(|passed| (passed.rule.logical_id.as_str(), passed.why.to_string())).collect();
        assert_eq!(
            why,
            [
                ("Dead", "the rule is disabled".to_owned()),
                ("Bus", "the rule stands at the event bus `mine`".to_owned()),
                ("Not", "`source` is \"a\", the rule wants \"b\"".to_owned()),
            ]
        );
        assert!(matches!(routing.passed.first().map(|passed| &passed.why), Some(WhyNot::Disabled)));
        assert_eq!(
            routing.why_not(),
            "no rule starts a playbook: Live: starts no playbook; Dead: the rule is disabled; Bus: the rule stands at the \
             event bus `mine`"
        );
        assert_eq!(route(&template, &json!(5)).matched.len(), 0);
    }

    #[test]
    fn an_event_of_another_kind_is_said_in_one_line() {
        let template = template(
            "Resources:
  Not: {Type: AWS::Events::Rule, Properties: {EventPattern: {source: [b], detail: {a: [1]}}}}
",
        );
        assert_eq!(
            route(&template, &json!({"source": "c", "detail-type": "d"})).why_not(),
            "no rule handles events whose source is `c` and whose detail-type is `d`"
        );
        assert_eq!(
            route(&template, &json!({"source": "b"})).why_not(),
            "no rule starts a playbook: Not: `detail.a` is missing, the rule wants 1"
        );
    }
}
