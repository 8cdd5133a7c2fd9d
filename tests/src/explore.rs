//! The exploration of faults: what is explored holds, and each invariant fails when the behavior behind it is broken.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use explorer::{self, Fault, Invariant, Options, ScenarioFaults};
use ingest::{Input, InputEvent, read};
use libtest_mimic::Trial;
use responder::{Clients, Environment, Error, ErrorName, Function, Parameters, Result, Target};
use serde_json::{Value, json};
use simulator::{Handlers, Replay};
use template::Project;

use crate::any_settings::AnySettings;
use crate::support::{self, Checked, ensure, equal, failed, some, trial};

pub(crate) fn trials() -> Vec<Trial> {
    let mut trials = vec![
        trial("explorer::a_fault_is_read_as_it_is_written", faults_are_read),
        trial("explorer::the_documented_invariants_are_those_of_the_code", documented),
        trial("explorer::a_run_is_repeated_by_its_command", the_command_repeats),
        trial("explorer::single_faults_are_single", bare),
        trial("explorer::the_same_seed_explores_the_same", same_seed),
        trial("explorer::what_is_not_followed_breaks_nothing_else", exhaustive),
        trial("explorer::what_runs_nothing_is_said", nothing_runs),
    ];
    for scenario in EXPLORED {
        trials.push(trial(&format!("explorer::{scenario}"), move || holds(scenario)));
    }
    for mutant in MUTANTS {
        let name = mutant.invariant.name();
        trials.push(trial(&format!("explorer::{name}_fails_when_broken"), move || caught(&mutant)));
    }
    trials
}

/// Scenarios whose every single fault is explored here: small ones, for the whole of `fixtures/` takes a release build.
const EXPLORED: [&str; 3] = ["config/open-to-ipv4", "config/follow-up-throttled", "guardduty/low-severity"];

/// The table of `docs/fault-exploration.md` has every invariant with its property.
fn documented() -> Checked {
    let text = std::fs::read_to_string(support::root().join("docs/fault-exploration.md"))?;
    for invariant in Invariant::ALL {
        let row = format!("| `{}` | {} |", invariant.name(), invariant.sentence());
        ensure(
            text.lines().any(|line| line.starts_with(&row)),
            format!("docs/fault-exploration.md has no row `{row}`"),
        )?;
    }
    Ok(())
}

/// The scenario that mutants are tried on.
const MUTATED: &str = "guardduty/crypto-currency";

fn event(scenario: &str) -> Checked<InputEvent> {
    let mut found = None;
    read(Input::File(support::root().join("fixtures").join(scenario).join("event.json")), &mut |recorded| {
        found = Some(recorded);
        true
    });
    some(found, scenario)
}

fn replay_with(handlers: Handlers) -> Checked<Replay> {
    Ok(Replay::new(Project::find(&support::root())?, handlers))
}

fn holds(scenario: &str) -> Checked {
    let replay = replay_with(Handlers::deployed())?;
    let options = Options { combinations: 6, jobs: 1, exhaustive: false };
    let exploration = explorer::explore(&replay, vec![event(scenario)?], options, &|_| {});
    ensure(exploration.singles > 20, format!("{} single faults are too few", exploration.singles))?;
    ensure(exploration.combinations > 0, "no combination was explored")?;
    let runs = exploration.injected + exploration.combinations;
    ensure(exploration.runs > runs, "the run without faults is not counted")?;
    let broken: Vec<String> = exploration
        .violations
        .iter()
        .map(|violation| {
            let faults: Vec<String> = violation.faults.iter().map(Fault::to_string).collect();
            format!("{} with {}: {}", violation.invariant.name(), faults.join(", "), violation.detail)
        })
        .collect();
    ensure(broken.is_empty(), broken.join("\n"))
}

/// A handler that is broken in the place of one that is deployed, and the faults that show it.
#[derive(Clone, Copy)]
struct Mutant {
    invariant: Invariant,
    scenario: &'static str,
    step: &'static str,
    broken: fn() -> Function,
    faults: &'static str,
}

