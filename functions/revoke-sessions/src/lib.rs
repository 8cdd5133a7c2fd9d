//! Revokes the role sessions of an instance, current and future, and disassociates its instance profile. Both are needed:
//! with the deny alone the metadata service keeps issuing sessions, and without the profile alone stolen credentials keep
//! working. Neither waits for the other, and each is read back.
//!
//! Systems Manager writes its output to S3 with the profile, so collection from the host must come before this function.

mod deny;
mod read;

use std::time::Duration;

use incident::host::{DENY_SESSIONS, DISASSOCIATE_PROFILE};
use incident::{BeforeImage, Control, Incident};
use responder::incident_store::{before_images, put_before_image};
use responder::{
    Assessment, Attempt, Clients, Environment, Error, ErrorName, Parameters, Result, Target, assess, kill_switch,
};
use serde::{Deserialize, Serialize};

use read::{Association, Role};

/// IAM and EC2 are eventually consistent: how often and at which interval a change is read back before it counts as lost.
const READ_ATTEMPTS: u32 = 4;
const READ_INTERVAL: Duration = Duration::from_secs(2);

/// Settings of the function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    table: String,
    own_role_prefixes: Vec<String>,
    break_glass_path: String,
}

impl responder::Settings for Settings {
    fn read(environment: &Environment, parameters: &mut Parameters) -> Result<Settings> {
        let prefixes = parameters.require("own_role_prefixes")?;
        Ok(Settings {
            table: environment.require("TABLE_NAME")?.to_owned(),
            own_role_prefixes: prefixes.split(',').filter(|prefix| !prefix.is_empty()).map(str::to_owned).collect(),
            break_glass_path: parameters.require("break_glass_role_path")?,
        })
    }
}

/// The incident whose sessions are revoked.
#[derive(Debug, Deserialize)]
pub struct Input {
    incident: Incident,
    /// ARN of the execution.
    #[serde(default)]
    execution: String,
    /// Whether the definition will not retry again: a transient failure is then reported instead of raised.
    #[serde(default)]
    last_attempt: bool,
}

/// What was read back.
#[derive(Debug, Default, Serialize)]
pub struct Output {
    controls: Vec<Control>,
    gaps: Vec<String>,
    residual_paths: Vec<String>,
}

/// Revokes the sessions of the instance of an incident. An instance without a profile has none.
///
/// # Errors
/// `Containment.Interrupted` when a transient failure left a control open and the definition can retry; running the
/// function again is safe. `Response.Stopped` when the kill switch is engaged.
pub async fn handle(clients: &Clients, settings: &Settings, input: Input) -> Result<Output> {
    let incident = &input.incident;
    let (target, id) = clients.for_instance(incident)?;
    let (switch, record, association) = tokio::join!(
        Box::pin(kill_switch::check(clients, &settings.table)),
        Box::pin(before_images(clients, &settings.table, &incident.id)),
        Box::pin(read::association(&target, id)),
    );
    switch?;
    // Without the before-images this run does not know what an earlier run disassociated. It still revokes what is there.
    let earlier = record.ok().into_iter().flatten().find_map(|image| match image {
        BeforeImage::InstanceProfile { profile_arn, .. } => Some(profile_arn),
        _ => None,
    });
    let association = association?;
    let Some(profile_arn) = association.as_ref().map(|found| found.profile_arn.clone()).or(earlier) else {
        return Ok(Output::default());
    };
    let run = Run { clients, settings, incident, execution: &input.execution, target: &target, instance_id: id };
    let deny = Box::pin(run.deny(&profile_arn)).await;
    let profile = Box::pin(run.disassociate(association.as_ref())).await;
    report(deny, profile, input.last_attempt)
}

/// One run over one instance.
struct Run<'a> {
    clients: &'a Clients,
    settings: &'a Settings,
    incident: &'a Incident,
    execution: &'a str,
    target: &'a Target,
    instance_id: &'a str,
}

