//! The page that lists each feature of the language and its support. The support of each is proven here, by definitions that
//! are run or refused; `UPDATE_EXPECT=1` rewrites the page.

mod choices;
mod control;
mod data;
mod errors;
mod proof;

use std::collections::BTreeSet;
use std::fmt::Write;

use asl::{Definition, lint};
use expect_test::expect_file;
use proof::{Extent, Feature};
use serde_json::{Value, json};

fn areas() -> Vec<(&'static str, Vec<Feature>)> {
    vec![
        ("Machines and states", control::states()),
        ("Workflows", control::workflows()),
        ("Tasks", control::tasks()),
        ("Map", control::maps()),
        ("Choice rules", choices::features()),
        ("Errors, Retry and Catch", errors::features()),
        ("Input, output and variables", data::fields()),
        ("Paths", data::paths()),
        ("Intrinsic functions", data::intrinsics()),
        ("JSONata", data::jsonata()),
    ]
}

/// Every field of the language (States Language specification, and the API reference of Step Functions for those that it
/// adds).
const FIELDS: &str = "
    Comment QueryLanguage Version TimeoutSeconds StartAt States Type InputPath OutputPath ResultPath Parameters ResultSelector
    Arguments Output Assign Retry Catch Next End Result Resource Credentials TimeoutSecondsPath HeartbeatSeconds
    HeartbeatSecondsPath Choices Default Condition Seconds Timestamp SecondsPath TimestampPath Error Cause ErrorPath CausePath
    Branches ItemProcessor Iterator ProcessorConfig Mode ExecutionType ItemsPath Items ItemSelector ItemReader ItemBatcher
    ResultWriter MaxConcurrency MaxConcurrencyPath ToleratedFailurePercentage ToleratedFailureCount Label
    ErrorEquals IntervalSeconds MaxAttempts MaxDelaySeconds BackoffRate JitterStrategy Variable And Or Not
    StringEquals StringLessThan StringGreaterThan StringLessThanEquals StringGreaterThanEquals StringMatches
    StringEqualsPath StringLessThanPath StringGreaterThanPath StringLessThanEqualsPath StringGreaterThanEqualsPath
    NumericEquals NumericLessThan NumericGreaterThan NumericLessThanEquals NumericGreaterThanEquals
    NumericEqualsPath NumericLessThanPath NumericGreaterThanPath NumericLessThanEqualsPath NumericGreaterThanEqualsPath
    BooleanEquals BooleanEqualsPath TimestampEquals TimestampLessThan TimestampGreaterThan TimestampLessThanEquals
    TimestampGreaterThanEquals TimestampEqualsPath TimestampLessThanPath TimestampGreaterThanPath
    TimestampLessThanEqualsPath TimestampGreaterThanEqualsPath
    IsNull IsPresent IsNumeric IsString IsBoolean IsTimestamp";

#[test]
fn features_are_as_the_page_says() {
    let mut wrong = Vec::new();
    for (area, features) in areas() {
        for feature in features {
            if let Err(error) = feature.check() {
                wrong.push(format!("{area}: {}: {error}", feature.name));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    expect_file!["../../../../docs/states-language.md"].assert_eq(&page());
}

#[test]
fn every_field_has_a_proof() {
    let mut used = BTreeSet::new();
    for (_, features) in areas() {
        for feature in &features {
            let definitions = feature.works.iter().map(proof::Proof::definition).chain(&feature.refused);
            definitions.for_each(|definition| names(definition, &mut used));
        }
    }
    let unproven: Vec<&str> = FIELDS.split_whitespace().filter(|field| !used.contains(*field)).collect();
    assert!(unproven.is_empty(), "without a proof: {unproven:?}");
}

/// A name that is not on the list is an error of the linter, in every object.
#[test]
fn an_unknown_field_is_never_ignored() {
    for (machine, place) in [
        (json!({ "Unknown": 1, "StartAt": "S", "States": { "S": { "Type": "Succeed" } } }), "/"),
        (json!({ "StartAt": "S", "States": { "S": { "Type": "Succeed", "Unknown": 1 } } }), "/States/S"),
        (
            json!({ "StartAt": "S", "States": { "S": { "Type": "Map", "End": true, "ItemProcessor": {
                "Unknown": 1, "StartAt": "I", "States": { "I": { "Type": "Succeed" } } } } } }),
            "/States/S/ItemProcessor",
        ),
    ] {
        let text = machine.to_string();
        let lint = lint::lint(&text);
        assert!(
            lint.errors().any(|problem| problem.code == "unknown-field" && problem.path.starts_with(place)),
            "{text}"
        );
        assert!(Definition::parse(&text).is_err(), "{text}");
    }
}

fn names(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                found.insert(name.clone());
                names(value, found);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| names(item, found)),
        _ => {}
    }
}

fn page() -> String {
    let areas = areas();
    let all = || areas.iter().flat_map(|(_, features)| features);
    let count = |extent: Extent| all().filter(|feature| feature.extent() == extent).count();
    let mut out = String::from(
        "# The States Language, feature by feature\n\n\
         This page lists each feature of the Amazon States Language, and whether the engine in `crates/asl` supports it. The test\n\
         `cargo test -p asl --test features` proves each line and fails when the page differs; `UPDATE_EXPECT=1` rewrites the page.\n\
         For a feature with *full* support the test runs definitions and compares their results. For a feature with support\n\
         *none* the engine refuses the definition with an error. An unknown field is always an error, so that the engine never\n\
         ignores a part of a definition silently.\n\n",
    );
    let (full, none) = (count(Extent::Full), count(Extent::None));
    // writing to a `String` cannot fail
    let _ = writeln!(out, "{} features: {full} full, {none} none.", full + none);
    for (area, features) in &areas {
        let _ = write!(out, "\n## {area}\n\n| feature | support | missing |\n|---|---|---|\n");
        for feature in features {
            let extent = match feature.extent() {
                Extent::Full => "full",
                Extent::None => "none",
            };
            let _ = writeln!(out, "| {} | {extent} | {} |", feature.name, feature.missing);
        }
    }
    out.push_str(
        "\n## Other features of Step Functions\n\n\
         - The history has the events of `GetExecutionHistory`.\n\
         - `cordon lint` refuses what `CreateStateMachine` refuses, with the line and column; see `cordon lint --help`.\n\
         - Definitions are read in JSON and YAML, as the CloudFormation handler of `AWS::StepFunctions::StateMachine` reads them.\n  \
           In YAML, aliases, merge keys, tags, repeated keys, several documents, and scalars that YAML 1.1 and 1.2 read\n  \
           differently are errors.\n\
         - `cordon lint` accepts a placeholder such as `${FunctionArn}` for any value, because `DefinitionSubstitutions`\n  \
           replaces it at deployment.\n\
         - `RedriveExecution` and `TestState` are not supported.\n",
    );
    out
}