const fn mutant(invariant: Invariant, step: &'static str, broken: fn() -> Function, faults: &'static str) -> Mutant {
    Mutant { invariant, scenario: MUTATED, step, broken, faults }
}

const QUARANTINE: &str = "quarantine-instance";

const MUTANTS: [Mutant; 16] = [
    mutant(Invariant::NeverUncontained, QUARANTINE, || Function::new(lets_go), ""),
    mutant(Invariant::NothingDestroyed, QUARANTINE, || Function::new(terminates), ""),
    mutant(Invariant::BeforeImageFirst, QUARANTINE, || Function::new(swaps_first), ""),
    mutant(Invariant::BeforeImageTrue, QUARANTINE, || Function::new(changes_before_it_records), ""),
    mutant(Invariant::BeforeImageKept, QUARANTINE, || Function::new(overwrites), ""),
    Mutant {
        scenario: "guardduty/observe-mode",
        ..mutant(
            Invariant::ActsOnlyWhenDecided,
            "triage",
            || Function::new(loses_patience),
            "triage#1=crash-before,triage#2=crash-before",
        )
    },
    mutant(
        Invariant::OneSnapshotSet,
        "snapshot-volumes",
        || Function::new(never_looks),
        "snapshot-volumes#1=crash-after",
    ),
    mutant(Invariant::Told, "notify", || Function::new(silent), ""),
    mutant(
        Invariant::ToldTruth,
        QUARANTINE,
        || Function::new(claims),
        "quarantine-instance/ec2:ModifyNetworkInterfaceAttribute#*=access-denied",
    ),
    mutant(Invariant::OneTextPerKey, "notify", || Function::new(talkative), "notify#1=twice"),
    mutant(Invariant::SecondRunChangesNothing, "authorize-response", || Function::new(forgets_the_claim), ""),
    mutant(
        Invariant::SecondRunNotWorse,
        QUARANTINE,
        || Function::new(reopens),
        "revoke-sessions/iam:PutRolePolicy#*=access-denied",
    ),
    mutant(
        Invariant::TransientFaultHarmless,
        QUARANTINE,
        || Function::new(gives_up),
        "quarantine-instance#1=crash-after",
    ),
    mutant(
        Invariant::LastingFaultHonest,
        "identify-instance",
        || Function::new(sees_nothing),
        "identify-instance/ec2:DescribeInstances#*=access-denied",
    ),
    mutant(Invariant::TerminalOutcome, QUARANTINE, || Function::new(formless), ""),
    mutant(Invariant::NothingUnsupported, QUARANTINE, || Function::new(asks_what_is_not_there), ""),
];

fn caught(mutant: &Mutant) -> Checked {
    let faults = parsed(mutant.faults)?;
    let broken = |handlers: Handlers| -> Checked<Vec<Invariant>> {
        let replay =
            Replay::new(support::project_without(mutant.invariant.name(), "aws:ResourceTag/cordon:purpose")?, handlers);
        match explorer::repeat(&replay, event(mutant.scenario)?, &faults, ScenarioFaults::Included) {
            Ok(repeated) => Ok(repeated.violations.iter().map(|violation| violation.invariant).collect()),
            Err(_) => failed("nothing runs"),
        }
    };
    ensure(!broken(Handlers::deployed())?.contains(&mutant.invariant), "it is broken without the mutant")?;
    let mut handlers = Handlers::deployed();
    handlers.set(mutant.step, (mutant.broken)());
    let found = broken(handlers)?;
    ensure(found.contains(&mutant.invariant), format!("the mutant breaks {found:?}"))
}

fn parsed(faults: &str) -> Checked<Vec<Fault>> {
    let faults = faults.split(',').filter(|fault| !fault.is_empty());
    faults.map(|fault| fault.parse().map_err(|error| format!("{error}").into())).collect()
}

