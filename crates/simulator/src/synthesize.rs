//! Synthesizes the account that a finding is about, where no `account.json` is given: what the finding says is taken as it
//! is; what it does not say is made up and listed.

mod profile;

use std::collections::{BTreeMap, BTreeSet};

use incident::text::short_hash;
use incident::{Incident, Resource, SecurityHubFinding};
use serde_json::{Map, Value, json};

pub(crate) use profile::assumed_roles;

/// An account synthesized from an event.
#[derive(Debug)]
pub struct SynthesizedAccount {
    /// In the form of `account.json`.
    pub account: Value,
    /// What was made up, in sentences.
    pub notes: Vec<String>,
}

/// Synthesizes the account behind an incident from its event (camelCase detail).
pub fn synthesize_account(incident: &Incident, event: &Value) -> SynthesizedAccount {
    match &incident.resource {
        Resource::Instance { id } => {
            let details = event.pointer("/detail/resource/instanceDetails").unwrap_or(&Value::Null);
            instance(incident, id, details)
        }
        Resource::SecurityGroup { id } => security_group(incident, id),
        Resource::Other { .. } => SynthesizedAccount { account: json!({}), notes: Vec::new() },
    }
}

fn text<'a>(value: &'a Value, key: &str) -> Option<&'a str> {
    value.get(key).and_then(Value::as_str).filter(|text| !text.is_empty())
}

fn list<'a>(value: &'a Value, key: &str) -> &'a [Value] {
    value.get(key).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// A made-up id that depends only on the purpose and the owner of the resource.
fn made_up(prefix: &str, of: &[&str]) -> String {
    let hash = format!("{}{}", short_hash(of), short_hash(&[prefix]));
    format!("{prefix}-0{}", hash.chars().take(16).collect::<String>())
}

/// An interface as the account needs it.
struct Interface {
    id: String,
    vpc: String,
    subnet: String,
    private_ip: Option<String>,
    public_ip: Option<String>,
    ipv6: Vec<String>,
    groups: Vec<(String, String)>,
}

fn interface(details: &Value, instance: &str, index: usize) -> Interface {
    let position = index.to_string();
    let id = text(details, "networkInterfaceId").map_or_else(|| made_up("eni", &[instance, &position]), str::to_owned);
    let vpc = text(details, "vpcId").map_or_else(|| made_up("vpc", &[instance]), str::to_owned);
    let subnet = text(details, "subnetId").map_or_else(|| made_up("subnet", &[instance, &position]), str::to_owned);
    let mut groups: Vec<(String, String)> = list(details, "securityGroups")
        .iter()
        .filter_map(|group| {
            let id = text(group, "groupId")?;
            Some((id.to_owned(), text(group, "groupName").unwrap_or(id).to_owned()))
        })
        .collect();
    if groups.is_empty() {
        groups.push((made_up("sg", &[instance, &vpc]), "assumed-by-replay".to_owned()));
    }
    Interface {
        private_ip: text(details, "privateIpAddress").map(str::to_owned),
        public_ip: text(details, "publicIp").map(str::to_owned),
        ipv6: list(details, "ipv6Addresses").iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        id,
        vpc,
        subnet,
        groups,
    }
}

