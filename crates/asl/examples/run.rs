//! Runs a definition with mocked task results in virtual time, and prints its history:
//!
//! ```text
//! cargo run -p asl --example run -- definition.json input.json mocks.json
//! ```

use std::error::Error;

use asl::mocks::{Mocks, drive};
use asl::{Definition, Kind, Limits, Start, Timestamp};

fn main() -> Result<(), Box<dyn Error>> {
    let mut files = std::env::args().skip(1);
    let (Some(definition), Some(input), Some(mocks)) = (files.next(), files.next(), files.next()) else {
        return Err("usage: run DEFINITION_JSON INPUT_JSON MOCKS_JSON".into());
    };
    let definition = Definition::parse(&std::fs::read_to_string(definition)?)?;
    let start = Start {
        execution_arn: "arn:aws:states:us-east-1:111122223333:execution:example:one".into(),
        execution_name: "one".into(),
        state_machine_arn: "arn:aws:states:us-east-1:111122223333:stateMachine:example".into(),
        state_machine_name: "example".into(),
        role_arn: "arn:aws:iam::111122223333:role/example".into(),
        input: serde_json::from_slice(&std::fs::read(input)?)?,
        started_at: Timestamp::parse("2026-03-01T12:00:00Z")?,
        kind: Kind::Standard,
        seed: 1,
        limits: Limits::default(),
    };
    let driven = drive(definition, start, &Mocks::parse(&serde_json::from_slice(&std::fs::read(mocks)?)?)?);
    for event in driven.execution.history() {
        println!("{} {:?}", event.id, event.details);
    }
    println!("{:?}", driven.execution.outcome());
    Ok(())
}
