#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test")]

use std::time::Duration;

use serde_json::{Value, json};

use crate::ec2::ReadEc2;
use crate::{Policy, Principal, ServiceError, Setup, Timestamp, World};

const ACCOUNT: &str = "111122223333";
const REGION: &str = "eu-central-1";
const HOST: &str = "i-0ddddddddddddddd1";
const PLAIN_VPC: &str = "vpc-0aaaaaaaaaaaaaaa1";
const DUAL_VPC: &str = "vpc-0aaaaaaaaaaaaaaa2";
const WEB: &str = "sg-0bbbbbbbbbbbbbbb1";
const DB: &str = "sg-0bbbbbbbbbbbbbbb2";
const FIRST: &str = "eni-0111111111111111a";
const SECOND: &str = "eni-0111111111111111b";
const MANAGED: &str = "eni-0111111111111111c";

fn account() -> Value {
    let interface = |id: &str, vpc: &str, ip: &str, group: &str, index: i64| {
        json!({"NetworkInterfaceId": id, "VpcId": vpc, "PrivateIpAddress": ip, "Groups": [{"GroupId": group}],
            "Attachment": {"DeviceIndex": index}})
    };
    json!({"ec2": {
        // Before its instance: commands come in any order.
        "describe-network-interfaces": {"NetworkInterfaces": [{"NetworkInterfaceId": MANAGED, "VpcId": PLAIN_VPC,
            "PrivateIpAddress": "10.1.0.7", "RequesterManaged": true, "Groups": [{"GroupId": WEB}],
            "Attachment": {"InstanceId": HOST, "DeviceIndex": 2}}]},
        "describe-vpcs": {"Vpcs": [{"VpcId": PLAIN_VPC, "IsDefault": true}, {"VpcId": DUAL_VPC, "Ipv6CidrBlockAssociationSet":
            [{"Ipv6CidrBlock": "2001:db8::/56", "Ipv6CidrBlockState": {"State": "associated"}}]}]},
        "describe-security-groups": {"SecurityGroups": [
            {"GroupId": WEB, "GroupName": "web", "VpcId": PLAIN_VPC, "IpPermissions": [{"IpProtocol": "tcp", "FromPort": 22,
                "ToPort": 22, "IpRanges": [{"CidrIp": "0.0.0.0/0", "Description": "ssh"}], "Ipv6Ranges": [{"CidrIpv6": "::/0"}]}]},
            {"GroupId": DB, "GroupName": "db", "VpcId": DUAL_VPC, "IpPermissionsEgress": []}]},
        "describe-instances": {"Reservations": [{"Instances": [
            {"InstanceId": HOST, "InstanceType": "m5.large", "Tags": [{"Key": "Name", "Value": "web-1"}],
                "IamInstanceProfile": {"Arn": "arn:aws:iam::111122223333:instance-profile/web"},
                "BlockDeviceMappings": [
                    {"DeviceName": "/dev/xvda", "Ebs": {"VolumeId": "vol-0fffffffffffffff1", "DeleteOnTermination": true}},
                    {"DeviceName": "/dev/sdf", "Ebs": {"VolumeId": "vol-0fffffffffffffff2"}}],
                "NetworkInterfaces": [interface(SECOND, DUAL_VPC, "10.2.0.5", DB, 1), interface(FIRST, PLAIN_VPC, "10.1.0.5", WEB, 0)]},
            {"InstanceId": "i-0ddddddddddddddd2", "VpcId": PLAIN_VPC, "PrivateIpAddress": "10.1.0.9", "SecurityGroups": [{"GroupId": WEB}]},
            {"InstanceId": "i-0ddddddddddddddd3", "State": {"Name": "terminated"}, "NetworkInterfaces": [interface("eni-0111111111111111d", PLAIN_VPC, "10.1.0.8", WEB, 0)]}
        ]}]},
        "describe-volumes": {"Volumes": [{"VolumeId": "vol-0fffffffffffffff1", "Size": 20, "Encrypted": true}]},
        "describe-addresses": {"Addresses": [{"AllocationId": "eipalloc-0222222222222222a", "PublicIp": "198.51.100.7",
            "AssociationId": "eipassoc-0222222222222222a", "NetworkInterfaceId": FIRST, "InstanceId": HOST}]}
    }})
}

