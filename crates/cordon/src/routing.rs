//! The output of `cordon route`: the rule that matches and what it starts, and for the other rules why they do not match.

use incident::Outcome;
use ingest::Source;
use serde_json::{Value, json};
use template::routing::Routing;

use crate::escape::escaped;
use crate::layout::hanging;
use crate::paint::Paint;

/// A rule with its verdict.
struct Verdict {
    rule: String,
    matches: bool,
    explanation: String,
}

fn verdicts(routing: &Routing<'_>) -> Vec<Verdict> {
    let matched = routing.matched.iter().map(|matched| {
        let starts: Vec<String> =
            matched.started.iter().map(|start| format!("starts {}", start.machine.label())).collect();
        let explanation = if starts.is_empty() { "starts no playbook".to_owned() } else { starts.join(", ") };
        Verdict { rule: matched.rule.logical_id.clone(), matches: true, explanation }
    });
    let passed = routing.passed.iter().map(|passed| Verdict {
        rule: passed.rule.logical_id.clone(),
        matches: false,
        explanation: passed.why.to_string(),
    });
    matched.chain(passed).collect()
}

/// One JSON object.
pub(crate) fn json(routing: &Routing<'_>, source: &Source) -> Value {
    let started = routing.starts().next();
    let machine = started.as_ref().map(|(_, start)| start.machine);
    let rules: Vec<Value> = verdicts(routing)
        .iter()
        .map(|verdict| json!({"rule": verdict.rule, "matches": verdict.matches, "reason": verdict.explanation}))
        .collect();
    json!({
        "source": {"path": source.path, "line": source.line},
        "rule": started.as_ref().map(|(rule, _)| &rule.logical_id),
        "playbook": machine.map(template::Machine::playbook),
        "version": machine.map(template::Machine::version),
        "outcome": if started.is_some() { Value::Null } else { json!(Outcome::Unmatched.name()) },
        "reason": if started.is_some() { Value::Null } else { json!(routing.why_not()) },
        "rules": rules,
    })
}

/// Some lines for a person.
pub(crate) fn human(routing: &Routing<'_>, source: &Source, paint: Paint) -> String {
    let mut out = String::new();
    let answer = match routing.starts().next() {
        Some((rule, start)) => format!("{} → {}", rule.logical_id, start.machine.label()),
        None => paint.outcome(Outcome::Unmatched),
    };
    out.push_str(&format!("{}  {answer}\n", escaped(&source.to_string())));
    for verdict in verdicts(routing) {
        let mark = if verdict.matches { "matches" } else { "no match" };
        hanging(&mut out, &format!("  {mark:<10}"), &format!("{}: {}", verdict.rule, verdict.explanation));
    }
    out
}
