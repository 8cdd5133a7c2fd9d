//! What each resource is called: physical names, and the values of `Ref` and `Fn::GetAtt`.
//!
//! The formats are those of the AWS service authorization reference (resource types per service), the return values
//! those of the AWS CloudFormation template reference. A resource without a name of its own gets stack name and logical
//! id, where CloudFormation would add random letters.

use std::collections::BTreeMap;

use super::Surroundings;

/// The resource types that the reader knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Type {
    /// `AWS::Serverless::Function`.
    Function,
    /// `AWS::Serverless::StateMachine`.
    StateMachine,
    /// `AWS::IAM::Role`.
    Role,
    /// `AWS::Events::Rule`.
    Rule,
    /// `AWS::DynamoDB::Table`.
    Table,
    /// `AWS::SNS::Topic`.
    Topic,
    /// `AWS::SNS::TopicPolicy`.
    TopicPolicy,
    /// `AWS::SQS::Queue`.
    Queue,
    /// `AWS::SQS::QueuePolicy`.
    QueuePolicy,
    /// `AWS::CloudWatch::Alarm`.
    Alarm,
}

/// Each type with its name and the property that holds the physical name.
pub(super) const TYPES: [(&str, Type, Option<&str>); 10] = [
    ("AWS::Serverless::Function", Type::Function, Some("FunctionName")),
    ("AWS::Serverless::StateMachine", Type::StateMachine, Some("Name")),
    ("AWS::IAM::Role", Type::Role, Some("RoleName")),
    ("AWS::Events::Rule", Type::Rule, Some("Name")),
    ("AWS::DynamoDB::Table", Type::Table, Some("TableName")),
    ("AWS::SNS::Topic", Type::Topic, Some("TopicName")),
    ("AWS::SNS::TopicPolicy", Type::TopicPolicy, None),
    ("AWS::SQS::Queue", Type::Queue, Some("QueueName")),
    ("AWS::SQS::QueuePolicy", Type::QueuePolicy, None),
    ("AWS::CloudWatch::Alarm", Type::Alarm, Some("AlarmName")),
];

/// What a resource is called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Identity {
    /// The physical name.
    pub(super) name: String,
    /// The Amazon Resource Name; resource policies have none.
    pub(super) arn: Option<String>,
    /// The value of `Ref`.
    pub(super) reference: String,
    /// The values of `Fn::GetAtt` that are known before a deployment.
    pub(super) attributes: BTreeMap<&'static str, String>,
    /// The values of references as `!Ref Function.Alias`, which the SAM transform replaces by the resource that it
    /// makes.
    pub(super) made: BTreeMap<&'static str, String>,
}

/// The identities by logical id.
pub(super) type Identities = BTreeMap<String, Identity>;

/// The identity of a resource.
///
/// `within` is the path of a role (`/` by default) or the event bus of a rule.
pub(super) fn identity(kind: Type, name: String, within: Option<&str>, surroundings: &Surroundings) -> Identity {
    let Surroundings { account, region, partition, .. } = surroundings;
    let arn = |service: &str, rest: String| format!("arn:{partition}:{service}:{region}:{account}:{rest}");
    let arn = match kind {
        Type::Function => Some(arn("lambda", format!("function:{name}"))),
        Type::StateMachine => Some(arn("states", format!("stateMachine:{name}"))),
        Type::Role => Some(format!("arn:{partition}:iam::{account}:role{}{name}", within.unwrap_or("/"))),
        Type::Rule => Some(match within {
            None | Some("default") => arn("events", format!("rule/{name}")),
            Some(bus) => arn("events", format!("rule/{bus}/{name}")),
        }),
        Type::Table => Some(arn("dynamodb", format!("table/{name}"))),
        Type::Topic => Some(arn("sns", name.clone())),
        Type::Queue => Some(arn("sqs", name.clone())),
        Type::Alarm => Some(arn("cloudwatch", format!("alarm:{name}"))),
        Type::TopicPolicy | Type::QueuePolicy => None,
    };
    let url = format!("https://sqs.{region}.{}/{account}/{name}", surroundings.url_suffix());
    let mut attributes = BTreeMap::new();
    if let Some(arn) = &arn {
        attributes.insert(if kind == Type::Topic { "TopicArn" } else { "Arn" }, arn.clone());
    }
    match kind {
        Type::StateMachine => attributes.insert("Name", name.clone()),
        Type::Topic => attributes.insert("TopicName", name.clone()),
        Type::Queue => {
            attributes.insert("QueueUrl", url.clone());
            attributes.insert("QueueName", name.clone())
        }
        _ => None,
    };
    let reference = match kind {
        Type::StateMachine | Type::Topic => arn.clone().unwrap_or_else(|| name.clone()),
        Type::Queue => url,
        _ => name.clone(),
    };
    Identity { name, arn, reference, attributes, made: BTreeMap::new() }
}

/// The identity of an alias that the SAM transform makes: `Ref` gives its ARN.
pub(super) fn alias(of: &Identity, alias: &str) -> Identity {
    let arn = of.arn.as_ref().map(|arn| format!("{arn}:{alias}"));
    Identity {
        name: alias.to_owned(),
        reference: arn.clone().unwrap_or_else(|| alias.to_owned()),
        arn,
        attributes: BTreeMap::new(),
        made: BTreeMap::new(),
    }
}