fn instance(incident: &Incident, id: &str, details: &Value) -> SynthesizedAccount {
    const STATES: [&str; 6] = ["pending", "running", "stopping", "stopped", "shutting-down", "terminated"];
    let mut notes = Vec::new();
    let given_state = text(details, "instanceState").filter(|state| STATES.contains(state));
    // A terminated instance has neither interfaces nor volumes.
    let terminated = given_state == Some("terminated");
    let mut interfaces: Vec<Interface> = list(details, "networkInterfaces")
        .iter()
        .enumerate()
        .filter(|_| !terminated)
        .map(|(index, details)| interface(details, id, index))
        .collect();
    // A finding may name an interface twice.
    let mut seen = BTreeSet::new();
    interfaces.retain(|interface| seen.insert(interface.id.clone()));
    if interfaces.is_empty() && !terminated {
        interfaces.push(interface(&Value::Null, id, 0));
        notes.push(
            "the finding names no network interface: one in a VPC of its own, with one security group".to_owned(),
        );
    }
    let volume = made_up("vol", &[id]);
    if terminated {
        notes.push("the instance is terminated: neither network interfaces nor volumes".to_owned());
    } else {
        notes.push(format!("volumes: one unencrypted root volume {volume} of 8 GiB"));
        notes.push("security groups: no ingress rule and the allow-all egress rule each".to_owned());
    }
    notes.push("Systems Manager: not a managed node".to_owned());
    let state = given_state.unwrap_or_else(|| {
        notes.push("instance state: running".to_owned());
        "running"
    });
    let mut described = Map::new();
    described.insert("InstanceId".into(), json!(id));
    described.insert("State".into(), json!({"Name": state}));
    described.insert("ImageId".into(), json!(text(details, "imageId").unwrap_or("ami-00000000000000000")));
    described.insert("InstanceType".into(), json!(text(details, "instanceType").unwrap_or("t3.micro")));
    described.insert("RootDeviceType".into(), json!("ebs"));
    described.insert("RootDeviceName".into(), json!("/dev/xvda"));
    let platform = if text(details, "platform").is_some_and(|platform| platform.eq_ignore_ascii_case("windows")) {
        "Windows"
    } else {
        "Linux/UNIX"
    };
    described.insert("PlatformDetails".into(), json!(platform));
    described.insert("Tags".into(), tags(details));
    described.insert(
        "BlockDeviceMappings".into(),
        json!([{"DeviceName": "/dev/xvda", "Ebs": {"VolumeId": volume, "Status": "attached", "DeleteOnTermination": true}}]),
    );
    let mut ec2 = networks(incident, &interfaces);
    ec2.insert(
        "describe-network-interfaces".into(),
        json!({"NetworkInterfaces": interfaces
            .iter()
            .enumerate()
            .map(|(index, interface)| network_interface(incident, id, index, interface))
            .collect::<Vec<_>>()}),
    );
    ec2.insert(
        "describe-instances".into(),
        json!({"Reservations": [{"OwnerId": incident.account, "Instances": [described]}]}),
    );
    if !terminated {
        ec2.insert(
            "describe-volumes".into(),
            json!({"Volumes": [{
                "VolumeId": volume, "Size": 8, "State": "in-use", "Encrypted": false, "VolumeType": "gp3",
                "Attachments": [{"VolumeId": volume, "InstanceId": id, "Device": "/dev/xvda", "State": "attached", "DeleteOnTermination": true}],
            }]}),
        );
    }
    let profile = details.get("iamInstanceProfile").filter(|_| !terminated).unwrap_or(&Value::Null);
    let iam = profile::add(incident, id, profile, &mut ec2, &mut notes);
    let mut account = with_security_hub(incident, ec2, &mut notes);
    if let (Some(iam), Some(services)) = (iam, account.as_object_mut()) {
        services.insert("iam".into(), iam);
    }
    SynthesizedAccount { account, notes }
}

fn tags(details: &Value) -> Value {
    let mut seen = BTreeMap::new();
    for tag in list(details, "tags") {
        if let (Some(key), Some(value)) = (text(tag, "key"), tag.get("value").and_then(Value::as_str)) {
            seen.entry(key.to_owned()).or_insert_with(|| value.to_owned());
        }
    }
    json!(seen.into_iter().map(|(key, value)| json!({"Key": key, "Value": value})).collect::<Vec<_>>())
}

/// VPCs, subnets and groups behind the interfaces; each once. A sample repeats its groups in several VPCs, which EC2
/// does not have: the first VPC keeps them.
fn networks(incident: &Incident, interfaces: &[Interface]) -> Map<String, Value> {
    let mut vpcs = BTreeMap::new();
    let mut subnets = BTreeMap::new();
    let mut groups: BTreeMap<&str, (&str, &str)> = BTreeMap::new();
    for interface in interfaces {
        vpcs.entry(interface.vpc.as_str()).or_insert(!interface.ipv6.is_empty());
        subnets.entry(interface.subnet.as_str()).or_insert(interface.vpc.as_str());
        for (id, name) in &interface.groups {
            groups.entry(id).or_insert((name, &interface.vpc));
        }
    }
    let vpcs: Vec<Value> = vpcs
        .into_iter()
        .map(|(id, ipv6)| {
            let ranges = if ipv6 { json!([{"Ipv6CidrBlock": "2001:db8::/56"}]) } else { json!([]) };
            json!({"VpcId": id, "CidrBlock": "10.0.0.0/16", "State": "available", "OwnerId": incident.account, "Ipv6CidrBlockAssociationSet": ranges})
        })
        .collect();
    let subnets: Vec<Value> = subnets
        .into_iter()
        .map(|(id, vpc)| json!({"SubnetId": id, "VpcId": vpc, "CidrBlock": "10.0.0.0/24", "State": "available"}))
        .collect();
    let rules: Vec<Value> = groups
        .keys()
        .map(|id| {
            json!({"SecurityGroupRuleId": made_up("sgr", &[id]), "GroupId": id, "IsEgress": true, "IpProtocol": "-1", "FromPort": -1, "ToPort": -1, "CidrIpv4": "0.0.0.0/0"})
        })
        .collect();
    let groups: Vec<Value> = groups
        .into_iter()
        .map(|(id, (name, vpc))| {
            json!({"GroupId": id, "GroupName": name, "VpcId": vpc, "OwnerId": incident.account, "Description": "assumed by replay"})
        })
        .collect();
    let mut ec2 = Map::new();
    ec2.insert("describe-vpcs".into(), json!({"Vpcs": vpcs}));
    ec2.insert("describe-subnets".into(), json!({"Subnets": subnets}));
    ec2.insert("describe-security-groups".into(), json!({"SecurityGroups": groups}));
    ec2.insert("describe-security-group-rules".into(), json!({"SecurityGroupRules": rules}));
    ec2
}

