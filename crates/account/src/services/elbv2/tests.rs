#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test")]

use std::time::Duration;

use serde_json::{Value, json};

use super::TargetState;
use crate::elbv2::ReadElbv2;
use crate::{Policy, Principal, ServiceError, Setup, Timestamp, World};

const ACCOUNT: &str = "111122223333";
const REGION: &str = "eu-central-1";
const VPC: &str = "vpc-0aaaaaaaaaaaaaaa1";
const HOST: &str = "i-0ddddddddddddddd1";
const INTERFACE: &str = "eni-0111111111111111a";
const ADDRESS: &str = "10.0.0.7";
const OPEN: &str = "sg-0bbbbbbbbbbbbbbb1";
const ISOLATION: &str = "sg-0bbbbbbbbbbbbbbb2";

fn arn(name: &str) -> String {
    format!("arn:aws:elasticloadbalancing:eu-central-1:111122223333:targetgroup/{name}/50dc6c495c0c9188")
}

/// An instance behind three groups: by its id on two ports, by its address, and not at all.
fn world() -> World {
    world_with(json!({"Effect": "Allow", "Action": "*", "Resource": "*"}))
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
    let balancer = ["arn:aws:elasticloadbalancing:eu-central-1:111122223333:loadbalancer/app/web/1"];
    let web = json!({"IpProtocol": "tcp", "FromPort": 80, "ToPort": 8080, "IpRanges": [{"CidrIp": "10.0.0.0/16"}]});
    let account = json!({
        "elbv2": {
            // Before its group: commands come in any order.
            "describe-target-health": {
                arn("web"): {"TargetHealthDescriptions": [
                    {"Target": {"Id": HOST, "Port": 80}, "HealthCheckPort": "80", "TargetHealth": {"State": "healthy"}},
                    {"Target": {"Id": HOST, "Port": 8080}}]},
                arn("api"): {"TargetHealthDescriptions": [{"Target": {"Id": ADDRESS, "Port": 443, "AvailabilityZone": "eu-central-1a"}}]},
            },
            "describe-target-group-attributes": {arn("web"): {"Attributes": [
                {"Key": "stickiness.enabled", "Value": "false"},
                {"Key": "deregistration_delay.timeout_seconds", "Value": "60"}]}},
            "describe-tags": {"TagDescriptions": [{"ResourceArn": arn("web"), "Tags": [{"Key": "team", "Value": "shop"}]}]},
            "describe-target-groups": {"TargetGroups": [
                {"TargetGroupArn": arn("web"), "Port": 80, "VpcId": VPC, "LoadBalancerArns": balancer},
                {"TargetGroupArn": arn("api"), "Port": 443, "TargetType": "ip", "HealthCheckProtocol": "TCP",
                    "HealthCheckPort": "8080", "HealthCheckIntervalSeconds": 10, "UnhealthyThresholdCount": 3, "LoadBalancerArns": balancer},
                {"TargetGroupArn": arn("idle"), "Port": 80, "VpcId": VPC}]},
        },
        "ec2": {
            "describe-security-groups": {"SecurityGroups": [
                {"GroupId": OPEN, "GroupName": "web", "VpcId": VPC, "IpPermissions": [web]},
                {"GroupId": ISOLATION, "GroupName": "isolation", "VpcId": VPC, "IpPermissionsEgress": []}]},
            "describe-instances": {"Reservations": [{"Instances": [
                {"InstanceId": HOST, "VpcId": VPC, "NetworkInterfaces": [{"NetworkInterfaceId": INTERFACE,
                    "PrivateIpAddress": ADDRESS, "Groups": [{"GroupId": OPEN}]}]},
                {"InstanceId": "i-0ddddddddddddddd2", "VpcId": "vpc-0aaaaaaaaaaaaaaa2"},
                {"InstanceId": "i-0ddddddddddddddd3", "VpcId": VPC, "State": {"Name": "stopped"}}]}]},
        },
    });
    world.load(ACCOUNT, REGION, &account).unwrap();
    world
}

fn call(world: &World, operation: &str, parameters: Value) -> Result<Value, ServiceError> {
    world.integrate("AKIATEST", REGION, "elasticloadbalancing", operation, parameters).0
}

fn code(world: &World, operation: &str, parameters: Value) -> String {
    call(world, operation, parameters).map_or_else(|error| error.code, |_| "accepted".to_owned())
}

