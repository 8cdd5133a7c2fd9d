"""Calls every simulated operation of IAM through boto3, so that two servers can be compared.

    iam_operations.py make ENDPOINT     the role `web`, its profile and an attached policy, in a moto server
    iam_operations.py call ENDPOINT     the calls, one line of JSON each: [operation, parameters, answer]

An answer has no moments and ids, on which two servers cannot agree; a refusal is its code and HTTP status. Left out
besides, for moto is not as the API Reference describes: what only `GetRole` tells of the roles in a profile, empty
lists of tags, and that a list is complete.
"""

import json
import sys

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

NAME = "web"
TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}],
}


def statement(effect, action, resource="*", **more):
    return {"Version": "2012-10-17", "Statement": [{"Effect": effect, "Action": action, "Resource": resource, **more}]}


def calls():
    """Operations and parameters, in their order."""
    one = {"StringEquals": {"aws:userid": "AROAEXAMPLE:i-0ddddddddddddddd1"}}
    deny = json.dumps(statement("Deny", "*", Condition=one), indent=1)
    role = {"RoleName": NAME}
    yield "GetInstanceProfile", {"InstanceProfileName": NAME}
    yield "GetInstanceProfile", {"InstanceProfileName": "gone"}
    yield "GetRole", role
    yield "GetRole", {"RoleName": "gone"}
    yield "ListInstanceProfilesForRole", role
    yield "ListAttachedRolePolicies", role
    yield "ListAttachedRolePolicies", {**role, "PathPrefix": "/other/"}
    yield "ListRolePolicies", role
    yield "GetRolePolicy", {**role, "PolicyName": "cordon"}
    yield "PutRolePolicy", {**role, "PolicyName": "cordon", "PolicyDocument": deny}
    yield "PutRolePolicy", {**role, "PolicyName": "other", "PolicyDocument": json.dumps(statement("Allow", "s3:*"))}
    yield "ListRolePolicies", role
    yield "GetRolePolicy", {**role, "PolicyName": "cordon"}
    yield "PutRolePolicy", {**role, "PolicyName": "cordon", "PolicyDocument": json.dumps(statement("Deny", "s3:*"))}
    yield "GetRolePolicy", {**role, "PolicyName": "cordon"}
    for malformed in ("no json", "{}", json.dumps(statement("deny", "*")), json.dumps(statement("Deny", "Get"))):
        yield "PutRolePolicy", {**role, "PolicyName": "bad", "PolicyDocument": malformed}
    yield "PutRolePolicy", {"RoleName": "gone", "PolicyName": "cordon", "PolicyDocument": deny}
    yield "DeleteRolePolicy", {**role, "PolicyName": "cordon"}
    yield "DeleteRolePolicy", {**role, "PolicyName": "cordon"}
    yield "ListRolePolicies", role


LEFT_OUT = {"ResponseMetadata", "CreateDate", "RoleId", "InstanceProfileId"}
ONLY_OF_GET_ROLE = {"Description", "MaxSessionDuration", "RoleLastUsed", "Tags"}


def comparable(value, in_profile=False):
    if isinstance(value, dict):
        in_profile = in_profile or "InstanceProfileName" in value
        left_out = LEFT_OUT | ONLY_OF_GET_ROLE if in_profile else LEFT_OUT
        kept = {name: comparable(it, in_profile) for name, it in value.items() if name not in left_out}
        return {name: it for name, it in kept.items() if (name, it) not in (("Tags", []), ("IsTruncated", False))}
    if isinstance(value, list):
        return [comparable(it, in_profile) for it in value]
    return value


def answer(iam, operation, parameters):
    method = "".join(f"_{c.lower()}" if c.isupper() else c for c in operation).lstrip("_")
    try:
        return comparable(getattr(iam, method)(**parameters))
    except ClientError as error:
        metadata = error.response["ResponseMetadata"]
        return {"error": error.response["Error"]["Code"], "status": metadata["HTTPStatusCode"]}


def make(iam):
    iam.create_role(RoleName=NAME, AssumeRolePolicyDocument=json.dumps(TRUST), Description="web servers")
    iam.create_instance_profile(InstanceProfileName=NAME)
    iam.add_role_to_instance_profile(InstanceProfileName=NAME, RoleName=NAME)
    document = json.dumps(statement("Allow", "s3:GetObject"))
    policy = iam.create_policy(PolicyName="read", Path="/team/", PolicyDocument=document)
    iam.attach_role_policy(RoleName=NAME, PolicyArn=policy["Policy"]["Arn"])


def main():
    what, endpoint = sys.argv[1:]
    session = boto3.Session(aws_access_key_id="testing", aws_secret_access_key="testing", region_name="eu-central-1")
    iam = session.client("iam", endpoint_url=endpoint, config=Config(retries={"total_max_attempts": 1}))
    if what == "make":
        return make(iam)
    for operation, parameters in calls():
        print(json.dumps([operation, parameters, answer(iam, operation, parameters)], sort_keys=True))


if __name__ == "__main__":
    main()
