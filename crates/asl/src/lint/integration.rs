//! The service integrations of Step Functions, with what a definition can get wrong about them.

/// A service integration: `arn:aws:states:::sns:publish.waitForTaskToken`.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Integration<'r> {
    pub(super) service: &'r str,
    /// The action with its pattern.
    pub(super) call: &'r str,
    /// The action; of `aws-sdk`, the service and the action.
    pub(super) action: &'r str,
    /// The integration pattern: nothing, `.sync`, `.sync:2` or `.waitForTaskToken`.
    pub(super) pattern: &'r str,
}

/// The parameters that an action accepts.
#[derive(Debug)]
pub(super) struct Parameters {
    service: &'static str,
    action: &'static str,
    pub(super) required: &'static [&'static str],
    /// The optional ones; `None` where they are not listed here.
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
        Some(Integration { service, call, action, pattern })
    }

    /// Whether the service supports the integration pattern.
    pub(super) fn supports_pattern(&self) -> bool {
        match self.pattern {
            ".sync" => !WITHOUT_SYNC.contains(&self.service),
            ".sync:2" => self.service == "states",
            ".waitForTaskToken" => !WITHOUT_CALLBACK.contains(&self.service),
            _ => true,
        }
    }

    /// Whether the service is an optimized integration of the developer guide, or `aws-sdk`.
    pub(super) fn is_documented(&self) -> bool {
        SERVICES.contains(&self.service)
    }

    /// The parameters that the action accepts, where they are listed below.
    pub(super) fn parameters(&self) -> Option<&'static Parameters> {
        PARAMETERS.iter().find(|known| known.service == self.service && known.action == self.action)
    }
}

/// The optimized integrations (Step Functions developer guide, "Integrating optimized services"), and `aws-sdk`.
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

/// Integrations without the pattern "Run a Job" (`.sync`).
static WITHOUT_SYNC: &[&str] =
    &["apigateway", "aws-sdk", "bedrock-agentcore", "dynamodb", "events", "lambda", "sns", "sqs"];

/// Integrations without the pattern "Wait for Callback" (`.waitForTaskToken`).
static WITHOUT_CALLBACK: &[&str] = &[
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

/// The optional parameters of conditional writes to a DynamoDB table.
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

/// The parameters of common actions: those that `ValidateStateMachineDefinition` requires, and as optional ones the other
/// members of the action's request (botocore's service models).
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
