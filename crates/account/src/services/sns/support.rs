//! What of each operation is simulated.

use crate::service::{Deviation, Support};

/// What AWS does otherwise, whatever the operation.
pub(super) const DEVIATIONS: &[Deviation] = &[
    Deviation {
        what: "only standard topics exist, and no message is delivered",
        why: "the messages of a replay are read from the topic",
    },
    Deviation { what: "there are no subscriptions, and their counts are 0", why: "nobody is notified in a replay" },
];

/// What each operation takes, and what AWS does otherwise.
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
