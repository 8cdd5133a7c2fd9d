"""Compares the simulated account with moto, call by call, through boto3.

    account_like_moto.py make MOTO             makes resources in moto; the account.json that describes them
    account_like_moto.py compare MOTO ACCOUNT  makes the same calls of both; what they answer otherwise, as JSON

The account.json is filled as from a real account: with what boto3, and so the CLI, gets from the describe operations.
"""

import json
import sys

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

REGION = "eu-central-1"
ATTRIBUTES = (
    "disableApiTermination",
    "disableApiStop",
    "instanceInitiatedShutdownBehavior",
    "blockDeviceMapping",
    "groupSet",
    "sourceDestCheck",
)
GROUP = "web"
BY_HAND = "made by hand"
# moto counts those of Amazon to one's own.
OF_OURS = [{"Name": "description", "Values": [BY_HAND]}]


def clients(endpoint):
    session = boto3.Session(aws_access_key_id="testing", aws_secret_access_key="testing", region_name=REGION)
    config = Config(retries={"total_max_attempts": 1})
    names = ("ec2", "autoscaling", "elbv2", "kms")
    return {name: session.client(name, endpoint_url=endpoint, config=config) for name in names}


def make(endpoint):
    """Three instances of a group behind a target group, a fourth behind another one by its address, an encrypted and
    a plain snapshot, an Elastic IP address."""
    at = clients(endpoint)
    ec2, autoscaling, elbv2, kms = at["ec2"], at["autoscaling"], at["elbv2"], at["kms"]
    vpc = ec2.create_vpc(CidrBlock="10.20.0.0/16")["Vpc"]["VpcId"]
    subnets = [
        ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.20.{n}.0/24", AvailabilityZone=f"{REGION}{zone}")["Subnet"]["SubnetId"]
        for n, zone in enumerate("ab")
    ]
    group = ec2.create_security_group(GroupName="web", Description="Web", VpcId=vpc)["GroupId"]
    ec2.authorize_security_group_ingress(
        GroupId=group,
        IpPermissions=[{"IpProtocol": "tcp", "FromPort": 80, "ToPort": 8080, "IpRanges": [{"CidrIp": "10.20.0.0/16"}]}],
    )
    balancer = elbv2.create_load_balancer(Name="web", Subnets=subnets)["LoadBalancers"][0]["LoadBalancerArn"]

    def target_group(name, **of):
        made = elbv2.create_target_group(Name=name, Protocol="HTTP", Port=80, VpcId=vpc, **of)["TargetGroups"][0]
        return made["TargetGroupArn"]

    web, addresses = target_group("web"), target_group("addresses", TargetType="ip")
    target_group("idle")
    elbv2.create_listener(
        LoadBalancerArn=balancer, Protocol="HTTP", Port=80, DefaultActions=[{"Type": "forward", "TargetGroupArn": web}]
    )
    image = ec2.describe_images(Owners=["amazon"])["Images"][0]["ImageId"]
    ec2.create_launch_template(
        LaunchTemplateName="web",
        LaunchTemplateData={"ImageId": image, "InstanceType": "m5.large", "SecurityGroupIds": [group]},
    )
    autoscaling.create_auto_scaling_group(
        AutoScalingGroupName=GROUP,
        LaunchTemplate={"LaunchTemplateName": "web"},
        MinSize=1,
        MaxSize=4,
        DesiredCapacity=3,
        VPCZoneIdentifier=",".join(subnets),
        TargetGroupARNs=[web],
        HealthCheckType="ELB",
        HealthCheckGracePeriod=120,
        Tags=[{"Key": "team", "Value": "shop", "PropagateAtLaunch": False}],
    )
    single = ec2.run_instances(ImageId=image, MinCount=1, MaxCount=1, SubnetId=subnets[0], SecurityGroupIds=[group])
    single = single["Instances"][0]
    elbv2.register_targets(TargetGroupArn=addresses, Targets=[{"Id": single["PrivateIpAddress"], "Port": 8080}])
    allocation = ec2.allocate_address(Domain="vpc")["AllocationId"]
    ec2.associate_address(AllocationId=allocation, InstanceId=single["InstanceId"])
    key = kms.create_key(Description="evidence")["KeyMetadata"]["KeyId"]
    kms.create_alias(AliasName="alias/evidence", TargetKeyId=key)
    for encrypted in ({}, {"Encrypted": True, "KmsKeyId": kms.describe_key(KeyId=key)["KeyMetadata"]["Arn"]}):
        volume = ec2.create_volume(AvailabilityZone=f"{REGION}a", Size=4, **encrypted)["VolumeId"]
        ec2.create_snapshot(VolumeId=volume, Description=BY_HAND)
    # In moto a snapshot gets on each time that it is described.
    while any(it["State"] != "completed" for it in ec2.describe_snapshots(Filters=OF_OURS)["Snapshots"]):
        pass
    return described(at)


def told(answer):
    return {name: value for name, value in answer.items() if name != "ResponseMetadata"}


