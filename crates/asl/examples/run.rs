//! Runs a definition with mocked task results, in virtual time, and prints the history.
//!
//! ```text
//! cargo run -p asl --example run
//! ```

use std::error::Error;

use asl::mocks::{Mocks, run_with_mocks};
use asl::{Definition, Kind, Limits, Start, Timestamp};
use serde_json::json;

const DEFINITION: &str = r#"{
    "StartAt": "Isolate",
    "States": {
        "Isolate": {
            "Type": "Task",
            "Resource": "arn:aws:states:::aws-sdk:ec2:modifyNetworkInterfaceAttribute",
            "Parameters": {"NetworkInterfaceId.$": "$.interface", "Groups": ["sg-0123456789abcdef0"]},
            "TimeoutSeconds": 10,
            "Retry": [{"ErrorEquals": ["Ec2.RequestLimitExceededException"], "IntervalSeconds": 5, "MaxAttempts": 2}],
            "End": true
        }
    }
}"#;

fn main() -> Result<(), Box<dyn Error>> {
    let definition = Definition::parse(DEFINITION)?;
    // the first attempt is throttled, the second one succeeds
    let mocks = Mocks::parse(&json!({
        "Isolate": [
            {"error": "Ec2.RequestLimitExceededException", "cause": "Request limit exceeded."},
            {"result": {"Return": true}},
        ],
    }))?;
    let prefix = "arn:aws:states:us-east-1:111122223333";
    let start = Start {
        execution_arn: format!("{prefix}:execution:isolate:example"),
        execution_name: "example".to_owned(),
        state_machine_arn: format!("{prefix}:stateMachine:isolate"),
        state_machine_name: "isolate".to_owned(),
        role_arn: "arn:aws:iam::111122223333:role/isolate".to_owned(),
        input: json!({"interface": "eni-0123456789abcdef0"}),
        started_at: Timestamp::parse("2025-01-01T12:00:00Z")?,
        kind: Kind::Standard,
        seed: 1,
        limits: Limits::of(Kind::Standard),
    };
    let run = run_with_mocks(definition, start, &mocks);
    for event in run.execution.history() {
        println!("{:>3}  {}  {}", event.id, event.timestamp, event.details.event_type());
    }
    for note in &run.notes {
        println!("note: {note}");
    }
    println!("{} at {}", run.execution.status().as_str(), run.rested_at);
    Ok(())
}
