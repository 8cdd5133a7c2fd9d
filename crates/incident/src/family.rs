//! What a GuardDuty finding type says about its resource.
//!
//! `resourceRole` means what the finding type says it means: only for brute-force and port-probe types does `TARGET`
//! mean *attacked* and `ACTOR` *attacking*. Everywhere else the named instance is the suspect, whatever its role.
//! Source: GuardDuty user guide, "GuardDuty finding types"; type format `Purpose:Resource/Family.Mechanism!Artifact`.

use serde::{Deserialize, Serialize};

/// The role of the named resource in a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// It behaves like a compromised host: contain it.
    Suspect,
    /// It attacks others: contain it.
    Attacking,
    /// Others attack it, and nothing shows that they succeeded: notify people, change nothing.
    Attacked,
    /// The type can mean attacked or attacking and the finding does not say which: a person decides.
    Undetermined,
    /// It violates an AWS Config rule: remediate it.
    Noncompliant,
}

/// What determines the resource's role, by type family.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Meaning {
    /// The instance is the suspect, regardless of `resourceRole`.
    AlwaysSuspect,
    /// `TARGET` is attacked, `ACTOR` is attacking.
    ByRole,
}

/// A family of finding types and the MITRE ATT&CK tactic it is evidence of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Family {
    /// Name of the family.
    pub name: &'static str,
    /// MITRE ATT&CK tactic (enterprise matrix), or `None` if the type implies none.
    pub tactic: Option<&'static str>,
    meaning: Meaning,
    /// Whether the type is in the table; an unknown type with an instance is a suspect, and its decision says so.
    pub known: bool,
}

/// One row: purpose, family pattern, name, tactic, meaning. The first match applies; `*` ends a prefix.
type Row = (&'static str, &'static str, &'static str, Option<&'static str>, Meaning);

use Meaning::{AlwaysSuspect, ByRole};

const TABLE: &[Row] = &[
    ("*", "SSHBruteForce", "brute force", Some("Credential Access"), ByRole),
    ("*", "RDPBruteForce", "brute force", Some("Credential Access"), ByRole),
    ("*", "WinRMBruteForce", "brute force", Some("Credential Access"), ByRole),
    ("Recon", "PortProbe*", "port probe", Some("Reconnaissance"), ByRole),
    ("Recon", "Portscan", "port scan", Some("Discovery"), AlwaysSuspect),
    ("CryptoCurrency", "*", "crypto-currency mining", Some("Impact"), AlwaysSuspect),
    ("Backdoor", "C&CActivity*", "command and control", Some("Command and Control"), AlwaysSuspect),
    ("Backdoor", "DenialOfService*", "denial of service", Some("Impact"), AlwaysSuspect),
    ("Backdoor", "*", "backdoor", Some("Command and Control"), AlwaysSuspect),
    ("Trojan", "DNSDataExfiltration*", "DNS exfiltration", Some("Exfiltration"), AlwaysSuspect),
    ("Trojan", "DropPoint*", "drop point", Some("Exfiltration"), AlwaysSuspect),
    ("Trojan", "*", "trojan", Some("Execution"), AlwaysSuspect),
    ("UnauthorizedAccess", "Tor*", "Tor", Some("Command and Control"), AlwaysSuspect),
    ("UnauthorizedAccess", "MetadataDNSRebind*", "metadata rebinding", Some("Credential Access"), AlwaysSuspect),
    ("UnauthorizedAccess", "*", "unauthorized access", Some("Initial Access"), AlwaysSuspect),
    ("Behavior", "*", "unusual traffic", None, AlwaysSuspect),
    ("CredentialAccess", "*", "credential access", Some("Credential Access"), AlwaysSuspect),
    ("DefenseEvasion", "*", "defence evasion", Some("Defense Evasion"), AlwaysSuspect),
    ("Discovery", "*", "discovery", Some("Discovery"), AlwaysSuspect),
    ("Execution", "*", "malicious file or process", Some("Execution"), AlwaysSuspect),
    ("Exfiltration", "*", "exfiltration", Some("Exfiltration"), AlwaysSuspect),
    ("Impact", "*", "impact", Some("Impact"), AlwaysSuspect),
    ("InitialAccess", "*", "initial access", Some("Initial Access"), AlwaysSuspect),
    ("Persistence", "*", "persistence", Some("Persistence"), AlwaysSuspect),
    ("PrivilegeEscalation", "*", "privilege escalation", Some("Privilege Escalation"), AlwaysSuspect),
    ("Recon", "*", "reconnaissance", Some("Discovery"), AlwaysSuspect),
    ("AttackSequence", "*", "attack sequence", None, AlwaysSuspect),
];