fn network_interface(incident: &Incident, instance: &str, index: usize, interface: &Interface) -> Value {
    let mut out = json!({
        "NetworkInterfaceId": interface.id, "VpcId": interface.vpc, "SubnetId": interface.subnet,
        "OwnerId": incident.account, "RequesterManaged": false, "Status": "in-use", "InterfaceType": "interface",
        "Attachment": {"AttachmentId": made_up("eni-attach", &[&interface.id]), "InstanceId": instance, "DeviceIndex": index, "Status": "attached", "DeleteOnTermination": index == 0},
        "Groups": interface.groups.iter().map(|(id, name)| json!({"GroupId": id, "GroupName": name})).collect::<Vec<_>>(),
        "Ipv6Addresses": interface.ipv6.iter().map(|address| json!({"Ipv6Address": address})).collect::<Vec<_>>(),
    });
    if let Some(fields) = out.as_object_mut() {
        if let Some(private) = &interface.private_ip {
            fields.insert("PrivateIpAddress".into(), json!(private));
        }
        if let Some(public) = &interface.public_ip {
            fields.insert("Association".into(), json!({"PublicIp": public, "IpOwnerId": "amazon"}));
        }
    }
    out
}

fn security_group(incident: &Incident, id: &str) -> SynthesizedAccount {
    let vpc = made_up("vpc", &[id]);
    let rule = made_up("sgr", &[id]);
    let mut notes =
        vec![format!("the security group {id} has one rule, {rule}: TCP 22 from 0.0.0.0/0, as the event claims")];
    let mut ec2 = Map::new();
    ec2.insert(
        "describe-vpcs".into(),
        json!({"Vpcs": [{"VpcId": vpc, "CidrBlock": "10.0.0.0/16", "State": "available", "OwnerId": incident.account}]}),
    );
    ec2.insert(
        "describe-security-groups".into(),
        json!({"SecurityGroups": [{"GroupId": id, "GroupName": "assumed-by-replay", "VpcId": vpc, "OwnerId": incident.account, "Description": "assumed by replay"}]}),
    );
    ec2.insert(
        "describe-security-group-rules".into(),
        json!({"SecurityGroupRules": [{"SecurityGroupRuleId": rule, "GroupId": id, "IsEgress": false, "IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "CidrIpv4": "0.0.0.0/0"}]}),
    );
    SynthesizedAccount { account: with_security_hub(incident, ec2, &mut notes), notes }
}

fn with_security_hub(incident: &Incident, ec2: Map<String, Value>, notes: &mut Vec<String>) -> Value {
    match &incident.security_hub {
        Some(finding) => {
            notes.push("Security Hub: has its copy of the finding".to_owned());
            json!({"ec2": ec2, "securityhub": {"get-findings": {"Findings": [security_hub_finding(incident, finding)]}}})
        }
        None => json!({"ec2": ec2}),
    }
}

/// When the made-up copy of a finding was made; nothing depends on it.
const ASSUMED_AT: &str = "2026-01-01T00:00:00.000Z";

/// The copy of the finding in Security Hub.
fn security_hub_finding(incident: &Incident, finding: &SecurityHubFinding) -> Value {
    let product =
        |name: &str| format!("arn:{}:securityhub:{}::product/aws/{name}", incident.partition, incident.region);
    let (id, product_arn, generator, resource) = match finding {
        SecurityHubFinding::Identified { id, product_arn } => {
            (id.clone(), product_arn.clone(), "guardduty".to_owned(), incident.resource.id().unwrap_or("?").to_owned())
        }
        SecurityHubFinding::OfConfigRule { rule_name, rule_arn, resource_arn } => {
            let generator = rule_arn.clone().unwrap_or_else(|| rule_name.clone());
            (format!("{generator}/finding/{}", incident.id), product("config"), generator, resource_arn.clone())
        }
    };
    let rule = incident.finding.finding_type.as_str();
    json!({
        "SchemaVersion": "2018-10-08", "Id": id, "ProductArn": product_arn, "GeneratorId": generator,
        "Title": incident.finding.title, "Description": incident.finding.title,
        "CreatedAt": ASSUMED_AT, "UpdatedAt": ASSUMED_AT,
        "AwsAccountId": incident.account, "Region": incident.region, "RecordState": "ACTIVE", "Workflow": {"Status": "NEW"},
        "Resources": [{"Id": resource, "Type": "Other"}], "ProductFields": {"RelatedAWSResources:0/name": rule},
    })
}
