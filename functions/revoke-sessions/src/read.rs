//! The reads: the association of the instance, the role behind its profile, the inline policy.

use aws_sdk_ec2::types::{Filter, IamInstanceProfileAssociationState};
use responder::{Error, ErrorName, Result, Target, required};
use serde_json::Value;

/// The profile that is associated with an instance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Association {
    pub(crate) id: String,
    pub(crate) profile_arn: String,
}

/// A role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Role {
    pub(crate) name: String,
    pub(crate) id: String,
    pub(crate) path: String,
}

/// The active association, not one that is being removed (`DescribeIamInstanceProfileAssociations`).
pub(crate) async fn association(target: &Target, instance_id: &str) -> Result<Option<Association>> {
    const CALL: &str = "ec2:DescribeIamInstanceProfileAssociations";
    let of_instance = Filter::builder().name("instance-id").values(instance_id).build();
    let output = target
        .ec2()
        .describe_iam_instance_profile_associations()
        .filters(of_instance)
        .send()
        .await
        .map_err(Error::from_sdk(CALL))?;
    let in_force = |state: Option<&IamInstanceProfileAssociationState>| {
        matches!(
            state,
            Some(IamInstanceProfileAssociationState::Associated | IamInstanceProfileAssociationState::Associating)
        )
    };
    let mut associations = output.iam_instance_profile_associations().iter();
    let Some(found) = associations.find(|found| in_force(found.state())) else { return Ok(None) };
    let profile_arn = found.iam_instance_profile().and_then(|profile| profile.arn());
    Ok(Some(Association {
        id: required(CALL, "AssociationId", found.association_id())?.to_owned(),
        profile_arn: required(CALL, "IamInstanceProfile", profile_arn)?.to_owned(),
    }))
}

/// The role of a profile; `None` when the profile no longer exists or holds no role (`GetInstanceProfile`).
pub(crate) async fn role(target: &Target, profile_arn: &str) -> Result<Option<Role>> {
    // `arn:PARTITION:iam::ACCOUNT:instance-profile/PATH/NAME` (IAM user guide, "IAM ARNs").
    let name = profile_arn.rsplit_once('/').map(|(_, name)| name);
    let name = name.ok_or_else(|| {
        Error::new(ErrorName::AwsUnexpected, format!("`{profile_arn}` is not the ARN of an instance profile"))
    })?;
    let output = target.iam().get_instance_profile().instance_profile_name(name).send().await;
    let output = match output.map_err(Error::from_sdk("iam:GetInstanceProfile")) {
        Ok(output) => output,
        Err(error) if error.has_code("NoSuchEntity") => return Ok(None),
        Err(error) => return Err(error),
    };
    let roles = required("iam:GetInstanceProfile", "InstanceProfile", output.instance_profile)?.roles;
    // A profile holds one role at most (IAM user guide, "Use instance profiles").
    Ok(roles.first().map(|role| Role {
        name: role.role_name().to_owned(),
        id: role.role_id().to_owned(),
        path: role.path().to_owned(),
    }))
}

/// An inline policy of a role; `None` when there is none of that name (`GetRolePolicy`).
pub(crate) async fn policy(target: &Target, role_name: &str, policy_name: &str) -> Result<Option<String>> {
    let output = target.iam().get_role_policy().role_name(role_name).policy_name(policy_name).send().await;
    match output.map_err(Error::from_sdk("iam:GetRolePolicy")) {
        Ok(output) => Ok(Some(decoded(output.policy_document()))),
        Err(error) if error.has_code("NoSuchEntity") => Ok(None),
        Err(error) => Err(error),
    }
}

/// Decodes the document, which is URL-encoded by RFC 3986 (`GetRolePolicy`). It reads like the name of a form field
/// without a value, because `&`, `=` and `+` are always encoded. An empty document has no field and decodes to itself.
fn decoded(document: &str) -> String {
    form_urlencoded::parse(document.as_bytes()).map(|(name, _)| name).collect()
}

/// Whether a document is the wanted one, compared as JSON.
pub(crate) fn matches_document(document: Option<&str>, wanted: &Value) -> bool {
    document.and_then(|document| serde_json::from_str::<Value>(document).ok()).as_ref() == Some(wanted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_are_decoded() {
        assert_eq!(decoded("%7B%22a%22%3A%20%22b%2Bc%26d%3De%22%7D"), "{\"a\": \"b+c&d=e\"}");
        assert!(matches_document(Some("{\"a\": 1}"), &serde_json::json!({"a": 1})));
        assert!(!matches_document(None, &serde_json::json!({})));
        assert!(!matches_document(Some("{"), &serde_json::json!({})));
    }
}
