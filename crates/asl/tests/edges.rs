//! Edges: what a definition lists, and what an execution says it took.

#![expect(clippy::expect_used, reason = "a test fails by panicking")]

use std::sync::Arc;

use asl::{Action, Answer, Definition, Edge, EdgeKind, Execution, Kind, Limits, Start, Timestamp};
use serde_json::{Value, json};

fn definition() -> Arc<Definition> {
    let task = |next: Value| {
        let mut task = json!({
            "Type": "Task", "Resource": "arn:aws:lambda:us-east-1:111111111111:function:f",
            "Retry": [
                { "ErrorEquals": ["Busy"], "IntervalSeconds": 1, "MaxAttempts": 1 },
                { "ErrorEquals": ["Slow"], "MaxAttempts": 0 }
            ],
        });
        if let (Value::Object(task), Value::Object(next)) = (&mut task, next) {
            task.extend(next);
        }
        task
    };
    let text = json!({
        "StartAt": "Sort",
        "States": {
            "Sort": {
                "Type": "Choice",
                "Choices": [
                    { "Variable": "$.kind", "StringEquals": "side", "Next": "Side" },
                    { "Variable": "$.kind", "StringEquals": "each", "Next": "Each" }
                ],
                "Default": "Other"
            },
            "Side": {
                "Type": "Parallel", "Next": "Other",
                "Branches": [
                    { "StartAt": "Idle", "States": { "Idle": { "Type": "Pass", "End": true } } },
                    { "StartAt": "Call", "States": {
                        "Call": task(json!({ "End": true, "Catch": [
                            { "ErrorEquals": ["Gone"], "Next": "Over" },
                            { "ErrorEquals": ["States.ALL"], "Next": "Over" }
                        ] })),
                        "Over": { "Type": "Succeed" }
                    } }
                ]
            },
            "Each": {
                "Type": "Map", "ItemsPath": "$.items", "End": true,
                "ItemProcessor": { "StartAt": "Send", "States": { "Send": task(json!({ "End": true })) } },
                "Catch": [{ "ErrorEquals": ["States.ALL"], "Next": "Other" }]
            },
            "Other": { "Type": "Succeed" }
        }
    });
    Arc::new(Definition::parse(&text.to_string()).expect("the definition is accepted"))
}

/// Runs the definition; each task is answered with the next of these error names, with a success when there is none left.
fn taken(input: Value, errors: &[&str]) -> Vec<String> {
    let definition = definition();
    let mut execution = Execution::start(
        Arc::clone(&definition),
        Start {
            execution_arn: "arn:aws:states:us-east-1:111111111111:execution:m:e".to_owned(),
            execution_name: "e".to_owned(),
            state_machine_arn: "arn:aws:states:us-east-1:111111111111:stateMachine:m".to_owned(),
            state_machine_name: "m".to_owned(),
            role_arn: "arn:aws:iam::111111111111:role/r".to_owned(),
            input,
            started_at: Timestamp::default(),
            kind: Kind::Standard,
            seed: 1,
            limits: Limits::default(),
        },
    );
    let mut errors = errors.iter();
    let mut now = Timestamp::default();
    while execution.outcome().is_none() {
        for action in execution.step(now) {
            match action {
                Action::Schedule(task) => {
                    let answer = match errors.next() {
                        Some(error) => Answer::Failed { error: (*error).to_owned(), cause: None },
                        None => Answer::Succeeded(json!({})),
                    };
                    execution.deliver(task.id, answer, now);
                }
                Action::WakeAt(at) => now = at,
                Action::Cancel(_) => {}
            }
        }
    }
    let taken: Vec<Edge<'_>> = execution.edges_taken().collect();
    assert!(taken.is_sorted_by_key(|edge| definition.edges().position(|other| other == *edge)));
    taken.iter().map(Edge::to_string).collect()
}

#[test]
fn a_definition_lists_its_edges_with_their_places() {
    let definition = definition();
    let mut listed: Vec<String> = definition.edges().map(|edge| edge.to_string()).collect();
    listed.sort();
    let call = "/States/Side/Branches[1]/States/Call";
    let send = "/States/Each/ItemProcessor/States/Send";
    let mut wanted: Vec<String> = [
        "/States/Sort",
        "/States/Sort/Choices[0]",
        "/States/Sort/Choices[1]",
        "/States/Sort/Default",
        "/States/Side",
        "/States/Side/Branches[0]/States/Idle",
        "/States/Side/Branches[1]/States/Over",
        "/States/Each",
        "/States/Each/Catch[0]",
        "/States/Other",
    ]
    .map(str::to_owned)
    .to_vec();
    wanted.extend(["", "/Retry[0]", "/Retry[1]", "/Catch[0]", "/Catch[1]"].map(|edge| format!("{call}{edge}")));
    wanted.extend(["", "/Retry[0]", "/Retry[1]"].map(|edge| format!("{send}{edge}")));
    wanted.sort();
    assert_eq!(listed, wanted);
    let retry = definition.edges().find(|edge| edge.state == "Send" && edge.kind == EdgeKind::Retry(1));
    assert_eq!(retry.map(|edge| edge.place), Some(send));
}

#[test]
fn an_execution_says_which_rules_and_branches_it_took() {
    let call = "/States/Side/Branches[1]/States/Call";
    let mut wanted = vec![
        "/States/Sort".to_owned(),
        "/States/Sort/Choices[0]".to_owned(),
        "/States/Side".to_owned(),
        "/States/Other".to_owned(),
        "/States/Side/Branches[0]/States/Idle".to_owned(),
        call.to_owned(),
    ];
    let sorted = |mut edges: Vec<String>| {
        edges.sort();
        edges
    };
    wanted.sort();
    assert_eq!(sorted(taken(json!({ "kind": "side" }), &[])), wanted);

    // A retry that is used up, and a Catcher.
    wanted.extend([
        format!("{call}/Retry[0]"),
        format!("{call}/Catch[1]"),
        "/States/Side/Branches[1]/States/Over".to_owned(),
    ]);
    wanted.sort();
    assert_eq!(sorted(taken(json!({ "kind": "side" }), &["Busy", "Busy"])), wanted);

    // A Retrier without attempts matches and is not taken.
    let edges = taken(json!({ "kind": "side" }), &["Slow"]);
    assert!(!edges.contains(&format!("{call}/Retry[1]")), "{edges:?}");
    assert!(edges.contains(&format!("{call}/Catch[1]")), "{edges:?}");
    assert!(taken(json!({ "kind": "side" }), &["Gone"]).contains(&format!("{call}/Catch[0]")));
}

#[test]
fn a_default_and_what_happens_within_a_map_are_edges() {
    assert_eq!(taken(json!({ "kind": "?" }), &[]), ["/States/Sort", "/States/Sort/Default", "/States/Other"]);
    let each = ["/States/Sort", "/States/Sort/Choices[1]", "/States/Each"];
    // There is nothing to go through, and that error is not caught.
    assert_eq!(taken(json!({ "kind": "each" }), &[]), each);
    let edges = taken(json!({ "kind": "each", "items": [1, 2] }), &["Busy", "Else"]);
    for wanted in each.into_iter().chain([
        "/States/Each/ItemProcessor/States/Send",
        "/States/Each/ItemProcessor/States/Send/Retry[0]",
        "/States/Each/Catch[0]",
        "/States/Other",
    ]) {
        assert!(edges.iter().any(|edge| edge == wanted), "{wanted} is not in {edges:?}");
    }
    assert_eq!(edges.len(), 7, "{edges:?}");
}
