//! The hosts, principals, callers and indicators that a finding names, whatever its type.
//!
//! The members are those of GuardDuty's service model (`Action`, `Sequence`, `Resource`, `RuntimeDetails`). Actions are read
//! by what they contain, not by their names, so that a new kind of action is read too.

use super::Node;
use super::guardduty::is_instance_id;
use crate::text;

/// Most entries of one kind; the rest is counted.
const MAX_PER_KIND: usize = 10;

/// Longest entry in characters.
const MAX_LENGTH: usize = 200;

/// The entries of each kind, in the order in which they were found.
#[derive(Default)]
struct Indicators(Vec<(&'static str, Vec<String>)>);

impl Indicators {
    fn add(&mut self, kind: &'static str, value: Option<&str>) {
        let Some(value) = value.map(|value| text::line(value, MAX_LENGTH)).filter(|value| !value.is_empty()) else {
            return;
        };
        match self.0.iter_mut().find(|(known, _)| *known == kind) {
            Some((_, values)) if values.contains(&value) => {}
            Some((_, values)) => values.push(value),
            None => self.0.push((kind, vec![value])),
        }
    }

    fn lines(self) -> Vec<String> {
        let mut lines = Vec::new();
        for (kind, values) in self.0 {
            lines.extend(values.iter().take(MAX_PER_KIND).map(|value| format!("{kind} {value}")));
            let more = values.len().saturating_sub(MAX_PER_KIND);
            if more > 0 {
                lines.push(format!("{kind}: {more} more"));
            }
        }
        lines
    }
}

/// One harmless line for each entry: `remote address 198.51.100.20`.
pub(super) fn read(resource: &Node<'_>, resource_type: &str, service: &Node<'_>) -> Vec<String> {
    let mut found = Indicators::default();
    host(resource, resource_type, &mut found);
    principals(resource, resource_type, &mut found);
    for action in service.get("action").members() {
        action_details(&Node::at(action, "action"), &mut found);
    }
    sequence(&service.path(&["detection", "sequence"]), &mut found);
    process(&service.path(&["runtimeDetails", "process"]), &mut found);
    threats(service, &mut found);
    found.lines()
}

/// The instance that GuardDuty writes into samples, also into those about keys and buckets.
const SAMPLE_INSTANCE: &str = "i-99999999";

/// The instance behind a finding about something else: the host of a container or cluster, the one that a credential was
/// issued to.
fn host(resource: &Node<'_>, resource_type: &str, found: &mut Indicators) {
    if resource_type == "Instance" {
        return;
    }
    let is_host = |id: &&str| is_instance_id(id) && *id != SAMPLE_INSTANCE;
    found.add("host instance", resource.path(&["instanceDetails", "instanceId"]).optional_text().filter(is_host));
    // The session of an instance profile is named after its instance (IAM user guide, "Unique identifiers").
    let principal = resource.path(&["accessKeyDetails", "principalId"]);
    let session = principal.optional_text().and_then(|id| id.split_once(':')).map(|(_, session)| session);
    found.add("host instance", session.filter(is_host));
}

fn principals(resource: &Node<'_>, resource_type: &str, found: &mut Indicators) {
    if resource_type != "Instance" {
        found.add("principal", resource.path(&["accessKeyDetails", "userName"]).optional_text());
        found.add("principal id", resource.path(&["accessKeyDetails", "principalId"]).optional_text());
    }
    let kubernetes = resource.path(&["kubernetesDetails", "kubernetesUserDetails"]);
    found.add("Kubernetes user", kubernetes.get("username").optional_text());
    found.add("impersonated user", kubernetes.path(&["impersonatedUser", "username"]).optional_text());
    found.add("database user", resource.path(&["rdsDbUserDetails", "user"]).optional_text());
}

fn action_details(action: &Node<'_>, found: &mut Indicators) {
    found.add("domain", action.get("domain").optional_text());
    found.add("domain", action.path(&["domainDetails", "domain"]).optional_text());
    remote(action, found);
    for name in ["sourceIPs", "sourceIps"] {
        for address in action.get(name).items() {
            found.add("remote address", address.as_str());
        }
    }
    for probe in action.get("portProbeDetails").items() {
        remote(&Node::at(probe, "portProbeDetails"), found);
    }
    for name in ["LoginAttributes", "loginAttributes"] {
        for login in action.get(name).items() {
            found.add("database user", Node::at(login, name).get("user").optional_text());
        }
    }
    found.add("remote account", action.path(&["remoteAccountDetails", "accountId"]).optional_text());
    found.add("user agent", action.get("userAgent").optional_text());
}

fn remote(node: &Node<'_>, found: &mut Indicators) {
    let remote = node.get("remoteIpDetails");
    found.add("remote address", remote.get("ipAddressV4").optional_text());
    found.add("remote address", remote.get("ipAddressV6").optional_text());
}

fn sequence(sequence: &Node<'_>, found: &mut Indicators) {
    for actor in sequence.get("actors").items() {
        let actor = Node::at(actor, "actor");
        let user = actor.get("user");
        found.add("principal", user.get("name").optional_text());
        found.add("principal id", user.get("uid").optional_text());
        found.add("access key", user.get("credentialUid").optional_text());
        process(&actor.get("process"), found);
    }
    for endpoint in sequence.get("endpoints").items() {
        let endpoint = Node::at(endpoint, "endpoint");
        found.add("remote address", endpoint.get("ip").optional_text());
        found.add("domain", endpoint.get("domain").optional_text());
    }
}

fn process(process: &Node<'_>, found: &mut Indicators) {
    let path = process.get("executablePath").optional_text().or(process.get("path").optional_text());
    found.add("process", path.or(process.get("name").optional_text()));
    let hash = process.get("executableSha256").optional_text().or(process.get("sha256").optional_text());
    found.add("process hash", hash);
}

fn threats(service: &Node<'_>, found: &mut Indicators) {
    let scanned = ["ebsVolumeScanDetails", "scanDetections", "threatDetectedByName", "threatNames"];
    for threat in service.path(&scanned).items() {
        found.add("threat", Node::at(threat, "threat").get("name").optional_text());
    }
    for threat in service.path(&["evidence", "threatIntelligenceDetails"]).items() {
        for name in Node::at(threat, "threat").get("threatNames").items() {
            found.add("threat", name.as_str());
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn lines(resource: &Value, resource_type: &str, service: &Value) -> Vec<String> {
        read(&Node::at(resource, "resource"), resource_type, &Node::at(service, "service"))
    }

    #[test]
    fn both_address_families_are_named() {
        let remote = |address: &str| json!({"remoteIpDetails": {"ipAddressV6": address}});
        let service = json!({"action": {"actionType": "PORT_PROBE", "portProbeAction": {
            "portProbeDetails": [remote("2001:db8::1"), remote("2001:db8::2"), remote("2001:db8::1")],
        }}});
        let expected = ["remote address 2001:db8::1", "remote address 2001:db8::2"];
        assert_eq!(lines(&json!({}), "Instance", &service), expected);
    }

    #[test]
    fn callers_of_clusters_and_databases_are_named() {
        let service = json!({"action": {"kubernetesApiCallAction": {
            "sourceIPs": ["192.0.2.1"], "userAgent": "kubectl", "remoteIpDetails": {"ipAddressV4": "192.0.2.1"},
        }}});
        let resource = json!({"kubernetesDetails": {"kubernetesUserDetails": {"username": "system:anonymous"}}});
        let expected = ["Kubernetes user system:anonymous", "remote address 192.0.2.1", "user agent kubectl"];
        assert_eq!(lines(&resource, "EKSCluster", &service), expected);

        let service = json!({"action": {"rdsLoginAttemptAction": {
            "remoteIpDetails": {"ipAddressV4": "192.0.2.2"}, "LoginAttributes": [{"user": "admin"}],
        }}});
        let expected = ["remote address 192.0.2.2", "database user admin"];
        assert_eq!(lines(&json!({}), "RDSDBInstance", &service), expected);
    }

    #[test]
    fn the_host_is_named_where_the_finding_is_about_what_runs_on_it() {
        let hosts = |resource_type: &str, instance: &str| {
            let resource = json!({
                "instanceDetails": {"instanceId": instance},
                "accessKeyDetails": {"userName": "web", "principalId": "AROAEXAMPLE:i-0123456789abcdef0"},
            });
            let mut lines = lines(&resource, resource_type, &json!({}));
            lines.retain(|line| line.starts_with("host instance"));
            lines
        };
        let both = ["host instance i-0aaaabbbbccccdddd", "host instance i-0123456789abcdef0"];
        assert_eq!(hosts("AccessKey", "i-0aaaabbbbccccdddd"), both);
        assert_eq!(hosts("Container", "i-0aaaabbbbccccdddd"), both);
        assert_eq!(hosts("AccessKey", SAMPLE_INSTANCE), ["host instance i-0123456789abcdef0"]);
        assert_eq!(hosts("Instance", "i-0aaaabbbbccccdddd"), [""; 0]);
    }

    #[test]
    fn actors_and_endpoints_of_a_sequence_are_named() {
        let service = json!({"detection": {"sequence": {
            "actors": [{"user": {"name": "alice", "uid": "AIDAEXAMPLE", "credentialUid": "AKIAEXAMPLE"}}],
            "endpoints": [{"ip": "192.0.2.3", "domain": "evil.example"}],
        }}});
        let expected = [
            "principal alice",
            "principal id AIDAEXAMPLE",
            "access key AKIAEXAMPLE",
            "remote address 192.0.2.3",
            "domain evil.example",
        ];
        assert_eq!(lines(&json!({}), "AttackSequence", &service), expected);
    }

    #[test]
    fn a_long_list_says_how_much_is_missing() {
        let addresses: Vec<String> = (0..25).map(|at| format!("192.0.2.{at}")).collect();
        let service = json!({"action": {"kubernetesApiCallAction": {"sourceIPs": addresses}}});
        let lines = lines(&json!({}), "EKSCluster", &service);
        assert_eq!(lines.len(), 11);
        assert_eq!(lines.last().map(String::as_str), Some("remote address: 15 more"));
    }
}
