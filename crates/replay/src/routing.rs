//! What `cordon route` says of an event: the rule that takes it and what that starts, and for the others why not.

use std::fmt::Write;

use incident::Outcome;
use serde_json::{Value, json};

use crate::deployment::Deployment;
use crate::events::Source;
use crate::human::Paint;
use crate::route::Router;

/// What becomes of an event.
pub struct Routed {
    /// The machine that is started, with its rule; the first where there are several.
    pub started: Option<Started>,
    /// Every rule with what it does, or why it does not take the event.
    rules: Vec<RuleSaid>,
}

/// A machine that an event starts.
pub struct Started {
    /// Logical id of the rule.
    pub rule: String,
    /// Logical id of the machine.
    pub machine: String,
    /// Playbook.
    pub playbook: String,
    /// Version.
    pub version: String,
}

struct RuleSaid {
    rule: String,
    matches: bool,
    says: String,
}

/// Routes an event through the rules of a deployment.
pub fn route(deployment: &Deployment, event: &Value) -> Routed {
    let Ok(router) = Router::new(&deployment.template) else {
        // The template was read with every pattern checked.
        return Routed { started: None, rules: Vec::new() };
    };
    let routing = router.route(event);
    let mut started = None;
    let mut rules = Vec::new();
    for matched in &routing.matched {
        let mut says = Vec::new();
        for start in &matched.started {
            let Some(machine) = deployment.machines.get(&start.machine.logical_id) else { continue };
            says.push(format!("starts {} {}", machine.playbook, machine.version));
            started.get_or_insert_with(|| Started {
                rule: matched.rule.logical_id.clone(),
                machine: start.machine.logical_id.clone(),
                playbook: machine.playbook.clone(),
                version: machine.version.clone(),
            });
        }
        let says = if says.is_empty() { "starts no playbook".to_owned() } else { says.join(", ") };
        rules.push(RuleSaid { rule: matched.rule.logical_id.clone(), matches: true, says });
    }
    for passed in &routing.passed {
        rules.push(RuleSaid {
            rule: passed.rule.logical_id.clone(),
            matches: false,
            says: incident::text::line(&passed.why.to_string(), 400),
        });
    }
    Routed { started, rules }
}

impl Routed {
    /// Why no rule starts a playbook, in one sentence.
    pub fn why_not(&self) -> String {
        let whys: Vec<String> = self.rules.iter().map(|said| format!("{}: {}", said.rule, said.says)).collect();
        format!("no rule starts a playbook: {}", whys.join("; "))
    }

    /// One JSON object.
    pub fn json(&self, source: &Source) -> Value {
        let started = self.started.as_ref();
        let rules: Vec<Value> = self
            .rules
            .iter()
            .map(|said| json!({"rule": said.rule, "matches": said.matches, "reason": said.says}))
            .collect();
        json!({
            "source": {"path": source.path, "line": source.line},
            "rule": started.map(|started| &started.rule),
            "playbook": started.map(|started| &started.playbook),
            "version": started.map(|started| &started.version),
            "outcome": if started.is_some() { Value::Null } else { json!(Outcome::Unmatched.name()) },
            "reason": if started.is_some() { Value::Null } else { json!(self.why_not()) },
            "rules": rules,
        })
    }

    /// Some lines for a person.
    pub fn human(&self, source: &Source, paint: Paint) -> String {
        let mut out = String::new();
        let answer = match &self.started {
            Some(started) => format!("{} → {} {}", started.rule, started.playbook, started.version),
            None => paint.outcome(Outcome::Unmatched),
        };
        // Writing to a String cannot fail.
        let _ = writeln!(out, "{}  {answer}", incident::text::line(&source.to_string(), 200));
        for said in &self.rules {
            let mark = if said.matches { "matches" } else { "no" };
            let _ = writeln!(out, "  {mark:<8} {}: {}", said.rule, said.says);
        }
        out
    }
}
