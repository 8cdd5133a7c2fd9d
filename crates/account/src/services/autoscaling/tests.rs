#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test")]

use std::time::Duration;

use serde_json::{Value, json};

use super::Lifecycle;
use crate::autoscaling::ReadAutoScaling;
use crate::ec2::ReadEc2;
use crate::elbv2::ReadElbv2;
use crate::elbv2::TargetState;
use crate::{Policy, Principal, ServiceError, Setup, Timestamp, World};

const ACCOUNT: &str = "111122223333";
const REGION: &str = "eu-central-1";
const GROUP: &str = "web";
const HOST: &str = "i-0ddddddddddddddd1";
const SECOND: &str = "i-0ddddddddddddddd2";
const INTERFACE: &str = "eni-0111111111111111a";
const OPEN: &str = "sg-0bbbbbbbbbbbbbbb1";
const ISOLATION: &str = "sg-0bbbbbbbbbbbbbbb2";
const TARGETS: &str = "arn:aws:elasticloadbalancing:eu-central-1:111122223333:targetgroup/web/50dc6c495c0c9188";
const ARN: &str = "arn:aws:autoscaling:eu-central-1:111122223333:autoScalingGroup:1a2b:autoScalingGroupName/web";

/// Two instances in a group, behind a target group, and what differs from that in the group.
fn world(differs: Value) -> World {
    world_with(differs, json!({"Effect": "Allow", "Action": "*", "Resource": "*"}))
}

fn world_with(differs: Value, policy: Value) -> World {
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
    let mut group = json!({"AutoScalingGroupName": GROUP, "AutoScalingGroupARN": ARN, "MinSize": 1, "MaxSize": 3,
        "DesiredCapacity": 2, "HealthCheckType": "ELB", "HealthCheckGracePeriod": 120, "TargetGroupARNs": [TARGETS],
        "Instances": [{"InstanceId": HOST}, {"InstanceId": SECOND}], "Tags": [{"Key": "team", "Value": "shop"}]});
    for (name, value) in differs.as_object().unwrap() {
        group[name] = value.clone();
    }
    let instance = |id: &str, interface: &str| {
        json!({"InstanceId": id, "VpcId": "vpc-0aaaaaaaaaaaaaaa1", "BlockDeviceMappings": [
            {"DeviceName": "/dev/xvda", "Ebs": {"VolumeId": format!("vol-{}", &id[2..]), "DeleteOnTermination": true}}],
            "NetworkInterfaces": [{"NetworkInterfaceId": interface, "Groups": [{"GroupId": OPEN}]}]})
    };
    let account = json!({
        "ec2": {
            "describe-security-groups": {"SecurityGroups": [
                {"GroupId": OPEN, "GroupName": "web", "VpcId": "vpc-0aaaaaaaaaaaaaaa1", "IpPermissions": [
                    {"IpProtocol": "tcp", "FromPort": 80, "ToPort": 80, "IpRanges": [{"CidrIp": "10.0.0.0/16"}]}]},
                {"GroupId": ISOLATION, "GroupName": "isolation", "VpcId": "vpc-0aaaaaaaaaaaaaaa1", "IpPermissionsEgress": []}]},
            "describe-instances": {"Reservations": [{"Instances":
                [instance(HOST, INTERFACE), instance(SECOND, "eni-0111111111111111b")]}]},
            "describe-instance-attribute": {"InstanceId": HOST, "DisableApiTermination": {"Value": true}},
        },
        "autoscaling": {"describe-auto-scaling-groups": {"AutoScalingGroups": [group]}},
        "elbv2": {
            "describe-target-groups": {"TargetGroups": [{"TargetGroupArn": TARGETS, "Port": 80, "VpcId": "vpc-0aaaaaaaaaaaaaaa1",
                "LoadBalancerArns": ["arn:aws:elasticloadbalancing:eu-central-1:111122223333:loadbalancer/app/web/1"]}]},
            "describe-target-health": {TARGETS: {"TargetHealthDescriptions":
                [{"Target": {"Id": HOST, "Port": 80}}, {"Target": {"Id": SECOND, "Port": 80}}]}},
        },
    });
    world.load(ACCOUNT, REGION, &account).unwrap();
    world
}

fn call(world: &World, operation: &str, parameters: Value) -> Result<Value, ServiceError> {
    let service = if operation.starts_with("Modify") { "ec2" } else { "autoscaling" };
    world.integrate("AKIATEST", REGION, service, operation, parameters).0
}

fn told(world: &World, operation: &str, parameters: Value) -> String {
    call(world, operation, parameters)
        .map_or_else(|error| format!("{}: {}", error.code, error.message), |_| "accepted".to_owned())
}

