//! Several executions on one account: events that arrive together or one after the other, executions that executions
//! start, invocations that fail around their handlers.

use std::path::{Path, PathBuf};

use incident::Outcome;
use ingest::{InputEvent, Source};
use libtest_mimic::Trial;
use serde_json::{Value, json};
use simulator::{Handlers, Replay, ReplayReport};
use template::Project;

use crate::behaviors::changed_project;
use crate::scenarios::{self, run_all};
use crate::support::{self, Checked, ensure, equal, json_file, some, trial};

pub(crate) fn trials() -> Vec<Trial> {
    vec![
        trial("executions::what_an_execution_starts_goes_on_by_itself", started),
        trial("executions::a_start_that_is_not_allowed_is_refused", not_allowed),
        trial("executions::permission_on_an_alias_arn_starts_nothing", alias_arn_granted),
        trial("executions::placeholders_are_replaced_as_cloudformation_does", substituted),
        trial("executions::events_arrive_one_after_the_other", one_after_the_other),
        trial("executions::findings_arrive_together", together),
        trial("executions::invocations_fail_around_their_handlers", function_faults),
        trial("executions::an_unmet_expectation_of_a_case_is_said", unmet),
    ]
}

/// A machine that starts another one, again with the same input, again with another input, and one that is not there.
fn parent() -> Value {
    let start = |machine: &str, input: Value, catch: &str, next: &str| {
        json!({
            "Type": "Task", "Resource": "arn:aws:states:::states:startExecution",
            "Arguments": {"StateMachineArn": machine, "Name": "kept", "Input": input},
            "Catch": [{"ErrorEquals": ["States.ALL"], "Assign": {catch: "{% $states.errorOutput.Error %}"}, "Next": next}],
            "Assign": {catch: "{% $states.result.ExecutionArn %}"}, "Output": {}, "Next": next,
        })
    };
    json!({
        "QueryLanguage": "JSONata", "StartAt": "First",
        "States": {
            "First": start("${Child}", json!({"n": 1}), "first", "Again"),
            "Again": start("${Child}", json!({"n": 1}), "again", "Other"),
            "Other": start("${Child}", json!({"n": 2}), "other", "Nobody"),
            "Nobody": start("${Child}x", json!({}), "nobody", "Late"),
            "Late": {"Type": "Wait", "Seconds": "{% $states.context.Execution.Input.wait %}", "Next": "Closed"},
            "Closed": start("${Child}", json!({"n": 1}), "closed", "End"),
            "End": {
                "Type": "Pass", "End": true,
                "Output": "{% {'first': $first, 'again': $again, 'other': $other, 'nobody': $nobody, 'closed': $closed} %}",
            },
        },
    })
}

/// Waits for hours, then ends with its input.
fn child() -> Value {
    json!({"StartAt": "Wait", "States": {"Wait": {"Type": "Wait", "Seconds": 7200, "End": true}}})
}

/// A project in which a finding starts the parent; whether its role may start the child.
fn family(purpose: &str, allowed: bool) -> Checked<Project> {
    let project = changed_project(purpose, |text| {
        let machine = "\n  Child:\n    Type: AWS::Serverless::StateMachine\n    Properties:\n      Type: STANDARD\n      \
             DefinitionUri: ../statemachines/child/v1.asl.json\n      Role: !GetAtt RespondEc2Role.Arn\n      \
             AutoPublishAlias: live\n\n  RespondEc2:\n";
        let permission = "              - Sid: StartTheChild\n                Effect: Allow\n                \
             Action: states:StartExecution\n                Resource: !Ref Child\n";
        let anchor = "              - Sid: PublishLastResort\n                Effect: Allow\n                \
             Action: sns:Publish\n                Resource: !Ref Topic\n\n  RemediateConfigRole:";
        let text = text.replacen("\n  RespondEc2:\n", machine, 1);
        let text = text.replacen(
            "        Topic: !Ref Topic\n",
            "        Topic: !Ref Topic\n        Child: !Ref ChildAliaslive\n",
            1,
        );
        if allowed { text.replacen(anchor, &format!("{permission}{anchor}"), 1) } else { text }
    })?;
    let definitions = project.template_path().with_file_name("").join("../statemachines");
    std::fs::create_dir_all(definitions.join("child"))?;
    std::fs::write(definitions.join("child/v1.asl.json"), child().to_string())?;
    std::fs::write(definitions.join("respond-ec2/v1.asl.json"), parent().to_string())?;
    Ok(project)
}