fn change(world: &World, operation: &str, group: &str, targets: Value) -> String {
    code(world, operation, json!({"TargetGroupArn": arn(group), "Targets": targets}))
}

fn pass(world: &World, seconds: u64) {
    let clock = world.clock();
    clock.advance_to(clock.now().after(Duration::from_secs(seconds)));
}

fn regroup(world: &World, group: &str) {
    let parameters = json!({"NetworkInterfaceId": INTERFACE, "Groups": [group]});
    world.integrate("AKIATEST", REGION, "ec2", "ModifyNetworkInterfaceAttribute", parameters).0.unwrap();
}

/// Port and state of the targets of a group.
fn states(world: &World, group: &str) -> Vec<(Option<i64>, TargetState)> {
    let targets = world.targets(ACCOUNT, REGION).into_iter().filter(|target| target.group == arn(group));
    targets.map(|target| (target.port, target.state)).collect()
}

#[test]
fn groups_are_described_in_pages() {
    let world = world();
    let names = |page: &Value| -> Vec<String> {
        let groups = page["TargetGroups"].as_array().unwrap().iter();
        groups.map(|group| group["TargetGroupName"].as_str().unwrap().to_owned()).collect()
    };
    let first = call(&world, "DescribeTargetGroups", json!({"PageSize": 2})).unwrap();
    assert_eq!(names(&first), ["api", "idle"]);
    let second = call(&world, "DescribeTargetGroups", json!({"PageSize": 2, "Marker": first["NextMarker"]})).unwrap();
    assert_eq!((names(&second), &second["NextMarker"]), (vec!["web".to_owned()], &Value::Null));
    assert_eq!(names(&call(&world, "DescribeTargetGroups", json!({"Names": ["web"]})).unwrap()), ["web"]);
    let balancer = "arn:aws:elasticloadbalancing:eu-central-1:111122223333:loadbalancer/app/web/1";
    let used = call(&world, "DescribeTargetGroups", json!({"LoadBalancerArn": balancer})).unwrap();
    assert_eq!(names(&used), ["api", "web"]);
    assert_eq!(code(&world, "DescribeTargetGroups", json!({"TargetGroupArns": [arn("none")]})), "TargetGroupNotFound");
    assert_eq!(code(&world, "DescribeTargetGroups", json!({"LoadBalancerArn": "arn:x"})), "LoadBalancerNotFound");
    assert_eq!(code(&world, "DescribeTargetGroups", json!({"PageSize": 401})), "ValidationError");
    assert_eq!(code(&world, "DescribeTargetHealth", json!({"TargetGroupArn": arn("none")})), "TargetGroupNotFound");
}

#[test]
fn a_registration_is_a_target_and_its_port() {
    let world = world();
    assert_eq!(states(&world, "web"), [(Some(80), TargetState::Healthy), (Some(8080), TargetState::Healthy)]);
    // Without a port the group's is meant.
    assert_eq!(change(&world, "DeregisterTargets", "web", json!([{"Id": HOST}])), "accepted");
    assert_eq!(states(&world, "web"), [(Some(80), TargetState::Draining), (Some(8080), TargetState::Healthy)]);
    assert_eq!(change(&world, "DeregisterTargets", "web", json!([{"Id": HOST, "Port": 8080}])), "accepted");
    let asked =
        json!({"TargetGroupArn": arn("web"), "Targets": [{"Id": HOST, "Port": 8080}, {"Id": "i-0ddddddddddddddd9"}]});
    let health = call(&world, "DescribeTargetHealth", asked).unwrap()["TargetHealthDescriptions"].clone();
    assert_eq!(health[0]["TargetHealth"]["Reason"], "Target.DeregistrationInProgress");
    assert_eq!(
        health[1]["TargetHealth"],
        json!({"State": "unused", "Reason": "Target.NotRegistered",
        "Description": "Target is not registered to the target group"})
    );
    pass(&world, 59);
    // Once more changes nothing, and what was never there is no error.
    assert_eq!(
        change(&world, "DeregisterTargets", "web", json!([{"Id": HOST}, {"Id": "i-0ddddddddddddddd9"}])),
        "accepted"
    );
    assert_eq!(change(&world, "DeregisterTargets", "idle", json!([{"Id": HOST}])), "accepted");
    pass(&world, 1);
    assert_eq!(states(&world, "web"), []);
    let all = call(&world, "DescribeTargetHealth", json!({"TargetGroupArn": arn("web")})).unwrap();
    assert_eq!(all["TargetHealthDescriptions"], json!([]));
    assert_eq!(change(&world, "DeregisterTargets", "none", json!([{"Id": HOST}])), "TargetGroupNotFound");
    assert_eq!(change(&world, "DeregisterTargets", "web", json!([])), "ValidationError");
}

