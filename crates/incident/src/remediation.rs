//! Which AWS Config rules have a remediation.

/// A kind of remediation. Another Config rule is a row in [`for_rule`]; another kind is a variant here and a function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Remediation {
    /// Revoke the ingress rules that open a TCP port to the internet.
    CloseTcpPort(u16),
}

impl Remediation {
    /// The CloudFormation type of the resource it corrects.
    pub fn resource_type(self) -> &'static str {
        match self {
            Remediation::CloseTcpPort(_) => "AWS::EC2::SecurityGroup",
        }
    }
}

/// The remediation of a Config rule by its name as it arrives in events.
pub fn for_rule(config_rule_name: &str) -> Option<Remediation> {
    match base_name(config_rule_name) {
        // Managed rule INCOMING_SSH_DISABLED.
        "restricted-ssh" => Some(Remediation::CloseTcpPort(22)),
        _ => None,
    }
}

/// The name of a rule without the affixes of conformance packs (`NAME-conformance-pack-ID`), Security Hub
/// (`securityhub-NAME-ID`) and AWS Organizations (`OrgConfigRule-NAME-ID`).
///
/// ```
/// assert_eq!(incident::remediation::base_name("securityhub-restricted-ssh-1a2b3c"), "restricted-ssh");
/// ```
pub fn base_name(config_rule_name: &str) -> &str {
    if let Some((base, id)) = config_rule_name.rsplit_once("-conformance-pack-")
        && is_id(id)
    {
        return base;
    }
    for prefix in ["securityhub-", "OrgConfigRule-"] {
        if let Some(rest) = config_rule_name.strip_prefix(prefix) {
            return match rest.rsplit_once('-') {
                Some((base, id)) if is_id(id) => base,
                _ => rest,
            };
        }
    }
    config_rule_name
}

fn is_id(text: &str) -> bool {
    (6..=12).contains(&text.len()) && text.chars().all(|c| c.is_ascii_alphanumeric())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn suffixes_and_prefixes_are_taken_off() {
        for name in [
            "restricted-ssh",
            "restricted-ssh-conformance-pack-n0q8yfwsp",
            "securityhub-restricted-ssh-1a2b3c",
            "securityhub-restricted-ssh-a1b2c3d4",
            "OrgConfigRule-restricted-ssh-z4k7q1mp",
        ] {
            assert_eq!(for_rule(name), Some(Remediation::CloseTcpPort(22)), "{name}");
        }
        for name in ["restricted-ssh-of-my-own", "my-restricted-ssh", "required-tags", "", "restricted-common-ports"] {
            assert_eq!(for_rule(name), None, "{name}");
        }
    }
}