/// Names of substitutions are free, values go in as they are, definitions can be YAML, and what has no value stays text with
/// a warning.
fn substituted() -> Checked {
    let project = changed_project("substituted", |text| {
        let values = "        Topic: !Ref Topic\n        topic_arn: !Ref Topic\n        a-b: 5\n        Flag: true\n        \
             Extra: '{\"a\": [1, \"${topic_arn}\"]}'\n";
        let text = text.replacen("        Topic: !Ref Topic\n", values, 1);
        text.replacen("respond-ec2/v1.asl.json", "respond-ec2/v1.asl.yaml", 1)
    })?;
    let definition = "StartAt: Wait\nStates:\n  Wait: {Type: Wait, Seconds: ${a-b}, Next: End}\n  End:\n    Type: Pass\n    \
         Result: {extra: ${Extra}, flag: ${Flag}, text: \"costs ${amount}\"}\n    End: true\n";
    let folder = project.template_path().with_file_name("").join("../statemachines/respond-ec2");
    std::fs::write(folder.join("v1.asl.yaml"), definition)?;
    let replay = Replay::new(project, Handlers::deployed());
    let warnings = replay.check().map_err(|error| error.to_string())?;
    let [warning] = &warnings[..] else { return Err(format!("one warning is expected: {warnings:?}").into()) };
    ensure(warning.contains("v1.asl.yaml: line 6: `${amount}` is not among the `DefinitionSubstitutions`"), warning)?;
    let report = replay.event(recorded(alone("guardduty/crypto-currency")?, 1));
    let output = report.execution.as_ref().and_then(|execution| execution.output.clone());
    let output = some(output, "the execution has an output")?;
    let topic = some(output.pointer("/extra/a/1").and_then(Value::as_str), "a value within a value")?;
    ensure(topic.starts_with("arn:aws:sns:"), topic)?;
    let expected = json!({"extra": {"a": [1, topic]}, "flag": true, "text": "costs ${amount}"});
    equal(output, expected, "the output")
}

/// The event of a scenario, beside which nothing lies.
fn alone(scenario: &str) -> Checked<Value> {
    json_file(&support::root().join("fixtures").join(scenario).join("event.json"))
}

fn recorded(event: Value, line: u64) -> InputEvent {
    InputEvent { source: Source { path: "-".into(), line: Some(line) }, event: Ok(event) }
}

fn family_record(project: Project, wait: u64) -> Checked<ReplayReport> {
    let mut event = alone("guardduty/crypto-currency")?;
    if let Some(event) = event.as_object_mut() {
        event.insert("wait".into(), wait.into());
    }
    let report = Replay::new(project, Handlers::deployed()).event(recorded(event, 1));
    ensure(report.tool_errors.is_empty(), format!("{:?}", report.tool_errors))?;
    Ok(report)
}

fn output(report: &ReplayReport) -> Checked<Value> {
    some(report.execution.as_ref().and_then(|execution| execution.output.clone()), format!("the output of {report:?}"))
}