/// The complete environment, for handlers that pass it on; the settings stay in the input.
struct Everything(Environment);

impl responder::Settings for Everything {
    fn read(environment: &Environment, parameters: &mut Parameters) -> Result<Everything> {
        parameters.take_rest();
        Ok(Everything(environment.clone()))
    }
}

static DEPLOYED: LazyLock<Handlers> = LazyLock::new(Handlers::deployed);

/// What the deployed handler does.
async fn deployed(step: &str, clients: &Clients, settings: &Everything, input: Value) -> Result<Value> {
    let handler = DEPLOYED.get(step).ok_or_else(|| Error::new(ErrorName::SettingsInvalid, "no such step"))?;
    handler.invoke(clients.clone(), settings.0.clone(), input).await
}

fn text<'a>(input: &'a Value, pointer: &str) -> &'a str {
    input.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

fn target(clients: &Clients, input: &Value) -> Result<std::sync::Arc<Target>> {
    clients.for_target(
        text(input, "/incident/partition"),
        text(input, "/incident/account"),
        text(input, "/incident/region"),
    )
}

async fn interfaces(target: &Target, input: &Value) -> Result<Vec<incident::Interface>> {
    responder::attached_interfaces(target, text(input, "/incident/resource/id")).await
}

async fn set_groups(target: &Target, interface: &str, groups: Vec<String>) -> Result<()> {
    let set = target.ec2().modify_network_interface_attribute().network_interface_id(interface);
    let sent = set.set_groups(Some(groups)).send().await;
    sent.map(drop).map_err(Error::from_sdk("ec2:ModifyNetworkInterfaceAttribute"))
}

/// Puts the original groups back when it is done, as a peer does when a later step fails.
async fn lets_go(clients: &Clients, settings: &Everything, input: Value) -> Result<Value> {
    let target = target(clients, &input)?;
    let before = interfaces(&target, &input).await?;
    let output = deployed("quarantine-instance", clients, settings, input).await?;
    for interface in before {
        set_groups(&target, &interface.id, interface.groups).await?;
    }
    Ok(output)
}

async fn terminates(clients: &Clients, settings: &Everything, input: Value) -> Result<Value> {
    let instance = text(&input, "/incident/resource/id").to_owned();
    // The role may not; the attempt is what counts.
    let _ = target(clients, &input)?.ec2().terminate_instances().instance_ids(instance).send().await;
    deployed("quarantine-instance", clients, settings, input).await
}

/// Touches the groups before the before-image is there.
async fn swaps_first(clients: &Clients, settings: &Everything, input: Value) -> Result<Value> {
    let target = target(clients, &input)?;
    for interface in interfaces(&target, &input).await? {
        set_groups(&target, &interface.id, interface.groups).await?;
    }
    deployed("quarantine-instance", clients, settings, input).await
}

/// Takes a group away before the before-image is taken.
async fn changes_before_it_records(clients: &Clients, settings: &Everything, input: Value) -> Result<Value> {
    let target = target(clients, &input)?;
    for interface in interfaces(&target, &input).await? {
        let fewer: Vec<String> = interface.groups.iter().skip(1).cloned().collect();
        if !fewer.is_empty() {
            set_groups(&target, &interface.id, fewer).await?;
        }
    }
    deployed("quarantine-instance", clients, settings, input).await
}

/// Writes over the before-image when it is done.
async fn overwrites(clients: &Clients, settings: &Everything, input: Value) -> Result<Value> {
    let incident = text(&input, "/incident/id").to_owned();
    let before = interfaces(&*target(clients, &input)?, &input).await?;
    let output = deployed(QUARANTINE, clients, settings, input).await?;
    for interface in before {
        let item = |value: String| aws_sdk_dynamodb::types::AttributeValue::S(value);
        let put = clients.home().dynamodb().put_item().table_name(settings.0.require("TABLE_NAME")?);
        put.item("incident_id", item(incident.clone()))
            .item("record", item(format!("before-image#{}", interface.id)))
            .item("body", item("{}".to_owned()))
            .send()
            .await
            .map_err(Error::from_sdk("dynamodb:PutItem"))?;
    }
    Ok(output)
}