fn world_with(policy: Value) -> World {
    let world = World::new(Setup { started_at: Timestamp::from_millis(1_772_362_800_000), seed: 1 });
    world.add_principal(Principal {
        access_key_id: "AKIATEST".to_owned(),
        secret_access_key: "secret".to_owned(),
        session_token: None,
        arn: format!("arn:aws:sts::{ACCOUNT}:assumed-role/quarantine/quarantine"),
        account: ACCOUNT.to_owned(),
        function: "quarantine".to_owned(),
        policy: Policy::parse(&json!({"Statement": policy})).unwrap(),
        expires: None,
    });
    world.load(ACCOUNT, REGION, &account()).unwrap();
    world
}

fn world() -> World {
    world_with(json!({"Effect": "Allow", "Action": "*", "Resource": "*"}))
}

fn call(world: &World, operation: &str, parameters: Value) -> Result<Value, ServiceError> {
    world.integrate("AKIATEST", REGION, "ec2", operation, parameters).0
}

/// The code of a refusal, or `accepted`.
fn code(world: &World, operation: &str, parameters: Value) -> String {
    call(world, operation, parameters).map_or_else(|error| error.code, |_| "accepted".to_owned())
}

fn ids(list: &Value, member: &str) -> Vec<String> {
    list.as_array().unwrap().iter().map(|it| it[member].as_str().unwrap().to_owned()).collect()
}

#[test]
fn an_account_is_seeded_in_any_order() {
    let world = world();
    let host = world.instance(ACCOUNT, REGION, HOST).unwrap();
    let interfaces: Vec<&str> = host.interfaces.iter().map(|it| it.id.as_str()).collect();
    assert_eq!(interfaces, [FIRST, SECOND, MANAGED]);
    assert_eq!(host.interfaces[0].public_ip.as_deref(), Some("198.51.100.7"));
    assert!(host.interfaces[2].requester_managed);
    assert_eq!(host.profile_arn.as_deref(), Some("arn:aws:iam::111122223333:instance-profile/web"));
    assert_eq!(host.volumes, ["vol-0fffffffffffffff1", "vol-0fffffffffffffff2"]);
    let made_up = world.instance(ACCOUNT, REGION, "i-0ddddddddddddddd2").unwrap();
    assert_eq!((made_up.interfaces.len(), made_up.interfaces[0].groups.clone()), (1, vec![WEB.to_owned()]));
}

#[test]
fn a_document_is_refused_with_its_place() {
    let refused = |document: Value| world().load(ACCOUNT, REGION, &document).unwrap_err().to_string();
    assert_eq!(
        refused(json!({"ec2": {"describe-vpcs": {"Vpcs": [{"VpcId": "vpc-1", "Cidr": "x"}]}}})),
        "unknown field in ec2.describe-vpcs: Vpcs[0].Cidr"
    );
    assert_eq!(
        refused(json!({"ec2": {"describe-vpcs": {"Vpcs": [{"VpcId": 7}]}}})),
        "`ec2.describe-vpcs.Vpcs[0].VpcId`: expected a string"
    );
    assert!(refused(json!({"ec2": {"describe-images": {}}})).contains("`ec2.describe-images` is not a command"));
    assert!(refused(json!({"ec3": {}})).contains("`ec3` is not a service"));
}

