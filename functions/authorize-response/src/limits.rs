//! Exemptions and self-protection, with the reads they need.

use incident::configuration::Limits;
use incident::guardrails::{self, ResponseAccount};
use incident::{Action, Decision, Incident, InstanceFacts};
use responder::{Clients, Error, Result, Target};

use crate::Settings;

/// Lowers the decision to asking a person where a limit forbids more, and says which limits looked like it and do not.
/// What only a person decides anyway gets these reasons too.
///
/// # Errors
/// As IAM answers, where a limit is about the role of the instance.
pub(crate) async fn apply(
    clients: &Clients,
    settings: &Settings,
    limits: &Limits,
    incident: &Incident,
    facts: &InstanceFacts,
    decision: &mut Decision,
) -> Result<()> {
    // What a person is shown or asked to agree to says as well what speaks against it.
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
    let own = ResponseAccount { id: clients.home_account(), dedicated: settings.response_account_is_dedicated };
    let vetoes = guardrails::evaluate(limits, own, incident, facts, &roles, clients.now().whole_seconds());
    vetoes.ignored.into_iter().for_each(|reason| decision.note(reason));
    for reason in vetoes.reasons {
        decision.require_approval(reason);
    }
    Ok(())
}

/// Names of the roles of an instance profile (`GetInstanceProfile`): today exactly one.
async fn roles_of(target: &Target, profile_arn: &str) -> Result<Vec<String>> {
    let name = profile_arn.rsplit('/').next().unwrap_or(profile_arn);
    let output = target
        .iam()
        .get_instance_profile()
        .instance_profile_name(name)
        .send()
        .await
        .map_err(Error::from_sdk("iam:GetInstanceProfile"))?;
    let roles = output.instance_profile.map(|profile| profile.roles).unwrap_or_default();
    Ok(roles.into_iter().map(|role| role.role_name).collect())
}