def described(at):
    """What there is, as the CLI prints it."""
    ec2, elbv2 = at["ec2"], at["elbv2"]
    groups = elbv2.describe_target_groups()
    arns = [group["TargetGroupArn"] for group in groups["TargetGroups"]]
    keys = at["kms"].list_keys()["Keys"]
    return {
        "ec2": {
            "describe-vpcs": told(ec2.describe_vpcs()),
            "describe-subnets": told(ec2.describe_subnets()),
            "describe-security-groups": told(ec2.describe_security_groups()),
            "describe-instances": told(ec2.describe_instances()),
            "describe-network-interfaces": told(ec2.describe_network_interfaces()),
            "describe-volumes": told(ec2.describe_volumes()),
            "describe-snapshots": told(ec2.describe_snapshots(Filters=OF_OURS)),
            "describe-addresses": told(ec2.describe_addresses()),
        },
        "autoscaling": {"describe-auto-scaling-groups": told(at["autoscaling"].describe_auto_scaling_groups())},
        "elbv2": {
            "describe-target-groups": told(groups),
            "describe-target-health": {arn: told(elbv2.describe_target_health(TargetGroupArn=arn)) for arn in arns},
            "describe-target-group-attributes": {
                arn: told(elbv2.describe_target_group_attributes(TargetGroupArn=arn)) for arn in arns
            },
        },
        "kms": {
            "describe-key": [told(at["kms"].describe_key(KeyId=key["KeyId"])) for key in keys],
            "list-aliases": told(at["kms"].list_aliases()),
        },
    }


# What moto, at the pinned version, does otherwise than AWS, by operation and path, and why the account is right. What one
# of the two does not tell at all is not compared, nor are moments and ids of what a call makes.
KNOWN = {
    ("describe_auto_scaling_instances", "AutoScalingInstances[].HealthStatus"): "in capitals, in this operation alone",
    ("describe_auto_scaling_instances", "AutoScalingInstances[].LifecycleState"): "EnteringStandby comes first",
    ("describe_auto_scaling_groups", "AutoScalingGroups[].Instances[].LifecycleState"): "EnteringStandby comes first",
    ("enter_standby", "Activities[].Description"): "it is spelled Standby",
    ("enter_standby", "Activities[].Cause"): "the moment is written otherwise",
    ("describe_target_health", "TargetHealthDescriptions[].HealthCheckPort"): "the port itself, not traffic-port",
    ("describe_target_health", "TargetHealthDescriptions[].TargetHealth.State"): "a target drains, an idle group is unused",
    ("describe_instance_attribute", "Groups"): "moto shows none",
    ("describe_instance_attribute", "InstanceInitiatedShutdownBehavior.Value"): "moto does not change it",
    ("deregister_targets", "Error"): "deregistering what is not there succeeds",
}
# Moments, and ids that each makes up.
OWN = ("Time", "Date", "ActivityId", "SnapshotId")


class Comparison:
    """The same calls of both, in order."""

    def __init__(self, moto, account):
        self._both = clients(moto), clients(account)
        self.calls = 0
        self.differences = []
        self.gone = set(KNOWN)

    def call(self, service, operation, **parameters):
        """Makes a call of both; moto's answer."""
        self.calls += 1
        answers = [answer(at[service], operation, parameters) for at in self._both]
        name = f"{service}.{operation}({json.dumps(parameters, default=str)})"
        for path, theirs, ours in differing("", *answers):
            self.gone.discard((operation, path))
            if (operation, path) not in KNOWN and not path.endswith(OWN):
                self.differences.append(f"{name} {path}: moto {theirs!r}, the account {ours!r}")
        return answers[0]


def answer(client, operation, parameters):
    try:
        return told(getattr(client, operation)(**parameters))
    except ClientError as error:
        return {"Error": error.response["Error"]["Code"]}


def differing(path, theirs, ours):
    """The places where two answers differ, among those that both have."""
    if isinstance(theirs, dict) and isinstance(ours, dict):
        for name in sorted(theirs.keys() & ours.keys()):
            yield from differing(f"{path}.{name}" if path else name, theirs[name], ours[name])
        for name in sorted({"Error"} & (theirs.keys() ^ ours.keys())):
            yield name, theirs.get(name), ours.get(name)
    elif isinstance(theirs, list) and isinstance(ours, list):
        theirs, ours = (sorted(it, key=lambda it: json.dumps(it, sort_keys=True, default=str)) for it in (theirs, ours))
        if len(theirs) != len(ours):
            yield path, theirs, ours
        for one, other in zip(theirs, ours):
            yield from differing(f"{path}[]", one, other)
    elif theirs != ours:
        yield path, theirs, ours


def compare(moto, account):
    both = Comparison(moto, account)
    call = both.call
    for service, operation, parameters in reads(call):
        call(service, operation, **parameters)
    changes(call)
    gone = [" ".join(known) for known in sorted(both.gone)]
    return {"calls": both.calls, "differences": both.differences, "gone": gone}


