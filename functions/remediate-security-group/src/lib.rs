//! Corrects a security group that an AWS Config rule found open to the internet: reads the live group, does nothing if it
//! is already fixed, writes the before-image, revokes exactly the offending rules by their ids, and reads the group back.

mod read;

use incident::remediation::{self, Remediation};
use incident::security_group::Rule;
use incident::{BeforeImage, Control, ControlState, Incident, Outcome, Resource};
use responder::incident_store::{before_images_by_execution, put_before_image};
use responder::{Clients, Environment, Error, ErrorName, Parameters, Result, Target, kill_switch};
use serde::{Deserialize, Serialize};

use read::Read;

/// Settings of the function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    table: String,
}

impl responder::Settings for Settings {
    fn read(environment: &Environment, _: &mut Parameters) -> Result<Settings> {
        Ok(Settings { table: environment.require("TABLE_NAME")?.to_owned() })
    }
}

/// The incident to remediate.
#[derive(Debug, Deserialize)]
pub struct Input {
    incident: Incident,
    /// ARN of the execution.
    #[serde(default)]
    execution: String,
    /// Whether to revoke the offending rules; otherwise they are listed as planned.
    apply: bool,
}

/// What was read back.
#[derive(Debug, Serialize)]
pub struct Output {
    outcome: Outcome,
    owner: Option<String>,
    controls: Vec<Control>,
    gaps: Vec<String>,
}

/// Remediates the security group of an incident.
///
/// # Errors
/// `Response.Stopped` while the kill switch is engaged; otherwise as EC2 and DynamoDB answer. Running the function again is
/// safe, because a revoked rule is not listed again.
pub async fn handle(clients: &Clients, settings: &Settings, input: Input) -> Result<Output> {
    let incident = &input.incident;
    let (Resource::SecurityGroup { id }, Some(Remediation::CloseTcpPort(port))) =
        (&incident.resource, remediation::for_rule(&incident.finding.finding_type))
    else {
        return Err(Error::new(
            ErrorName::InputInvalid,
            format!("{} has no remediation for a {}", incident.finding.finding_type, incident.resource.kind()),
        ));
    };
    if input.apply {
        kill_switch::check(clients, &settings.table).await?;
    }
    let target = clients.for_target(&incident.partition, &incident.account, &incident.region)?;
    let Some(group) = read::group(&target, id).await? else {
        let gap = format!("the security group {id} does not exist in account {} any more", incident.account);
        return Ok(Output { outcome: Outcome::NotFound, owner: None, controls: Vec::new(), gaps: vec![gap] });
    };
    let read = offending(&target, id, port).await?;
    if read.rules.is_empty() {
        let earlier = revoked_earlier(clients, settings, &input, id).await?;
        return Ok(if earlier.is_empty() {
            compliant(id, port, read, group.owner)
        } else {
            report(earlier, &read, group.owner)
        });
    }
    if !input.apply {
        let planned = |rule: &Rule| control(rule, ControlState::Planned, "would be revoked");
        return Ok(Output {
            outcome: Outcome::Observed,
            owner: group.owner,
            controls: read.rules.iter().map(planned).collect(),
            gaps: read.unread,
        });
    }
    let mut revoked = revoked_earlier(clients, settings, &input, id).await?;
    let image = BeforeImage::SecurityGroupRules { group_id: id.clone(), rules: read.rules.clone() };
    put_before_image(clients, &settings.table, &incident.id, &input.execution, &image).await?;
    revoke(&target, id, &read.rules).await?;
    revoked.retain(|rule| !read.rules.iter().any(|other| other.id == rule.id));
    revoked.extend(read.rules);
    let left = offending(&target, id, port).await?;
    Ok(report(revoked, &left, group.owner))
}

