//! The typed template: what is deployed, with every name and reference resolved.

use std::collections::BTreeMap;

use event_pattern::Pattern;
use serde_json::Value;

/// Where a stack stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Surroundings {
    /// The account id, twelve digits.
    pub account: String,
    /// The Region, as `eu-central-1`.
    pub region: String,
    /// The partition, as `aws`, `aws-us-gov`, `aws-cn`.
    pub partition: String,
    /// The name of the stack, which the names of its resources start with.
    pub stack_name: String,
}

impl Surroundings {
    /// The domain of the partition's services, as `AWS::URLSuffix` gives it (source: the partitions of the AWS SDKs).
    pub fn url_suffix(&self) -> &'static str {
        match self.partition.as_str() {
            "aws-cn" => "amazonaws.com.cn",
            "aws-eusc" => "amazonaws.eu",
            "aws-iso" => "c2s.ic.gov",
            "aws-iso-b" => "sc2s.sgov.gov",
            "aws-iso-e" => "cloud.adc-e.uk",
            "aws-iso-f" => "csp.hci.ic.gov",
            _ => "amazonaws.com",
        }
    }
}

/// A template, resolved for one stack. Resources stand in the order of the text.
#[derive(Debug, Clone, PartialEq)]
pub struct Template {
    /// The effective value of each parameter.
    pub parameters: BTreeMap<String, String>,
    /// The Lambda functions.
    pub functions: Vec<Function>,
    /// The Step Functions state machines.
    pub machines: Vec<Machine>,
    /// The EventBridge rules: those at state machines and those of their own.
    pub rules: Vec<Rule>,
    /// The IAM roles of the template, then those that the SAM transform makes for rules.
    pub roles: Vec<Role>,
    /// The DynamoDB tables.
    pub tables: Vec<Table>,
    /// The SNS topics.
    pub topics: Vec<Topic>,
    /// The SQS queues.
    pub queues: Vec<Queue>,
    /// The policies of topics and queues.
    pub resource_policies: Vec<ResourcePolicy>,
    /// The CloudWatch alarms.
    pub alarms: Vec<Alarm>,
    /// The outputs of the stack.
    pub outputs: BTreeMap<String, String>,
}

impl Template {
    /// The function with this ARN, be it with or without the alias.
    pub fn function_by_arn(&self, arn: &str) -> Option<&Function> {
        self.functions.iter().find(|function| function.arn == arn || function.alias_arn.as_deref() == Some(arn))
    }

    /// The machine with this ARN, be it with or without the alias.
    pub fn machine_by_arn(&self, arn: &str) -> Option<&Machine> {
        self.machines.iter().find(|machine| machine.arn == arn || machine.alias_arn.as_deref() == Some(arn))
    }

    /// The machine with this logical id.
    pub fn machine(&self, logical_id: &str) -> Option<&Machine> {
        self.machines.iter().find(|machine| machine.logical_id == logical_id)
    }

    /// The role with this logical id.
    pub fn role(&self, logical_id: &str) -> Option<&Role> {
        self.roles.iter().find(|role| role.logical_id == logical_id)
    }

    /// The role with this ARN.
    pub fn role_by_arn(&self, arn: &str) -> Option<&Role> {
        self.roles.iter().find(|role| role.arn == arn)
    }
}

/// A Lambda function (`AWS::Serverless::Function`).
#[derive(Debug, Clone, PartialEq)]
pub struct Function {
    /// The logical id.
    pub logical_id: String,
    /// The function name.
    pub name: String,
    /// The unqualified ARN.
    pub arn: String,
    /// The alias that each deployment publishes, with its ARN, where the function has one.
    pub alias: Option<String>,
    /// The ARN of the alias.
    pub alias_arn: Option<String>,
    /// Where the code is, relative to the template's folder.
    pub code_uri: String,
    /// The crate with the code: the last folder of the path.
    pub package: String,
    /// The handler.
    pub handler: String,
    /// The runtime, as `provided.al2023`.
    pub runtime: String,
    /// The processor architecture, `x86_64` or `arm64`.
    pub architecture: String,
    /// The environment.
    pub environment: BTreeMap<String, String>,
    /// The time limit of an invocation in seconds (Lambda's default is 3).
    pub timeout_seconds: u32,
    /// The memory in MB (Lambda's default is 128).
    pub memory_mb: u32,
    /// The logical id of its role.
    pub role: String,
    /// The ARN of the queue or topic for asynchronous invocations that fail.
    pub dead_letter: Option<String>,
}

/// How a state machine runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MachineKind {
    /// `STANDARD`: exactly once, with a history.
    Standard,
    /// `EXPRESS`: at least once, five minutes at most.
    Express,
}

/// A state machine (`AWS::Serverless::StateMachine`).
#[derive(Debug, Clone, PartialEq)]
pub struct Machine {
    /// The logical id.
    pub logical_id: String,
    /// The name of the machine.
    pub name: String,
    /// The unqualified ARN.
    pub arn: String,
    /// The alias that each deployment moves to the new version.
    pub alias: Option<String>,
    /// The ARN of the alias.
    pub alias_arn: Option<String>,
    /// The definition, relative to the template's folder.
    pub definition_uri: String,
    /// What replaces each `${Name}` of the definition.
    pub substitutions: BTreeMap<String, String>,
    /// The logical id of its role.
    pub role: String,
    /// Standard or Express.
    pub kind: MachineKind,
    /// Whether X-Ray traces executions.
    pub tracing: bool,
    /// The level of logging, `OFF` by default.
    pub log_level: String,
}

