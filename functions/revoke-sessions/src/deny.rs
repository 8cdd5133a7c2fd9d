//! The inline policy that denies the sessions of one instance, and the roles that must not get it.

use incident::Incident;
use serde_json::{Value, json};

use crate::Settings;
use crate::read::Role;

/// Name of the inline policy. It contains the incident id, so that a release finds it and a repeat changes nothing.
pub(crate) fn policy_name(incident: &Incident) -> String {
    format!("cordon-deny-{}", incident.id)
}

/// Denies everything to every session, current and future, of this instance under the role, and to no other session: the
/// metadata service names a session after its instance, and `aws:userid` is the role id and the session name (IAM user
/// guide, "Principal key values"). Other instances with the role keep working. A condition on `aws:TokenIssueTime` would
/// cover old sessions only, and those of every instance with the role.
pub(crate) fn document(role: &Role, instance_id: &str) -> Value {
    json!({
        "Version": "2012-10-17",
        "Statement": [{
            "Sid": "CordonDenySessionsOfInstance",
            "Effect": "Deny",
            "Action": "*",
            "Resource": "*",
            "Condition": {"StringEquals": {"aws:userid": format!("{}:{instance_id}", role.id)}},
        }],
    })
}

/// Why a role must not be changed; `None` when it may be. The permissions of the function deny the same roles.
pub(crate) fn protected_reason(role: &Role, settings: &Settings) -> Option<String> {
    if role.path.starts_with("/aws-service-role/") {
        return Some(format!("{} is a service-linked role: only its service can change it", role.name));
    }
    if settings.own_role_prefixes.iter().any(|prefix| role.name.starts_with(prefix.as_str())) {
        return Some(format!("{} belongs to Cordon: a deny would stop the response", role.name));
    }
    if role.path.starts_with(&settings.break_glass_path) {
        return Some(format!("{} is a break-glass role (path {}): a person decides", role.name, role.path));
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn role(path: &str, name: &str) -> Role {
        Role { name: name.to_owned(), id: "AROAEXAMPLE".to_owned(), path: path.to_owned() }
    }

    #[test]
    fn some_roles_are_not_touched() {
        let settings = Settings {
            table: String::new(),
            own_role_prefixes: vec!["cordon-".to_owned(), "cordon-target-".to_owned()],
            break_glass_path: "/break-glass/".to_owned(),
        };
        let touched = |path: &str, name: &str| protected_reason(&role(path, name), &settings).is_none();
        assert!(touched("/", "shop-web"));
        assert!(touched("/teams/", "not-cordon-at-all"));
        assert!(!touched("/aws-service-role/autoscaling.amazonaws.com/", "AWSServiceRoleForAutoScaling"));
        assert!(!touched("/", "cordon-quarantine-instance"));
        assert!(!touched("/break-glass/", "emergency"));
        assert!(!touched("/break-glass/database/", "emergency"));
    }

    #[test]
    fn the_deny_names_one_instance() {
        let document = document(&role("/", "shop-web"), "i-1").to_string();
        assert!(document.contains("\"aws:userid\":\"AROAEXAMPLE:i-1\""));
    }
}