/// The report when no rule that could be read offends. If a prefix list could not be read, compliance is unknown.
fn compliant(id: &str, port: u16, read: Read, owner: Option<String>) -> Output {
    let outcome = if read.unread.is_empty() { Outcome::AlreadyCompliant } else { Outcome::Escalated };
    let detail = format!("read: no rule that could be read opens TCP {port} to the internet");
    Output {
        outcome,
        owner,
        controls: vec![Control::new("close-port", id, ControlState::AlreadyDone, detail)],
        gaps: read.unread,
    }
}

/// The rules that an earlier attempt of this execution was about to revoke. It may have been interrupted before it could
/// report them.
async fn revoked_earlier(clients: &Clients, settings: &Settings, input: &Input, id: &str) -> Result<Vec<Rule>> {
    if !input.apply {
        return Ok(Vec::new());
    }
    let images = before_images_by_execution(clients, &settings.table, &input.incident.id, &input.execution).await?;
    Ok(images
        .into_iter()
        .filter_map(|image| match image {
            BeforeImage::SecurityGroupRules { group_id, rules } if group_id == id => Some(rules),
            _ => None,
        })
        .flatten()
        .collect())
}

async fn offending(target: &Target, group_id: &str, port: u16) -> Result<Read> {
    let mut read = read::rules(target, group_id, port).await?;
    read.rules.retain(|rule| rule.opens_to_the_internet(port));
    Ok(read)
}

/// Revokes rules by their ids. If one of several no longer exists EC2 refuses the whole call, and each is then revoked
/// separately. The rules that are read back afterwards show the result.
async fn revoke(target: &Target, group_id: &str, rules: &[Rule]) -> Result<()> {
    match revoke_ids(target, group_id, rules.iter().map(|rule| rule.id.clone()).collect()).await {
        Err(error) if error.has_code(RULE_NOT_FOUND) => {}
        answered => return answered,
    }
    for rule in rules {
        match revoke_ids(target, group_id, vec![rule.id.clone()]).await {
            Err(error) if error.has_code(RULE_NOT_FOUND) => {}
            answered => answered?,
        }
    }
    Ok(())
}

const RULE_NOT_FOUND: &str = "InvalidSecurityGroupRuleId.NotFound";

async fn revoke_ids(target: &Target, group_id: &str, ids: Vec<String>) -> Result<()> {
    target
        .ec2()
        .revoke_security_group_ingress()
        .group_id(group_id)
        .set_security_group_rule_ids(Some(ids))
        .send()
        .await
        .map(|_| ())
        .map_err(Error::from_sdk("ec2:RevokeSecurityGroupIngress"))
}

/// The report after the rules were read back. Offending rules that appeared in the meantime count as failed.
fn report(revoked: Vec<Rule>, left: &Read, owner: Option<String>) -> Output {
    let is_left = |rule: &&Rule| left.rules.iter().any(|other| other.id == rule.id);
    let appeared = left.rules.iter().filter(|rule| !revoked.iter().any(|other| other.id == rule.id));
    let mut controls: Vec<Control> = revoked
        .iter()
        .map(|rule| {
            if is_left(&rule) {
                control(rule, ControlState::Failed, "read back: the rule is still there")
            } else {
                control(rule, ControlState::Done, "read back: the rule is gone")
            }
        })
        .collect();
    controls.extend(appeared.map(|rule| control(rule, ControlState::Failed, "it appeared while remediating")));
    let mut gaps: Vec<String> = controls
        .iter()
        .filter(|control| !control.state.holds())
        .map(|control| format!("{}: {}", control.name, control.detail))
        .collect();
    let outcome = match (gaps.is_empty(), left.unread.is_empty()) {
        (true, true) => Outcome::Remediated,
        // A prefix list that could not be read may be open.
        (true, false) => Outcome::Escalated,
        (false, _) => Outcome::Failed,
    };
    gaps.extend(left.unread.iter().cloned());
    Output { outcome, owner, controls, gaps }
}

fn control(rule: &Rule, state: ControlState, what: &str) -> Control {
    Control::new("revoke-rule", &rule.id, state, format!("{}; {what}", rule.summary()))
}
