#![expect(clippy::unwrap_used, reason = "a test")]

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::*;

fn context(pairs: &[(&str, &[&str])]) -> BTreeMap<String, Vec<String>> {
    pairs.iter().map(|(key, values)| ((*key).to_owned(), values.iter().map(|v| (*v).to_owned()).collect())).collect()
}

fn decision(policy: &Value, action: &str, resource: &str, pairs: &[(&str, &[&str])]) -> Decision {
    let policy = Policy::parse(policy).unwrap();
    evaluate(&policy, &Request { action, resource, keys: &context(pairs) })
}

fn allowed(policy: &Value, action: &str, resource: &str, pairs: &[(&str, &[&str])]) -> bool {
    decision(policy, action, resource, pairs).is_allowed()
}

fn grant(action: &str, resource: &str) -> Value {
    json!({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": action, "Resource": resource}})
}

fn conditional(condition: Value) -> Value {
    json!({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "ec2:CreateTags", "Resource": "*", "Condition": condition}})
}

#[test]
fn explicit_deny_wins_whatever_the_order() {
    let policy = json!({"Version": "2012-10-17", "Statement": [
        {"Sid": "Read", "Effect": "Allow", "Action": ["ec2:Describe*", "ec2:GetConsoleOutput"], "Resource": "*"},
        {"Sid": "Never", "Effect": "Deny", "Action": "ec2:*Output", "Resource": "*"}
    ]});
    assert_eq!(
        decision(&policy, "ec2:DescribeInstances", "*", &[]),
        Decision::Allowed { statement: "Read".to_owned() }
    );
    assert_eq!(
        decision(&policy, "ec2:GetConsoleOutput", "*", &[]),
        Decision::ExplicitlyDenied { statement: "Never".to_owned() }
    );
    assert_eq!(decision(&policy, "ec2:RunInstances", "*", &[]), Decision::ImplicitlyDenied);
}

#[test]
fn actions_ignore_case_and_resources_do_not() {
    let policy = grant("EC2:describeinstances", "arn:aws:ec2:us-east-1:111122223333:instance/i-A");
    assert!(allowed(&policy, "ec2:DescribeInstances", "arn:aws:ec2:us-east-1:111122223333:instance/i-A", &[]));
    assert!(!allowed(&policy, "ec2:DescribeInstances", "arn:aws:ec2:us-east-1:111122223333:instance/i-a", &[]));
}

#[test]
fn wildcards_stay_in_their_segment_unless_they_end_it() {
    let case = |pattern: &str, resource: &str| allowed(&grant("sns:Publish", pattern), "sns:Publish", resource, &[]);
    let topic = "arn:aws:sns:us-east-1:111122223333:alerts-high";
    assert!(case("*", topic));
    assert!(case("arn:aws:sns:*:111122223333:alerts-*", topic));
    assert!(case("arn:aws:sns:us-east-?:111122223333:alerts-h?gh", topic));
    assert!(case("arn:aws:sns:us-east-1:*", topic), "a final star goes beyond the colon");
    assert!(case("arn:aws:sns:*:alerts-high", topic), "a star that ends a segment goes beyond the colon");
    assert!(!case("arn:aws:sns:us*3333:alerts-high:*", topic), "a star within a segment does not");
    assert!(!case("arn:aws:sns:u*1:1:alerts-high", "arn:aws:sns:us:1:1:alerts-high"));
    assert!(
        !case("arn:aws:sns:us-east-1:1111222233?3alerts*", topic.replace("3333:", "333:").as_str()),
        "a question mark is no colon"
    );
    assert!(!case("arn:aws:sns:eu-west-1:111122223333:*", topic));
    assert!(!case("arn:aws-us-gov:sns:us-east-1:111122223333:*", topic));
}

#[test]
fn not_action_and_not_resource_exclude() {
    let policy =
        json!({"Statement": [{"Effect": "Allow", "NotAction": ["iam:*"], "NotResource": ["arn:aws:sns:*:*:secret"]}]});
    assert!(allowed(&policy, "sns:Publish", "arn:aws:sns:us-east-1:111122223333:open", &[]));
    assert!(!allowed(&policy, "sns:Publish", "arn:aws:sns:us-east-1:111122223333:secret", &[]));
    assert!(!allowed(&policy, "iam:CreateUser", "*", &[]));
}

#[test]
fn conditions_take_absent_keys_as_iam_does() {
    let key = "aws:RequestTag/Incident";
    let equals = conditional(json!({"StringEquals": {key: ["a", "b"]}}));
    assert!(allowed(&equals, "ec2:CreateTags", "*", &[(key, &["b"])]));
    assert!(!allowed(&equals, "ec2:CreateTags", "*", &[(key, &["B"])]));
    assert!(!allowed(&equals, "ec2:CreateTags", "*", &[]));
    let if_exists = conditional(json!({"StringEqualsIfExists": {key: "a"}}));
    assert!(allowed(&if_exists, "ec2:CreateTags", "*", &[]));
    assert!(!allowed(&if_exists, "ec2:CreateTags", "*", &[(key, &["c"])]));
    let not_equals = conditional(json!({"StringNotEquals": {key: ["a", "b"]}}));
    assert!(allowed(&not_equals, "ec2:CreateTags", "*", &[]));
    assert!(!allowed(&not_equals, "ec2:CreateTags", "*", &[(key, &["a"])]));
    let null = conditional(json!({"Null": {key: "true"}}));
    assert!(allowed(&null, "ec2:CreateTags", "*", &[]));
    assert!(!allowed(&null, "ec2:CreateTags", "*", &[(key, &["a"])]));
    let present = conditional(json!({"Null": {key: false}}));
    assert!(allowed(&present, "ec2:CreateTags", "*", &[(key, &["a"])]));
    assert!(!allowed(&present, "ec2:CreateTags", "*", &[]));
}

#[test]
fn condition_keys_ignore_case() {
    let policy = conditional(json!({"StringEquals": {"EC2:createaction": "CreateSnapshots"}}));
    assert!(allowed(&policy, "ec2:CreateTags", "*", &[("ec2:CreateAction", &["CreateSnapshots"])]));
}

#[test]
fn several_operators_and_keys_must_all_hold() {
    let policy = conditional(json!({
        "StringLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/cordon-*"},
        "Bool": {"aws:SecureTransport": "true"},
        "NumericLessThanEquals": {"aws:EpochTime": "10"}
    }));
    let full: &[(&str, &[&str])] = &[
        ("aws:PrincipalArn", &["arn:aws:iam::111122223333:role/cordon-x"]),
        ("aws:SecureTransport", &["true"]),
        ("aws:EpochTime", &["9.5"]),
    ];
    assert!(allowed(&policy, "ec2:CreateTags", "*", full));
    for left_out in 0..full.len() {
        let rest: Vec<_> = full.iter().enumerate().filter(|(i, _)| *i != left_out).map(|(_, pair)| *pair).collect();
        assert!(!allowed(&policy, "ec2:CreateTags", "*", &rest));
    }
}

