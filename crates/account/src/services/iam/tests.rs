#![expect(clippy::unwrap_used, reason = "a test")]

use serde_json::{Value, json};

use super::Session;
use crate::iam::ReadIam;
use crate::{Policy, Principal, ServiceError, Setup, Timestamp, World};

const ACCOUNT: &str = "111122223333";
const REGION: &str = "eu-central-1";
const ROLE_ID: &str = "AROAEXAMPLEWEBAAAAAA1";

fn empty(policy: &Value) -> World {
    let world = World::new(Setup { started_at: Timestamp::parse("2026-03-01T12:00:00Z").unwrap(), seed: 1 });
    world.add_principal(Principal {
        access_key_id: "AKIATEST".to_owned(),
        secret_access_key: "secret".to_owned(),
        session_token: None,
        arn: format!("arn:aws:sts::{ACCOUNT}:assumed-role/revoke/revoke"),
        account: ACCOUNT.to_owned(),
        function: "revoke".to_owned(),
        policy: Policy::parse(policy).unwrap(),
        expires: None,
    });
    world
}

fn allow_all() -> Value {
    json!({"Statement": {"Effect": "Allow", "Action": ["iam:*", "ec2:*"], "Resource": "*"}})
}

/// Two instances with the profile `web` of the role `web`, and a service-linked role.
fn world() -> World {
    let world = empty(&allow_all());
    let instance = |id: &str| {
        json!({"InstanceId": id, "VpcId": "vpc-0aaaaaaaaaaaaaaa1",
            "IamInstanceProfile": {"Arn": format!("arn:aws:iam::{ACCOUNT}:instance-profile/web"), "Id": "AIPAEXAMPLEWEBAAAAAA1"}})
    };
    let role = json!({"Path": "/", "RoleName": "web", "RoleId": ROLE_ID, "Arn": format!("arn:aws:iam::{ACCOUNT}:role/web"),
        "CreateDate": "2025-05-01T10:00:00+00:00",
        "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}]}});
    let document = json!({
        "ec2": {"describe-instances": {"Reservations": [{"Instances": [instance("i-0ddddddddddddddd1"), instance("i-0ddddddddddddddd2")]}]}},
        "iam": {
            "get-instance-profile": {"InstanceProfile": {"Path": "/", "InstanceProfileName": "web",
                "InstanceProfileId": "AIPAEXAMPLEWEBAAAAAA1", "Arn": format!("arn:aws:iam::{ACCOUNT}:instance-profile/web"),
                "CreateDate": "2025-05-01T10:00:00+00:00", "Roles": [role]}},
            "get-role": [
                {"Role": {"RoleName": "web", "RoleId": ROLE_ID, "Description": "web servers", "Tags": [{"Key": "team", "Value": "shop"}]}},
                {"Role": {"Path": "/aws-service-role/autoscaling.amazonaws.com/", "RoleName": "AWSServiceRoleForAutoScaling"}}],
            "get-role-policy": {"RoleName": "web", "PolicyName": "read", "PolicyDocument": {"Version": "2012-10-17", "Statement": [
                {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::site/*"},
                {"Effect": "Deny", "Action": "s3:*", "Resource": "*", "Condition": {"NotIpAddress": {"aws:VpcSourceIp": "10.0.0.0/8"}, "Bool": {"aws:ViaAWSService": "true"}}}]}}
        }
    });
    world.load(ACCOUNT, REGION, &document).unwrap();
    world
}

fn call_in(world: &World, region: &str, operation: &str, parameters: Value) -> Result<Value, ServiceError> {
    world.integrate("AKIATEST", region, "iam", operation, parameters).0
}

fn call(world: &World, operation: &str, parameters: Value) -> Result<Value, ServiceError> {
    call_in(world, REGION, operation, parameters)
}

fn put(world: &World, name: &str, document: &str) -> Result<Value, ServiceError> {
    call(world, "PutRolePolicy", json!({"RoleName": "web", "PolicyName": name, "PolicyDocument": document}))
}

fn refusal(result: Result<Value, ServiceError>) -> (String, u16, String) {
    let error = result.unwrap_err();
    (error.code, error.status, error.message)
}

fn statement(statement: Value) -> String {
    json!({"Version": "2012-10-17", "Statement": [statement]}).to_string()
}

fn deny(condition: Value) -> String {
    statement(json!({"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": condition}))
}

fn session(world: &World, instance: &str) -> Session {
    world.instance_session(ACCOUNT, REGION, instance).unwrap()
}

fn reads(world: &World, session: &Session) -> bool {
    world.session_permits(ACCOUNT, REGION, session, "s3:GetObject", "arn:aws:s3:::site/index.html")
}

#[test]
fn an_instances_role_is_found_through_its_profile() {
    let world = world();
    let answer = call(&world, "GetInstanceProfile", json!({"InstanceProfileName": "web"})).unwrap();
    assert_eq!(answer.pointer("/InstanceProfile/InstanceProfileId"), Some(&json!("AIPAEXAMPLEWEBAAAAAA1")));
    assert_eq!(answer.pointer("/InstanceProfile/Roles/0/RoleId"), Some(&json!(ROLE_ID)));
    assert_eq!(answer.pointer("/InstanceProfile/CreateDate"), Some(&json!("2025-05-01T10:00:00Z")));
    let role = call(&world, "GetRole", json!({"RoleName": "web"})).unwrap();
    assert_eq!(role.pointer("/Role/Description"), Some(&json!("web servers")));
    assert_eq!(role.pointer("/Role/Tags"), Some(&json!([{"Key": "team", "Value": "shop"}])));
    let profiles = call(&world, "ListInstanceProfilesForRole", json!({"RoleName": "web"})).unwrap();
    assert_eq!(profiles.pointer("/InstanceProfiles/0/InstanceProfileName"), Some(&json!("web")));
    assert_eq!(profiles.get("IsTruncated"), Some(&json!(false)));
}

#[test]
fn what_is_not_there_has_its_sentence() {
    let world = world();
    let absent = |text: &str| ("NoSuchEntity".to_owned(), 404, text.to_owned());
    assert_eq!(
        refusal(call(&world, "GetInstanceProfile", json!({"InstanceProfileName": "gone"}))),
        absent("Instance Profile gone cannot be found.")
    );
    for (operation, parameters) in [
        ("GetRole", json!({"RoleName": "gone"})),
        ("ListRolePolicies", json!({"RoleName": "gone"})),
        ("ListAttachedRolePolicies", json!({"RoleName": "gone"})),
        ("ListInstanceProfilesForRole", json!({"RoleName": "gone"})),
        ("GetRolePolicy", json!({"RoleName": "gone", "PolicyName": "p"})),
        ("DeleteRolePolicy", json!({"RoleName": "gone", "PolicyName": "p"})),
        ("PutRolePolicy", json!({"RoleName": "gone", "PolicyName": "p", "PolicyDocument": "{}"})),
    ] {
        let found = refusal(call(&world, operation, parameters));
        assert_eq!(found, absent("The role with name gone cannot be found."), "{operation}");
    }
    for operation in ["GetRolePolicy", "DeleteRolePolicy"] {
        let found = refusal(call(&world, operation, json!({"RoleName": "web", "PolicyName": "p"})));
        assert_eq!(found, absent("The role policy with name p cannot be found."), "{operation}");
    }
}

#[test]
fn an_inline_policy_is_put_read_replaced_and_deleted() {
    let world = world();
    let names = || call(&world, "ListRolePolicies", json!({"RoleName": "web"})).unwrap().get("PolicyNames").cloned();
    let first = statement(json!({"Effect": "Deny", "Action": "*", "Resource": "*"})).replace("\":", "\" :\n\t");
    assert_eq!(put(&world, "cordon", &first), Ok(Value::Null));
    assert_eq!(names(), Some(json!(["cordon", "read"])));
    let read = || {
        let answer = call(&world, "GetRolePolicy", json!({"RoleName": "web", "PolicyName": "cordon"})).unwrap();
        answer.get("PolicyDocument").and_then(Value::as_str).unwrap().to_owned()
    };
    // As it was put, whitespace and all.
    assert_eq!(super::document::policy_text_of(json!(read())), Some(first));
    assert!(read().starts_with("%7B%22Version%22%20%3A%0A%09"), "{}", read());
    let second = statement(json!({"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}));
    put(&world, "cordon", &second).unwrap();
    assert_eq!(super::document::policy_text_of(json!(read())), Some(second));
    call(&world, "DeleteRolePolicy", json!({"RoleName": "web", "PolicyName": "cordon"})).unwrap();
    assert_eq!(names(), Some(json!(["read"])));
}

#[test]
fn any_region_sees_one_state_and_the_call_is_of_the_home_region() {
    let world = world();
    let document = statement(json!({"Effect": "Deny", "Action": "*", "Resource": "*"}));
    let parameters = json!({"RoleName": "web", "PolicyName": "cordon", "PolicyDocument": document});
    call_in(&world, "ap-southeast-2", "PutRolePolicy", parameters).unwrap();
    let seen = call_in(&world, "us-east-1", "ListRolePolicies", json!({"RoleName": "web"})).unwrap();
    assert_eq!(seen.get("PolicyNames"), Some(&json!(["cordon", "read"])));
    assert!(world.calls().iter().all(|call| call.region == "us-east-1"));
    // Another partition is another account of the same number.
    for region in ["us-gov-east-1", "cn-northwest-1"] {
        assert_eq!(call_in(&world, region, "GetRole", json!({"RoleName": "web"})).unwrap_err().code, "NoSuchEntity");
    }
    let regions: Vec<String> = world.calls().iter().skip(2).map(|call| call.region.clone()).collect();
    assert_eq!(regions, ["us-gov-west-1", "cn-north-1"]);
}

#[test]
fn names_and_documents_have_limits() {
    let world = world();
    let code = |parameters: Value| refusal(call(&world, "PutRolePolicy", parameters));
    let good = statement(json!({"Effect": "Deny", "Action": "*", "Resource": "*"}));
    for (role, policy, document, message) in [
        ("a b", "p", good.as_str(), "The specified value for roleName is invalid."),
        ("web", "p/q", &good, "The specified value for policyName is invalid."),
        (
            "web",
            &"p".repeat(129),
            &good,
            "at 'policyName' failed to satisfy constraint: Member must have length less than or equal to 128",
        ),
        (
            &"r".repeat(65),
            "p",
            &good,
            "at 'roleName' failed to satisfy constraint: Member must have length less than or equal to 64",
        ),
        (
            "web",
            "",
            &good,
            "at 'policyName' failed to satisfy constraint: Member must have length greater than or equal to 1",
        ),
        ("web", "p", "{\"Id\": \"\u{2028}\"}", "policyDocument is invalid"),
        ("web", "p", &" ".repeat(131_073), "Member must have length less than or equal to 131072"),
    ] {
        let (code, status, text) = code(json!({"RoleName": role, "PolicyName": policy, "PolicyDocument": document}));
        assert!(code == "ValidationError" && status == 400 && text.contains(message), "{message}\n{text}");
    }
    assert_eq!(call(&world, "PutRolePolicy", json!({"RoleName": "web"})).unwrap_err().code, "ValidationError");
    // 128 characters of all kinds do.
    assert!(put(&world, &"aZ9_+=,.@-".repeat(12), &good).is_ok());
}

#[test]
fn a_malformed_document_is_refused_in_the_words_of_iam() {
    let world = world();
    for (document, message) in [
        ("no json", "Syntax errors in policy."),
        ("[]", "Syntax errors in policy."),
        ("{\"Version\": \"2012-10-17\", \"Statement\": null}", "Syntax errors in policy."),
        (&statement(json!({"Effect": "deny", "Action": "*", "Resource": "*"})), "Syntax errors in policy."),
        (&statement(json!({"Effect": "Deny", "Resource": "*"})), "Policy statement must contain actions."),
        (&statement(json!({"Effect": "Deny", "Action": "*"})), "Policy statement must contain resources."),
        (
            &statement(json!({"Effect": "Deny", "Action": "Get", "Resource": "*"})),
            "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.",
        ),
        (
            &statement(json!({"Effect": "Deny", "Action": "*", "Resource": "x"})),
            "Resource x must be in ARN format or \"*\".",
        ),
        (
            &statement(json!({"Effect": "Deny", "Principal": "*", "Action": "*", "Resource": "*"})),
            "Policy document should not specify a principal.",
        ),
        (&deny(json!({"StringSame": {"aws:userid": "x"}})), "Invalid Condition type : StringSame."),
        (&deny(json!({"DateLessThan": {"aws:TokenIssueTime": "yesterday"}})), "Syntax errors in policy."),
        (
            "{\"Statement\": [{\"Effect\": \"Deny\", \"Action\": \"*\", \"Resource\": \"*\"}]}",
            "Policy document must be version 2012-10-17 or greater.",
        ),
    ] {
        let expected = ("MalformedPolicyDocument".to_owned(), 400, message.to_owned());
        assert_eq!(refusal(put(&world, "p", document)), expected, "{document}");
    }
    assert_eq!(
        call(&world, "ListRolePolicies", json!({"RoleName": "web"})).unwrap().get("PolicyNames"),
        Some(&json!(["read"]))
    );
}

#[test]
fn the_inline_policies_of_a_role_share_a_quota_without_whitespace() {
    let world = world();
    let of = |size: usize| {
        let frame = statement(json!({"Effect": "Deny", "Action": "*", "Resource": "arn:aws:s3:::"}));
        frame.replace(":::", &format!(":::{}", "b".repeat(size - frame.len())))
    };
    let read = super::document::Document::put(
        super::document::policy_text_of(
            call(&world, "GetRolePolicy", json!({"RoleName": "web", "PolicyName": "read"}))
                .unwrap()
                .get("PolicyDocument")
                .unwrap()
                .clone(),
        )
        .unwrap(),
    );
    let left = super::document::ROLE_QUOTA - read.unwrap().size();
    let (code, status, text) = refusal(put(&world, "big", &of(left + 1)));
    assert_eq!((code.as_str(), status), ("LimitExceeded", 409));
    assert_eq!(text, "Maximum policy size of 10240 bytes exceeded for role web");
    let spaced = format!("{}\n{}", of(left), " ".repeat(5000));
    assert!(put(&world, "big", &spaced).is_ok());
    // Replacing frees what it replaces; a second policy finds no room.
    assert!(put(&world, "big", &of(left)).is_ok());
    assert_eq!(put(&world, "more", &of(200)).unwrap_err().code, "LimitExceeded");
}

#[test]
fn roles_that_only_aws_changes_are_left_alone() {
    let world = world();
    let name = "AWSServiceRoleForAutoScaling";
    let document = statement(json!({"Effect": "Deny", "Action": "*", "Resource": "*"}));
    for (operation, parameters) in [
        ("PutRolePolicy", json!({"RoleName": name, "PolicyName": "p", "PolicyDocument": document})),
        ("DeleteRolePolicy", json!({"RoleName": name, "PolicyName": "p"})),
    ] {
        let (code, status, text) = refusal(call(&world, operation, parameters));
        assert_eq!((code.as_str(), status), ("UnmodifiableEntity", 400), "{operation}");
        assert!(text.contains("only modifiable by AWS"), "{text}");
    }
    assert!(call(&world, "GetRole", json!({"RoleName": name})).is_ok());
}

#[test]
fn lists_come_in_pages() {
    let world = world();
    let document = statement(json!({"Effect": "Deny", "Action": "s3:*", "Resource": "*"}));
    for name in ["a", "b", "c"] {
        put(&world, name, &document).unwrap();
    }
    let mut found = Vec::new();
    let mut marker = Value::Null;
    loop {
        let answer =
            call(&world, "ListRolePolicies", json!({"RoleName": "web", "MaxItems": 3, "Marker": marker})).unwrap();
        found.extend(answer.get("PolicyNames").and_then(Value::as_array).cloned().unwrap());
        marker = answer.get("Marker").cloned().unwrap();
        assert_eq!(answer.get("IsTruncated"), Some(&json!(!marker.is_null())));
        if marker.is_null() {
            break;
        }
    }
    assert_eq!(found, ["a", "b", "c", "read"]);
    for bad in [
        json!({"RoleName": "web", "MaxItems": 0}),
        json!({"RoleName": "web", "MaxItems": 1001}),
        json!({"RoleName": "web", "Marker": "x"}),
    ] {
        assert_eq!(call(&world, "ListRolePolicies", bad).unwrap_err().code, "ValidationError");
    }
}

#[test]
fn permissions_name_the_role_with_its_path_its_tags_and_its_boundary() {
    let boundary = format!("arn:aws:iam::{ACCOUNT}:policy/edge");
    let world = empty(&json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": ["iam:PutRolePolicy"], "Resource": format!("arn:aws:iam::{ACCOUNT}:role/app/*"),
            "Condition": {"StringEquals": {"iam:PermissionsBoundary": boundary, "iam:ResourceTag/team": "shop"}}},
        {"Effect": "Allow", "Action": "iam:GetRole", "Resource": format!("arn:aws:iam::{ACCOUNT}:role/app/web")},
        {"Effect": "Allow", "Action": "iam:GetInstanceProfile", "Resource": format!("arn:aws:iam::{ACCOUNT}:instance-profile/*")}
    ]}));
    let role = |name: &str, path: &str, boundary: Value| json!({"Role": {"RoleName": name, "Path": path, "Tags": [{"Key": "team", "Value": "shop"}], "PermissionsBoundary": boundary}});
    let edge = json!({"PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": boundary});
    let document = json!({"iam": {"get-role": [
        role("web", "/app/", edge.clone()), role("free", "/app/", Value::Null), role("other", "/", edge)]}});
    world.load(ACCOUNT, REGION, &document).unwrap();
    let deny_all = statement(json!({"Effect": "Deny", "Action": "*", "Resource": "*"}));
    let put = |role: &str| {
        call(&world, "PutRolePolicy", json!({"RoleName": role, "PolicyName": "p", "PolicyDocument": deny_all}))
    };
    assert!(put("web").is_ok());
    for (role, resource) in [("free", "role/app/free"), ("other", "role/other"), ("gone", "role/gone")] {
        let (code, status, text) = refusal(put(role));
        assert_eq!((code.as_str(), status), ("AccessDenied", 403));
        assert!(text.contains(&format!("iam:PutRolePolicy on resource: arn:aws:iam::{ACCOUNT}:{resource} ")), "{text}");
    }
    assert!(
        call(&world, "GetRole", json!({"RoleName": "web"})).unwrap().pointer("/Role/PermissionsBoundary").is_some()
    );
    assert_eq!(call(&world, "GetRole", json!({"RoleName": "free"})).unwrap_err().code, "AccessDenied");
    let absent = call(&world, "GetInstanceProfile", json!({"InstanceProfileName": "x"}));
    assert_eq!(absent.unwrap_err().code, "NoSuchEntity");
}

#[test]
fn a_deny_of_one_instance_leaves_its_siblings_alone() {
    let world = world();
    let (suspect, sibling) = (session(&world, "i-0ddddddddddddddd1"), session(&world, "i-0ddddddddddddddd2"));
    assert!(reads(&world, &suspect) && reads(&world, &sibling));
    assert!(!world.session_permits(ACCOUNT, REGION, &suspect, "s3:PutObject", "arn:aws:s3:::site/index.html"));
    for key in ["aws:userid", "aws:userId", "AWS:USERID"] {
        let only = deny(json!({"StringEquals": {key: format!("{ROLE_ID}:i-0ddddddddddddddd1")}}));
        put(&world, "cordon", &only).unwrap();
        assert!(!reads(&world, &suspect), "{key}");
        assert!(reads(&world, &sibling), "{key}");
        // What is issued afterwards has no power either.
        world.clock().advance_to(world.clock().now().after(std::time::Duration::from_secs(3600)));
        assert!(!reads(&world, &session(&world, "i-0ddddddddddddddd1")), "{key}");
        call(&world, "DeleteRolePolicy", json!({"RoleName": "web", "PolicyName": "cordon"})).unwrap();
        assert!(reads(&world, &suspect), "{key}");
    }
    let arn = format!("arn:aws:ec2:{REGION}:{ACCOUNT}:instance/i-0ddddddddddddddd1");
    put(&world, "cordon", &deny(json!({"ArnEquals": {"ec2:SourceInstanceARN": arn}}))).unwrap();
    assert!(!reads(&world, &suspect) && reads(&world, &sibling));
}

#[test]
fn a_deny_by_time_of_issue_spares_what_is_issued_later() {
    let world = world();
    let old = session(&world, "i-0ddddddddddddddd1");
    put(&world, "cordon", &deny(json!({"DateLessThan": {"aws:TokenIssueTime": "2026-03-01T12:00:05Z"}}))).unwrap();
    assert!(!reads(&world, &old));
    world.clock().advance_to(Timestamp::parse("2026-03-01T12:00:05Z").unwrap());
    let new = session(&world, "i-0ddddddddddddddd1");
    assert!(reads(&world, &new), "the metadata service vends a session that the deny does not reach");
    assert!(!reads(&world, &Session { issued_at: old.issued_at, ..new }));
}

#[test]
fn without_a_profile_no_session_is_vended_but_issued_ones_live_on() {
    let world = world();
    let held = session(&world, "i-0ddddddddddddddd1");
    let ec2 = |operation: &str, parameters: Value| world.integrate("AKIATEST", REGION, "ec2", operation, parameters).0;
    let filters = json!({"Filters": [{"Name": "instance-id", "Values": ["i-0ddddddddddddddd1"]}]});
    let answer = ec2("DescribeIamInstanceProfileAssociations", filters).unwrap();
    let association = answer.pointer("/IamInstanceProfileAssociations/0/AssociationId").unwrap();
    ec2("DisassociateIamInstanceProfile", json!({"AssociationId": association})).unwrap();
    assert_eq!(world.instance_session(ACCOUNT, REGION, "i-0ddddddddddddddd1"), None);
    assert!(world.instance_session(ACCOUNT, REGION, "i-0ddddddddddddddd2").is_some());
    assert!(reads(&world, &held));
    assert_eq!(world.instance_session(ACCOUNT, REGION, "i-0ddddddddddddddd9"), None);
}

#[test]
fn attached_policies_count_as_everything() {
    let world = world();
    let suspect = session(&world, "i-0ddddddddddddddd1");
    let anything = || world.session_permits(ACCOUNT, REGION, &suspect, "ec2:TerminateInstances", "*");
    assert!(!anything());
    let attached = |policies: Value| {
        let seed = json!({"iam": {"list-attached-role-policies": {"RoleName": "web", "AttachedPolicies": policies}}});
        world.load(ACCOUNT, REGION, &seed).unwrap();
    };
    let policy = |name: &str| json!({"PolicyName": name, "PolicyArn": format!("arn:aws:iam::aws:policy/{name}")});
    attached(json!([policy("ReadOnlyAccess")]));
    assert!(anything());
    put(&world, "cordon", &deny(json!({"StringLike": {"aws:userid": "*:i-0ddddddddddddddd1"}}))).unwrap();
    assert!(!anything());
    call(&world, "DeleteRolePolicy", json!({"RoleName": "web", "PolicyName": "cordon"})).unwrap();
    attached(json!([policy("ReadOnlyAccess"), policy("AWSDenyAll")]));
    assert!(!anything());
    let list = |parameters: Value| {
        call(&world, "ListAttachedRolePolicies", parameters).unwrap().get("AttachedPolicies").cloned().unwrap()
    };
    assert_eq!(list(json!({"RoleName": "web"})), json!([policy("ReadOnlyAccess"), policy("AWSDenyAll")]));
    assert_eq!(list(json!({"RoleName": "web", "PathPrefix": "/job-function/"})), json!([]));
}

#[test]
fn a_profile_that_nothing_describes_is_made_up_unless_all_are_listed() {
    let arn = format!("arn:aws:iam::{ACCOUNT}:instance-profile/app/web");
    let ec2 = json!({"describe-instances": {"Reservations": [{"Instances": [
        {"InstanceId": "i-0ddddddddddddddd1", "IamInstanceProfile": {"Arn": arn, "Id": "AIPAEXAMPLEWEBAAAAAA1"}}]}]}});
    let world = empty(&allow_all());
    world.load(ACCOUNT, REGION, &json!({"ec2": ec2})).unwrap();
    let profile = call(&world, "GetInstanceProfile", json!({"InstanceProfileName": "web"})).unwrap();
    assert_eq!(profile.pointer("/InstanceProfile/Arn"), Some(&json!(arn)));
    assert_eq!(profile.pointer("/InstanceProfile/InstanceProfileId"), Some(&json!("AIPAEXAMPLEWEBAAAAAA1")));
    let role_id = profile.pointer("/InstanceProfile/Roles/0/RoleId").and_then(Value::as_str).unwrap();
    assert!(role_id.starts_with("AROA") && role_id.len() == 21, "{role_id}");
    let suspect = session(&world, "i-0ddddddddddddddd1");
    assert_eq!((suspect.role.as_str(), suspect.role_id.as_str()), ("web", role_id));
    assert!(world.session_permits(ACCOUNT, REGION, &suspect, "ec2:TerminateInstances", "*"));

    let world = empty(&allow_all());
    world
        .load(ACCOUNT, REGION, &json!({"iam": {"list-instance-profiles": {"InstanceProfiles": []}}, "ec2": ec2}))
        .unwrap();
    let absent = call(&world, "GetInstanceProfile", json!({"InstanceProfileName": "web"})).unwrap_err();
    assert_eq!(absent.code, "NoSuchEntity");
    assert_eq!(world.instance_session(ACCOUNT, REGION, "i-0ddddddddddddddd1"), None);
}

#[test]
fn a_whole_account_is_read_from_its_authorization_details() {
    let world = empty(&allow_all());
    let role = json!({"Path": "/app/", "RoleName": "web", "RoleId": ROLE_ID, "Arn": format!("arn:aws:iam::{ACCOUNT}:role/app/web"),
        "CreateDate": "2025-05-01T10:00:00+00:00",
        "AssumeRolePolicyDocument": "%7B%22Version%22%3A%222012-10-17%22%2C%22Statement%22%3A%5B%5D%7D",
        "RoleLastUsed": {"LastUsedDate": "2026-02-28T10:00:00+00:00", "Region": REGION},
        "RolePolicyList": [{"PolicyName": "old", "PolicyDocument": {"Statement": {"Effect": "Allow", "Action": "sqs:*", "Resource": "*"}}}],
        "AttachedManagedPolicies": [{"PolicyName": "CloudWatchAgentServerPolicy", "PolicyArn": "arn:aws:iam::aws:policy/CloudWatchAgentServerPolicy"}],
        "InstanceProfileList": [{"Path": "/app/", "InstanceProfileName": "web", "InstanceProfileId": "AIPAEXAMPLEWEBAAAAAA1",
            "Arn": format!("arn:aws:iam::{ACCOUNT}:instance-profile/app/web"), "CreateDate": "2025-05-01T10:00:00+00:00",
            "Roles": [{"Path": "/app/", "RoleName": "web", "RoleId": ROLE_ID, "Arn": format!("arn:aws:iam::{ACCOUNT}:role/app/web")}]}]});
    let details = json!({"UserDetailList": [], "GroupDetailList": [], "RoleDetailList": [role], "Policies": []});
    world.load(ACCOUNT, REGION, &json!({"iam": {"get-account-authorization-details": details}})).unwrap();
    let role = call(&world, "GetRole", json!({"RoleName": "web"})).unwrap();
    assert_eq!(role.pointer("/Role/RoleLastUsed/LastUsedDate"), Some(&json!("2026-02-28T10:00:00Z")));
    assert_eq!(
        role.pointer("/Role/AssumeRolePolicyDocument"),
        Some(&json!("%7B%22Version%22%3A%222012-10-17%22%2C%22Statement%22%3A%5B%5D%7D"))
    );
    let names = call(&world, "ListRolePolicies", json!({"RoleName": "web"})).unwrap();
    assert_eq!(names.get("PolicyNames"), Some(&json!(["old"])));
    let attached = call(&world, "ListAttachedRolePolicies", json!({"RoleName": "web"})).unwrap();
    assert_eq!(attached.pointer("/AttachedPolicies/0/PolicyName"), Some(&json!("CloudWatchAgentServerPolicy")));
}

#[test]
fn seeds_are_refused_with_their_place() {
    for (iam, message) in [
        (json!({"get-user": {}}), "`iam.get-user` is not a command that the simulated account is seeded from"),
        (
            json!({"get-role": {"Role": {"RoleName": "web", "Color": "red"}}}),
            "unknown field in iam.get-role: Role.Color",
        ),
        (
            json!({"get-role": {"Role": {"Path": "/"}}}),
            "`iam.get-role`: 1 validation error detected: Value null at 'Role.RoleName'",
        ),
        (
            json!({"get-role": {"Role": {"RoleName": "web", "Arn": "arn:aws:iam::444455556666:role/web"}}}),
            "`iam.get-role.Role.Arn`: `arn:aws:iam::444455556666:role/web` is not that of `web` with the path `/` in this account, `arn:aws:iam::111122223333:role/web`",
        ),
        (
            json!({"get-role-policy": {"RoleName": "web", "PolicyName": "p", "PolicyDocument": {"Statement": {"Effect": "Maybe"}}}}),
            "`iam.get-role-policy.PolicyDocument`: the policy `p` of `web`: Statement.Effect: `Effect` must be `Allow` or `Deny`, found `Maybe`",
        ),
        (
            json!({"list-attached-role-policies": {"AttachedPolicies": []}}),
            "`iam.list-attached-role-policies.RoleName`: is missing",
        ),
        (
            json!({"get-instance-profile": {"InstanceProfile": {"InstanceProfileName": "web", "Roles": [{"RoleName": "a"}, {"RoleName": "b"}]}}}),
            "an instance profile has one role at most",
        ),
    ] {
        let error = empty(&allow_all()).load(ACCOUNT, REGION, &json!({"iam": iam})).unwrap_err().to_string();
        assert!(error.starts_with(message) || error.ends_with(message), "{message}\n{error}");
    }
}
