use std::collections::BTreeMap;

use super::message::Published;
use crate::base::ServiceError;
use crate::service::Context;

/// What Amazon SNS holds in one Region of one account.
#[derive(Debug, Clone, Default, Hash)]
pub struct State {
    topics: BTreeMap<String, Topic>,
    published: Vec<Published>,
}

/// A standard topic.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Topic {
    /// The ARN.
    pub arn: String,
    /// Attributes by the names of `GetTopicAttributes`, such as `DisplayName` and `KmsMasterKeyId`.
    pub attributes: BTreeMap<String, String>,
}

impl State {
    /// Adds a topic, or replaces the one with the same ARN.
    pub fn declare(&mut self, topic: Topic) {
        self.topics.insert(topic.arn.clone(), topic);
    }

    /// The messages that were accepted, in their order.
    pub fn published(&self) -> &[Published] {
        &self.published
    }

    pub(super) fn accept(&mut self, message: Published) {
        self.published.push(message);
    }

    /// The topic that a request names.
    pub(super) fn topic(&self, arn: &str, context: &Context<'_>) -> Result<&Topic, ServiceError> {
        let parts: Vec<&str> = arn.split(':').collect();
        let [_, _, service, region, account, _] = parts.as_slice() else {
            let reason = if parts.len() < 6 {
                format!(" Reason: An ARN must have at least 6 elements, not {}", parts.len())
            } else {
                String::new()
            };
            return Err(invalid(format!("TopicArn{reason}")));
        };
        if *service != "sns" || *region != context.region {
            return Err(invalid("TopicArn"));
        }
        if *account != context.account {
            // The default topic policy lets only the owner's account publish.
            return Err(ServiceError::new(
                "AuthorizationError",
                format!(
                    "User: {} is not authorized to perform: SNS:Publish on resource: {arn} because no resource-based policy allows the SNS:Publish action",
                    context.principal.arn
                ),
            )
            .status(403));
        }
        self.topics.get(arn).ok_or_else(|| ServiceError::new("NotFound", "Topic does not exist").status(404))
    }
}

/// SNS's `InvalidParameter`.
pub(super) fn invalid(what: impl std::fmt::Display) -> ServiceError {
    ServiceError::new("InvalidParameter", format!("Invalid parameter: {what}"))
}
