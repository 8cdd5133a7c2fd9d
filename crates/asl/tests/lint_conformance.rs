//! The linter against recorded verdicts of Step Functions: a folder of cases named by `CORDON_ASL_CASES`.
//!
//! Definitions that Step Functions refused are refused, with its words; definitions that it created are accepted; the
//! specification's own linter and ours come to the same verdict; variables are listed as `DescribeStateMachine` lists them.

#![expect(clippy::indexing_slicing, reason = "a test: a missing field is null")]

use std::error::Error;
use std::path::{Path, PathBuf};

use asl::lint::{self, Kind, Lint, Options, Rules, Stage};
use serde_json::{Value, json};

type Outcome = Result<(), Box<dyn Error>>;

struct Case {
    name: String,
    case: Value,
}

/// The cases of a group; nothing when no folder is named.
fn cases(group: &str) -> Result<Vec<Case>, Box<dyn Error>> {
    let Some(folder) = std::env::var_os("CORDON_ASL_CASES") else {
        println!("skipped: not set");
        return Ok(Vec::new());
    };
    let folder: PathBuf = Path::new(&folder).join(group);
    let mut cases = Vec::new();
    for entry in std::fs::read_dir(&folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "json") {
            let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            cases.push(Case { name, case: serde_json::from_str(&std::fs::read_to_string(&path)?)? });
        }
    }
    if cases.is_empty() {
        return Err(format!("no cases in {}", folder.display()).into());
    }
    cases.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(cases)
}

impl Case {
    fn text(&self) -> String {
        match self.case["definition_text"].as_str() {
            Some(text) => text.to_owned(),
            None => self.case["definition"].to_string(),
        }
    }

    fn lint(&self, rules: Rules) -> Lint {
        let kind = if self.case["type"] == "EXPRESS" { Kind::Express } else { Kind::Standard };
        lint::lint_with(&self.text(), Options { kind, rules, stage: Stage::Request })
    }

    /// The definition of one state, as `TestState` takes it, within a machine.
    fn state_lint(&self) -> Lint {
        let definition = &self.case["definition"];
        if definition.get("States").is_some() {
            return self.lint(Rules::Service);
        }
        let mut states = json!({"StateName": definition});
        let mut targets = Vec::new();
        find_targets(definition, &mut targets);
        for target in targets {
            states[target] = json!({"Type": "Succeed"});
        }
        lint::lint(&json!({"StartAt": "StateName", "States": states}).to_string())
    }
}

fn find_targets(value: &Value, targets: &mut Vec<String>) {
    match value {
        Value::Object(object) => {
            for (name, value) in object {
                match (name.as_str(), value.as_str()) {
                    ("Next" | "Default", Some(target)) => targets.push(target.to_owned()),
                    ("ItemProcessor" | "Iterator" | "Branches", _) => {}
                    _ => find_targets(value, targets),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| find_targets(item, targets)),
        _ => {}
    }
}

/// Fails with a list when fewer than all cases agree.
fn judge(what: &str, total: usize, differing: &[String]) -> Outcome {
    println!("{what}: {} of {total}", total - differing.len());
    if differing.is_empty() { Ok(()) } else { Err(format!("{what}:\n{}", differing.join("\n")).into()) }
}

fn errors(lint: &Lint) -> Vec<String> {
    lint.errors().map(|p| format!("{} {} at {} ({}:{})", p.code, p.message, p.path, p.line, p.column)).collect()
}

#[test]
fn refuses_what_step_functions_refuses_in_its_words() -> Outcome {
    let cases = cases("validation")?;
    let mut differing = Vec::new();
    for case in &cases {
        let lint = case.lint(Rules::Service);
        let expect = &case.case["expect"];
        let valid = expect["valid"] == true;
        let worded = case.case["recorded_from"] != "localstack";
        let message = json!(lint.create_state_machine_error());
        let diagnostics: Vec<Value> = lint.diagnostics().into_iter().map(|diagnostic| {
            json!({"code": diagnostic.code, "location": diagnostic.location, "message": diagnostic.message, "severity": "ERROR"})
        }).collect();
        let said = match (expect.get("message"), expect.get("diagnostics")) {
            (Some(expected), _) => *expected == message,
            (None, Some(expected)) => *expected == json!(diagnostics),
            (None, None) => true,
        };
        if lint.is_valid() != valid || (worded && !said) {
            differing.push(format!("{}: expected {expect}, found {message}", case.name));
        }
    }
    judge("validation", cases.len(), &differing)
}

#[test]
fn accepts_what_step_functions_created() -> Outcome {
    for group in ["core", "lambda", "integration", "callback", "distributed-map", "static"] {
        let cases = cases(group)?;
        let mut differing = Vec::new();
        for case in &cases {
            let lint = case.lint(Rules::Service);
            if !lint.is_valid() {
                differing.push(format!("{}: {:?}", case.name, errors(&lint)));
            }
        }
        judge(group, cases.len(), &differing)?;
    }
    Ok(())
}

#[test]
fn accepts_the_states_that_step_functions_tested() -> Outcome {
    let cases: Vec<Case> =
        cases("test_state")?.into_iter().filter(|case| case.case["expect"]["error"] != "InvalidDefinition").collect();
    let mut differing = Vec::new();
    for case in &cases {
        let lint = case.state_lint();
        if !lint.is_valid() {
            differing.push(format!("{}: {:?}", case.name, errors(&lint)));
        }
    }
    judge("test_state", cases.len(), &differing)
}

#[test]
fn agrees_with_the_linter_of_the_specification() -> Outcome {
    let cases = cases("lint")?;
    let mut differing = Vec::new();
    let mut counts = 0;
    for case in &cases {
        let expect = &case.case["expect"];
        let whole = expect["scope"] != "state nodes only";
        let lint = case.lint(if whole { Rules::Specification } else { Rules::Fragment });
        if json!(lint.is_valid()) != expect["valid"] {
            differing.push(format!("{}: expected {expect}, found {:?}", case.name, errors(&lint)));
        }
        if json!(lint.errors().count()) == expect["problems"] {
            counts += 1;
        } else {
            println!("{}: {} problems expected, found {:?}", case.name, expect["problems"], errors(&lint));
        }
    }
    println!("lint, number of problems: {counts} of {}", cases.len());
    judge("lint", cases.len(), &differing)?;
    // a number of problems is a matter of counting, a verdict is not
    if counts * 10 >= cases.len() * 9 { Ok(()) } else { Err("too many cases have another number of problems".into()) }
}

#[test]
fn lists_variables_as_describe_state_machine_does() -> Outcome {
    let cases = cases("static")?;
    let mut differing = Vec::new();
    for case in &cases {
        let found = json!(case.lint(Rules::Service).variable_references);
        let expected = &case.case["expect"]["variableReferences"];
        if found != *expected {
            differing.push(format!("{}: expected {expected}, found {found}", case.name));
        }
    }
    judge("static", cases.len(), &differing)
}