/// Decides to contain where it was not asked to, once it had to be tried again.
async fn loses_patience(clients: &Clients, settings: &Everything, input: Value) -> Result<Value> {
    let late = clients.now().to_string().get(..19) > text(&input, "/event/time").get(..19);
    let mut output = deployed("triage", clients, settings, input).await?;
    if let Some(action) = output.pointer_mut("/decision/action").filter(|_| late) {
        *action = json!("contain");
    }
    Ok(output)
}

/// Starts a snapshot set without looking for one.
async fn never_looks(clients: &Clients, settings: &Everything, input: Value) -> Result<Value> {
    use aws_sdk_ec2::types::{InstanceSpecification, ResourceType, Tag, TagSpecification};
    let tag = |key: &str, value: &str| Tag::builder().key(key).value(value).build();
    let tags = TagSpecification::builder()
        .resource_type(ResourceType::Snapshot)
        .tags(tag(responder::INCIDENT_TAG, text(&input, "/incident/id")))
        .tags(tag(responder::PURPOSE_TAG, "evidence"))
        .build();
    let instance = InstanceSpecification::builder().instance_id(text(&input, "/incident/resource/id")).build();
    let set = target(clients, &input)?;
    let started = set.ec2().create_snapshots().instance_specification(instance).tag_specifications(tags).send().await;
    started.map_err(Error::from_sdk("ec2:CreateSnapshots"))?;
    deployed("snapshot-volumes", clients, settings, input).await
}

async fn silent(_: &Clients, _: &AnySettings, _: Value) -> Result<Value> {
    Ok(json!({"message_id": null, "key": "none", "gaps": []}))
}

/// Claims what it was asked for.
async fn claims(clients: &Clients, settings: &Everything, input: Value) -> Result<Value> {
    let mut output = match deployed(QUARANTINE, clients, settings, input).await {
        Ok(output) => output,
        Err(_) => json!({"controls": [], "gaps": [], "residual_paths": []}),
    };
    if let Some(fields) = output.as_object_mut() {
        fields.insert("outcome".into(), json!("contained"));
    }
    Ok(output)
}

/// Says what it says in other words each time. The words are the fraction of the second: an exploration takes no notice of
/// points in time, which differ whenever a fault takes time.
async fn talkative(clients: &Clients, settings: &Everything, input: Value) -> Result<Value> {
    let value = |text: &str| {
        let builder = aws_sdk_sns::types::MessageAttributeValue::builder().data_type("String").string_value(text);
        builder.build().map_err(|error| Error::new(ErrorName::AwsUnexpected, error.to_string()))
    };
    let key = format!("{}/{}", text(&input, "/report/incident/id"), text(&input, "/report/outcome"));
    let publish = clients.home().sns().publish().topic_arn(settings.0.require("TOPIC_ARN")?);
    let published = publish
        .message(format!("wording {}", clients.now().to_string().rsplit('.').next().unwrap_or("none")))
        .message_attributes("key", value(&key)?)
        .send()
        .await
        .map_err(Error::from_sdk("sns:Publish"))?;
    Ok(json!({"message_id": published.message_id, "key": key, "gaps": []}))
}

/// Takes each delivery for an incident of its own.
async fn forgets_the_claim(clients: &Clients, settings: &Everything, input: Value) -> Result<Value> {
    let decision = input.get("decision").cloned().unwrap_or_default();
    let mut output = deployed("authorize-response", clients, settings, input).await?;
    if text(&output, "/claim") == "duplicate" {
        let id = format!("{}-9", text(&output, "/incident/id"));
        for (pointer, value) in [("/claim", json!("held")), ("/decision", decision), ("/incident/id", json!(id))] {
            if let Some(field) = output.pointer_mut(pointer) {
                *field = value;
            }
        }
    }
    Ok(output)
}

