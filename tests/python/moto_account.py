"""Makes and reads what the tests need in a moto server, through boto3.

    moto_account.py make ENDPOINT     a suspect with two interfaces in two VPCs, and a neighbor; ids as JSON
    moto_account.py read ENDPOINT     everything that containment and snapshots may have changed, as JSON
"""

import json
import sys

import boto3

REGION = "eu-central-1"
TABLE = "cordon-incidents"


def clients(endpoint):
    session = boto3.Session(aws_access_key_id="testing", aws_secret_access_key="testing", region_name=REGION)
    return [session.client(name, endpoint_url=endpoint) for name in ("ec2", "dynamodb", "sts")]


def network(ec2, number):
    """A VPC with a subnet and a security group: the ids of the two."""
    vpc = ec2.create_vpc(CidrBlock=f"10.{number}.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.{number}.1.0/24", AvailabilityZone=f"{REGION}a")
    group = ec2.create_security_group(GroupName=f"web-{number}", Description="Web servers", VpcId=vpc)["GroupId"]
    ec2.authorize_security_group_ingress(
        GroupId=group,
        IpPermissions=[
            {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]},
        ],
    )
    return subnet["Subnet"]["SubnetId"], group


def run(ec2, interfaces):
    """An instance with two volumes and an interface for each subnet and group. The groups are those of the interfaces:
    moto counts groups of the instance itself to each of its interfaces, whatever an interface is given later."""
    image = ec2.describe_images(Owners=["amazon"])["Images"][0]["ImageId"]
    started = ec2.run_instances(
        ImageId=image,
        MinCount=1,
        MaxCount=1,
        NetworkInterfaces=[
            {"DeviceIndex": index, "SubnetId": subnet, "Groups": [group]}
            for index, (subnet, group) in enumerate(interfaces)
        ],
        BlockDeviceMappings=[
            {"DeviceName": "/dev/xvda", "Ebs": {"VolumeSize": 8}},
            {"DeviceName": "/dev/sdf", "Ebs": {"VolumeSize": 20}},
        ],
    )
    return started["Instances"][0]["InstanceId"]


def make(endpoint):
    ec2, dynamodb, sts = clients(endpoint)
    first, second = network(ec2, 20), network(ec2, 21)
    suspect = run(ec2, [first, second])
    neighbor = run(ec2, [first])
    dynamodb.create_table(
        TableName=TABLE,
        AttributeDefinitions=[
            {"AttributeName": "incident_id", "AttributeType": "S"},
            {"AttributeName": "record", "AttributeType": "S"},
        ],
        KeySchema=[
            {"AttributeName": "incident_id", "KeyType": "HASH"},
            {"AttributeName": "record", "KeyType": "RANGE"},
        ],
        BillingMode="PAY_PER_REQUEST",
    )
    return {
        "account": sts.get_caller_identity()["Account"],
        "region": REGION,
        "table": TABLE,
        "suspect": suspect,
        "neighbor": neighbor,
    }


def tags(resource):
    return {tag["Key"]: tag["Value"] for tag in resource.get("Tags", [])}


def read(endpoint):
    ec2, dynamodb, _ = clients(endpoint)
    rules = ec2.describe_security_group_rules()["SecurityGroupRules"]
    return {
        "interfaces": {
            interface["NetworkInterfaceId"]: {
                "instance": interface.get("Attachment", {}).get("InstanceId"),
                "vpc": interface["VpcId"],
                "groups": [group["GroupId"] for group in interface["Groups"]],
            }
            for interface in ec2.describe_network_interfaces()["NetworkInterfaces"]
        },
        "groups": {
            group["GroupId"]: {
                "name": group["GroupName"],
                "vpc": group["VpcId"],
                "tags": tags(group),
                # As the group tells it and as the rules do.
                "permissions": len(group["IpPermissions"]) + len(group["IpPermissionsEgress"]),
                "rules": sum(rule["GroupId"] == group["GroupId"] for rule in rules),
            }
            for group in ec2.describe_security_groups()["SecurityGroups"]
        },
        "volumes": {
            volume["VolumeId"]: [attachment["InstanceId"] for attachment in volume["Attachments"]]
            for volume in ec2.describe_volumes()["Volumes"]
        },
        "snapshots": {
            snapshot["SnapshotId"]: {"volume": snapshot["VolumeId"], "tags": tags(snapshot)}
            for snapshot in ec2.describe_snapshots(OwnerIds=["self"])["Snapshots"]
        },
        "items": [
            {name: next(iter(value.values())) for name, value in item.items()}
            for item in dynamodb.scan(TableName=TABLE)["Items"]
        ],
    }


if __name__ == "__main__":
    print(json.dumps({"make": make, "read": read}[sys.argv[1]](sys.argv[2])))
