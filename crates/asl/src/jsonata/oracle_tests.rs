//! Expressions and what `jsonata` 2.0.6 makes of them, the version that Step Functions implements.
//!
//! `CORDON_JSONATA` names the folder that `tests/jsonata/install` has made. `tests/jsonata/oracle.mjs` runs the package, and
//! `tests/jsonata/differences.txt` lists what the engine makes otherwise, with the reason. The test fails as well when a
//! difference is gone.

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use indexmap::IndexMap;
use jsonata_core::value::JValue;
use serde_json::Value;

use super::eval::{Bindings, run_on};
use super::{Expression, Root, to_jsonata};
use crate::payload::Payload;
use crate::source;
use crate::time::Timestamp;

struct Given(IndexMap<String, JValue>);

impl Bindings for Given {
    fn input(&mut self) -> JValue {
        JValue::Undefined
    }
    fn result(&mut self) -> Option<JValue> {
        None
    }
    fn error_output(&mut self) -> Option<JValue> {
        None
    }
    fn context(&mut self) -> JValue {
        JValue::Undefined
    }
    fn variable(&mut self, name: &str) -> Option<JValue> {
        self.0.get(name).cloned()
    }
    fn payload(&mut self, _: &Root) -> Option<Payload> {
        None
    }
    fn random(&mut self) -> u64 {
        0
    }
    fn now(&self) -> Timestamp {
        Timestamp(0)
    }
    fn spend(&mut self, _: usize) -> bool {
        true
    }
}

/// What an expression comes to, as a text that can be compared.
fn ours(case: &Value) -> Result<String, Box<dyn Error>> {
    let source = case.get("expr").and_then(Value::as_str).ok_or("an expression")?;
    let expression = match Expression::parse(source) {
        Ok(expression) => expression,
        Err(refused) => return Ok(format!("error {}", refused.reason)),
    };
    let bindings = case.get("bindings").and_then(Value::as_object).into_iter().flatten();
    let mut bindings = Given(bindings.map(|(name, value)| (name.clone(), to_jsonata(value))).collect());
    let root = case.get("data").map_or(JValue::Undefined, to_jsonata);
    Ok(match run_on(&expression, &mut bindings, "F".into(), &root) {
        Ok(value) => format!("value {}", canonical(&value)),
        Err(failure) => {
            let problem = failure.problem.to_string();
            let error =
                problem.strip_prefix("threw an error during evaluation").map(|text| text.get(2..).unwrap_or(""));
            error.map_or(problem.clone(), |error| format!("error {error}"))
        }
    })
}

fn theirs(case: &Value) -> Result<String, Box<dyn Error>> {
    if let Some(value) = case.get("result") {
        return Ok(format!("value {}", canonical(value)));
    }
    if let Some(error) = case.get("error").and_then(Value::as_str) {
        return Ok(format!("error {error}"));
    }
    let problem =
        if case.get("function").is_some() { super::err::Problem::Unsupported } else { super::err::Problem::Undefined };
    Ok(problem.to_string())
}

/// The text of a value, the fields of objects in the order of their names and numbers as 64-bit floats.
fn canonical(value: &Value) -> String {
    match value {
        Value::Number(number) => format!("{:?}", number.as_f64()),
        Value::Array(items) => format!("[{}]", items.iter().map(canonical).collect::<Vec<_>>().join(", ")),
        Value::Object(fields) => {
            let fields: BTreeMap<_, _> = fields.iter().map(|(name, value)| (name, canonical(value))).collect();
            format!("{fields:?}")
        }
        other => other.to_string(),
    }
}

#[test]
fn expressions_come_to_what_jsonata_makes_of_them() -> Result<(), Box<dyn Error>> {
    let Some(package) = std::env::var_os("CORDON_JSONATA") else {
        println!("skipped: CORDON_JSONATA is not set");
        return Ok(());
    };
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/jsonata");
    let oracle = Command::new("node").arg(folder.join("oracle.mjs")).arg(package).stderr(Stdio::inherit()).output()?;
    assert!(oracle.status.success(), "the oracle ends with {}", oracle.status);
    let mut found = BTreeMap::new();
    let mut count = 0;
    for line in String::from_utf8(oracle.stdout)?.lines() {
        // Exact to the last bit of a number, which `serde_json` is not.
        let case = source::parse(line).map_err(|error| format!("{error}"))?.to_value();
        let name = case.get("name").and_then(Value::as_str).ok_or("a name")?.to_owned();
        let (ours, theirs) = (ours(&case)?, theirs(&case)?);
        count += 1;
        if ours != theirs {
            found.insert(name, format!("{:?}\n  jsonata: {theirs}\n  engine:  {ours}", case.get("expr")));
        }
    }
    println!("{count} expressions, {} differences", found.len());
    assert!(count > 5000, "the oracle gave {count} expressions only");
    let table = fs::read_to_string(folder.join("differences.txt"))?;
    let mut listed = BTreeSet::new();
    for line in table.lines().filter(|line| !line.starts_with('#') && !line.is_empty()) {
        let (name, reason) = line.split_once('\t').ok_or_else(|| format!("`{line}` gives no reason"))?;
        assert!(
            !reason.trim().is_empty() && listed.insert(name.to_owned()),
            "`{line}` is listed twice or without reason"
        );
    }
    let new: Vec<_> = found
        .iter()
        .filter(|(name, _)| !listed.contains(*name))
        .map(|(name, text)| format!("{name}: {text}"))
        .collect();
    let gone: Vec<_> = listed.iter().filter(|name| !found.contains_key(*name)).collect();
    assert!(
        new.is_empty() && gone.is_empty(),
        "not listed ({}):\n{}\nlisted, but gone: {gone:?}",
        new.len(),
        new.join("\n")
    );
    Ok(())
}