/// Lets go of what it finds isolated.
async fn reopens(clients: &Clients, settings: &Everything, input: Value) -> Result<Value> {
    let target = target(clients, &input)?;
    let groups = target.ec2().describe_security_groups().send().await;
    let groups = groups.map_err(Error::from_sdk("ec2:DescribeSecurityGroups"))?.security_groups.unwrap_or_default();
    let own = |group: &&aws_sdk_ec2::types::SecurityGroup| {
        group.tags().iter().any(|tag| tag.key() == Some(responder::PURPOSE_TAG))
    };
    let isolation: Vec<&str> = groups.iter().filter(own).filter_map(|group| group.group_id()).collect();
    let before = interfaces(&target, &input).await?;
    let output = deployed(QUARANTINE, clients, settings, input).await?;
    for interface in before {
        let other = groups.iter().find(|group| !own(group) && group.vpc_id() == Some(&interface.vpc_id));
        let isolated = interface.groups.iter().all(|group| isolation.contains(&group.as_str()));
        if let Some(id) = other.and_then(|group| group.group_id()).filter(|_| isolated) {
            set_groups(&target, &interface.id, vec![id.to_owned()]).await?;
        }
    }
    Ok(output)
}

/// Takes what an earlier attempt did for a reason to stop.
async fn gives_up(clients: &Clients, settings: &Everything, input: Value) -> Result<Value> {
    let target = target(clients, &input)?;
    let tagged = aws_sdk_ec2::types::Filter::builder().name("tag-key").values(responder::PURPOSE_TAG).build();
    let groups = target.ec2().describe_security_groups().filters(tagged).send().await;
    let groups = groups.map_err(Error::from_sdk("ec2:DescribeSecurityGroups"))?.security_groups.unwrap_or_default();
    if !groups.is_empty() {
        return Err(Error::new(ErrorName::AwsRefused, "someone has been here"));
    }
    deployed(QUARANTINE, clients, settings, input).await
}

/// Takes what it may not see for gone.
async fn sees_nothing(clients: &Clients, settings: &Everything, input: Value) -> Result<Value> {
    match deployed("identify-instance", clients, settings, input).await {
        Ok(output) => Ok(output),
        Err(_) => Ok(json!({"found": false, "facts": null, "plan": [], "gaps": []})),
    }
}

async fn formless(_: &Clients, _: &AnySettings, _: Value) -> Result<Value> {
    Ok(json!({}))
}

async fn asks_what_is_not_there(clients: &Clients, settings: &Everything, input: Value) -> Result<Value> {
    let _ = target(clients, &input)?.ec2().describe_regions().send().await;
    deployed(QUARANTINE, clients, settings, input).await
}

fn faults_are_read() -> Checked {
    for fault in [
        "quarantine-instance/ec2:CreateSecurityGroup#2=timeout-after",
        "respond-ec2/sns:Publish#*=access-denied",
        "notify#1=twice",
    ] {
        equal(parsed(fault)?.iter().map(Fault::to_string).collect::<Vec<_>>(), vec![fault.to_owned()], fault)?;
    }
    for (bad, says) in [
        ("notify", "is not a fault such as"),
        ("*#1=twice", "is not a fault such as"),
        ("notify#0=twice", "expected a number from 1"),
        ("notify#1=access-denied", "expected one of throttled, crash-after, crash-before, twice"),
        ("notify/sns:Publish#1=twice", "expected one of throttled, access-denied"),
        ("notify/sns#1=throttled", "is not a fault such as"),
    ] {
        let error = bad.parse::<Fault>().err().map(|error| error.to_string()).unwrap_or_default();
        ensure(error.contains(says), format!("{bad}: {error}"))?;
    }
    Ok(())
}

