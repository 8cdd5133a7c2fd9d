//! Which rule takes an event, what it starts, and why the other rules do not take it.

use std::fmt;

use serde_json::Value;

use crate::pattern::{Mismatch, Pattern, PatternError};
use crate::template::{Destination, Machine, Rule, Target, Template};

/// The event bus that receives the events of AWS services.
const DEFAULT_BUS: &str = "default";

/// The rules of a template, ready to route events.
#[derive(Debug)]
pub struct Router<'a> {
    template: &'a Template,
    rules: Vec<(&'a Rule, Pattern)>,
}

/// What becomes of an event. Rules stand in the order of the template.
#[derive(Debug, Clone, PartialEq)]
pub struct Routing<'a> {
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

impl fmt::Display for WhyNot {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Disabled => out.write_str("the rule is disabled"),
            Self::OtherBus(bus) => write!(out, "the rule stands at the event bus `{bus}`"),
            Self::Mismatch(mismatch) => mismatch.fmt(out),
        }
    }
}

impl<'a> Router<'a> {
    /// Compiles the patterns of a template's rules.
    ///
    /// # Errors
    /// A pattern that EventBridge refuses. A template that was read has none.
    pub fn new(template: &'a Template) -> Result<Self, PatternError> {
        let rules =
            template.rules.iter().map(|rule| Ok((rule, Pattern::parse(&rule.pattern)?))).collect::<Result<_, _>>()?;
        Ok(Self { template, rules })
    }

    /// What becomes of an event of the default event bus.
    pub fn route(&self, event: &Value) -> Routing<'a> {
        let mut routing = Routing { matched: Vec::new(), passed: Vec::new() };
        for (rule, pattern) in &self.rules {
            let why = if !rule.enabled {
                WhyNot::Disabled
            } else if rule.event_bus != DEFAULT_BUS {
                WhyNot::OtherBus(rule.event_bus.clone())
            } else if let Err(mismatch) = pattern.explain(event) {
                WhyNot::Mismatch(mismatch)
            } else {
                routing.matched.push(Matched { rule, started: self.started(rule) });
                continue;
            };
            routing.passed.push(Passed { rule, why });
        }
        routing
    }

    fn started(&self, rule: &'a Rule) -> Vec<Started<'a>> {
        let machine = |target: &'a Target| match &target.destination {
            Destination::Machine { logical_id, .. } => self.template.machine(logical_id),
            _ => None,
        };
        rule.targets.iter().filter_map(|target| Some(Started { machine: machine(target)?, target })).collect()
    }
}

impl<'a> Routing<'a> {
    /// The machines that the event starts, with their rules.
    pub fn starts(&self) -> impl Iterator<Item = (&'a Rule, &Started<'a>)> {
        self.matched.iter().flat_map(|matched| matched.started.iter().map(move |started| (matched.rule, started)))
    }
}
