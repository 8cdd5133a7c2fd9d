//! The service integrations of tasks, as far as a definition can be wrong about them.

/// A service integration: `arn:aws:states:::sns:publish.waitForTaskToken`.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Integration<'r> {
    pub(super) service: &'r str,
    /// With `aws-sdk`, the service and the action.
    pub(super) action: &'r str,
    /// Nothing, `.sync`, `.sync:2` or `.waitForTaskToken`.
    pub(super) pattern: &'r str,
}

/// The parameters that an integration takes.
#[derive(Debug)]
pub(super) struct Parameters {
    service: &'static str,
    action: &'static str,
    pub(super) required: &'static [&'static str],
    /// The other ones; `None` where they are not listed here.
    pub(super) optional: Option<&'static [&'static str]>,
}

impl<'r> Integration<'r> {
    /// The integration that a resource names, if it names one.
    pub(super) fn of(resource: &'r str) -> Option<Integration<'r>> {
        let (_, rest) = resource.strip_prefix("arn:")?.split_once(":states:::")?;
        let (service, call) = rest.split_once(':')?;
        let mut patterns = [".waitForTaskToken", ".sync:2", ".sync"].into_iter();
        let found = patterns.find_map(|pattern| Some((call.strip_suffix(pattern)?, pattern)));
        let (action, pattern) = found.unwrap_or((call, ""));
        Some(Integration { service, action, pattern })
    }

    /// Whether the integration can wait for what its pattern waits for.
    pub(super) fn has_its_pattern(&self) -> bool {
        match self.pattern {
            ".sync" => !WITHOUT_SYNC.contains(&self.service),
            ".sync:2" => self.service == "states",
            ".waitForTaskToken" => !WITHOUT_TOKEN.contains(&self.service),
            _ => true,
        }
    }

    /// Whether the developer guide lists the service.
    pub(super) fn is_documented(&self) -> bool {
        SERVICES.contains(&self.service)
    }

    /// The parameters that it takes, where they are known.
    pub(super) fn parameters(&self) -> Option<&'static Parameters> {
        PARAMETERS.iter().find(|known| known.service == self.service && known.action == self.action)
    }
}

/// The optimized integrations of the developer guide.
static SERVICES: &[&str] = &[
    "apigateway",
    "athena",
    "aws-sdk",
    "batch",
    "bedrock",
    "bedrock-agentcore",
    "codebuild",
    "databrew",
    "dynamodb",
    "ecs",
    "eks",
    "elasticmapreduce",
    "emr-containers",
    "emr-serverless",
    "events",
    "glue",
    "http",
    "lambda",
    "mediaconvert",
    "sagemaker",
    "sns",
    "sqs",
    "states",
];

/// Integrations that cannot wait for the end of a job.
static WITHOUT_SYNC: &[&str] =
    &["apigateway", "aws-sdk", "bedrock-agentcore", "dynamodb", "events", "lambda", "sns", "sqs"];

/// Integrations that cannot wait for a callback.
static WITHOUT_TOKEN: &[&str] = &[
    "athena",
    "batch",
    "bedrock-agentcore",
    "codebuild",
    "databrew",
    "dynamodb",
    "elasticmapreduce",
    "emr-containers",
    "emr-serverless",
    "glue",
    "mediaconvert",
    "sagemaker",
];

/// What conditional writes to a table take.
macro_rules! conditional {
    ($($more:literal),*) => {
        &[
            $($more,)*
            "ConditionExpression",
            "ConditionalOperator",
            "Expected",
            "ExpressionAttributeNames",
            "ExpressionAttributeValues",
            "ReturnConsumedCapacity",
            "ReturnItemCollectionMetrics",
            "ReturnValues",
            "ReturnValuesOnConditionCheckFailure",
        ]
    };
}

/// Parameters of integrations that playbooks use: those that `ValidateStateMachineDefinition` demands, and the other members
/// of the service's request, from its API model.
static PARAMETERS: &[Parameters] = &[
    Parameters {
        service: "dynamodb",
        action: "deleteItem",
        required: &["TableName", "Key"],
        optional: Some(conditional!()),
    },
    Parameters {
        service: "dynamodb",
        action: "getItem",
        required: &["TableName", "Key"],
        optional: Some(&[
            "AttributesToGet",
            "ConsistentRead",
            "ExpressionAttributeNames",
            "ProjectionExpression",
            "ReturnConsumedCapacity",
        ]),
    },
    Parameters {
        service: "dynamodb",
        action: "putItem",
        required: &["TableName", "Item"],
        optional: Some(conditional!()),
    },
    Parameters {
        service: "dynamodb",
        action: "updateItem",
        required: &["TableName", "Key"],
        optional: Some(conditional!("AttributeUpdates", "UpdateExpression")),
    },
    Parameters { service: "ecs", action: "runTask", required: &["TaskDefinition"], optional: None },
    Parameters { service: "events", action: "putEvents", required: &["Entries"], optional: Some(&["EndpointId"]) },
    Parameters { service: "glue", action: "startJobRun", required: &["JobName"], optional: None },
    Parameters {
        service: "lambda",
        action: "invoke",
        required: &["FunctionName"],
        optional: Some(&[
            "ClientContext",
            "DurableExecutionName",
            "InvocationType",
            "LogType",
            "Payload",
            "Qualifier",
            "TenantId",
        ]),
    },
    Parameters {
        service: "sns",
        action: "publish",
        required: &["Message"],
        optional: Some(&[
            "MessageAttributes",
            "MessageDeduplicationId",
            "MessageGroupId",
            "MessageStructure",
            "PhoneNumber",
            "Subject",
            "TargetArn",
            "TopicArn",
        ]),
    },
    Parameters {
        service: "sqs",
        action: "sendMessage",
        required: &["QueueUrl", "MessageBody"],
        optional: Some(&[
            "DelaySeconds",
            "MessageAttributes",
            "MessageDeduplicationId",
            "MessageGroupId",
            "MessageSystemAttributes",
        ]),
    },
    Parameters {
        service: "states",
        action: "startExecution",
        required: &["StateMachineArn"],
        optional: Some(&["Input", "Name", "TraceHeader"]),
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_service_action_and_pattern() {
        let of = |resource| Integration::of(resource).map(|it| (it.service, it.action, it.pattern));
        assert_eq!(of("arn:aws:states:::sns:publish"), Some(("sns", "publish", "")));
        assert_eq!(
            of("arn:aws-cn:states:::states:startExecution.sync:2"),
            Some(("states", "startExecution", ".sync:2"))
        );
        assert_eq!(of("arn:aws:states:::aws-sdk:ec2:stopInstances"), Some(("aws-sdk", "ec2:stopInstances", "")));
        assert_eq!(of("arn:aws:lambda:us-east-1:1:function:f"), None);
        assert_eq!(of("arn:aws:states:us-east-1:1:activity:a"), None);
    }
}
