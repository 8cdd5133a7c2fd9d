//! Every request that the handlers make and every response of the simulated account, against the service models.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::Duration;

use incident::{Outcome, Resource};
use libtest_mimic::Trial;
use serde_json::{Value, json};
use template::Template;

use super::checker;
use super::damage;
use super::recorder::{Exchange, Recorder};
use super::scene::Scene;
use crate::support::{Checked, PYTHON, ensure, equal, needing, root, some};

pub(super) fn trials() -> Vec<Trial> {
    vec![
        needing(PYTHON, "wire::model::requests_and_responses_are_as_the_models_say", agrees),
        needing(PYTHON, "wire::model::a_damaged_exchange_is_refused", refuses),
    ]
}

/// Every fixture, each step of its playbook: all that is granted is called, and all that is called is as the models say.
fn agrees(interpreter: &Path) -> Checked {
    let mut origins = Vec::new();
    let mut exchanges = Vec::new();
    let mut granted = BTreeSet::new();
    for fixture in fixtures()? {
        let Some(scene) = Scene::of(&fixture)? else { continue };
        granted.extend(grants(&scene.deployment.template));
        let recorded = play(&scene)?;
        origins.extend(std::iter::repeat_n(fixture, recorded.len()));
        exchanges.extend(recorded);
    }
    let verdicts = checker::check(interpreter, &exchanges)?;
    let called: BTreeSet<String> = verdicts
        .iter()
        .map(|verdict| format!("{}:{}", verdict.service, verdict.operation.as_deref().unwrap_or("?")))
        // The one needs no permission, the other those of what it writes.
        .filter(|called| !["sts:GetCallerIdentity", "dynamodb:TransactWriteItems"].contains(&called.as_str()))
        .collect();
    equal(called, granted, "the operations that were called, against those that the functions are granted")?;
    // The same problem, but for numbers, is told once.
    let mut problems: BTreeMap<String, (String, usize)> = BTreeMap::new();
    for (verdict, fixture) in verdicts.iter().zip(&origins) {
        for problem in &verdict.problems {
            let told = format!("{}: {problem}", verdict.operation.as_deref().unwrap_or("?"));
            let kind = told.replace(|c: char| c.is_ascii_digit(), "");
            problems.entry(kind).or_insert_with(|| (format!("{}: {told}", fixture.display()), 0)).1 += 1;
        }
    }
    let told: Vec<String> = problems.values().map(|(first, count)| format!("{first} ({count} times)")).collect();
    ensure(told.is_empty(), format!("{} kinds of problems:\n{}", told.len(), told.join("\n")))
}

/// Each kind of damage to a good exchange has its problem: a check that finds nothing proves nothing.
fn refuses(interpreter: &Path) -> Checked {
    let mut exchanges = Vec::new();
    for fixture in damage::FIXTURES {
        exchanges.extend(play(&some(Scene::of(Path::new(fixture))?, fixture)?)?);
    }
    let verdicts = checker::check(interpreter, &exchanges)?;
    let sound = |damage: &&damage::Damage| -> Option<Exchange> {
        exchanges.iter().zip(&verdicts).find_map(|(exchange, verdict)| {
            let is_good = !verdict.problems.iter().any(|problem| problem.contains(damage.problem));
            let fits = is_good && verdict.operation.as_deref() == Some(damage.operation);
            let fits = fits && exchange.response.as_ref()?.status == damage.status;
            fits.then(|| damage.apply(exchange)).flatten()
        })
    };
    let mut damaged = Vec::new();
    for damage in damage::ALL {
        damaged.push(some(sound(&damage), format!("a good exchange to do {damage:?} to"))?);
    }
    let missed: Vec<String> = damage::ALL
        .iter()
        .zip(checker::check(interpreter, &damaged)?)
        .filter(|(damage, verdict)| !verdict.problems.iter().any(|problem| problem.contains(damage.problem)))
        .map(|(damage, verdict)| format!("{damage:?} is not found: {:?}", verdict.problems))
        .collect();
    ensure(missed.is_empty(), missed.join("\n"))
}