fn enter(world: &World, ids: &[&str], decrement: bool) -> String {
    let parameters =
        json!({"AutoScalingGroupName": GROUP, "InstanceIds": ids, "ShouldDecrementDesiredCapacity": decrement});
    told(world, "EnterStandby", parameters)
}

fn isolate(world: &World) {
    let parameters = json!({"NetworkInterfaceId": INTERFACE, "Groups": [ISOLATION]});
    assert_eq!(told(world, "ModifyNetworkInterfaceAttribute", parameters), "accepted");
}

fn pass(world: &World, seconds: u64) {
    let clock = world.clock();
    clock.advance_to(clock.now().after(Duration::from_secs(seconds)));
}

/// The lifecycle of each instance.
fn lifecycles(world: &World) -> Vec<(String, Lifecycle)> {
    let group = world.auto_scaling_group(ACCOUNT, REGION, GROUP).unwrap();
    group.members.into_iter().map(|member| (member.instance, member.lifecycle)).collect()
}

fn lifecycle(world: &World, id: &str) -> Option<Lifecycle> {
    lifecycles(world).into_iter().find(|(instance, _)| instance == id).map(|(_, lifecycle)| lifecycle)
}

fn state(world: &World) -> String {
    world.instance(ACCOUNT, REGION, HOST).unwrap().state
}

fn target(world: &World, id: &str) -> Option<TargetState> {
    world.targets(ACCOUNT, REGION).into_iter().find(|it| it.id == id).map(|it| it.state)
}

#[test]
fn standby_drains_and_a_replacement_comes() {
    let world = world(json!({}));
    let parameters =
        json!({"AutoScalingGroupName": GROUP, "InstanceIds": [HOST], "ShouldDecrementDesiredCapacity": false});
    let answer = call(&world, "EnterStandby", parameters).unwrap();
    let activity = &answer["Activities"][0];
    assert_eq!(activity["Description"], format!("Moving EC2 instance to Standby: {HOST}"));
    let cause = format!("At 2026-03-01T11:00:00Z instance {HOST} was moved to standby in response to a user request.");
    assert_eq!(activity["Cause"], cause);
    let now = lifecycles(&world);
    assert_eq!(now.len(), 3);
    assert_eq!(
        (lifecycle(&world, HOST), target(&world, HOST)),
        (Some(Lifecycle::EnteringStandby), Some(TargetState::Draining))
    );
    let (replacement, pending) = now.into_iter().find(|(id, _)| id != HOST && id != SECOND).unwrap();
    assert_eq!((pending, target(&world, &replacement)), (Lifecycle::Pending, None));
    pass(&world, 61);
    assert_eq!(
        (lifecycle(&world, &replacement), target(&world, &replacement)),
        (Some(Lifecycle::InService), Some(TargetState::Initial))
    );
    // The connections have five minutes to end.
    pass(&world, 238);
    assert_eq!(lifecycle(&world, HOST), Some(Lifecycle::EnteringStandby));
    pass(&world, 1);
    assert_eq!((lifecycle(&world, HOST), target(&world, HOST)), (Some(Lifecycle::Standby), None));
    assert_eq!(world.auto_scaling_group_of(ACCOUNT, REGION, HOST).unwrap().sizes, (1, 2, 3));
}

#[test]
fn without_a_replacement_the_group_wants_fewer() {
    let world = world(json!({}));
    assert_eq!(enter(&world, &[HOST], true), "accepted");
    assert_eq!(lifecycles(&world).len(), 2);
    pass(&world, 1);
    assert_eq!(
        enter(&world, &[SECOND], true),
        "ValidationError: AutoScalingGroup web has min-size=1, max-size=3, and desired-size=1. To place into standby 1 instance, please update the AutoScalingGroup sizes appropriately."
    );
    assert_eq!(enter(&world, &[SECOND], false), "accepted");
}

#[test]
fn only_what_is_in_service_goes_to_standby() {
    let world = world(json!({}));
    let other = json!({"AutoScalingGroupName": "db", "InstanceIds": [HOST], "ShouldDecrementDesiredCapacity": true});
    assert_eq!(
        told(&world, "EnterStandby", other),
        "ValidationError: AutoScalingGroup name not found - AutoScalingGroup db not found"
    );
    assert_eq!(
        enter(&world, &["i-0ddddddddddddddd9"], true),
        "ValidationError: The instance i-0ddddddddddddddd9 is not part of Auto Scaling group web."
    );
    assert_eq!(enter(&world, &[], true), "ValidationError: You must specify at least one instance id.");
    let unsaid = json!({"AutoScalingGroupName": GROUP, "InstanceIds": [HOST]});
    assert!(told(&world, "EnterStandby", unsaid).contains("'ShouldDecrementDesiredCapacity' failed"));
    assert_eq!(enter(&world, &[HOST], false), "accepted");
    // A second change of the group at the same moment.
    assert!(enter(&world, &[SECOND], false).starts_with("ResourceContention: "));
    pass(&world, 1);
    assert_eq!(enter(&world, &[HOST], false), format!("ValidationError: The instance {HOST} is not in InService."));
}

