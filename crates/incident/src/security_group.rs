//! Security group rules, and which of them admit the whole internet.

use serde::{Deserialize, Serialize};

/// The other side of a rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Peer {
    /// An IPv4 range in CIDR form.
    Ipv4 {
        /// The range.
        cidr: String,
    },
    /// An IPv6 range in CIDR form.
    Ipv6 {
        /// The range.
        cidr: String,
    },
    /// A managed prefix list, and its ranges where they were read.
    PrefixList {
        /// Prefix list id.
        id: String,
        /// Ranges of the list, in CIDR form.
        cidrs: Vec<String>,
    },
    /// Another security group.
    Group {
        /// Group id.
        id: String,
    },
}

/// One rule of a security group, as `DescribeSecurityGroupRules` lists it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// Rule id (`sgr-…`).
    pub id: String,
    /// Whether it is an egress rule.
    pub egress: bool,
    /// IP protocol: a name, a number, or `-1` for all.
    pub protocol: String,
    /// First port, `-1` or absent for all.
    pub from_port: Option<i32>,
    /// Last port, `-1` or absent for all.
    pub to_port: Option<i32>,
    /// The other side.
    pub peer: Peer,
    /// Description, kept for release.
    pub description: Option<String>,
}

/// Whether a range in CIDR form is the whole internet of its family. `0.0.0.0/0` and `::/0` have many spellings; only
/// the prefix length decides.
fn is_whole_internet(cidr: &str) -> bool {
    cidr.rsplit_once('/').is_some_and(|(_, length)| length.trim().parse::<u8>() == Ok(0))
}

impl Rule {
    /// Whether the rule lets anyone on the internet reach a TCP port: the question of the AWS Config managed rule
    /// `restricted-ssh` (INCOMING_SSH_DISABLED) for port 22. "All traffic" (protocol `-1`) includes it, and so does a
    /// prefix list that holds the whole internet.
    pub fn opens_to_the_internet(&self, port: u16) -> bool {
        self.covers_ingress(port)
            && match &self.peer {
                Peer::Ipv4 { cidr } | Peer::Ipv6 { cidr } => is_whole_internet(cidr),
                Peer::PrefixList { cidrs, .. } => cidrs.iter().any(|cidr| is_whole_internet(cidr)),
                Peer::Group { .. } => false,
            }
    }

    /// Whether the rule is an ingress rule that covers a TCP port, whoever it admits.
    pub fn covers_ingress(&self, port: u16) -> bool {
        if self.egress {
            return false;
        }
        let port = i32::from(port);
        match self.protocol.as_str() {
            "-1" => true,
            "tcp" | "6" => match (self.from_port, self.to_port) {
                (None | Some(-1), _) => true,
                (Some(from), Some(to)) => (from..=to).contains(&port),
                (Some(from), None) => from == port,
            },
            _ => false,
        }
    }

    /// The rule in one line, for example `tcp 22 from 0.0.0.0/0`.
    pub fn summary(&self) -> String {
        let ports = match (self.from_port, self.to_port) {
            (Some(from), Some(to)) if self.protocol != "-1" && from != -1 && from == to => format!(" {from}"),
            (Some(from), Some(to)) if self.protocol != "-1" && from != -1 => format!(" {from}-{to}"),
            _ => String::new(),
        };
        let protocol = if self.protocol == "-1" { "all traffic" } else { &self.protocol };
        let direction = if self.egress { "to" } else { "from" };
        let peer = match &self.peer {
            Peer::Ipv4 { cidr } | Peer::Ipv6 { cidr } => cidr,
            Peer::PrefixList { id, .. } | Peer::Group { id } => id,
        };
        format!("{protocol}{ports} {direction} {peer}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(protocol: &str, ports: Option<(i32, i32)>, peer: Peer) -> Rule {
        Rule {
            id: "sgr-1".into(),
            egress: false,
            protocol: protocol.into(),
            from_port: ports.map(|p| p.0),
            to_port: ports.map(|p| p.1),
            peer,
            description: None,
        }
    }
    fn v4(cidr: &str) -> Peer {
        Peer::Ipv4 { cidr: cidr.into() }
    }

    #[test]
    fn offending_rules_are_those_that_admit_everyone() {
        let everyone6 = Peer::Ipv6 { cidr: "::/0".into() };
        let list = |cidr: &str| Peer::PrefixList { id: "pl-1".into(), cidrs: vec!["10.0.0.0/8".into(), cidr.into()] };
        for offending in [
            rule("tcp", Some((22, 22)), v4("0.0.0.0/0")),
            rule("6", Some((0, 65535)), v4("0.0.0.0/0")),
            rule("tcp", Some((20, 30)), everyone6.clone()),
            rule("-1", None, v4("0.0.0.0/0")),
            rule("-1", Some((-1, -1)), everyone6.clone()),
            rule("tcp", Some((22, 22)), Peer::Ipv6 { cidr: "0::0/0".into() }),
            rule("tcp", Some((22, 22)), list("0.0.0.0/0")),
        ] {
            assert!(offending.opens_to_the_internet(22), "{}", offending.summary());
        }
        for good in [
            rule("tcp", Some((22, 22)), v4("10.0.0.0/8")),
            rule("tcp", Some((443, 443)), v4("0.0.0.0/0")),
            rule("udp", Some((22, 22)), v4("0.0.0.0/0")),
            rule("tcp", Some((22, 22)), list("192.0.2.0/24")),
            rule("tcp", Some((22, 22)), Peer::Group { id: "sg-1".into() }),
            Rule { egress: true, ..rule("-1", None, v4("0.0.0.0/0")) },
        ] {
            assert!(!good.opens_to_the_internet(22), "{}", good.summary());
        }
    }
}