#[test]
fn a_group_swap_is_seen_and_limits_hold() {
    let world = world();
    let swap = |interface: &str, groups: Value| {
        code(&world, "ModifyNetworkInterfaceAttribute", json!({"NetworkInterfaceId": interface, "Groups": groups}))
    };
    assert_eq!(swap(FIRST, json!([DB])), "InvalidGroup.NotFound");
    assert_eq!(swap(FIRST, json!(["sg-0bbbbbbbbbbbbbbb9"])), "InvalidGroup.NotFound");
    assert_eq!(swap(FIRST, json!([])), "InvalidParameterCombination");
    assert_eq!(swap(MANAGED, json!([WEB])), "AuthFailure");
    assert_eq!(swap("eni-0111111111111111e", json!([WEB])), "InvalidNetworkInterfaceID.NotFound");
    let mut groups = vec![WEB.to_owned()];
    for index in 0..5 {
        let made = call(
            &world,
            "CreateSecurityGroup",
            json!({"GroupName": format!("g{index}"), "Description": "d", "VpcId": PLAIN_VPC}),
        );
        groups.push(made.unwrap()["GroupId"].as_str().unwrap().to_owned());
    }
    assert_eq!(swap(FIRST, json!(groups)), "SecurityGroupsPerInterfaceLimitExceeded");
    assert_eq!(swap(FIRST, json!(groups[1..])), "accepted");
    assert_eq!(world.instance(ACCOUNT, REGION, HOST).unwrap().interfaces[0].groups, groups[1..]);
    let seen = call(&world, "DescribeInstances", json!({"InstanceIds": [HOST]})).unwrap();
    assert_eq!(ids(&seen["Reservations"][0]["Instances"][0]["SecurityGroups"], "GroupId"), groups[1..]);
    assert_eq!(
        code(&world, "ModifyInstanceAttribute", json!({"InstanceId": HOST, "Groups": [WEB]})),
        "InvalidInstanceID"
    );
    let single = json!({"InstanceId": "i-0ddddddddddddddd2", "Groups": [groups[1]]});
    assert_eq!(code(&world, "ModifyInstanceAttribute", single), "accepted");
}

#[test]
fn a_new_group_lets_all_out_until_its_rules_are_revoked() {
    let world = world();
    let create = |name: &str, vpc: &str| {
        call(&world, "CreateSecurityGroup", json!({"GroupName": name, "Description": "isolation", "VpcId": vpc}))
    };
    let group = create("isolation", DUAL_VPC).unwrap()["GroupId"].as_str().unwrap().to_owned();
    assert_eq!(create("isolation", DUAL_VPC).unwrap_err().code, "InvalidGroup.Duplicate");
    let other = create("isolation", PLAIN_VPC).unwrap()["GroupId"].as_str().unwrap().to_owned();
    assert_eq!(create("sg-x", PLAIN_VPC).unwrap_err().code, "InvalidParameterValue");
    assert_eq!(create("x", "vpc-0aaaaaaaaaaaaaaa9").unwrap_err().code, "InvalidVpcID.NotFound");
    let peers = |id: &str| -> Vec<String> {
        world.security_group(ACCOUNT, REGION, id).unwrap().egress.into_iter().map(|rule| rule.peer).collect()
    };
    assert_eq!(
        (peers(&group), peers(&other)),
        (vec!["0.0.0.0/0".to_owned(), "::/0".to_owned()], vec!["0.0.0.0/0".to_owned()])
    );
    let rules =
        call(&world, "DescribeSecurityGroupRules", json!({"Filters": [{"Name": "group-id", "Values": [group]}]}));
    let rules = ids(&rules.unwrap()["SecurityGroupRules"], "SecurityGroupRuleId");
    let by_id = json!({"GroupId": group, "SecurityGroupRuleIds": rules});
    assert_eq!(code(&world, "RevokeSecurityGroupIngress", by_id.clone()), "InvalidSecurityGroupRuleId.NotFound");
    assert_eq!(code(&world, "RevokeSecurityGroupEgress", by_id.clone()), "accepted");
    assert_eq!(code(&world, "RevokeSecurityGroupEgress", by_id), "InvalidSecurityGroupRuleId.NotFound");
    assert!(peers(&group).is_empty());
}

