use std::time::Duration;

use aws_text::wildcard::matches_iam;
use serde_json::{Value, json};

use super::State;
use super::caller::role_session;
use crate::authorize::Principal;
use crate::base::{ServiceError, unique_id};
use crate::protocol::Params;
use crate::service::{Context, RequiredPermission};

/// How long a session lasts unless the caller says otherwise; also the longest that a role allows by default, and the
/// longest for a role that assumes a role, in seconds.
///
/// Source: STS API Reference, "AssumeRole", `DurationSeconds`.
const HOUR: i64 = 3600;

pub(super) fn permissions(_state: &State, _context: &Context<'_>, params: &Params) -> Vec<RequiredPermission> {
    let mut permission = RequiredPermission::new("sts:AssumeRole", params.peek_string("RoleArn").unwrap_or("*"));
    for (key, parameter) in [("sts:RoleSessionName", "RoleSessionName"), ("sts:ExternalId", "ExternalId")] {
        if let Some(value) = params.peek_string(parameter) {
            permission = permission.key(key, value);
        }
    }
    vec![permission]
}

/// Gives credentials of a role whose trust policy names the caller. Session policies and session tags are not
/// simulated.
pub(super) fn assume_role(
    _state: &State,
    context: &mut Context<'_>,
    mut params: Params,
) -> Result<Value, ServiceError> {
    let role_arn = params.require_string("RoleArn")?;
    let session_name = params.require_string("RoleSessionName")?;
    let duration = params.take_integer("DurationSeconds")?;
    // Trust policies here demand no external id, and then STS accepts any.
    if let Some(id) = params.take_string("ExternalId")? {
        check_external_id(&id)?;
    }
    // What is left here is not simulated, and must not leave credentials behind.
    if !params.names().is_empty() {
        return Ok(Value::Null);
    }
    check_arn(&role_arn)?;
    check_session_name(&session_name)?;
    let caller = context.principal.arn.clone();
    let duration = check_duration(duration, role_session(&caller).is_some())?;
    let denied = || {
        ServiceError::new(
            "AccessDenied",
            format!("User: {caller} is not authorized to perform: sts:AssumeRole on resource: {role_arn}"),
        )
        .status(403)
    };
    // A role that does not exist is denied in the same words: STS does not reveal which one exists.
    let role = context.identities.role(&role_arn).ok_or_else(denied)?;
    if !role.trusted.iter().any(|trusted| trusts(trusted, &caller)) {
        return Err(denied());
    }
    let (head, path) = role_arn.split_once(":role/").ok_or_else(denied)?;
    let account = head.rsplit_once(':').map_or(head, |(_, account)| account).to_owned();
    let role_name = path.rsplit_once('/').map_or(path, |(_, name)| name);
    let arn = format!("{}:assumed-role/{role_name}/{session_name}", head.replacen(":iam:", ":sts:", 1));
    let expiration = context.now.after(duration);
    let principal = Principal {
        access_key_id: format!("ASIA{}", context.ids.alphanumeric(16)),
        secret_access_key: context.ids.hex(40),
        session_token: Some(context.ids.hex(128)),
        arn: arn.clone(),
        account,
        function: context.principal.function.clone(),
        policy: role.policy.clone(),
        expires: Some(expiration),
    };
    let answer = json!({
        "Credentials": {
            "AccessKeyId": principal.access_key_id,
            "SecretAccessKey": principal.secret_access_key,
            "SessionToken": principal.session_token,
            "Expiration": expiration.iso_seconds(),
        },
        "AssumedRoleUser": {
            "AssumedRoleId": format!("{}:{session_name}", unique_id("AROA", &role_arn)),
            "Arn": arn,
        },
    });
    context.identities.add_principal(principal);
    Ok(answer)
}

/// Whether an entry of a trust policy names the caller: the caller's own ARN, the ARN of the role whose session calls,
/// the caller's account (`arn:aws:iam::111122223333:root`, or the account alone), with `*` and `?` as wildcards.
fn trusts(trusted: &str, caller: &str) -> bool {
    let account = caller.split(':').nth(4).unwrap_or_default();
    let partition = caller.split(':').nth(1).unwrap_or_default();
    let root = format!("arn:{partition}:iam::{account}:root");
    let role = role_session(caller).map(|(role, _)| role);
    trusted == account
        || trusted == root
        || matches_iam(trusted, caller)
        || role.is_some_and(|role| matches_iam(trusted, &role) || same_role(trusted, &role))
}

/// A role with a path is the same role in its sessions' ARNs, which leave the path out.
fn same_role(trusted: &str, role: &str) -> bool {
    match (trusted.split_once(":role/"), role.split_once(":role/")) {
        (Some((account, path)), Some((caller_account, name))) => {
            account == caller_account && path.rsplit('/').next() == Some(name)
        }
        _ => false,
    }
}

fn check_arn(arn: &str) -> Result<(), ServiceError> {
    if !(20..=2048).contains(&arn.chars().count()) {
        let bound = if arn.len() < 20 { "greater than or equal to 20" } else { "less than or equal to 2048" };
        return Err(constraint(arn, "roleArn", &format!("Member must have length {bound}")));
    }
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    match parts.as_slice() {
        ["arn", _, "iam", "", account, resource]
            if account.len() == 12
                && account.bytes().all(|byte| byte.is_ascii_digit())
                && resource.starts_with("role/") =>
        {
            Ok(())
        }
        _ => Err(ServiceError::new("ValidationError", format!("{arn} is invalid"))),
    }
}

fn check_session_name(name: &str) -> Result<(), ServiceError> {
    let length = name.chars().count();
    if length < 2 {
        return Err(constraint(name, "roleSessionName", "Member must have length greater than or equal to 2"));
    }
    if length > 64 {
        return Err(constraint(name, "roleSessionName", "Member must have length less than or equal to 64"));
    }
    if !name.chars().all(|c| c.is_ascii_alphanumeric() || "_+=,.@-".contains(c)) {
        return Err(constraint(
            name,
            "roleSessionName",
            "Member must satisfy regular expression pattern: [\\w+=,.@-]*",
        ));
    }
    Ok(())
}

fn check_external_id(id: &str) -> Result<(), ServiceError> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || "_+=,.@:/-".contains(c);
    if !(2..=1224).contains(&id.chars().count()) || !id.chars().all(allowed) {
        return Err(constraint(id, "externalId", "Member must satisfy regular expression pattern: [\\w+=,.@:\\/-]*"));
    }
    Ok(())
}

fn check_duration(given: Option<i64>, chained: bool) -> Result<Duration, ServiceError> {
    let seconds = given.unwrap_or(HOUR);
    if seconds < 900 {
        let bound = "Member must have value greater than or equal to 900";
        return Err(constraint(&seconds.to_string(), "durationSeconds", bound));
    }
    if seconds > 43_200 {
        let bound = "Member must have value less than or equal to 43200";
        return Err(constraint(&seconds.to_string(), "durationSeconds", bound));
    }
    if seconds > HOUR {
        let message = if chained {
            "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining."
        } else {
            "The requested DurationSeconds exceeds the MaxSessionDuration set for this role."
        };
        return Err(ServiceError::new("ValidationError", message));
    }
    Ok(Duration::from_secs(seconds.unsigned_abs()))
}

fn constraint(value: &str, member: &str, text: &str) -> ServiceError {
    ServiceError::new(
        "ValidationError",
        format!("1 validation error detected: Value '{value}' at '{member}' failed to satisfy constraint: {text}"),
    )
}
