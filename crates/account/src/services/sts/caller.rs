use serde_json::{Value, json};

use super::State;
use crate::base::{ServiceError, unique_id};
use crate::protocol::Params;
use crate::service::Context;

/// Who calls.
pub(super) fn get_caller_identity(
    _state: &State,
    context: &mut Context<'_>,
    _params: Params,
) -> Result<Value, ServiceError> {
    let arn = context.principal.arn.as_str();
    let user_id = match role_session(arn) {
        Some((role, session)) => format!("{}:{session}", unique_id("AROA", &role)),
        None => unique_id("AIDA", arn),
    };
    Ok(json!({ "UserId": user_id, "Account": context.account, "Arn": arn }))
}

/// The role's ARN (without a path, which a session's ARN leaves out) and the session name of an assumed role.
pub(super) fn role_session(arn: &str) -> Option<(String, &str)> {
    let (head, tail) = arn.split_once(":assumed-role/")?;
    let (role, session) = tail.split_once('/')?;
    Some((format!("{}:role/{role}", head.replacen(":sts:", ":iam:", 1)), session))
}