impl Run<'_> {
    async fn keep(&self, image: &BeforeImage) -> Result<()> {
        let table = &self.settings.table;
        put_before_image(self.clients, table, &self.incident.id, self.execution, image).await.map(drop)
    }

    /// Denies the sessions that the instance has under the role of its profile.
    async fn deny(&self, profile_arn: &str) -> Assessment {
        let role = match read::role(self.target, profile_arn).await {
            Ok(role) => role,
            Err(error) => return Assessment::failed(DENY_SESSIONS, self.instance_id, &error),
        };
        let gap = |why: String| assess(DENY_SESSIONS, self.instance_id, &Attempt::Gap(why), Ok((false, String::new())));
        let Some(role) = role else { return gap(format!("{profile_arn} no longer exists or holds no role")) };
        if let Some(why) = deny::protected_reason(&role, self.settings) {
            return gap(why);
        }
        let attempt = self.put_deny(&role).await;
        if matches!(attempt, Attempt::Gap(_)) {
            return assess(DENY_SESSIONS, self.instance_id, &attempt, Ok((false, String::new())));
        }
        let read = self.read_deny(&role, &attempt).await;
        assess(
            DENY_SESSIONS,
            self.instance_id,
            &attempt,
            read.as_ref().map(|holds| (*holds, self.describe_deny(&role, *holds))),
        )
    }

    fn describe_deny(&self, role: &Role, holds: bool) -> String {
        let policy = deny::policy_name(self.incident);
        if holds {
            format!("{policy} denies {}:{} everything in the role {}", role.id, self.instance_id, role.name)
        } else {
            format!("{policy} is not in the role {}", role.name)
        }
    }

    async fn put_deny(&self, role: &Role) -> Attempt {
        let policy_name = deny::policy_name(self.incident);
        let wanted = deny::document(role, self.instance_id);
        let there = match read::policy(self.target, &role.name, &policy_name).await {
            Ok(there) => there,
            Err(error) => return Attempt::Failed(error),
        };
        if read::matches_document(there.as_deref(), &wanted) {
            return Attempt::AlreadyDone;
        }
        let image = BeforeImage::RolePolicy {
            role_name: role.name.clone(),
            role_id: role.id.clone(),
            policy_name: policy_name.clone(),
            document: there,
        };
        if let Err(error) = self.keep(&image).await {
            return Attempt::Failed(error);
        }
        let call = self.target.iam().put_role_policy().role_name(&role.name).policy_name(policy_name);
        match call.policy_document(wanted.to_string()).send().await.map_err(Error::from_sdk("iam:PutRolePolicy")) {
            Ok(_) => Attempt::Changed(None),
            // The inline policies of a role may have 10,240 characters together (IAM user guide, "IAM and STS quotas").
            Err(error) if error.has_code("LimitExceeded") => Attempt::Gap(format!(
                "the inline policies of the role {} are full, so its sessions stay valid until they expire: make room \
                 and add the deny, or deny by other means; {error}",
                role.name
            )),
            Err(error) => Attempt::Failed(error),
        }
    }

    /// Whether the role has the deny; a policy that was just written can take seconds to become visible.
    async fn read_deny(&self, role: &Role, attempt: &Attempt) -> Result<bool> {
        let policy_name = deny::policy_name(self.incident);
        let wanted = deny::document(role, self.instance_id);
        for read in 0..READ_ATTEMPTS {
            if read > 0 {
                self.clients.pause(READ_INTERVAL).await;
            }
            let there = read::policy(self.target, &role.name, &policy_name).await?;
            if read::matches_document(there.as_deref(), &wanted) {
                return Ok(true);
            }
            if !matches!(attempt, Attempt::Changed(_)) {
                break;
            }
        }
        Ok(false)
    }

    /// Disassociates the profile. That needs no `PassRole`; only a release needs it to associate the profile again.
    async fn disassociate(&self, association: Option<&Association>) -> Assessment {
        let attempt = match association {
            None => Attempt::AlreadyDone,
            Some(association) => self.disassociate_kept(association).await,
        };
        let mut read = read::association(self.target, self.instance_id).await;
        for _ in 1..READ_ATTEMPTS {
            if !matches!((&attempt, &read), (Attempt::Changed(_), Ok(Some(_)))) {
                break;
            }
            self.clients.pause(READ_INTERVAL).await;
            read = read::association(self.target, self.instance_id).await;
        }
        let read = read.as_ref().map(|found| match found {
            None => (true, "no profile is associated".to_owned()),
            Some(found) => (false, format!("{} is associated", found.profile_arn)),
        });
        assess(DISASSOCIATE_PROFILE, self.instance_id, &attempt, read)
    }

    async fn disassociate_kept(&self, association: &Association) -> Attempt {
        let image = BeforeImage::InstanceProfile {
            instance_id: self.instance_id.to_owned(),
            association_id: association.id.clone(),
            profile_arn: association.profile_arn.clone(),
        };
        if let Err(error) = self.keep(&image).await {
            return Attempt::Failed(error);
        }
        let call = self.target.ec2().disassociate_iam_instance_profile().association_id(&association.id);
        match call.send().await.map_err(Error::from_sdk("ec2:DisassociateIamInstanceProfile")) {
            // Someone else, or an attempt whose answer was lost, has disassociated it.
            Err(error) if error.has_code("InvalidAssociationID.NotFound") => Attempt::AlreadyDone,
            result => Attempt::from_result(result.map(drop)),
        }
    }
}

fn report(deny: Assessment, profile: Assessment, last_attempt: bool) -> Result<Output> {
    let denied = deny.control.state.holds();
    let assessed = [deny, profile];
    let transient: Vec<&str> = assessed.iter().filter_map(|assessed| assessed.transient.as_deref()).collect();
    if !transient.is_empty() && !last_attempt {
        return Err(Error::new(ErrorName::ContainmentInterrupted, transient.join("; ")));
    }
    let controls = assessed.map(|assessed| assessed.control).to_vec();
    let open = controls.iter().filter(|control| !control.state.holds());
    let gaps = open.map(|control| format!("{}: {}", control.name, control.detail)).collect();
    let path = if denied {
        "sessions of other roles that were assumed with the instance's credentials before the deny stay valid until they \
         expire"
    } else {
        "credentials of the instance profile that were already issued stay valid until they expire"
    };
    Ok(Output { controls, gaps, residual_paths: vec![path.to_owned()] })
}
