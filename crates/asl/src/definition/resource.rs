//! The `Resource` of a Task state.

use std::fmt;

/// A parsed `Resource` field. `Display` gives the text that it was parsed from.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Resource {
    /// A Lambda function, by its ARN.
    LambdaFunction(String),
    /// An activity, by its ARN.
    Activity(String),
    /// A service integration, as `arn:aws:states:::sqs:sendMessage.waitForTaskToken`.
    Integration {
        /// The service, as `sqs`; of an SDK integration the service alone, as `s3` of `aws-sdk:s3`.
        service: String,
        /// The action without the pattern, as `sendMessage`.
        action: String,
        /// The integration pattern.
        pattern: Pattern,
        /// The whole text.
        arn: String,
        /// Whether this is an SDK integration (`aws-sdk:`).
        sdk: bool,
    },
}

/// The integration pattern: when the task ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Pattern {
    /// Request Response: when the service has answered.
    RequestResponse,
    /// `.sync`: when the job has ended.
    Sync,
    /// `.sync:2`: the same, with the result as JSON.
    Sync2,
    /// `.waitForTaskToken`: when the task token has come back.
    WaitForTaskToken,
}

impl Pattern {
    /// The suffix of the action, with its dot; empty for request and response.
    #[must_use]
    pub fn suffix(self) -> &'static str {
        match self {
            Pattern::RequestResponse => "",
            Pattern::Sync => ".sync",
            Pattern::Sync2 => ".sync:2",
            Pattern::WaitForTaskToken => ".waitForTaskToken",
        }
    }
}

impl Resource {
    /// Reads a `Resource` field; `None` when it has none of the forms that Step Functions supports.
    #[must_use]
    pub fn parse(text: &str) -> Option<Resource> {
        let mut parts = text.splitn(6, ':');
        let (arn, _partition, service, region, account, rest) =
            (parts.next()?, parts.next()?, parts.next()?, parts.next()?, parts.next()?, parts.next()?);
        if arn != "arn" {
            return None;
        }
        match service {
            "lambda" => rest
                .strip_prefix("function:")
                .filter(|name| !name.is_empty())
                .map(|_| Resource::LambdaFunction(text.to_owned())),
            "states" if region.is_empty() && account.is_empty() => integration(text, rest),
            "states" => rest
                .strip_prefix("activity:")
                .filter(|name| !name.is_empty())
                .map(|_| Resource::Activity(text.to_owned())),
            _ => None,
        }
    }

    /// `resourceType` as history events have it: `lambda`, `sqs`, `aws-sdk:s3`.
    #[must_use]
    pub fn resource_type(&self) -> String {
        match self {
            Resource::LambdaFunction(_) => "lambda".to_owned(),
            Resource::Activity(_) => "activity".to_owned(),
            Resource::Integration { service, sdk: true, .. } => format!("aws-sdk:{service}"),
            Resource::Integration { service, .. } => service.clone(),
        }
    }

    /// `resource` as history events have it: the action with its pattern, such as `sendMessage.waitForTaskToken`; of functions
    /// and activities the ARN.
    #[must_use]
    pub fn action_with_pattern(&self) -> String {
        match self {
            Resource::LambdaFunction(arn) | Resource::Activity(arn) => arn.clone(),
            Resource::Integration { action, pattern, .. } => format!("{action}{}", pattern.suffix()),
        }
    }
}

fn integration(text: &str, rest: &str) -> Option<Resource> {
    let (sdk, rest) = match rest.strip_prefix("aws-sdk:") {
        Some(rest) => (true, rest),
        None => (false, rest),
    };
    let (service, call) = rest.split_once(':')?;
    let (action, pattern) = match call.split_once('.') {
        None => (call, Pattern::RequestResponse),
        Some((action, "sync")) => (action, Pattern::Sync),
        Some((action, "sync:2")) => (action, Pattern::Sync2),
        Some((action, "waitForTaskToken")) => (action, Pattern::WaitForTaskToken),
        Some(_) => return None,
    };
    if service.is_empty() || action.is_empty() {
        return None;
    }
    Some(Resource::Integration {
        service: service.to_owned(),
        action: action.to_owned(),
        pattern,
        arn: text.to_owned(),
        sdk,
    })
}

impl fmt::Display for Resource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Resource::LambdaFunction(arn) | Resource::Activity(arn) | Resource::Integration { arn, .. } => {
                f.write_str(arn)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn resources_show_as_they_were_written() {
        for text in [
            "arn:aws:lambda:us-east-1:111111111111:function:f:live",
            "arn:aws:states:us-east-1:111111111111:activity:a",
            "arn:aws:states:::lambda:invoke",
            "arn:aws:states:::states:startExecution.sync:2",
            "arn:aws-us-gov:states:::sqs:sendMessage.waitForTaskToken",
            "arn:aws:states:::aws-sdk:s3:getObject",
        ] {
            let resource = Resource::parse(text);
            assert_eq!(resource.map(|r| r.to_string()).as_deref(), Some(text));
        }
        for text in ["", "arn:aws:s3:::bucket", "arn:aws:states:::lambda", "arn:aws:states:::lambda:invoke.later"] {
            assert_eq!(Resource::parse(text), None);
        }
    }
}