fn started() -> Checked {
    let taken = "StepFunctions.ExecutionAlreadyExistsException";
    let arn = "arn:aws:states:eu-central-1:111122223333:execution:cordon-Child:kept";
    let project = family("executions-started", true)?;
    for (wait, closed, own) in [(60, arn, 60.0), (8000, taken, 8000.0)] {
        let report = family_record(project.clone(), wait)?;
        let expected = json!({
            "first": arn, "again": arn, "other": taken,
            "nobody": "StepFunctions.StateMachineDoesNotExistException", "closed": closed,
        });
        equal(output(&report)?, expected, format!("after {wait} s"))?;
        // One child, which goes on when its parent has ended, or ended before it.
        let [parent, child] = report.executions.as_slice() else {
            return support::failed(format!("{:?}", report.executions));
        };
        equal((child.playbook.as_str(), child.status.as_str()), ("child", "SUCCEEDED"), "the child")?;
        equal((child.virtual_seconds, child.transitions), (7200.0, 1), "how long the child takes")?;
        ensure(parent.virtual_seconds >= own && parent.virtual_seconds < own + 2.0, format!("{parent:?}"))?;
        equal(report.virtual_seconds, Some(parent.virtual_seconds), "the report tells of the parent")?;
        let starts: Vec<Option<&str>> = report
            .calls
            .iter()
            .filter(|call| call.service == "states" && call.operation == "StartExecution")
            .map(|call| call.error.as_deref())
            .collect();
        let exists = Some("ExecutionAlreadyExists");
        let last = if closed == arn { None } else { exists };
        equal(starts, [None, None, exists, Some("StateMachineDoesNotExist"), last].to_vec(), "the calls")?;
    }
    Ok(())
}

fn not_allowed() -> Checked {
    let report = family_record(family("executions-not-allowed", false)?, 0)?;
    let refused = "StepFunctions.AWSStepFunctionsException";
    equal(output(&report)?.get("first").cloned(), Some(json!(refused)), "the start without permission")?;
    equal(report.executions.len(), 1, "executions")
}

/// A copy of a scenario, with another file put in place by `change`.
fn copy_of(scenario: &str, purpose: &str, change: impl FnOnce(&mut Value)) -> Checked<PathBuf> {
    let (from, to) = (support::root().join("fixtures").join(scenario), support::temporary(purpose)?);
    for file in ["event.json", "scenario.json"] {
        std::fs::copy(from.join(file), to.join(file))?;
    }
    std::fs::write(to.join("account.json"), support::account_of(&from)?.to_string())?;
    std::fs::copy(from.join("event.json"), to.join("update.json"))?;
    let mut scenario = json_file(&to.join("scenario.json"))?;
    change(&mut scenario);
    std::fs::write(to.join("scenario.json"), scenario.to_string())?;
    Ok(to)
}

fn replayed(folder: &Path) -> Checked<Vec<ReplayReport>> {
    let reports = run_all(&scenarios::replay()?, folder)?;
    for report in &reports {
        ensure(report.tool_errors.is_empty(), format!("{:?}", report.tool_errors))?;
    }
    Ok(reports)
}

fn set(scenario: &mut Value, pointer: &str, name: &str, value: Value) {
    if let Some(object) = scenario.pointer_mut(pointer).and_then(Value::as_object_mut) {
        object.insert(name.to_owned(), value);
    }
}

/// The two deliveries of one finding, the later while nothing runs any more: each has its own calls.
fn one_after_the_other() -> Checked {
    let folder = copy_of("guardduty/crypto-currency", "executions-one-after-the-other", |scenario| {
        let events = json!([{"file": "event.json"}, {"file": "update.json", "after_seconds": 900}]);
        set(scenario, "", "events", events);
        set(scenario, "/expect", "outcomes", json!(["contained", "duplicate"]));
        set(
            scenario,
            "/expect",
            "calls_in_order",
            json!(["quarantine-instance/dynamodb:PutItem", "ec2:ModifyNetworkInterfaceAttribute", "sns:Publish",]),
        );
        set(
            scenario,
            "/expect",
            "account",
            json!([{
                "call": "ec2:DescribeNetworkInterfaces",
                "with": {"NetworkInterfaceIds": ["eni-0248c73376ae3a4ff"]},
                "finds": {"/NetworkInterfaces/0/Groups/1": null, "/NetworkInterfaces/0/Attachment/InstanceId": "i-0934aa3acf8697266"},
            }]),
        );
        set(scenario, "/expect", "must_not_call", json!(["nobody/ec2:CreateSnapshots"]));
        // Whatever else an update may do.
        for loose in ["notifications", "snapshot_sets"] {
            set(scenario, "/expect", loose, Value::Null);
        }
    })?;
    let reports = replayed(&folder)?;
    let [first, update] = reports.as_slice() else { return support::failed("two events give two records") };
    let verdict = some(first.expectations.as_ref(), "the verdict")?;
    ensure(verdict.met, verdict.differences.join("\n"))?;
    ensure(update.expectations.as_ref().is_some_and(|verdict| verdict.met), "the update is judged by its outcome")?;
    ensure(update.source.path.ends_with("update.json"), &update.source.path)?;
    // The clock of a report begins with its own execution.
    let began = |report: &ReplayReport| report.calls.first().map_or(f64::MAX, |call| call.at);
    ensure(began(first) < 5.0 && began(update) < 5.0, format!("{} {}", began(first), began(update)))?;
    let swaps = |report: &ReplayReport| {
        report.calls.iter().filter(|call| call.operation == "ModifyNetworkInterfaceAttribute").count()
    };
    equal((swaps(first), swaps(update)), (1, 0), "the calls that isolate")
}

