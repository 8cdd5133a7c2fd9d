//! The refusals of IAM: codes and status as the service model has them, texts as the service sends them.

use crate::base::ServiceError;

/// Something of this name is not there.
fn absent(text: String) -> ServiceError {
    ServiceError::new("NoSuchEntity", text).status(404)
}

pub(super) fn no_role(name: &str) -> ServiceError {
    absent(format!("The role with name {name} cannot be found."))
}

pub(super) fn no_profile(name: &str) -> ServiceError {
    absent(format!("Instance Profile {name} cannot be found."))
}

pub(super) fn no_policy(name: &str) -> ServiceError {
    absent(format!("The role policy with name {name} cannot be found."))
}

pub(super) fn protected(role: &str) -> ServiceError {
    ServiceError::new(
        "UnmodifiableEntity",
        format!("Cannot perform the operation on the protected role '{role}' - this role is only modifiable by AWS"),
    )
}

pub(super) fn malformed(text: impl Into<String>) -> ServiceError {
    ServiceError::new("MalformedPolicyDocument", text)
}

pub(super) fn too_large(role: &str, quota: usize) -> ServiceError {
    ServiceError::new("LimitExceeded", format!("Maximum policy size of {quota} bytes exceeded for role {role}"))
        .status(409)
}

pub(super) fn invalid(text: impl Into<String>) -> ServiceError {
    ServiceError::new("ValidationError", text)
}
