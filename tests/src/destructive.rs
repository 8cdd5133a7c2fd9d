//! The response never destroys: no role may, and no call of any scenario does.

use std::collections::BTreeMap;

use libtest_mimic::Trial;
use serde_json::Value;
use template::Project;
use template::{self, Surroundings};

use crate::scenarios;
use crate::support::{self, Checked, ensure, trial};

pub(crate) fn trials() -> Vec<Trial> {
    vec![
        trial("destructive::no_role_may_destroy", roles),
        trial("destructive::no_call_of_any_scenario_destroys", calls),
        trial("destructive::one_role_may_put_a_role_policy_and_not_everywhere", put_role_policy),
    ]
}

/// What the response must never do. It names actions, not prefixes: a release must remove its own deny policy, and a
/// consumer of a queue deletes messages.
const NEVER: [&str; 52] = [
    "autoscaling:DeleteAutoScalingGroup",
    "autoscaling:TerminateInstanceInAutoScalingGroup",
    "cloudtrail:DeleteTrail",
    "cloudtrail:StopLogging",
    "config:DeleteConfigRule",
    "config:StopConfigurationRecorder",
    "dynamodb:DeleteItem",
    "dynamodb:DeleteTable",
    "ec2:DeleteFlowLogs",
    "ec2:DeleteNetworkInterface",
    "ec2:DeleteSecurityGroup",
    "ec2:DeleteSnapshot",
    "ec2:DeleteVolume",
    "ec2:DeleteVpc",
    "ec2:DeregisterImage",
    "ec2:DetachNetworkInterface",
    "ec2:DetachVolume",
    "ec2:RebootInstances",
    "ec2:ReleaseAddress",
    "ec2:StopInstances",
    "ec2:TerminateInstances",
    "ec2:UnlockSnapshot",
    "elasticloadbalancing:DeleteLoadBalancer",
    "elasticloadbalancing:DeleteTargetGroup",
    "guardduty:ArchiveFindings",
    "guardduty:DeleteDetector",
    "iam:CreateAccessKey",
    "iam:CreatePolicyVersion",
    "iam:DeleteAccessKey",
    "iam:DeleteInstanceProfile",
    "iam:DeletePolicy",
    "iam:DeleteRole",
    "iam:DeleteUser",
    "iam:RemoveRoleFromInstanceProfile",
    "iam:UpdateAssumeRolePolicy",
    "kms:DisableKey",
    "kms:PutKeyPolicy",
    "kms:ScheduleKeyDeletion",
    "lambda:DeleteFunction",
    "logs:DeleteLogGroup",
    "logs:DeleteLogStream",
    "rds:DeleteDBInstance",
    "s3:DeleteBucket",
    "s3:DeleteBucketPolicy",
    "s3:DeleteObject",
    "s3:DeleteObjectVersion",
    "s3:PutBucketPolicy",
    "securityhub:DisableSecurityHub",
    "sns:DeleteTopic",
    "sqs:DeleteQueue",
    "ssm:DeleteDocument",
    "states:DeleteStateMachine",
];

/// Only a release may: no function has them yet.
const NOT_YET: [&str; 3] = ["iam:DeleteRolePolicy", "iam:PassRole", "iam:PutUserPolicy"];

/// Each role of both templates with its statements.
fn statements() -> Checked<Vec<(String, Value)>> {
    let project = Project::find(&support::root())?;
    let place = Surroundings {
        account: "111122223333".into(),
        region: "eu-central-1".into(),
        partition: "aws".into(),
        stack_name: "cordon".into(),
    };
    let home = template::read(project.template(), &BTreeMap::new(), &place)?;
    let parameters = BTreeMap::from([("ResponseAccount".to_owned(), "111122223333".to_owned())]);
    let member = template::read(project.member_template(), &parameters, &place)?;
    let mut all = Vec::new();
    for role in home.roles.iter().chain(&member.roles) {
        for (_, document) in &role.policies {
            let found = document.get("Statement").and_then(Value::as_array).cloned().unwrap_or_default();
            ensure(!found.is_empty(), format!("{} has a policy without statements", role.arn))?;
            all.extend(found.into_iter().map(|statement| (role.arn.clone(), statement)));
        }
    }
    ensure(all.len() > 40, format!("{} statements", all.len()))?;
    Ok(all)
}

fn texts(value: Option<&Value>) -> Vec<&str> {
    match value {
        Some(Value::String(text)) => vec![text],
        Some(Value::Array(texts)) => texts.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    }
}

fn allows(statement: &Value) -> bool {
    statement.get("Effect").and_then(Value::as_str) == Some("Allow")
}

fn roles() -> Checked {
    for (role, statement) in statements()?.iter().filter(|(_, statement)| allows(statement)) {
        ensure(statement.get("NotAction").is_none(), format!("{role} has a NotAction: {statement}"))?;
        let actions = texts(statement.get("Action"));
        ensure(!actions.is_empty(), format!("{role} has a statement without an action: {statement}"))?;
        for action in actions {
            ensure(!action.contains(['*', '?']), format!("{role} has a wildcard: {action}"))?;
            let never = NEVER.iter().chain(&NOT_YET).find(|never| never.eq_ignore_ascii_case(action));
            ensure(never.is_none(), format!("{role} may {action}"))?;
        }
    }
    Ok(())
}

/// To put an inline policy into any role amounts to being an administrator.
fn put_role_policy() -> Checked {
    let all = statements()?;
    let may: Vec<&str> = all
        .iter()
        .filter(|(_, statement)| allows(statement) && texts(statement.get("Action")).contains(&"iam:PutRolePolicy"))
        .map(|(role, _)| role.as_str())
        .collect();
    ensure(may.len() == 2 && may.iter().all(|role| role.ends_with("-revoke-sessions")), format!("{may:?} may"))?;
    for role in may {
        let denied: Vec<&str> = all
            .iter()
            .filter(|(other, statement)| {
                other == role && !allows(statement) && texts(statement.get("Action")).contains(&"iam:PutRolePolicy")
            })
            .flat_map(|(_, statement)| texts(statement.get("Resource")))
            .collect();
        for excluded in ["role/aws-service-role/*", "role/cordon-*", "role/cordon-target-*", "role/break-glass/*"] {
            ensure(
                denied.iter().any(|resource| resource.ends_with(&format!(":{excluded}"))),
                format!("{role} is not kept from {excluded}: {denied:?}"),
            )?;
        }
    }
    Ok(())
}

fn calls() -> Checked {
    let mut seen = 0;
    for (scenario, record) in scenarios::reports()? {
        for call in &record.calls {
            seen += 1;
            let action = format!("{}:{}", call.service, call.operation);
            ensure(!NEVER.contains(&action.as_str()), format!("{scenario}: {} calls {action}", call.function))?;
        }
    }
    ensure(seen > 1_000, format!("{seen} calls in all scenarios"))
}
