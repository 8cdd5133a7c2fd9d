//! What of each operation is simulated.

use crate::service::Support;

pub(super) const SUPPORT: &[Support] = &[
    Support::of(
        "Publish",
        "Message MessageAttributes{BinaryValue DataType StringValue} MessageStructure Subject TargetArn \
         TopicArn",
    ),
    Support::of(
        "PublishBatch",
        "PublishBatchRequestEntries{Id Message MessageAttributes{BinaryValue DataType StringValue} \
         MessageStructure Subject} TopicArn",
    ),
    Support::of("GetTopicAttributes", "TopicArn"),
];
