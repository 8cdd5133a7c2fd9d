//! Corrects a security group that a Config rule found open to the internet: reads the live group, does nothing when it
//! is already fixed, writes the before-image, revokes exactly the offending rules by their ids, and reads back.

mod read;

use incident::remediation::{self, Remediation};
use incident::security_group::Rule;
use incident::{BeforeImage, Control, ControlState, Incident, Outcome, Resource};
use responder::records::keep_before_image;
use responder::{Clients, Environment, Error, ErrorName, Result, Target};
use serde::{Deserialize, Serialize};

/// What the function is configured with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    table: String,
}

impl responder::Settings for Settings {
    fn read(environment: &Environment) -> Result<Settings> {
        Ok(Settings { table: environment.require("TABLE_NAME")?.to_owned() })
    }
}

/// The incident to remediate.
#[derive(Debug, Deserialize)]
pub struct Input {
    incident: Incident,
    /// Whether to change anything: without it the offending rules are listed as planned.
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
/// As EC2 and the table answer: a re-run is safe, for what is already revoked is not listed again.
pub async fn handle(clients: &Clients, settings: &Settings, input: Input) -> Result<Output> {
    let incident = &input.incident;
    let (Resource::SecurityGroup { id }, Some(Remediation::CloseTcpPort(port))) =
        (&incident.resource, remediation::of_rule(&incident.finding.finding_type))
    else {
        return Err(Error::new(
            ErrorName::InputInvalid,
            format!("{} has no remediation for a {}", incident.finding.finding_type, incident.resource.kind()),
        ));
    };
    let target = clients.for_target(&incident.partition, &incident.account, &incident.region)?;
    let Some(group) = read::group(&target, id).await? else {
        let gap = format!("the security group {id} does not exist in account {} any more", incident.account);
        return Ok(Output { outcome: Outcome::NotFound, owner: None, controls: Vec::new(), gaps: vec![gap] });
    };
    let offending = offending(&target, id, port).await?;
    if offending.is_empty() {
        let control = Control::new(
            "close-port",
            id,
            ControlState::AlreadyDone,
            format!("read: no rule opens TCP {port} to the internet"),
        );
        return Ok(Output {
            outcome: Outcome::AlreadyCompliant,
            owner: group.owner,
            controls: vec![control],
            gaps: Vec::new(),
        });
    }
    if !input.apply {
        return Ok(Output {
            outcome: Outcome::Observed,
            owner: group.owner,
            controls: offending.iter().map(|rule| control(rule, ControlState::Planned, "would be revoked")).collect(),
            gaps: Vec::new(),
        });
    }
    let image = BeforeImage::SecurityGroupRules { group_id: id.clone(), rules: offending.clone() };
    keep_before_image(clients, &settings.table, &incident.id, &image).await?;
    revoke(&target, id, &offending).await?;
    let left = self::offending(&target, id, port).await?;
    Ok(report(offending, &left, group.owner))
}

async fn offending(target: &Target, group_id: &str, port: u16) -> Result<Vec<Rule>> {
    Ok(read::rules(target, group_id).await?.into_iter().filter(|rule| rule.opens_to_the_internet(port)).collect())
}

async fn revoke(target: &Target, group_id: &str, rules: &[Rule]) -> Result<()> {
    let ids = rules.iter().map(|rule| rule.id.clone()).collect();
    let revoked = target
        .ec2()
        .revoke_security_group_ingress()
        .group_id(group_id)
        .set_security_group_rule_ids(Some(ids))
        .send()
        .await
        .map_err(Error::of("ec2:RevokeSecurityGroupIngress"));
    match revoked {
        Ok(_) => Ok(()),
        // Someone else revoked one of them meanwhile: what is read back tells.
        Err(error) if error.has_code("InvalidSecurityGroupRuleId.NotFound") => Ok(()),
        Err(error) => Err(error),
    }
}

/// What is left of the offending rules, as it was read back. Rules that appeared meanwhile count too.
fn report(revoked: Vec<Rule>, left: &[Rule], owner: Option<String>) -> Output {
    let is_left = |rule: &&Rule| left.iter().any(|other| other.id == rule.id);
    let appeared = left.iter().filter(|rule| !revoked.iter().any(|other| other.id == rule.id));
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
    let gaps: Vec<String> = controls
        .iter()
        .filter(|control| !control.state.holds())
        .map(|control| format!("{}: {}", control.name, control.detail))
        .collect();
    let outcome = if gaps.is_empty() { Outcome::Remediated } else { Outcome::Failed };
    Output { outcome, owner, controls, gaps }
}

fn control(rule: &Rule, state: ControlState, what: &str) -> Control {
    Control::new("revoke-rule", &rule.id, state, format!("{}; {what}", rule.summary()))
}