fn matches(pattern: &str, text: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(prefix) => text.starts_with(prefix),
        None => pattern == text,
    }
}

/// The family of a finding type such as `UnauthorizedAccess:EC2/SSHBruteForce`.
pub fn of_type(finding_type: &str) -> Family {
    let (purpose, rest) = finding_type.split_once(':').unwrap_or((finding_type, ""));
    let (_, detail) = rest.split_once('/').unwrap_or(("", rest));
    // Mechanism (`.B`) and artifact (`!DNS`) do not change the role of the resource.
    let exact = detail.split(['.', '!']).next().unwrap_or(detail);
    TABLE
        .iter()
        .find(|(row_purpose, row_detail, ..)| matches(row_purpose, purpose) && matches(row_detail, exact))
        .map_or(
            Family { name: "unknown type", tactic: None, meaning: AlwaysSuspect, known: false },
            |&(_, _, name, tactic, meaning)| Family { name, tactic, meaning, known: true },
        )
}

impl Family {
    /// The role of the resource, from `service.resourceRole` (`TARGET`, `ACTOR` or absent) and, where that is absent,
    /// from `connectionDirection` (`INBOUND`, `OUTBOUND`).
    pub fn role(&self, resource_role: Option<&str>, direction: Option<&str>) -> Role {
        match self.meaning {
            AlwaysSuspect => Role::Suspect,
            ByRole => match (resource_role, direction) {
                (Some("TARGET"), _) => Role::Attacked,
                (Some("ACTOR"), _) => Role::Attacking,
                (_, Some("INBOUND")) => Role::Attacked,
                (_, Some("OUTBOUND")) => Role::Attacking,
                _ => Role::Undetermined,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn role(finding_type: &str, resource_role: Option<&str>) -> Role {
        of_type(finding_type).role(resource_role, None)
    }

    #[test]
    fn target_means_attacked_only_for_brute_force_and_port_probe() {
        for attacked in [
            "UnauthorizedAccess:EC2/SSHBruteForce",
            "UnauthorizedAccess:EC2/RDPBruteForce",
            "Impact:EC2/WinRMBruteForce",
            "Recon:EC2/PortProbeUnprotectedPort",
            "Recon:EC2/PortProbeEMRUnprotectedPort",
        ] {
            assert_eq!(role(attacked, Some("TARGET")), Role::Attacked, "{attacked}");
            assert_eq!(role(attacked, Some("ACTOR")), Role::Attacking, "{attacked}");
            assert_eq!(role(attacked, None), Role::Undetermined, "{attacked}");
        }
        for suspect in [
            "Backdoor:EC2/C&CActivity.B!DNS",
            "CryptoCurrency:EC2/BitcoinTool.B!DNS",
            "Trojan:EC2/DropPoint!DNS",
            "UnauthorizedAccess:EC2/TorClient",
            "UnauthorizedAccess:Runtime/TorRelay",
            "Recon:EC2/Portscan",
            "Execution:EC2/MaliciousFile",
            "SomethingNew:EC2/Whatever",
            "",
        ] {
            assert_eq!(role(suspect, Some("TARGET")), Role::Suspect, "{suspect}");
            assert_eq!(role(suspect, None), Role::Suspect, "{suspect}");
        }
        assert!(!of_type("SomethingNew:EC2/Whatever").known);
    }

    #[test]
    fn direction_decides_where_the_role_is_absent() {
        let family = of_type("UnauthorizedAccess:EC2/SSHBruteForce");
        assert_eq!(family.role(None, Some("INBOUND")), Role::Attacked);
        assert_eq!(family.role(None, Some("OUTBOUND")), Role::Attacking);
    }
}
