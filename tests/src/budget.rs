//! The blast-radius budget is atomic: of many findings at once exactly as many are contained as it allows.

use incident::Outcome;
use ingest::{InputEvent, Source};
use libtest_mimic::Trial;
use simulator::ReplayReport;

use crate::scenarios;
use crate::support::{self, Checked, ensure, equal, trial};

const FINDINGS: usize = 50;
const LIMIT: usize = 5;

pub(crate) fn trials() -> Vec<Trial> {
    vec![
        trial("budget::fifty_findings_at_once_contain_five", || at_once("BudgetPerVpc")),
        trial("budget::of_an_auto_scaling_group_too", || at_once("BudgetPerAutoScalingGroup")),
    ]
}

/// Findings at the same moment, each about a host of its own, all in one VPC and one Auto Scaling group.
fn findings() -> Checked<Vec<InputEvent>> {
    let event = support::json_file(&support::root().join("fixtures/guardduty/crypto-currency/event.json"))?.to_string();
    (1..=FINDINGS as u64)
        .map(|number| {
            let text = event
                .replace("i-0934aa3acf8697266", &format!("i-09{number:015}"))
                .replace("eni-0248c73376ae3a4ff", &format!("eni-02{number:015}"))
                .replace("738c005947c8bda826fb880f91d2670e", &format!("738c{number:028}"));
            let source = Source { path: "-".into(), line: Some(number) };
            Ok(InputEvent { source, event: Ok(serde_json::from_str(&text)?) })
        })
        .collect()
}

fn at_once(limited: &str) -> Checked {
    let parameters = ["Account", "Region", "Vpc", "AutoScalingGroup"].map(|scope| {
        let name = format!("BudgetPer{scope}");
        let limit = if name == limited { LIMIT } else { 1_000 };
        (name, limit.to_string())
    });
    let reports = scenarios::replay()?.parameters(parameters.into()).together(findings()?);
    equal(reports.len(), FINDINGS, "reports")?;
    let count = |outcome| reports.iter().filter(|report| report.outcome == outcome).count();
    equal((count(Outcome::Contained), count(Outcome::AwaitingApproval)), (LIMIT, FINDINGS - LIMIT), "outcomes")?;
    for report in &reports {
        ensure(report.tool_errors.is_empty(), format!("{:?}", report.tool_errors))?;
        let mutated = report.calls.iter().any(|call| call.service == "ec2" && !call.read_only);
        equal(mutated, report.outcome == Outcome::Contained, "whether the account was changed")?;
        equal(report.notifications.len(), 1, "what each tells")?;
        ensure(report.outcome == Outcome::Contained || says_why(report), "the reason does not name the count")?;
    }
    Ok(())
}

fn says_why(report: &ReplayReport) -> bool {
    let spent = format!("the budget is spent: {LIMIT} of {LIMIT} incidents");
    report.incidents.iter().flat_map(|incident| &incident.reasons).any(|reason| reason.contains(&spent))
}
