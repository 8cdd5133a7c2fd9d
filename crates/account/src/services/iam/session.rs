//! What the credentials that an instance has from its profile are worth.

use std::collections::BTreeMap;

use super::state::{Attached, Role, State};
use crate::authorize::{Decision, Request, evaluate};
use crate::base::Timestamp;

/// A session of an instance's role, as the instance metadata service vends it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Session {
    /// The ARN of the profile that it came through.
    pub profile_arn: String,
    /// The role's name.
    pub role: String,
    /// `AROA…`.
    pub role_id: String,
    /// The instance, whose id is the name of the session.
    pub instance_id: String,
    /// When it was issued.
    pub issued_at: Timestamp,
}

impl State {
    /// The session that an instance with this profile would get now; `None` if the profile, or a role in it, is not there.
    pub(crate) fn session(&self, profile_arn: &str, instance_id: &str, now: Timestamp) -> Option<Session> {
        let profile = self.profiles.values().find(|profile| profile.identity.arn == profile_arn)?;
        let role = self.roles.get(profile.role.as_ref()?)?;
        Some(Session {
            profile_arn: profile_arn.to_owned(),
            role: role.identity.name.clone(),
            role_id: role.identity.id.clone(),
            instance_id: instance_id.to_owned(),
            issued_at: now,
        })
    }

    /// Whether a session may do something by the policies that its role has now. An attached policy allows everything,
    /// for the documents of managed policies are not known here; `AWSDenyAll` denies everything. Permissions boundaries
    /// and the policies of organizations and resources are left out. A role that is gone permits nothing.
    pub(crate) fn permits(
        &self,
        session: &Session,
        place: &Place<'_>,
        now: Timestamp,
        action: &str,
        resource: &str,
    ) -> bool {
        let Some(role) = self.roles.get(&session.role) else { return false };
        // A role that was made anew under the same name is another one.
        if role.identity.id != session.role_id || role.attached.iter().any(Attached::denies_all) {
            return false;
        }
        let context = keys(role, session, place, now);
        let request = Request { action, resource, keys: &context };
        let decisions: Vec<Decision> =
            role.inline.values().map(|document| evaluate(&document.policy, &request)).collect();
        let denied = decisions.iter().any(|decision| matches!(decision, Decision::ExplicitlyDenied { .. }));
        !denied && (!role.attached.is_empty() || decisions.iter().any(Decision::is_allowed))
    }
}

impl Attached {
    fn denies_all(&self) -> bool {
        self.arn.ends_with(":iam::aws:policy/AWSDenyAll")
    }
}

/// Where a session is used.
#[derive(Debug)]
pub(crate) struct Place<'a> {
    pub(crate) account: &'a str,
    pub(crate) region: &'a str,
    pub(crate) partition: &'a str,
}

/// The condition keys that each call of such a session carries ("AWS global condition context keys"; "Grant your IAM role
/// to your instance": `ec2:SourceInstanceARN`).
fn keys(role: &Role, session: &Session, place: &Place<'_>, now: Timestamp) -> BTreeMap<String, Vec<String>> {
    let Place { account, region, partition } = place;
    let keys = [
        ("aws:CurrentTime", now.iso_seconds()),
        ("aws:EpochTime", now.as_millis().div_euclid(1000).to_string()),
        ("aws:PrincipalAccount", (*account).to_owned()),
        ("aws:PrincipalArn", role.identity.arn.clone()),
        ("aws:PrincipalType", "AssumedRole".to_owned()),
        ("aws:RequestedRegion", (*region).to_owned()),
        ("aws:SecureTransport", "true".to_owned()),
        ("aws:TokenIssueTime", session.issued_at.iso_seconds()),
        ("aws:userid", format!("{}:{}", session.role_id, session.instance_id)),
        ("ec2:SourceInstanceARN", format!("arn:{partition}:ec2:{region}:{account}:instance/{}", session.instance_id)),
    ];
    keys.into_iter().map(|(name, value)| (name.to_owned(), vec![value])).collect()
}