/// Many findings at the same moment, each about a host of its own.
fn together() -> Checked {
    const FINDINGS: u64 = 12;
    let event = alone("guardduty/crypto-currency")?.to_string();
    let of = |number: u64| -> Checked<InputEvent> {
        let text = event
            .replace("i-0934aa3acf8697266", &format!("i-09{number:015}"))
            .replace("eni-0248c73376ae3a4ff", &format!("eni-02{number:015}"))
            .replace("738c005947c8bda826fb880f91d2670e", &format!("738c{number:028}"));
        Ok(recorded(serde_json::from_str(&text)?, number))
    };
    // What is contained here is no question of the budget.
    let wide =
        ["Account", "Region", "Vpc", "AutoScalingGroup"].map(|scope| (format!("BudgetPer{scope}"), "100".into()));
    let replay = scenarios::replay()?.parameters(wide.into());
    let findings: Vec<InputEvent> = (1..=FINDINGS).map(of).collect::<Checked<_>>()?;
    let reports = replay.together(findings);
    equal(reports.len() as u64, FINDINGS, "reports")?;
    for (report, number) in reports.iter().zip(1..) {
        ensure(report.tool_errors.is_empty(), format!("{:?}", report.tool_errors))?;
        equal(report.source.line, Some(number), "the order of the records")?;
        equal(report.outcome, Outcome::Contained, &report.reason)?;
        equal(report.notifications.len(), 1, "what each tells")?;
        let alone = replay.event(of(number)?);
        ensure(report.calls.len() <= alone.calls.len() + 3, "each report has its own calls")?;
    }
    let again = replay.together((1..=FINDINGS).map(of).collect::<Checked<_>>()?);
    ensure(reports == again, "the same findings give the same records")
}

fn function_faults() -> Checked {
    let run = |kind: &str| -> Checked<ReplayReport> {
        let folder = copy_of("guardduty/crypto-currency", &format!("executions-{kind}"), |scenario| {
            set(scenario, "", "function_faults", json!([{"function": "quarantine-instance", "kind": kind}]));
        })?;
        let mut reports = replayed(&folder)?;
        Ok(reports.swap_remove(0))
    };
    let swaps = |report: &ReplayReport| -> usize {
        report.calls.iter().filter(|call| call.operation == "ModifyNetworkInterfaceAttribute").count()
    };
    let quarantine = |report: &ReplayReport| -> String {
        let step = report.states.iter().find(|step| step.state == "QuarantineInstance");
        step.map(|step| step.result.clone()).unwrap_or_default()
    };
    for (kind, says) in [
        ("throttled", "ok after Lambda.TooManyRequestsException"),
        ("crash-before", "ok after Runtime.ExitError"),
        ("crash-after", "ok after Runtime.ExitError"),
        ("twice", "ok"),
    ] {
        let report = run(kind)?;
        equal(report.outcome, Outcome::Contained, format!("{kind}: {}", report.reason))?;
        equal(quarantine(&report), says.to_owned(), kind)?;
        equal(swaps(&report), 1, format!("{kind}: swaps of groups"))?;
        let gets = report.calls.iter().filter(|call| call.function == "quarantine-instance").count();
        let once = run("crash-before")?.calls.iter().filter(|call| call.function == "quarantine-instance").count();
        let ran_again = matches!(kind, "crash-after" | "twice");
        equal(gets > once, ran_again, format!("{kind}: the handler runs a second time"))?;
    }
    Ok(())
}