#[test]
fn revoking_what_is_not_there_depends_on_the_vpc() {
    let world = world();
    let permissions = json!([{"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22,
        "IpRanges": [{"CidrIp": "0.0.0.0/0"}, {"CidrIp": "192.0.2.0/24"}]}]);
    let revoke = |group: &str| {
        call(&world, "RevokeSecurityGroupIngress", json!({"GroupId": group, "IpPermissions": permissions}))
    };
    let allow = json!({"GroupId": DB, "IpPermissions": [{"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]});
    assert_eq!(code(&world, "AuthorizeSecurityGroupIngress", allow.clone()), "accepted");
    assert_eq!(code(&world, "AuthorizeSecurityGroupIngress", allow), "InvalidPermission.Duplicate");
    assert_eq!(revoke(DB).unwrap_err().code, "InvalidPermission.NotFound");
    assert_eq!(world.security_group(ACCOUNT, REGION, DB).unwrap().ingress.len(), 1);
    let answer = revoke(WEB).unwrap();
    assert_eq!(answer["RevokedSecurityGroupRules"][0]["CidrIpv4"], "0.0.0.0/0");
    assert_eq!(answer["UnknownIpPermissions"][0]["IpRanges"][0]["CidrIp"], "192.0.2.0/24");
    let left: Vec<String> =
        world.security_group(ACCOUNT, REGION, WEB).unwrap().ingress.into_iter().map(|it| it.peer).collect();
    assert_eq!(left, ["::/0"]);
}

#[test]
fn snapshots_take_time_and_have_a_rate() {
    let world = world();
    let take = || call(&world, "CreateSnapshots", json!({"InstanceSpecification": {"InstanceId": HOST}}));
    let first = take().unwrap();
    assert_eq!(ids(&first["Snapshots"], "VolumeId"), ["vol-0fffffffffffffff1", "vol-0fffffffffffffff2"]);
    assert_eq!(take().unwrap_err().code, "SnapshotCreationPerVolumeRateExceeded");
    let states = || -> Vec<String> { world.snapshots(ACCOUNT, REGION).into_iter().map(|it| it.state).collect() };
    assert_eq!(states(), ["pending", "pending"]);
    let clock = world.clock();
    for _ in 0..10 {
        clock.advance_to(clock.now().after(Duration::from_secs(15)));
    }
    assert_eq!(states(), ["completed", "completed"]);
    let only_data = json!({"InstanceSpecification": {"InstanceId": HOST, "ExcludeBootVolume": true}});
    assert_eq!(
        ids(&call(&world, "CreateSnapshots", only_data).unwrap()["Snapshots"], "VolumeId"),
        ["vol-0fffffffffffffff2"]
    );
}

#[test]
fn five_snapshots_of_a_volume_may_be_pending() {
    let world = world();
    world
        .load(
            ACCOUNT,
            REGION,
            &json!({"ec2": {"describe-volumes": {"Volumes": [{"VolumeId": "vol-0fffffffffffffff1", "Size": 1000}]}}}),
        )
        .unwrap();
    let clock = world.clock();
    let mut codes = Vec::new();
    for _ in 0..6 {
        codes.push(code(&world, "CreateSnapshots", json!({"InstanceSpecification": {"InstanceId": HOST}})));
        clock.advance_to(clock.now().after(Duration::from_secs(15)));
    }
    assert_eq!(codes, ["accepted", "accepted", "accepted", "accepted", "accepted", "ConcurrentSnapshotLimitExceeded"]);
}

#[test]
fn a_terminated_instance_is_described_for_an_hour_without_interfaces() {
    let world = world();
    let gone = json!({"InstanceIds": ["i-0ddddddddddddddd3"]});
    let seen = call(&world, "DescribeInstances", gone.clone()).unwrap();
    assert_eq!(seen["Reservations"][0]["Instances"][0]["State"]["Name"], "terminated");
    assert_eq!(seen["Reservations"][0]["Instances"][0]["NetworkInterfaces"], json!([]));
    assert_eq!(
        code(&world, "CreateSnapshots", json!({"InstanceSpecification": {"InstanceId": "i-0ddddddddddddddd3"}})),
        "IncorrectInstanceState"
    );
    world.clock().advance_to(world.clock().now().after(Duration::from_secs(3600)));
    assert_eq!(code(&world, "DescribeInstances", gone), "InvalidInstanceID.NotFound");
}

#[test]
fn results_come_in_pages() {
    let world = world();
    for index in 0..12 {
        let parameters = json!({"GroupName": format!("g{index}"), "Description": "d", "VpcId": PLAIN_VPC});
        call(&world, "CreateSecurityGroup", parameters).unwrap();
    }
    let mut seen = Vec::new();
    let mut token = Value::Null;
    loop {
        let page = call(&world, "DescribeSecurityGroups", json!({"MaxResults": 5, "NextToken": token})).unwrap();
        seen.extend(ids(&page["SecurityGroups"], "GroupId"));
        token = page.get("NextToken").cloned().unwrap_or_default();
        if token.is_null() {
            break;
        }
    }
    let mut sorted = seen.clone();
    sorted.sort();
    sorted.dedup();
    assert_eq!((seen.len(), seen), (14, sorted));
    assert_eq!(
        code(&world, "DescribeSecurityGroups", json!({"MaxResults": 5, "NextToken": "zz"})),
        "InvalidParameterValue"
    );
    assert_eq!(
        code(&world, "DescribeSecurityGroups", json!({"MaxResults": 5, "GroupIds": [WEB]})),
        "InvalidParameterCombination"
    );
}

#[test]
fn what_is_not_known_fails_with_its_name() {
    let world = world();
    for (operation, parameters, expected) in [
        ("DescribeImages", json!({}), "ec2:DescribeImages"),
        (
            "DescribeInstances",
            json!({"Filters": [{"Name": "hypervisor", "Values": ["xen"]}]}),
            "ec2:DescribeInstances filter `hypervisor`",
        ),
        (
            "ModifyInstanceAttribute",
            json!({"InstanceId": HOST, "EbsOptimized": {"Value": true}}),
            "ec2:ModifyInstanceAttribute attribute EbsOptimized",
        ),
        ("DescribeInstances", json!({"Instances": []}), "ec2:DescribeInstances parameter Instances"),
        (
            "CreateSnapshots",
            json!({"InstanceSpecification": {"InstanceId": HOST}, "OutpostArn": "arn:x"}),
            "ec2:CreateSnapshots parameter OutpostArn",
        ),
    ] {
        let error = call(&world, operation, parameters).unwrap_err();
        assert!(error.is_unsupported() && error.status == 501, "{error}");
        assert_eq!(world.unsupported().last().map(String::as_str), Some(expected));
    }
    assert!(world.snapshots(ACCOUNT, REGION).is_empty());
}

#[test]
fn an_address_leaves_its_interface() {
    let world = world();
    let parameters = json!({"AssociationId": "eipassoc-0222222222222222a"});
    assert_eq!(code(&world, "DisassociateAddress", parameters.clone()), "accepted");
    assert_eq!(world.instance(ACCOUNT, REGION, HOST).unwrap().interfaces[0].public_ip, None);
    assert_eq!(code(&world, "DisassociateAddress", parameters), "InvalidAssociationID.NotFound");
    let left = call(&world, "DescribeAddresses", json!({})).unwrap();
    assert_eq!(left["Addresses"][0].get("AssociationId"), None);
}

#[test]
fn resource_permissions_are_asked_for_each_resource() {
    let interfaces = format!("arn:aws:ec2:{REGION}:{ACCOUNT}:network-interface/*");
    let world =
        world_with(json!({"Effect": "Allow", "Action": "ec2:ModifyNetworkInterfaceAttribute", "Resource": interfaces}));
    let swap = json!({"NetworkInterfaceId": FIRST, "Groups": [WEB]});
    let error = call(&world, "ModifyNetworkInterfaceAttribute", swap).unwrap_err();
    assert_eq!((error.code.as_str(), error.status), ("UnauthorizedOperation", 403));
    let expected = format!(
        "You are not authorized to perform this operation. User: arn:aws:sts::{ACCOUNT}:assumed-role/quarantine/quarantine is not authorized to perform: ec2:ModifyNetworkInterfaceAttribute on resource: arn:aws:ec2:{REGION}:{ACCOUNT}:security-group/{WEB} because no identity-based policy allows the ec2:ModifyNetworkInterfaceAttribute action"
    );
    assert_eq!(error.message, expected);
}

#[test]
fn tags_on_creation_need_create_tags_with_its_action() {
    let tagged = json!({"InstanceSpecification": {"InstanceId": HOST},
        "TagSpecifications": [{"ResourceType": "snapshot", "Tags": [{"Key": "incident", "Value": "1"}]}]});
    let create = json!({"Effect": "Allow", "Action": "ec2:CreateSnapshots", "Resource": "*"});
    let tagging = |action: &str| {
        json!({"Effect": "Allow", "Action": "ec2:CreateTags", "Resource": "arn:aws:ec2:*::snapshot/*",
            "Condition": {"StringEquals": {"ec2:CreateAction": action}, "ForAllValues:StringEquals": {"aws:TagKeys": ["incident"]}}})
    };
    for (policy, expected) in [
        (json!([create]), "UnauthorizedOperation"),
        (json!([create, tagging("CopySnapshot")]), "UnauthorizedOperation"),
        (json!([create, tagging("CreateSnapshots")]), "accepted"),
    ] {
        assert_eq!(code(&world_with(policy), "CreateSnapshots", tagged.clone()), expected);
    }
}

#[test]
fn a_profile_is_replaced() {
    let world = world();
    let filter = json!({"Filters": [{"Name": "instance-id", "Values": [HOST]}]});
    let found = call(&world, "DescribeIamInstanceProfileAssociations", filter).unwrap();
    let association = found["IamInstanceProfileAssociations"][0]["AssociationId"].as_str().unwrap().to_owned();
    let replace = json!({"AssociationId": association, "IamInstanceProfile": {"Name": "nothing"}});
    assert_eq!(code(&world, "ReplaceIamInstanceProfileAssociation", replace.clone()), "accepted");
    assert_eq!(code(&world, "ReplaceIamInstanceProfileAssociation", replace), "InvalidAssociationID.NotFound");
    let host = world.instance(ACCOUNT, REGION, HOST).unwrap();
    assert_eq!(host.profile_arn.as_deref(), Some("arn:aws:iam::111122223333:instance-profile/nothing"));
    assert_eq!(
        code(&world, "AssociateIamInstanceProfile", json!({"InstanceId": HOST, "IamInstanceProfile": {"Name": "web"}})),
        "IncorrectState"
    );
}

#[test]
fn spot_instances_and_instance_stores_refuse_protection() {
    let world = world();
    let (spot, store) = ("i-0ddddddddddddddd4", "i-0ddddddddddddddd5");
    let instances = json!([{"InstanceId": spot, "InstanceLifecycle": "spot"}, {"InstanceId": store, "RootDeviceType": "instance-store"}]);
    let document = json!({"ec2": {"describe-instances": {"Reservations": [{"Instances": instances}]}}});
    world.load(ACCOUNT, REGION, &document).unwrap();
    let set = |id: &str, attribute: &str, value: bool| {
        call(&world, "ModifyInstanceAttribute", json!({"InstanceId": id, attribute: {"Value": value}}))
    };
    for value in [true, false] {
        let refused = set(spot, "DisableApiTermination", value).unwrap_err();
        assert_eq!(
            refused.to_string(),
            "UnsupportedOperation: Modifying 'disableApiTermination' is not supported for spot instances."
        );
        assert_eq!(set(spot, "DisableApiStop", value).unwrap_err().code, "UnsupportedOperation");
    }
    assert!(set(store, "DisableApiTermination", true).is_ok());
    assert_eq!(set(store, "DisableApiStop", true).unwrap_err().code, "UnsupportedOperation");
    assert!(set(store, "DisableApiStop", false).is_ok());
    let both =
        json!({"InstanceId": store, "DisableApiTermination": {"Value": true}, "DisableApiStop": {"Value": false}});
    assert_eq!(code(&world, "ModifyInstanceAttribute", both), "InvalidParameterCombination");
}
