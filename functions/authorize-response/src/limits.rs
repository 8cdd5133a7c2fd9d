//! Exemptions and self-protection, and the reads that they need.

use incident::configuration::Limits;
use incident::guardrails::{self, ResponseAccount};
use incident::{Action, Decision, Incident, InstanceFacts};
use responder::{Clients, Error, Result, Target, required};

use crate::Settings;

/// Requires approval when a guardrail applies, and notes what looked like an exemption and is none. A plan that a person
/// decides about anyway gets the same reasons.
///
/// # Errors
/// As IAM answers, when a guardrail is about the role of the instance.
pub(crate) async fn apply(
    clients: &Clients,
    settings: &Settings,
    limits: &Limits,
    incident: &Incident,
    facts: &InstanceFacts,
    decision: &mut Decision,
) -> Result<()> {
    // A plan that is shown to a person or awaits approval lists what speaks against it as well.
    if !decision.action.mutates() && !matches!(decision.action, Action::Observe | Action::RequestApproval) {
        return Ok(());
    }
    let roles = match &facts.instance_profile_arn {
        Some(profile) if limits.need_role() => {
            let target = clients.for_target(&incident.partition, &incident.account, &incident.region)?;
            roles_of(&target, profile).await?
        }
        _ => Vec::new(),
    };
    let response_account =
        ResponseAccount { id: clients.home_account(), dedicated: settings.response_account_is_dedicated };
    let evaluation =
        guardrails::evaluate(limits, response_account, incident, facts, &roles, clients.now().whole_seconds());
    evaluation.ignored.into_iter().for_each(|reason| decision.note(reason));
    for reason in evaluation.reasons {
        decision.require_approval(reason);
    }
    Ok(())
}

/// Names of the roles of an instance profile (`GetInstanceProfile`); IAM allows at most one.
async fn roles_of(target: &Target, profile_arn: &str) -> Result<Vec<String>> {
    let name = profile_arn.rsplit_once('/').map_or(profile_arn, |(_, name)| name);
    let output = target
        .iam()
        .get_instance_profile()
        .instance_profile_name(name)
        .send()
        .await
        .map_err(Error::from_sdk("iam:GetInstanceProfile"))?;
    let roles = required("iam:GetInstanceProfile", "InstanceProfile", output.instance_profile)?.roles;
    Ok(roles.into_iter().map(|role| role.role_name).collect())
}