def reads(call):
    groups = call("autoscaling", "describe_auto_scaling_groups")["AutoScalingGroups"]
    ids = [instance["InstanceId"] for instance in groups[0]["Instances"]]
    yield "autoscaling", "describe_auto_scaling_groups", {"AutoScalingGroupNames": [GROUP, "none"]}
    yield "autoscaling", "describe_auto_scaling_groups", {"Filters": [{"Name": "tag:team", "Values": ["shop"]}]}
    yield "autoscaling", "describe_auto_scaling_instances", {}
    yield "autoscaling", "describe_auto_scaling_instances", {"InstanceIds": [ids[0], "i-0123456789abcdef0"]}
    target_groups = call("elbv2", "describe_target_groups")["TargetGroups"]
    for group in target_groups:
        arn = group["TargetGroupArn"]
        yield "elbv2", "describe_target_groups", {"TargetGroupArns": [arn]}
        yield "elbv2", "describe_target_health", {"TargetGroupArn": arn}
        yield "elbv2", "describe_target_health", {"TargetGroupArn": arn, "Targets": [{"Id": ids[0]}]}
    yield "elbv2", "describe_target_groups", {"Names": ["web"]}
    yield "elbv2", "describe_target_groups", {"Names": ["none"]}
    balancers = {balancer for group in target_groups for balancer in group["LoadBalancerArns"]}
    for balancer in sorted(balancers):
        yield "elbv2", "describe_target_groups", {"LoadBalancerArn": balancer}
    yield "elbv2", "describe_target_health", {"TargetGroupArn": target_groups[0]["TargetGroupArn"] + "0"}
    for attribute in ATTRIBUTES:
        yield "ec2", "describe_instance_attribute", {"InstanceId": ids[0], "Attribute": attribute}
    of_first = [{"Name": "instance-id", "Values": [ids[0]]}]
    yield "ec2", "describe_iam_instance_profile_associations", {"Filters": of_first}
    yield "ec2", "describe_snapshots", {"Filters": OF_OURS}
    yield "ec2", "describe_snapshots", {"Filters": [*OF_OURS, {"Name": "encrypted", "Values": ["true"]}]}
    yield "ec2", "describe_addresses", {}
    yield "ec2", "describe_volumes", {}
    yield "ec2", "describe_network_interfaces", {"Filters": [{"Name": "attachment.instance-id", "Values": [ids[0]]}]}
    for key in ("alias/evidence", "alias/none", "00000000-0000-0000-0000-000000000000"):
        yield "kms", "describe_key", {"KeyId": key}


def changes(call):
    """The clock of the account stands still, so that one group changes once."""
    group = call("autoscaling", "describe_auto_scaling_groups")["AutoScalingGroups"][0]
    first, second, _ = sorted(instance["InstanceId"] for instance in group["Instances"])
    web = group["TargetGroupARNs"][0]
    standby = {"AutoScalingGroupName": GROUP, "InstanceIds": [first], "ShouldDecrementDesiredCapacity": True}
    call("autoscaling", "enter_standby", **standby)
    call("autoscaling", "describe_auto_scaling_instances", InstanceIds=[first])
    call("autoscaling", "describe_auto_scaling_groups")
    call("elbv2", "describe_target_health", TargetGroupArn=web, Targets=[{"Id": second}])
    call("elbv2", "deregister_targets", TargetGroupArn=web, Targets=[{"Id": second, "Port": 80}])
    call("elbv2", "deregister_targets", TargetGroupArn=web, Targets=[{"Id": "i-0123456789abcdef0"}])
    call("elbv2", "register_targets", TargetGroupArn=web + "0", Targets=[{"Id": second}])
    for change in (
        {"DisableApiTermination": {"Value": True}},
        {"DisableApiStop": {"Value": True}},
        {"InstanceInitiatedShutdownBehavior": {"Value": "terminate"}},
        {"SourceDestCheck": {"Value": False}},
    ):
        call("ec2", "modify_instance_attribute", InstanceId=first, **change)
    for attribute in ATTRIBUTES:
        call("ec2", "describe_instance_attribute", InstanceId=first, Attribute=attribute)
    address = call("ec2", "describe_addresses")["Addresses"][0]
    call("ec2", "disassociate_address", AssociationId="eipassoc-0123456789abcdef0")
    call("ec2", "disassociate_address", AssociationId=address["AssociationId"])
    call("ec2", "describe_addresses")
    for snapshot in call("ec2", "describe_snapshots", Filters=OF_OURS)["Snapshots"]:
        copied = {"SourceSnapshotId": snapshot["SnapshotId"], "SourceRegion": REGION, "Description": "copy"}
        tags = [{"Key": "cordon:copy-of", "Value": snapshot["SnapshotId"]}]
        call("ec2", "copy_snapshot", **copied, TagSpecifications=[{"ResourceType": "snapshot", "Tags": tags}])
    call("ec2", "copy_snapshot", SourceSnapshotId="snap-0123456789abcdef0", SourceRegion=REGION)


def main():
    command, *endpoints = sys.argv[1:]
    result = {"make": make, "compare": compare}[command](*endpoints)
    print(json.dumps(result, default=lambda moment: moment.isoformat()))


if __name__ == "__main__":
    main()
