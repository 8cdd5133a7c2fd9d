//! What of each operation is simulated.

use crate::service::{Deviation, Support};

/// What AWS does otherwise, whatever the operation.
pub(super) const DEVIATIONS: &[Deviation] = &[
    Deviation {
        what: "every read is strongly consistent",
        why: "a replay has the same result each time it is run; what comes late is a planned fault",
    },
    Deviation {
        what: "tables have no secondary index, no capacity that could run out, and no time to live",
        why: "the tables of the pipeline have none of the first two, and no item expires within a replay",
    },
    Deviation {
        what: "`Expected`, `AttributeUpdates`, `KeyConditions` and the other legacy parameters are refused",
        why: "expressions replaced them, and no function sends them",
    },
];

/// What each operation takes, and what AWS does otherwise.
pub(super) const SUPPORT: &[Support] = &[
    Support::of(
        "GetItem",
        "ConsistentRead ExpressionAttributeNames ExpressionAttributeValues Key ProjectionExpression \
         ReturnConsumedCapacity TableName",
    ),
    Support::of(
        "Query",
        "ConsistentRead ExclusiveStartKey ExpressionAttributeNames ExpressionAttributeValues FilterExpression \
         IndexName KeyConditionExpression Limit ProjectionExpression ReturnConsumedCapacity ScanIndexForward \
         Select TableName",
    ),
    Support::of(
        "Scan",
        "ConsistentRead ExclusiveStartKey ExpressionAttributeNames ExpressionAttributeValues FilterExpression \
         IndexName Limit ProjectionExpression ReturnConsumedCapacity Select TableName",
    ),
    Support::of("DescribeTable", "TableName"),
    Support::of(
        "PutItem",
        "ConditionExpression ExpressionAttributeNames ExpressionAttributeValues Item ReturnConsumedCapacity \
         ReturnItemCollectionMetrics ReturnValues ReturnValuesOnConditionCheckFailure TableName",
    ),
    Support::of(
        "UpdateItem",
        "ConditionExpression ExpressionAttributeNames ExpressionAttributeValues Key ReturnConsumedCapacity \
         ReturnItemCollectionMetrics ReturnValues ReturnValuesOnConditionCheckFailure TableName \
         UpdateExpression",
    ),
    Support::of(
        "DeleteItem",
        "ConditionExpression ExpressionAttributeNames ExpressionAttributeValues Key ReturnConsumedCapacity \
         ReturnItemCollectionMetrics ReturnValues ReturnValuesOnConditionCheckFailure TableName",
    ),
    Support::of(
        "TransactWriteItems",
        "ClientRequestToken ReturnConsumedCapacity ReturnItemCollectionMetrics \
         TransactItems{ConditionCheck{ConditionExpression ExpressionAttributeNames ExpressionAttributeValues \
         Key ReturnValuesOnConditionCheckFailure TableName} \
         Delete{ConditionExpression ExpressionAttributeNames ExpressionAttributeValues Key \
         ReturnValuesOnConditionCheckFailure TableName} \
         Put{ConditionExpression \
         ExpressionAttributeNames ExpressionAttributeValues Item ReturnValuesOnConditionCheckFailure \
         TableName} Update{ConditionExpression ExpressionAttributeNames ExpressionAttributeValues Key \
         ReturnValuesOnConditionCheckFailure TableName UpdateExpression}}",
    ),
];