#[test]
fn an_instance_comes_back_from_standby() {
    let world = world(json!({}));
    let back = || told(&world, "ExitStandby", json!({"AutoScalingGroupName": GROUP, "InstanceIds": [HOST]}));
    assert_eq!(back(), format!("ValidationError: The instance {HOST} is not in Standby."));
    assert_eq!(enter(&world, &[HOST], true), "accepted");
    pass(&world, 300);
    assert_eq!(back(), "accepted");
    assert_eq!(lifecycle(&world, HOST), Some(Lifecycle::Pending));
    pass(&world, 100);
    assert_eq!(
        (lifecycle(&world, HOST), target(&world, HOST)),
        (Some(Lifecycle::InService), Some(TargetState::Healthy))
    );
    assert_eq!(world.auto_scaling_group(ACCOUNT, REGION, GROUP).unwrap().sizes, (1, 2, 3));
}

#[test]
fn a_group_at_its_maximum_takes_none_back() {
    let world = world(json!({"MaxSize": 2}));
    assert_eq!(enter(&world, &[HOST], false), "accepted");
    pass(&world, 300);
    let back = told(&world, "ExitStandby", json!({"AutoScalingGroupName": GROUP, "InstanceIds": [HOST]}));
    assert!(
        back.starts_with("ValidationError: AutoScalingGroup web has min-size=1, max-size=2, and desired-size=2."),
        "{back}"
    );
}

#[test]
fn a_detached_instance_is_of_no_group() {
    let world = world(json!({"TargetGroupARNs": []}));
    let parameters =
        json!({"AutoScalingGroupName": GROUP, "InstanceIds": [HOST], "ShouldDecrementDesiredCapacity": true});
    let answer = call(&world, "DetachInstances", parameters).unwrap();
    let cause = answer["Activities"][0]["Cause"].as_str().unwrap();
    assert!(
        cause.ends_with("was detached in response to a user request, shrinking the capacity from 2 to 1."),
        "{cause}"
    );
    assert_eq!(lifecycle(&world, HOST), Some(Lifecycle::Detaching));
    pass(&world, 10);
    assert_eq!((lifecycle(&world, HOST), world.auto_scaling_group_of(ACCOUNT, REGION, HOST)), (None, None));
    assert_eq!(state(&world), "running");
}

#[test]
fn what_is_isolated_in_service_is_terminated_with_its_volumes() {
    let world = world(json!({}));
    isolate(&world);
    // Two checks, one each half minute, fail; half a minute later Auto Scaling has noticed.
    pass(&world, 60);
    assert_eq!((state(&world).as_str(), target(&world, HOST)), ("running", Some(TargetState::Unhealthy)));
    pass(&world, 29);
    assert_eq!(state(&world), "running");
    pass(&world, 1);
    let gone = world.instance(ACCOUNT, REGION, HOST).unwrap();
    assert_eq!((gone.state.as_str(), gone.interfaces.len(), gone.volumes.len()), ("terminated", 0, 0));
    assert!(gone.termination_protected);
    let volumes = world.integrate("AKIATEST", REGION, "ec2", "DescribeVolumes", json!({})).0.unwrap();
    assert_eq!(volumes["Volumes"].as_array().unwrap().len(), 1);
    assert_eq!(lifecycle(&world, HOST), Some(Lifecycle::Terminating));
    assert_eq!(lifecycles(&world).len(), 3);
    pass(&world, 60);
    assert_eq!(lifecycles(&world).iter().filter(|(_, it)| *it == Lifecycle::InService).count(), 2);
}

#[test]
fn what_is_isolated_in_standby_lives() {
    let world = world(json!({}));
    assert_eq!(enter(&world, &[HOST], false), "accepted");
    isolate(&world);
    pass(&world, 86_400);
    assert_eq!((state(&world).as_str(), lifecycle(&world, HOST)), ("running", Some(Lifecycle::Standby)));
    // Only back in service is it checked again.
    let back = json!({"AutoScalingGroupName": GROUP, "InstanceIds": [HOST]});
    assert_eq!(told(&world, "ExitStandby", back), "accepted");
    pass(&world, 60);
    assert_eq!(lifecycle(&world, HOST), Some(Lifecycle::InService));
    // Its grace period, and the half minute.
    pass(&world, 149);
    assert_eq!(state(&world), "running");
    pass(&world, 1);
    assert_eq!(state(&world), "terminated");
}

