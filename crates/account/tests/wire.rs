//! Requests as botocore serializes them, and the bytes that come back.

#![expect(clippy::unwrap_used, reason = "a test")]

use account::{Policy, Principal, Setup, Timestamp, World};
use http::Request;
use quick_xml::Reader;
use quick_xml::events::Event;
use serde_json::json;

const ACCOUNT: &str = "111122223333";
const REGION: &str = "eu-central-1";

fn world() -> World {
    let world = World::new(Setup { started_at: Timestamp::parse("2026-03-01T12:00:00Z").unwrap(), seed: 1 });
    let everything = json!({"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}});
    let principal = |key: &str, token: Option<&str>| Principal {
        access_key_id: key.to_owned(),
        secret_access_key: String::new(),
        session_token: token.map(str::to_owned),
        arn: format!("arn:aws:sts::{ACCOUNT}:assumed-role/quarantine/quarantine"),
        account: ACCOUNT.to_owned(),
        function: "quarantine".to_owned(),
        policy: Policy::parse(&everything).unwrap(),
        expires: None,
    };
    world.add_principal(principal("AKIATEST", None));
    world.add_principal(principal("ASIATEST", Some("token")));
    world.add_principal(Principal { expires: Some(Timestamp::from_millis(0)), ..principal("ASIAOLD", None) });
    let group =
        |id: &str| json!({"GroupId": id, "GroupName": id.replace("sg-", "g"), "VpcId": "vpc-0aaaaaaaaaaaaaaa1"});
    let document = json!({"ec2": {
        "describe-security-groups": {"SecurityGroups": [group("sg-0bbbbbbbbbbbbbbb1"), group("sg-0bbbbbbbbbbbbbbb3")]},
        "describe-instances": {"Reservations": [{"ReservationId": "r-0ccccccccccccccc1", "Instances": [{
            "InstanceId": "i-0ddddddddddddddd1", "VpcId": "vpc-0aaaaaaaaaaaaaaa1",
            "BlockDeviceMappings": [
                {"DeviceName": "/dev/xvda", "Ebs": {"VolumeId": "vol-0fffffffffffffff1"}},
                {"DeviceName": "/dev/sdf", "Ebs": {"VolumeId": "vol-0fffffffffffffff2"}}],
            "NetworkInterfaces": [{"NetworkInterfaceId": "eni-0111111111111111a", "PrivateIpAddress": "10.0.0.5",
                "Groups": [{"GroupId": "sg-0bbbbbbbbbbbbbbb1"}]}]}]}]}
    }});
    world.load(ACCOUNT, REGION, &document).unwrap();
    world
}

fn send_as(world: &World, key: &str, service: &str, body: &str) -> (u16, String) {
    let scope = format!("{key}/20260301/{REGION}/{service}/aws4_request");
    let request = Request::post("https://ec2.eu-central-1.amazonaws.com/")
        .header("authorization", format!("AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0"))
        .body(body.as_bytes().to_vec())
        .unwrap();
    let response = world.respond(&request).response;
    let (status, text) = (response.status().as_u16(), String::from_utf8(response.into_body()).unwrap());
    well_formed(&text);
    (status, text)
}

fn send(world: &World, body: &str) -> (u16, String) {
    send_as(world, "AKIATEST", "ec2", body)
}

fn well_formed(text: &str) {
    let mut reader = Reader::from_str(text);
    while reader.read_event().unwrap() != Event::Eof {}
}

#[test]
fn requests_of_botocore_are_understood() {
    let world = world();
    for (body, expected) in [
        (
            "Action=DescribeNetworkInterfaces&Version=2016-11-15&Filter.1.Name=attachment.instance-id&Filter.1.Value.1=i-0ddddddddddddddd1",
            "<networkInterfaceSet><item><privateIpAddress>10.0.0.5</privateIpAddress>",
        ),
        (
            "Action=CreateSecurityGroup&Version=2016-11-15&GroupName=cordon-isolation&GroupDescription=isolation&VpcId=vpc-0aaaaaaaaaaaaaaa1&TagSpecification.1.ResourceType=security-group&TagSpecification.1.Tag.1.Key=cordon%3Aowned&TagSpecification.1.Tag.1.Value=a%26b+%3Cc%3E",
            "<tagSet><item><key>cordon:owned</key><value>a&amp;b &lt;c&gt;</value></item></tagSet>",
        ),
        (
            "Action=AuthorizeSecurityGroupIngress&Version=2016-11-15&GroupId=sg-0bbbbbbbbbbbbbbb1&IpPermissions.1.IpProtocol=tcp&IpPermissions.1.FromPort=22&IpPermissions.1.ToPort=22&IpPermissions.1.Ipv6Ranges.1.CidrIpv6=%3A%3A%2F0&IpPermissions.1.Groups.1.GroupId=sg-0bbbbbbbbbbbbbbb3",
            "<cidrIpv6>::/0</cidrIpv6>",
        ),
        (
            "Action=RevokeSecurityGroupIngress&Version=2016-11-15&GroupId=sg-0bbbbbbbbbbbbbbb1&IpPermissions.1.IpProtocol=tcp&IpPermissions.1.FromPort=22&IpPermissions.1.ToPort=22&IpPermissions.1.Groups.1.GroupId=sg-0bbbbbbbbbbbbbbb3",
            "<referencedGroupId>sg-0bbbbbbbbbbbbbbb3</referencedGroupId>",
        ),
        (
            "Action=ModifyNetworkInterfaceAttribute&Version=2016-11-15&NetworkInterfaceId=eni-0111111111111111a&SecurityGroupId.1=sg-0bbbbbbbbbbbbbbb1&SecurityGroupId.2=sg-0bbbbbbbbbbbbbbb3",
            "<return>true</return>",
        ),
        (
            "Action=DescribeInstances&Version=2016-11-15&InstanceId.1=i-0ddddddddddddddd1",
            "<groupSet><item><groupId>sg-0bbbbbbbbbbbbbbb1</groupId><groupName>g0bbbbbbbbbbbbbbb1</groupName></item><item><groupId>sg-0bbbbbbbbbbbbbbb3</groupId>",
        ),
        (
            "Action=ModifyInstanceAttribute&Version=2016-11-15&InstanceId=i-0ddddddddddddddd1&DisableApiTermination.Value=true",
            "<return>true</return>",
        ),
        (
            "Action=CreateSnapshots&Version=2016-11-15&InstanceSpecification.InstanceId=i-0ddddddddddddddd1&InstanceSpecification.ExcludeBootVolume=true&Description=incident+1&TagSpecification.1.ResourceType=snapshot&TagSpecification.1.Tag.1.Key=k&TagSpecification.1.Tag.1.Value=v",
            "<volumeId>vol-0fffffffffffffff2</volumeId><volumeSize>8</volumeSize><state>pending</state><startTime>2026-03-01T12:00:00.000Z</startTime>",
        ),
        (
            "Action=CreateTags&Version=2016-11-15&ResourceId.1=i-0ddddddddddddddd1&Tag.1.Key=k&Tag.1.Value=v",
            "<return>true</return>",
        ),
        (
            "Action=DescribeTags&Version=2016-11-15&Filter.1.Name=resource-id&Filter.1.Value.1=i-0ddddddddddddddd1",
            "<resourceType>instance</resourceType><key>k</key><value>v</value>",
        ),
        ("Action=DeleteTags&Version=2016-11-15&ResourceId.1=i-0ddddddddddddddd1&Tag.1.Key=k", "<return>true</return>"),
    ] {
        let (status, text) = send(&world, body);
        assert!(status == 200 && text.contains(expected), "{body}\n{text}");
    }
    assert_eq!(world.unsupported(), Vec::<String>::new());
    assert_eq!(world.calls().len(), 11);
}

#[test]
fn refusals_have_their_status_code_and_text() {
    let world = world();
    for (body, status, code) in [
        (
            "Action=DescribeInstances&Version=2016-11-15&InstanceId.1=i-0ddddddddddddddd9",
            400,
            "InvalidInstanceID.NotFound",
        ),
        ("Action=DescribeInstances&Version=2016-11-15&MaxResults=many", 400, "InvalidParameterValue"),
        ("Action=CreateSecurityGroup&Version=2016-11-15&GroupName=x", 400, "MissingParameter"),
        (
            "Action=CreateSecurityGroup&Version=2016-11-15&GroupName=x&GroupDescription=y&DryRun=true",
            412,
            "DryRunOperation",
        ),
        ("Action=DescribeInstances&Version=2016-11-15&Color=red", 501, "NotSimulated"),
        ("Action=TerminateInstances&Version=2016-11-15&InstanceId.1=i-0ddddddddddddddd1", 501, "NotSimulated"),
        ("Version=2016-11-15", 400, "MissingAction"),
    ] {
        let (found, text) = send(&world, body);
        assert!(
            found == status && text.contains(&format!("<Errors><Error><Code>{code}</Code><Message>")),
            "{body}\n{text}"
        );
    }
    assert_eq!(world.unsupported(), ["ec2:DescribeInstances parameter Color", "ec2:TerminateInstances"]);
}

/// A role, its profile, and requests as botocore writes them, signed for the home Region as its endpoint rules say.
#[test]
fn iam_speaks_its_query_protocol() {
    let world = world();
    let role = json!({"RoleName": "web", "RoleId": "AROAEXAMPLEWEBAAAAAA1", "CreateDate": "2025-05-01T10:00:00+00:00"});
    let iam = json!({
        "get-instance-profile": {"InstanceProfile": {"InstanceProfileName": "web", "Roles": [role]}},
        "list-attached-role-policies": {"RoleName": "web", "AttachedPolicies": [
            {"PolicyName": "ReadOnlyAccess", "PolicyArn": "arn:aws:iam::aws:policy/ReadOnlyAccess"}]}});
    world.load(ACCOUNT, REGION, &json!({"iam": iam})).unwrap();
    let send = |form: &str| {
        let scope = "AKIATEST/20260301/us-east-1/iam/aws4_request";
        let request = Request::post("https://iam.amazonaws.com/")
            .header("authorization", format!("AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0"))
            .body(format!("{form}&Version=2010-05-08").into_bytes())
            .unwrap();
        let response = world.respond(&request).response;
        let (status, text) = (response.status().as_u16(), String::from_utf8(response.into_body()).unwrap());
        well_formed(&text);
        (status, text)
    };
    for (form, expected) in [
        (
            "Action=GetInstanceProfile&InstanceProfileName=web",
            "<Roles><member><Path>/</Path><RoleName>web</RoleName><RoleId>AROAEXAMPLEWEBAAAAAA1</RoleId><Arn>arn:aws:iam::111122223333:role/web</Arn><CreateDate>2025-05-01T10:00:00Z</CreateDate><AssumeRolePolicyDocument>%7B%22",
        ),
        ("Action=GetRole&RoleName=web", "<MaxSessionDuration>3600</MaxSessionDuration>"),
        (
            "Action=PutRolePolicy&RoleName=web&PolicyName=cordon&PolicyDocument=%7B%22Version%22%3A%222012-10-17%22%2C%22Statement%22%3A%5B%7B%22Effect%22%3A%22Deny%22%2C%22Action%22%3A%22*%22%2C%22Resource%22%3A%22*%22%7D%5D%7D",
            "<PutRolePolicyResponse xmlns=\"https://iam.amazonaws.com/doc/2010-05-08/\"><ResponseMetadata><RequestId>",
        ),
        (
            "Action=GetRolePolicy&RoleName=web&PolicyName=cordon",
            "<PolicyName>cordon</PolicyName><PolicyDocument>%7B%22Version%22%3A%222012-10-17%22%2C%22Statement%22%3A%5B%7B%22Effect%22%3A%22Deny%22%2C%22Action%22%3A%22%2A%22%2C",
        ),
        (
            "Action=ListRolePolicies&RoleName=web&MaxItems=100",
            "<PolicyNames><member>cordon</member></PolicyNames><IsTruncated>false</IsTruncated></ListRolePoliciesResult>",
        ),
        (
            "Action=ListAttachedRolePolicies&RoleName=web",
            "<AttachedPolicies><member><PolicyName>ReadOnlyAccess</PolicyName><PolicyArn>arn:aws:iam::aws:policy/ReadOnlyAccess</PolicyArn></member></AttachedPolicies>",
        ),
        ("Action=ListInstanceProfilesForRole&RoleName=web", "<InstanceProfileName>web</InstanceProfileName>"),
        ("Action=DeleteRolePolicy&RoleName=web&PolicyName=cordon", "<DeleteRolePolicyResponse"),
    ] {
        let (status, text) = send(form);
        assert!(status == 200 && text.contains(expected), "{form}\n{text}");
    }
    for (form, status, code) in [
        ("Action=GetRole&RoleName=gone", 404, "NoSuchEntity"),
        ("Action=PutRolePolicy&RoleName=web&PolicyName=p&PolicyDocument=x", 400, "MalformedPolicyDocument"),
        ("Action=PutRolePolicy&RoleName=web&PolicyName=p", 400, "ValidationError"),
        ("Action=DeleteRole&RoleName=web", 501, "NotSimulated"),
    ] {
        let (found, text) = send(form);
        let expected =
            format!("<Error><Type>{}</Type><Code>{code}</Code>", if status < 500 { "Sender" } else { "Receiver" });
        assert!(found == status && text.contains(&expected), "{form}\n{text}");
    }
}

#[test]
fn credentials_decide_who_calls() {
    let world = world();
    let body = "Action=DescribeInstances&Version=2016-11-15";
    for (key, service, status, code) in [
        ("AKIANOBODY", "ec2", 401, "AuthFailure"),
        // Right key, but its session token is missing.
        ("ASIATEST", "ec2", 401, "AuthFailure"),
        ("ASIAOLD", "ec2", 400, "RequestExpired"),
        ("AKIATEST", "glacier", 501, "NotSimulated"),
    ] {
        let (found, text) = send_as(&world, key, service, body);
        assert!(found == status && text.contains(&format!("<Code>{code}</Code>")), "{key}\n{text}");
    }
}

#[test]
fn one_seed_gives_the_same_bytes() {
    let run = || {
        let world = world();
        let bodies = [
            "Action=CreateSecurityGroup&Version=2016-11-15&GroupName=x&GroupDescription=y&VpcId=vpc-0aaaaaaaaaaaaaaa1",
            "Action=DescribeSecurityGroupRules&Version=2016-11-15",
            "Action=CreateSnapshots&Version=2016-11-15&InstanceSpecification.InstanceId=i-0ddddddddddddddd1",
            "Action=DescribeInstances&Version=2016-11-15",
        ];
        bodies.map(|body| send(&world, body).1)
    };
    assert_eq!(run(), run());
}