/// A comparison that finds no difference where there is one compares nothing.
fn unmet() -> Checked {
    let said = |name: &str, value: Value| -> Checked<String> {
        let folder = copy_of("guardduty/crypto-currency", "executions-unmet", |scenario| {
            set(scenario, "/expect", name, value);
        })?;
        let reports = replayed(&folder)?;
        let first = some(reports.first(), "a record")?;
        // A scenario that cannot be read has no verdict, but a reason.
        let differences = first.expectations.as_ref().map(|verdict| verdict.differences.join("\n"));
        Ok(differences.unwrap_or_else(|| first.reason.clone()))
    };
    let reading = |finds: Value| json!([{"call": "ec2:DescribeVpcs", "finds": finds}]);
    for (name, value, says) in [
        (
            "calls_in_order",
            json!(["ec2:ModifyNetworkInterfaceAttribute", "triage/ec2:DescribeInstances"]),
            "no such call that succeeded",
        ),
        (
            "calls_in_order",
            json!(["sns:Publish", "ec2:ModifyNetworkInterfaceAttribute"]),
            "after the first sns:Publish",
        ),
        ("account", reading(json!({"/Vpcs/0/VpcId": null})), "ec2:DescribeVpcs /Vpcs/0/VpcId: expected null"),
        ("account", reading(json!({"/Vpcs/99": {"VpcId": "vpc-1"}})), "found null"),
        ("account", json!([{"call": "ec2:CreateVpc", "finds": {}}]), "no read that is simulated"),
        ("table", json!([{"incident_id": "control", "record": "kill-switch"}]), "no such record"),
        ("started", json!({"child": ["SUCCEEDED"]}), "executions of child"),
        ("incidents", json!({"i-1": "contained"}), "incidents: expected"),
        ("outcomes", json!(["contained"]), "0 events and 1 outcomes"),
    ] {
        let said = said(name, value)?;
        ensure(said.contains(says), format!("{name} should say `{says}`, says `{said}`"))?;
    }
    Ok(())
}

/// A role that is granted the ARN of the alias, as `UseAliasAsEventTarget` of SAM does it, cannot start anything.
fn alias_arn_granted() -> Checked {
    let granted = |machine: &str| {
        let condition =
            "                Condition:\n                  StringEquals: { \"states:StateMachineQualifier\": live }\n";
        let right = format!("                Resource: !Ref {machine}\n{condition}");
        let wrong = format!("                Resource: !Ref {machine}Aliaslive\n");
        (right, wrong)
    };
    let folder = support::root().join("fixtures/guardduty/command-and-control-target");
    let replayed = |purpose: &str, machine: &str| -> Checked<ReplayReport> {
        let (right, wrong) = granted(machine);
        let project = changed_project(purpose, |text| text.replace(&right, &wrong))?;
        let reports = run_all(&Replay::new(project, Handlers::deployed()), &folder)?;
        some(reports.into_iter().next(), "a record")
    };
    // The rule: nothing starts, and the event is in the dead-letter queue.
    let record = replayed("alias-arn-of-a-rule", "RespondEc2")?;
    equal(record.outcome, Outcome::Failed, &record.reason)?;
    ensure(record.reason.contains("dead-letter queue"), &record.reason)?;
    ensure(record.reason.contains("not authorized to perform: states:StartExecution"), &record.reason)?;
    equal((record.calls.len(), record.executions.len()), (0, 0), "calls and executions")?;
    equal(record.tool_errors.len(), 0, "errors of the tool")?;
    // A playbook: the instance is contained, and its evidence is not preserved.
    let record = replayed("alias-arn-of-a-playbook", "PreserveEvidence")?;
    equal(record.executions.len(), 1, "executions")?;
    let gaps: Vec<&String> = record.incidents.iter().flat_map(|incident| &incident.gaps).collect();
    ensure(gaps.iter().any(|gap| gap.contains("AWSStepFunctionsException")), format!("{gaps:?}"))
}