/// The record under faults is the record of these faults, and what does not happen is said.
fn the_command_repeats() -> Checked {
    let fault = "quarantine-instance/ec2:CreateSecurityGroup#*=access-denied";
    let arguments = ["explore", "fixtures/guardduty/low-severity", "--format", "json", "--only"];
    let (code, out, err) = support::cordon(&[&arguments[..], &[fault]].concat())?;
    equal(code, 3, format!("{out}{err}"))?;
    ensure(err.contains("no call meets the fault `quarantine-instance/ec2:CreateSecurityGroup#*"), err)?;
    let met = "notify/sns:Publish#*=access-denied";
    let (_, out, err) = support::cordon(&[&arguments[..], &[met]].concat())?;
    equal(err, "", "diagnostics")?;
    let lines: Vec<Value> = out.lines().map(serde_json::from_str).collect::<std::result::Result<_, _>>()?;
    let [first, again, .., summary] = lines.as_slice() else { return failed(out) };
    let refused = |record: &Value| {
        let calls = record.get("calls").and_then(Value::as_array).cloned().unwrap_or_default();
        calls.iter().any(|call| text(call, "/operation") == "Publish" && !call["error"].is_null())
    };
    ensure(refused(first) && !refused(again), "the faults are those of the first run alone")?;
    equal(summary.get("runs"), Some(&json!(1)), "runs")?;
    ensure(summary.get("violations").is_some_and(Value::is_array), "the last line has the violations")
}

fn same_seed() -> Checked {
    let explored = |seed: &str| {
        let fixture = "fixtures/guardduty/low-severity";
        support::cordon(&["explore", fixture, "--format", "json", "--combinations", "4", "--seed", seed, "--jobs", "2"])
    };
    let (first, second) = (explored("7")?, explored("7")?);
    equal(first.0, 0, &first.1)?;
    equal(first, second, "two explorations")
}

/// Single faults strike a scenario without the faults that it has itself, and the command can repeat that.
fn bare() -> Checked {
    let scenario = "fixtures/config/revocation-denied";
    let outcome = |more: &[&str]| -> Checked<Value> {
        let (_, out, _) = support::cordon(&[&["explore", scenario, "--format", "json", "--only", ""], more].concat())?;
        let first: Value = serde_json::from_str(out.lines().next().unwrap_or_default())?;
        Ok(first.get("outcome").cloned().unwrap_or_default())
    };
    equal(outcome(&[])?, json!("failed"), "with its own faults")?;
    equal(outcome(&["--without-scenario-faults"])?, json!("remediated"), "without them")
}

/// Exploring what comes to something new finds what exploring everything finds.
fn exhaustive() -> Checked {
    let explored = |exhaustive: bool, broken: bool| -> Checked<BTreeSet<Invariant>> {
        let mut handlers = Handlers::deployed();
        if broken {
            handlers.set("notify", Function::new(talkative));
        }
        let replay = replay_with(handlers)?;
        let options = Options { combinations: 0, jobs: 2, exhaustive };
        let exploration = explorer::explore(&replay, vec![event("guardduty/low-severity")?], options, &|_| {});
        let all = exploration.completed == exploration.singles;
        equal(all, exhaustive, "whether every run was followed")?;
        Ok(exploration.violations.iter().map(|violation| violation.invariant).collect())
    };
    for broken in [false, true] {
        let (quick, whole) = (explored(false, broken)?, explored(true, broken)?);
        equal(!whole.is_empty(), broken, "whether something is broken")?;
        equal(quick, whole, "what is broken")?;
    }
    Ok(())
}

fn nothing_runs() -> Checked {
    let (code, out, err) =
        support::cordon(&["explore", "--combinations", "0", "fixtures/guardduty/access-key-with-instance-details"])?;
    ensure(err.contains("not explored, nothing runs") || out.contains("runs in"), format!("{code}: {out}{err}"))?;
    let (code, _, err) = support::cordon(&["explore", "no-such-file"])?;
    equal(code, 3, &err)?;
    ensure(err.contains("no-such-file"), err)
}