#[test]
fn moments_are_compared_in_every_form() {
    let at = |operator: &str, wanted: &str, found: &str| {
        let policy = conditional(json!({operator: {"aws:CurrentTime": wanted}}));
        allowed(&policy, "ec2:CreateTags", "*", &[("aws:CurrentTime", &[found])])
    };
    let noon = "2026-03-01T12:00:00Z";
    assert!(at("DateLessThan", noon, "2026-03-01T11:59:59Z") && !at("DateLessThan", noon, noon));
    assert!(at("DateLessThanEquals", noon, noon) && at("DateEquals", noon, "1772366400"));
    assert!(at("DateGreaterThan", "2026-03-01", noon) && !at("DateGreaterThan", "1772366400", noon));
    assert!(at("DateGreaterThanEquals", "2026-03-01T13:00:00+01:00", noon) && !at("DateNotEquals", noon, noon));
    let absent = conditional(json!({"DateLessThan": {"aws:CurrentTime": noon}}));
    assert!(!allowed(&absent, "ec2:CreateTags", "*", &[]));
}

#[test]
fn a_foreign_policy_may_ask_for_what_no_call_carries() {
    let foreign = |condition: Value, resource: &str| {
        let statement = json!({"Effect": "Allow", "Action": "s3:*", "Resource": resource, "Condition": condition});
        let policy = Policy::parse_foreign(&json!({"Version": "2012-10-17", "Statement": [statement]})).unwrap();
        let context = context(&[("aws:userid", &["AROA:i-1"])]);
        evaluate(&policy, &Request { action: "s3:GetObject", resource: "arn:aws:s3:::b/i-1", keys: &context })
            .is_allowed()
    };
    assert!(foreign(json!({}), "arn:aws:s3:::b/*"));
    assert!(!foreign(json!({"StringEquals": {"s3:prefix": "home"}}), "*"));
    assert!(foreign(json!({"StringNotEquals": {"s3:prefix": "home"}}), "*"));
    assert!(!foreign(json!({"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}), "*"));
    assert!(foreign(json!({"NotIpAddress": {"aws:SourceIp": "10.0.0.0/8"}}), "*"));
    assert!(!foreign(json!({}), "arn:aws:s3:::b/${aws:PrincipalTag/home}"));
    assert!(foreign(json!({}), "arn:aws:s3:::b/${aws:PrincipalTag/home, 'i-1'}"));
    let unknown = json!({"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {"StringSame": {"a:b": "c"}}}});
    assert!(Policy::parse_foreign(&unknown).unwrap_err().to_string().contains("StringSame"));
}

#[test]
fn quantifiers_decide_over_several_values() {
    let all = conditional(json!({"ForAllValues:StringEquals": {"aws:TagKeys": ["Incident", "Name"]}}));
    assert!(allowed(&all, "ec2:CreateTags", "*", &[("aws:TagKeys", &["Name", "Incident"])]));
    assert!(!allowed(&all, "ec2:CreateTags", "*", &[("aws:TagKeys", &["Name", "Owner"])]));
    assert!(allowed(&all, "ec2:CreateTags", "*", &[]), "no value at all satisfies ForAllValues");
    let any = conditional(json!({"ForAnyValue:StringEquals": {"aws:TagKeys": ["Incident"]}}));
    assert!(allowed(&any, "ec2:CreateTags", "*", &[("aws:TagKeys", &["Owner", "Incident"])]));
    assert!(!allowed(&any, "ec2:CreateTags", "*", &[("aws:TagKeys", &["Owner"])]));
    assert!(!allowed(&any, "ec2:CreateTags", "*", &[]));
    let none = conditional(json!({"ForAllValues:StringNotEquals": {"aws:TagKeys": ["Exempt"]}}));
    assert!(allowed(&none, "ec2:CreateTags", "*", &[("aws:TagKeys", &["Owner"])]));
    assert!(!allowed(&none, "ec2:CreateTags", "*", &[("aws:TagKeys", &["Owner", "Exempt"])]));
}

#[test]
fn arn_operators_compare_component_by_component() {
    let policy = conditional(json!({"ArnLike": {"ec2:Vpc": "arn:aws:ec2:*:111122223333:vpc/*"}}));
    assert!(allowed(&policy, "ec2:CreateTags", "*", &[("ec2:Vpc", &["arn:aws:ec2:us-east-1:111122223333:vpc/vpc-1"])]));
    assert!(!allowed(
        &policy,
        "ec2:CreateTags",
        "*",
        &[("ec2:Vpc", &["arn:aws:ec2:us-east-1:444455556666:vpc/vpc-1"])]
    ));
    let short = conditional(json!({"ArnLike": {"ec2:Vpc": "arn:aws:ec2:*"}}));
    assert!(!allowed(&short, "ec2:CreateTags", "*", &[("ec2:Vpc", &["arn:aws:ec2:us-east-1:111122223333:vpc/vpc-1"])]));
}

#[test]
fn policy_variables_are_resolved_from_the_call() {
    let policy = grant("sns:Publish", "arn:aws:sns:*:${aws:PrincipalAccount}:alerts");
    let topic = "arn:aws:sns:us-east-1:111122223333:alerts";
    assert!(allowed(&policy, "sns:Publish", topic, &[("aws:PrincipalAccount", &["111122223333"])]));
    assert!(!allowed(&policy, "sns:Publish", topic, &[("aws:PrincipalAccount", &["444455556666"])]));
    assert!(!allowed(&policy, "sns:Publish", topic, &[]));
    let with_default = grant("sns:Publish", "arn:aws:sns:*:${aws:PrincipalAccount, '111122223333'}:alerts");
    assert!(allowed(&with_default, "sns:Publish", topic, &[]));
    let injected = grant("sns:Publish", "arn:aws:sns:*:${aws:PrincipalAccount}:alerts");
    assert!(!allowed(&injected, "sns:Publish", topic, &[("aws:PrincipalAccount", &["*"])]), "a value is no pattern");
}

#[test]
fn what_cannot_be_evaluated_is_refused_with_its_place() {
    let cases = [
        (json!([]), "policy: expected an object, found a list"),
        (json!({}), "policy: `Statement` is missing"),
        (json!({"Statement": []}), "Statement: at least one value is required"),
        (json!({"Version": "2020-01-01", "Statement": []}), "Version: unknown policy version `2020-01-01`"),
        (json!({"Statement": [{"Effect": "Allow", "Action": "ec2:*"}]}), "Statement[0]: `Resource` is missing"),
        (
            json!({"Statement": {"Effect": "allow", "Action": "*", "Resource": "*"}}),
            "Statement.Effect: `Effect` must be `Allow` or `Deny`, found `allow`",
        ),
        (
            json!({"Statement": [{"Effect": "Allow", "Action": ["ec2:*", "Describe"], "Resource": "*"}]}),
            "Statement[0].Action[1]: `Describe` is not an action: expected `service:Name` or `*`",
        ),
        (
            json!({"Statement": [{"Effect": "Allow", "Action": "*", "NotAction": "*", "Resource": "*"}]}),
            "Statement[0]: `Action` and `NotAction` exclude each other",
        ),
        (
            json!({"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "i-1"}]}),
            "Statement[0].Resource: `i-1` is not a resource: expected an ARN or `*`",
        ),
        (
            json!({"Statement": [{"Effect": "Allow", "Action": "*", "Resource": {"Ref": "Topic"}}]}),
            "Statement[0].Resource: expected a text or a list of texts, found an object",
        ),
        (
            json!({"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}]}),
            "Statement[0]: unknown element `Principal`",
        ),
        (
            conditional(json!({"IpAddress": {"aws:SourceIp": "1.2.3.4"}})),
            "Statement.Condition.IpAddress: the condition operator `IpAddress` is not evaluated by the simulated account",
        ),
        (
            conditional(json!({"StringEquals": {"aws:SourceVpce": "x"}})),
            "Statement.Condition.StringEquals.aws:SourceVpce: the condition key `aws:SourceVpce` is not supplied by the simulated account",
        ),
        (
            conditional(json!({"NullIfExists": {"ec2:Vpc": "true"}})),
            "Statement.Condition.NullIfExists: the condition operator `NullIfExists` is not evaluated by the simulated account",
        ),
        (
            conditional(json!({"Bool": {"aws:SecureTransport": ["yes"]}})),
            "Statement.Condition.Bool.aws:SecureTransport[0]: `yes` is not `true` or `false`",
        ),
        (
            conditional(json!({"StringEquals": {"ec2:Vpc": []}})),
            "Statement.Condition.StringEquals.ec2:Vpc: at least one value is required",
        ),
        (
            grant("sns:Publish", "arn:aws:sns:*:${aws:username}:x"),
            "Statement.Resource: the policy variable `aws:username` is not one the simulated account can resolve",
        ),
        (
            json!({"Statement": [{"Sid": "A", "Effect": "Allow", "Action": "*", "Resource": "*"}, {"Sid": "A", "Effect": "Allow", "Action": "*", "Resource": "*"}]}),
            "Statement[1]: the statement id `A` is used twice",
        ),
    ];
    for (document, message) in cases {
        assert_eq!(Policy::parse(&document).unwrap_err().to_string(), message);
    }
}

#[test]
fn usage_tells_which_permissions_no_call_needed() {
    let read = Policy::parse_named("read", &json!({"Statement": [{"Sid": "Look", "Effect": "Allow", "Action": ["ec2:Describe*", "sns:Publish"], "Resource": "*"}]})).unwrap();
    let deny =
        Policy::parse_named("guard", &json!({"Statement": [{"Effect": "Deny", "Action": "sns:*", "Resource": "*"}]}))
            .unwrap();
    let policy = read.and(deny);
    let none = BTreeMap::new();
    let mut usage = Usage::default();
    let request = Request { action: "ec2:DescribeVpcs", resource: "*", keys: &none };
    usage.note("role", decide(&policy, &request), &request);
    let request = Request { action: "sns:Publish", resource: "*", keys: &none };
    usage.note("role", decide(&policy, &request), &request);
    let permission = |action: &str| Permission { statement: "read/Look".to_owned(), action: action.to_owned() };
    assert_eq!(usage.iter().collect::<Vec<_>>(), [("role", &permission("ec2:Describe*"))]);
    assert_eq!(usage.unused("role", &policy), [permission("sns:Publish")]);
    assert_eq!(usage.unused("other", &policy).len(), 2);
}

#[test]
fn a_hostile_pattern_does_not_take_exponential_time() {
    let policy = grant("ec2:CreateTags", &format!("arn:aws:ec2:us-east-1:1:{}b", "a*".repeat(200)));
    assert!(!allowed(&policy, "ec2:CreateTags", &format!("arn:aws:ec2:us-east-1:1:{}", "a".repeat(5000)), &[]));
}