#[test]
fn what_is_registered_runs_in_the_groups_vpc() {
    let world = world();
    for (id, expected) in [
        ("i-0ddddddddddddddd2", "InvalidTarget"),
        ("i-0ddddddddddddddd3", "InvalidTarget"),
        ("i-0ddddddddddddddd9", "InvalidTarget"),
        (HOST, "accepted"),
    ] {
        assert_eq!(change(&world, "RegisterTargets", "idle", json!([{"Id": id}])), expected, "{id}");
    }
    assert_eq!(change(&world, "RegisterTargets", "api", json!([{"Id": HOST}])), "InvalidTarget");
    // No load balancer sends it anything.
    assert_eq!(states(&world, "idle"), [(Some(80), TargetState::Unused)]);
    assert_eq!(change(&world, "RegisterTargets", "web", json!([{"Id": HOST, "Port": 81}])), "accepted");
    assert_eq!(states(&world, "web")[1], (Some(81), TargetState::Initial));
    pass(&world, 30);
    assert_eq!(states(&world, "web")[1], (Some(81), TargetState::Healthy));
}

#[test]
fn a_target_that_no_check_reaches_is_unhealthy_until_one_does() {
    let world = world();
    regroup(&world, ISOLATION);
    pass(&world, 30);
    // Three failures at ten seconds; two at thirty.
    assert_eq!(states(&world, "api"), [(Some(443), TargetState::Unhealthy)]);
    assert_eq!(states(&world, "web")[0], (Some(80), TargetState::Healthy));
    pass(&world, 30);
    assert_eq!(states(&world, "web")[0], (Some(80), TargetState::Unhealthy));
    let reason = |group: &str| {
        let all = call(&world, "DescribeTargetHealth", json!({"TargetGroupArn": arn(group)})).unwrap();
        all["TargetHealthDescriptions"][0]["TargetHealth"]["Reason"].clone()
    };
    assert_eq!((reason("web"), reason("api")), (json!("Target.Timeout"), json!("Target.FailedHealthChecks")));
    regroup(&world, OPEN);
    assert_eq!(states(&world, "web")[0], (Some(80), TargetState::Healthy));
}

#[test]
fn the_older_load_balancers_are_refused_by_name() {
    let world = world();
    let load = |document: Value| world.load(ACCOUNT, REGION, &document).unwrap_err().to_string();
    assert!(load(json!({"elb": {"describe-load-balancers": {}}})).contains("`elb` is not a service"));
    assert!(load(json!({"elbv2": {"describe-load-balancers": {}}})).contains("`elbv2.describe-load-balancers` is not"));
    let unknown =
        json!({"elbv2": {"describe-target-groups": {"TargetGroups": [{"TargetGroupArn": arn("a"), "Ports": 1}]}}});
    assert!(load(unknown).contains("TargetGroups[0].Ports"));
    assert_eq!(code(&world, "DescribeLoadBalancers", json!({})), "NotSimulated");
}

#[test]
fn a_change_is_authorized_on_the_group_and_its_tags() {
    let tried = |resource: &str, team: &str| {
        let world = world_with(
            json!({"Effect": "Allow", "Action": "elasticloadbalancing:DeregisterTargets", "Resource": resource,
            "Condition": {"StringEquals": {"aws:ResourceTag/team": team, "elasticloadbalancing:ResourceTag/team": team}}}),
        );
        change(&world, "DeregisterTargets", "web", json!([{"Id": HOST}]))
    };
    let any = "arn:aws:elasticloadbalancing:*:*:targetgroup/*/*";
    assert_eq!(tried(any, "shop"), "accepted");
    assert_eq!(tried(any, "bank"), "AccessDenied");
    assert_eq!(tried("arn:aws:elasticloadbalancing:*:*:targetgroup/api/*", "shop"), "AccessDenied");
}
