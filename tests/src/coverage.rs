//! Every edge of every definition is taken by some scenario: each state, each rule and Default of a Choice, each Retry and
//! Catch rule. A path that no scenario takes is a path that nobody has seen.

use std::collections::{BTreeMap, BTreeSet};

use libtest_mimic::Trial;
use template::Surroundings;

use crate::scenarios::{folders, replay, run_all};
use crate::support::{Checked, ensure, trial};

/// Edges that no event can take today, each with the reason. One that some scenario takes, or that is not there any more,
/// must go from here.
const OUT_OF_REACH: [(&str, &str); 1] = [(
    "respond-ec2 v1: /States/RouteByDecision/Choices[1]",
    "the rule takes findings about instances only, and triage refuses one that names no instance",
)];

pub(crate) fn trials() -> Vec<Trial> {
    vec![trial("coverage::every_edge_of_a_definition_is_taken_by_a_scenario", every_edge)]
}

fn every_edge() -> Checked {
    let replay = replay()?;
    let mut taken = BTreeSet::new();
    for folder in folders() {
        for report in run_all(&replay, &folder)? {
            taken.extend(report.edges);
        }
    }
    let place = Surroundings {
        account: "111122223333".into(),
        region: "eu-central-1".into(),
        partition: "aws".into(),
        stack_name: "cordon".into(),
    };
    let deployment = replay.deployment(&place, &BTreeMap::new())?;
    let mut missing = BTreeSet::new();
    let mut edges = 0;
    for machine in deployment.machines.values() {
        for edge in machine.definition.edges() {
            edges += 1;
            let found = simulator::report::EdgeReport {
                playbook: machine.playbook.clone(),
                version: machine.version.clone(),
                edge: edge.to_string(),
            };
            if !taken.contains(&found) {
                missing.insert(format!("{} {}: {edge}", machine.playbook, machine.version));
            }
        }
    }
    ensure(edges > 0, "no definition has an edge")?;
    for (edge, reason) in OUT_OF_REACH {
        ensure(missing.remove(edge), format!("{edge} is not out of reach: {reason}"))?;
    }
    let missing: Vec<String> = missing.into_iter().collect();
    ensure(
        missing.is_empty(),
        format!("{} of {edges} edges are taken by no scenario\n{}", missing.len(), missing.join("\n")),
    )
}
