//! Reads an EventBridge event from a file and prints the incident and the decision, without calling AWS.
//!
//! ```sh
//! cargo run -p incident --example decide -- fixtures/guardduty/command-and-control-target/event.json
//! ```

use std::error::Error;

use incident::configuration::{Defaults, policy};
use incident::{Event, Incident, Mode, Thresholds, decide, finding};

fn main() -> Result<(), Box<dyn Error>> {
    let path = std::env::args().nth(1).ok_or("usage: decide EVENT.json")?;
    let text = std::fs::read_to_string(&path).map_err(|error| format!("`{path}`: {error}"))?;
    let event = finding::parse(&serde_json::from_str(&text)?)?;
    let incident = match &event {
        Event::GuardDuty(finding) => Incident::from_finding(finding),
        Event::ComplianceChange(change) => Incident::from_compliance_change(change),
        Event::Other { source, detail_type } => {
            return Err(format!("no playbook reads `{detail_type}` of `{source}`").into());
        }
    };
    let thresholds = Thresholds { suspected: 4.0, confirmed: 7.0 };
    let policy = policy(None, None, Defaults { mode: Mode::ContainConfirmed, thresholds })?;
    let decision = decide(&incident, &event, &policy);

    println!(
        "incident  {} ({} {})",
        incident.id,
        incident.resource.kind(),
        incident.resource.id().unwrap_or("without id")
    );
    println!("finding   {}: {}", incident.finding.finding_type, incident.finding.title);
    println!("action    {}", decision.action.name());
    for reason in &decision.reasons {
        println!("  - {reason}");
    }
    Ok(())
}
