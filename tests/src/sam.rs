//! The reading of the template agrees with the SAM transform that CloudFormation runs.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use libtest_mimic::Trial;
use serde_json::Value;
use template::{self, Surroundings};

use crate::support::{self, Checked, ensure, failed, needing};

/// Template, partition, Region, and parameters other than the defaults.
type Case = (&'static str, &'static str, &'static str, &'static [(&'static str, &'static str)]);

const CASES: [Case; 3] = [
    ("infra/template.yaml", "aws", "eu-central-1", &[]),
    (
        "infra/template.yaml",
        "aws-us-gov",
        "us-gov-west-1",
        &[("Mode", "contain-confirmed"), ("IsolationGroupName", "quarantine")],
    ),
    ("infra/member.yaml", "aws-cn", "cn-north-1", &[("ResponseAccount", "111122223333")]),
];

const ACCOUNT: &str = "444455556666";
const STACK: &str = "security";

pub(crate) fn trials() -> Vec<Trial> {
    vec![needing(support::PYTHON, "sam::the_reading_agrees_with_the_transform", |python| {
        CASES.iter().try_for_each(|case| agree(python, case))
    })]
}

fn agree(python: &Path, (path, partition, region, parameters): &Case) -> Checked {
    let root = support::root();
    let text = std::fs::read_to_string(root.join(path))?;
    let overrides: BTreeMap<String, String> =
        parameters.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let place = Surroundings {
        account: ACCOUNT.into(),
        region: (*region).into(),
        partition: (*partition).into(),
        stack_name: STACK.into(),
    };
    let ours = template::summary(&template::read(&text, &overrides, &place)?);
    let mut command = Command::new(python);
    command.current_dir(&root).arg("tests/python/sam_agreement.py").arg(path).args([
        "--account",
        ACCOUNT,
        "--region",
        region,
        "--partition",
        partition,
        "--stack-name",
        STACK,
    ]);
    for (name, value) in *parameters {
        command.arg("--parameter").arg(format!("{name}={value}"));
    }
    let output = command.output()?;
    ensure(output.status.success(), format!("{path}: {}", String::from_utf8_lossy(&output.stderr)))?;
    let theirs: Value = serde_json::from_slice(&output.stdout)?;
    match first_difference("", &theirs, &ours) {
        None => Ok(()),
        Some(difference) => failed(format!("{path} in {partition}: {difference}")),
    }
}

fn first_difference(at: &str, theirs: &Value, ours: &Value) -> Option<String> {
    match (theirs, ours) {
        (Value::Object(a), Value::Object(b)) => {
            let names = a.keys().chain(b.keys());
            names.into_iter().find_map(|name| {
                let place = format!("{at}/{name}");
                first_difference(&place, a.get(name).unwrap_or(&Value::Null), b.get(name).unwrap_or(&Value::Null))
            })
        }
        _ if theirs == ours => None,
        _ => Some(format!("{at}: the transform says {theirs}, the reading {ours}")),
    }
}
