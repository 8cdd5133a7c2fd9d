//! What of each operation is simulated.

use crate::service::Support;

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
         Key ReturnValuesOnConditionCheckFailure TableName} Delete{ConditionExpression ExpressionAttributeNames ExpressionAttributeValues Key \
         ReturnValuesOnConditionCheckFailure TableName} Put{ConditionExpression \
         ExpressionAttributeNames ExpressionAttributeValues Item ReturnValuesOnConditionCheckFailure \
         TableName} Update{ConditionExpression ExpressionAttributeNames ExpressionAttributeValues Key \
         ReturnValuesOnConditionCheckFailure TableName UpdateExpression}}",
    ),
];