impl Machine {
    /// The playbook: the name of the folder of its definition. `../statemachines/respond-ec2/v1.asl.json` is of
    /// `respond-ec2`.
    pub fn playbook(&self) -> &str {
        let mut parts = self.definition_uri.rsplit('/');
        parts.nth(1).unwrap_or(&self.definition_uri)
    }

    /// The version that the template names: the name of the definition file up to its first dot, for example `v1`.
    pub fn version(&self) -> &str {
        let file = self.definition_uri.rsplit('/').next().unwrap_or(&self.definition_uri);
        file.split('.').next().unwrap_or(file)
    }

    /// Playbook and version: `respond-ec2 v1`.
    pub fn label(&self) -> String {
        format!("{} {}", self.playbook(), self.version())
    }
}

/// An EventBridge rule.
#[derive(Debug, Clone, PartialEq)]
pub struct Rule {
    /// The logical id; for the event of a state machine the id that the SAM transform makes of both names.
    pub logical_id: String,
    /// The name of the rule as a reader of the template knows it: the name of the event at its machine, or the logical
    /// id.
    pub label: String,
    /// The physical name.
    pub name: String,
    /// The ARN.
    pub arn: String,
    /// What the template says of it.
    pub description: Option<String>,
    /// The event bus, `default` for the events of AWS services.
    pub event_bus: String,
    /// The event pattern as it was written.
    pub pattern_source: Value,
    /// The same pattern, compiled.
    pub pattern: Pattern,
    /// Whether it is on.
    pub enabled: bool,
    /// What it starts, in the order of the text.
    pub targets: Vec<Target>,
}

/// What a rule starts.
#[derive(Debug, Clone, PartialEq)]
pub struct Target {
    /// The id of the target within its rule.
    pub id: String,
    /// The ARN that EventBridge calls; the alias where the machine says `UseAliasAsEventTarget`.
    pub arn: String,
    /// What the ARN belongs to.
    pub destination: Destination,
    /// The logical id of the role with which EventBridge calls the target.
    pub role: Option<String>,
    /// What the target is given.
    pub input: TargetInput,
    /// The ARN of the dead-letter queue.
    pub dead_letter: Option<String>,
    /// How often and how long delivery is tried.
    pub retry: RetryPolicy,
}

/// What an ARN belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Destination {
    /// A state machine of the template.
    Machine {
        /// Its logical id.
        logical_id: String,
        /// The alias; without one, whatever was saved last is run.
        alias: Option<String>,
    },
    /// A function of the template.
    Function {
        /// Its logical id.
        logical_id: String,
    },
    /// A topic of the template.
    Topic {
        /// Its logical id.
        logical_id: String,
    },
    /// A queue of the template.
    Queue {
        /// Its logical id.
        logical_id: String,
    },
    /// Something outside of the template.
    Elsewhere,
}

/// What a target is given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TargetInput {
    /// The event as it is.
    Event,
    /// A constant JSON text.
    Constant(String),
    /// The part of the event that a path selects.
    Path(String),
    /// A text with placeholders.
    Transformer {
        /// The paths by placeholder.
        paths: BTreeMap<String, String>,
        /// The text.
        template: String,
    },
}

/// How often and how long EventBridge tries to deliver an event. The defaults are EventBridge's own: 24 hours and 185
/// attempts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RetryPolicy {
    /// Seconds, 60 to 86,400.
    pub maximum_event_age_seconds: u32,
    /// Attempts, 0 to 185.
    pub maximum_attempts: u32,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self { maximum_event_age_seconds: 86_400, maximum_attempts: 185 }
    }
}

/// An IAM role.
#[derive(Debug, Clone, PartialEq)]
pub struct Role {
    /// The logical id.
    pub logical_id: String,
    /// The role name.
    pub name: String,
    /// The ARN.
    pub arn: String,
    /// Who may take the role.
    pub trust: Value,
    /// The inline policies by name, in the order of the text.
    pub policies: Vec<(String, Value)>,
    /// Managed policies.
    pub managed_policy_arns: Vec<String>,
    /// Whether the SAM transform makes it, for a rule at a state machine.
    pub made_by_transform: bool,
}

/// A DynamoDB table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// The logical id.
    pub logical_id: String,
    /// The table name.
    pub name: String,
    /// The ARN.
    pub arn: String,
    /// The primary key: the partition key and, where there is one, the sort key.
    pub key: Vec<KeyAttribute>,
    /// The attribute with the time to live.
    pub time_to_live: Option<String>,
}

/// An attribute of a primary key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyAttribute {
    /// The name.
    pub name: String,
    /// `S`, `N` or `B`.
    pub attribute_type: String,
    /// `HASH` or `RANGE`.
    pub key_type: String,
}

/// An SNS topic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Topic {
    /// The logical id.
    pub logical_id: String,
    /// The topic name.
    pub name: String,
    /// The ARN.
    pub arn: String,
}

/// An SQS queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Queue {
    /// The logical id.
    pub logical_id: String,
    /// The queue name.
    pub name: String,
    /// The ARN.
    pub arn: String,
    /// The URL.
    pub url: String,
}

/// A policy of topics or queues.
#[derive(Debug, Clone, PartialEq)]
pub struct ResourcePolicy {
    /// The logical id.
    pub logical_id: String,
    /// The topics by ARN, the queues by URL.
    pub resources: Vec<String>,
    /// The policy document.
    pub document: Value,
}

/// A CloudWatch alarm.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alarm {
    /// The logical id.
    pub logical_id: String,
    /// The name of the alarm.
    pub name: String,
    /// The namespace of the metric.
    pub namespace: String,
    /// The metric.
    pub metric: String,
    /// The dimensions of the metric.
    pub dimensions: BTreeMap<String, String>,
    /// What the alarm tells.
    pub actions: Vec<String>,
}
