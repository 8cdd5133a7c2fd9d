use std::borrow::Cow;

use crate::authorize::{ConditionKeys, Principal, Request, Usage, Verdict, decide};
use crate::base::{ServiceError, Timestamp, unique_id};
use crate::service::{Refusals, RequiredPermission};

/// Who calls what, where and when: what the global condition keys are made of.
pub(super) struct Authorization<'a> {
    pub(super) caller: &'a Principal,
    /// The account of the resources.
    pub(super) account: &'a str,
    pub(super) region: &'a str,
    pub(super) now: Timestamp,
    pub(super) refusals: &'a Refusals,
}

impl Authorization<'_> {
    /// Decides whether the caller has all of these permissions, and notes which statements grant them. Returns the actions
    /// that are refused, but deferred.
    ///
    /// # Errors
    /// The service's refusal of the first permission that the caller does not have.
    pub(super) fn check(
        &self,
        usage: &mut Usage,
        permissions: &[RequiredPermission],
    ) -> Result<Vec<String>, ServiceError> {
        let mut deferred_refusals = Vec::new();
        let mut verdicts = Vec::with_capacity(permissions.len());
        for permission in permissions {
            let verdict = self.with_request(permission, |request| decide(&self.caller.policy, request));
            match verdict {
                Verdict::Allowed(_) => verdicts.push((permission, verdict)),
                _ if permission.deferred => deferred_refusals.push(permission.action.clone()),
                _ => return Err(self.denied(permission, verdict)),
            }
        }
        for (permission, verdict) in verdicts {
            self.with_request(permission, |request| usage.note(&self.caller.arn, verdict, request));
        }
        Ok(deferred_refusals)
    }

    fn with_request<T>(&self, permission: &RequiredPermission, ask: impl FnOnce(&Request<'_>) -> T) -> T {
        let keys = CallKeys { call: self, own: &permission.keys };
        ask(&Request { action: &permission.action, resource: &permission.resource, keys: &keys })
    }

    /// The refusal of a call, as the service words it.
    pub(super) fn denied(&self, permission: &RequiredPermission, verdict: Verdict<'_>) -> ServiceError {
        let why = match verdict {
            Verdict::ExplicitlyDenied(_) => "with an explicit deny in an identity-based policy".to_owned(),
            Verdict::Allowed(_) | Verdict::ImplicitlyDenied => {
                format!("because no identity-based policy allows the {} action", permission.action)
            }
        };
        let refusal = self.refusals.access_denied;
        let text = format!(
            "{}User: {} is not authorized to perform: {} on resource: {} {why}",
            refusal.message, self.caller.arn, permission.action, permission.resource
        );
        ServiceError::new(refusal.code, text).status(refusal.status)
    }

    /// A condition key that every call carries (IAM User Guide, "AWS global condition context keys"), made when a policy
    /// asks for it.
    fn global_key(&self, key: &str) -> Option<String> {
        let caller = self.caller;
        Some(match key.to_ascii_lowercase().as_str() {
            "aws:currenttime" => self.now.iso_seconds(),
            "aws:epochtime" => self.now.epoch_whole_seconds().to_string(),
            "aws:principalaccount" => caller.account.clone(),
            "aws:principalarn" => role_of_session(&caller.arn).map_or_else(|| caller.arn.clone(), |(role, _)| role),
            "aws:principaltype" => {
                if role_of_session(&caller.arn).is_some() { "AssumedRole" } else { "User" }.to_owned()
            }
            "aws:requestedregion" => self.region.to_owned(),
            "aws:resourceaccount" => self.account.to_owned(),
            "aws:securetransport" => "true".to_owned(),
            "aws:userid" => match role_of_session(&caller.arn) {
                Some((role, session)) => format!("{}:{session}", unique_id("AROA", &role)),
                None => unique_id("AIDA", &caller.arn),
            },
            _ => return None,
        })
    }
}

/// The role of an assumed-role session's ARN, and the session's name.
fn role_of_session(arn: &str) -> Option<(String, &str)> {
    let (head, tail) = arn.split_once(":assumed-role/")?;
    let (role, session) = tail.split_once('/')?;
    Some((format!("{}:role/{role}", head.replacen(":sts:", ":iam:", 1)), session))
}

/// The condition keys of one permission of a call.
struct CallKeys<'a> {
    call: &'a Authorization<'a>,
    own: &'a dyn ConditionKeys,
}

impl ConditionKeys for CallKeys<'_> {
    fn values(&self, key: &str) -> Option<Cow<'_, [String]>> {
        match self.call.global_key(key) {
            Some(value) => Some(Cow::Owned(vec![value])),
            None => self.own.values(key),
        }
    }
}