/// The folders of all fixtures, below `fixtures`.
fn fixtures() -> Checked<Vec<PathBuf>> {
    let all = root().join("fixtures");
    let mut found = Vec::new();
    for kind in ["guardduty", "config"] {
        for entry in std::fs::read_dir(all.join(kind))? {
            found.push(Path::new(kind).join(entry?.file_name()));
        }
    }
    found.sort();
    Ok(found)
}

/// Runs every step of the playbook that is for the incident, whatever triage decides, and records.
fn play(scene: &Scene) -> Checked<Vec<Exchange>> {
    let recorder = Recorder::default();
    let triaged = recorder.run(scene, "triage", json!({"event": scene.event}))?;
    // Refusals are answers too: planned faults and unusable configurations make some steps fail.
    let decision = triaged.ok().and_then(|triaged| triaged.get("decision").cloned());
    let incident = &scene.incident;
    let acted = match incident.resource {
        Resource::Instance { .. } => {
            let identified =
                recorder.run(scene, "identify-instance", json!({"incident": incident}))?.unwrap_or_default();
            let of = |name: &str| identified.get(name).cloned().unwrap_or_default();
            let claim = json!({"execution": "test", "incident": incident, "decision": decision, "found": of("found"), "facts": of("facts")});
            drop(recorder.run(scene, "authorize-response", claim)?);
            let kept = recorder.run(scene, "snapshot-volumes", json!({"execution": "test", "incident": incident}))?;
            let kept = kept.ok().and_then(|kept| kept.get("snapshots").cloned()).unwrap_or_else(|| json!([]));
            drop(recorder.run(scene, "capture-console-output", json!({"execution": "test", "incident": incident}))?);
            // While they are pending, and a day later.
            for _ in 0..2 {
                let evidence = json!({"execution": "test", "incident": incident, "snapshots": kept});
                drop(recorder.run(scene, "secure-snapshots", evidence)?);
                let clock = scene.world.clock();
                clock.advance_to(clock.now().after(Duration::from_secs(86_400)));
            }
            let act = json!({"execution": "test", "incident": incident, "last_attempt": true});
            drop(recorder.run(scene, "revoke-sessions", act)?);
            let act = json!({"execution": "test", "incident": incident, "last_attempt": true, "flush": true});
            recorder.run(scene, "quarantine-instance", act)?
        }
        _ => recorder.run(scene, "remediate-security-group", json!({"incident": incident, "apply": true}))?,
    };
    let told = |name: &str, otherwise: Value| -> Value {
        acted.as_ref().ok().and_then(|output| output.get(name)).cloned().unwrap_or(otherwise)
    };
    let report = json!({
        "schema": incident::SCHEMA,
        "outcome": told("outcome", json!(Outcome::Failed)),
        "incident": incident,
        "decision": decision,
        "owner": null,
        "controls": told("controls", json!([])),
        "gaps": told("gaps", json!(["the step failed"])),
        "residual_paths": told("residual_paths", json!([])),
    });
    // Twice: what was told is read back and not told again.
    for _ in 0..2 {
        drop(recorder.run(scene, "notify", json!({"execution": "test", "report": report}))?);
    }
    drop(recorder.run(scene, "update-security-hub", json!({"report": report}))?);
    Ok(recorder.exchanges())
}

/// The actions that the template grants its functions and that are calls of their own: logs are written by Lambda, tags
/// are made along with what they are on, and what a key is used for is EC2's to call.
fn grants(template: &Template) -> BTreeSet<String> {
    let roles = template.functions.iter().filter_map(|function| template.role(&function.role));
    let statements = roles.flat_map(|role| &role.policies).flat_map(|(_, document)| several(document.get("Statement")));
    let actions = statements.flat_map(|statement| several(statement.get("Action")));
    actions
        .filter_map(Value::as_str)
        .filter(|action| !action.starts_with("logs:") && *action != "ec2:CreateTags")
        .filter(|action| !action.starts_with("kms:") || *action == "kms:DescribeKey")
        .map(str::to_owned)
        .collect()
}

/// One or several.
fn several(value: Option<&Value>) -> &[Value] {
    match value {
        Some(Value::Array(values)) => values,
        Some(value) => std::slice::from_ref(value),
        None => &[],
    }
}
