use serde_json::{Value, json};

use crate::base::ServiceError;
use crate::protocol::Params;
use crate::service::Context;
use crate::services::dynamodb::request::table_name;
use crate::services::dynamodb::table::State;

/// Describes a table. Tables are on demand and active.
pub(in crate::services::dynamodb) fn describe_table(
    state: &State,
    context: &mut Context<'_>,
    mut params: Params,
) -> Result<Value, ServiceError> {
    let name = table_name(&mut params)?;
    let table = state.table(&name).ok_or_else(|| {
        ServiceError::new("ResourceNotFoundException", format!("Requested resource not found: Table: {name} not found"))
    })?;
    let definitions: Vec<Value> = table
        .key
        .attributes()
        .map(|attribute| json!({ "AttributeName": attribute.name, "AttributeType": attribute.kind.tag() }))
        .collect();
    let schema: Vec<Value> = table
        .key
        .attributes()
        .zip(["HASH", "RANGE"])
        .map(|(attribute, kind)| json!({ "AttributeName": attribute.name, "KeyType": kind }))
        .collect();
    Ok(json!({ "Table": {
        "AttributeDefinitions": definitions,
        "TableName": table.name,
        "KeySchema": schema,
        "TableStatus": "ACTIVE",
        "CreationDateTime": table.created.epoch_seconds(),
        "ProvisionedThroughput": { "NumberOfDecreasesToday": 0, "ReadCapacityUnits": 0, "WriteCapacityUnits": 0 },
        "TableSizeBytes": table.size(),
        "ItemCount": table.items().count(),
        "TableArn": context.arn("dynamodb", &format!("table/{}", table.name)),
        "TableId": table.id,
        "BillingModeSummary": { "BillingMode": "PAY_PER_REQUEST" },
        "DeletionProtectionEnabled": false,
    } }))
}