#[test]
fn a_group_that_does_not_look_does_not_terminate() {
    for differs in [
        json!({"HealthCheckType": "EC2"}),
        json!({"SuspendedProcesses": [{"ProcessName": "ReplaceUnhealthy", "SuspensionReason": "by hand"}]}),
        json!({"SuspendedProcesses": [{"ProcessName": "HealthCheck"}]}),
        json!({"TargetGroupARNs": []}),
    ] {
        let world = world(differs.clone());
        isolate(&world);
        pass(&world, 86_400);
        assert_eq!(state(&world), "running", "{differs}");
    }
}

#[test]
fn what_is_deregistered_in_service_is_replaced_after_its_delay() {
    let world = world(json!({}));
    let parameters = json!({"TargetGroupArn": TARGETS, "Targets": [{"Id": HOST}]});
    world.integrate("AKIATEST", REGION, "elasticloadbalancing", "DeregisterTargets", parameters).0.unwrap();
    pass(&world, 329);
    assert_eq!(state(&world), "running");
    pass(&world, 1);
    assert_eq!(state(&world), "terminated");
}

#[test]
fn groups_and_instances_are_described_in_pages() {
    let world = world(json!({}));
    let all = call(&world, "DescribeAutoScalingInstances", json!({"MaxRecords": 1})).unwrap();
    let first = &all["AutoScalingInstances"][0];
    assert_eq!((first["InstanceId"].as_str(), first["AutoScalingGroupName"].as_str()), (Some(HOST), Some(GROUP)));
    assert_eq!(
        (first["HealthStatus"].as_str(), first["LifecycleState"].as_str()),
        (Some("HEALTHY"), Some("InService"))
    );
    let rest = json!({"MaxRecords": 1, "NextToken": all["NextToken"]});
    let rest = call(&world, "DescribeAutoScalingInstances", rest).unwrap();
    assert_eq!((&rest["AutoScalingInstances"][0]["InstanceId"], &rest["NextToken"]), (&json!(SECOND), &Value::Null));
    let none = call(&world, "DescribeAutoScalingInstances", json!({"InstanceIds": ["i-0ddddddddddddddd9"]})).unwrap();
    assert_eq!(none["AutoScalingInstances"], json!([]));
    let tagged = |value: &str| {
        let filters = json!([{"Name": "tag:team", "Values": [value]}]);
        call(&world, "DescribeAutoScalingGroups", json!({"Filters": filters})).unwrap()["AutoScalingGroups"].clone()
    };
    assert_eq!((tagged("shop")[0]["TargetGroupARNs"].clone(), tagged("bank")), (json!([TARGETS]), json!([])));
    assert!(told(&world, "DescribeAutoScalingGroups", json!({"MaxRecords": 101})).starts_with("ValidationError"));
    assert!(told(&world, "DescribeAutoScalingGroups", json!({"NextToken": "x"})).starts_with("InvalidNextToken"));
}

#[test]
fn a_move_is_authorized_on_the_group_and_its_tags() {
    let on = |resource: &str, team: &str| {
        json!({"Effect": "Allow", "Action": "autoscaling:EnterStandby", "Resource": resource,
            "Condition": {"StringEquals": {"aws:ResourceTag/team": team, "autoscaling:ResourceTag/team": team}}})
    };
    let tried = |policy: Value| enter(&world_with(json!({}), policy), &[HOST], false);
    let any = "arn:aws:autoscaling:*:*:autoScalingGroup:*:autoScalingGroupName/*";
    assert_eq!(tried(on(any, "shop")), "accepted");
    assert!(tried(on(any, "bank")).starts_with("AccessDenied"));
    assert!(
        tried(on("arn:aws:autoscaling:*:*:autoScalingGroup:*:autoScalingGroupName/db", "shop"))
            .starts_with("AccessDenied")
    );
}

#[test]
fn what_is_not_simulated_is_refused() {
    let refused = |group: Value| {
        let account = json!({"autoscaling": {"describe-auto-scaling-groups": {"AutoScalingGroups": [group]}}});
        world(json!({})).load(ACCOUNT, REGION, &account).unwrap_err().to_string()
    };
    let warm =
        json!({"AutoScalingGroupName": "a", "Instances": [{"InstanceId": HOST, "LifecycleState": "Warmed:Stopped"}]});
    assert!(
        refused(warm).contains("AutoScalingGroups[0].Instances[0].LifecycleState`: `Warmed:Stopped` is not simulated")
    );
    assert!(refused(json!({"AutoScalingGroupName": "a", "Min": 1})).contains("AutoScalingGroups[0].Min"));
    let world = world(json!({}));
    assert!(told(&world, "SetDesiredCapacity", json!({})).starts_with("NotSimulated"));
    assert_eq!(world.unsupported(), ["autoscaling:SetDesiredCapacity"]);
}
