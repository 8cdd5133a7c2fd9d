//! Tasks, Express machines, distributed maps.

use super::*;

#[test]
fn checks_tasks() {
    refused(
        machine(task(json!({"Resource": "function"}))),
        &["SCHEMA_VALIDATION_FAILED: Value is not a valid resource ARN at /States/S/Resource"],
    );
    refused(
        machine(task(json!({"Parameters": null}))),
        &[
            "SCHEMA_VALIDATION_FAILED: Parameters field is required for resource ARN: arn:aws:states:::lambda:invoke at /States/S",
        ],
    );
    refused(
        machine(task(json!({"Parameters": {"Payload.$": "$"}}))),
        &["SCHEMA_VALIDATION_FAILED: The field 'FunctionName' is required but was missing at /States/S/Parameters"],
    );
    refused(
        machine(task(json!({"Parameters": {"FunctionName": "f", "payload.$": "$"}}))),
        &["SCHEMA_VALIDATION_FAILED: The field 'payload' is not supported by Step Functions at /States/S/Parameters"],
    );
    refused(
        machine(task(json!({"Credentials": {}}))),
        &["SCHEMA_VALIDATION_FAILED: The field 'RoleArn' is required but was missing at /States/S/Credentials"],
    );
    refused(
        machine(task(json!({"Resource": "arn:aws:states:::lambda:invoke.sync"}))),
        &[
            "SCHEMA_VALIDATION_FAILED: The resource provided arn:aws:states:::lambda:invoke.sync is not recognized. The value is not a valid resource ARN, or the resource is not available in this region. at /States/S/Resource",
        ],
    );
    let activity = json!({"Resource": "arn:aws:states:us-east-1:1:activity:a", "Credentials": {"RoleArn": "r"}, "Parameters": null});
    refused(
        machine(task(activity)),
        &["SCHEMA_VALIDATION_FAILED: The field 'Credentials' is not supported for activities at /States/S/Credentials"],
    );
    accepted(machine(task(
        json!({"Resource": "arn:aws-us-gov:lambda:us-gov-west-1:1:function:f:live", "Parameters": null}),
    )));
}

#[test]
fn checks_express_machines() {
    let express = Options { kind: Kind::Express, rules: Rules::Service, ..Options::default() };
    let said = |state: Value| diagnostics(&machine(state), express);
    assert_eq!(
        said(task(
            json!({"Resource": "arn:aws:states:::states:startExecution.sync:2", "Parameters": {"StateMachineArn": "a"}})
        )),
        [
            "SCHEMA_VALIDATION_FAILED: Express state machine does not support '.sync:2' service integration  at /States/S/Resource",
        ]
    );
    assert_eq!(
        said(task(json!({"Resource": "arn:aws:states:us-east-1:1:activity:a"}))),
        ["SCHEMA_VALIDATION_FAILED: Express state machine does not support Activity ARN at /States/S/Resource",]
    );
    let mut processor = inner();
    processor["ProcessorConfig"] = json!({"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"});
    assert_eq!(
        said(json!({"Type": "Map", "ItemProcessor": processor})),
        [
            "SCHEMA_VALIDATION_FAILED: The field 'Mode' with value 'DISTRIBUTED' is not supported inside 'EXPRESS' state machines at /States/S/ItemProcessor/ProcessorConfig/Mode",
        ]
    );
    // the children of a distributed map may be Express where the machine is not
    let waiting = task(json!({"Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken", "End": true,
        "Parameters": {"QueueUrl": "q", "MessageBody": {"t.$": "$$.Task.Token"}}}));
    let child = |kind: &str| {
        let config = json!({"Mode": "DISTRIBUTED", "ExecutionType": kind});
        machine(
            json!({"Type": "Map", "ItemProcessor": {"ProcessorConfig": config, "StartAt": "T", "States": {"T": waiting}}}),
        )
    };
    accepted(child("STANDARD"));
    assert!(!lint(&child("EXPRESS").to_string()).is_valid());
}

#[test]
fn checks_distributed_maps() {
    let map = |more: Value| {
        let mut processor = inner();
        processor["ProcessorConfig"] = json!({"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"});
        let mut map = json!({"Type": "Map", "ItemProcessor": processor});
        if let (Some(map), Some(more)) = (map.as_object_mut(), more.as_object()) {
            map.extend(more.clone());
        }
        machine(map)
    };
    let reader = |config: Value| {
        map(
            json!({"ItemReader": {"Resource": "arn:aws:states:::s3:getObject", "ReaderConfig": config, "Parameters": {}}}),
        )
    };
    refused(
        reader(json!({"InputType": "CSV"})),
        &["SCHEMA_VALIDATION_FAILED: The field 'CSVHeaderLocation' is required at /States/S/ItemReader/ReaderConfig"],
    );
    refused(
        reader(json!({"InputType": "CSV", "CSVHeaderLocation": "GIVEN"})),
        &["SCHEMA_VALIDATION_FAILED: These fields are required: [CSVHeaders] at /States/S/ItemReader/ReaderConfig"],
    );
    refused(
        reader(json!({"InputType": "JSON", "MaxItems": 100_000_001})),
        &["SCHEMA_VALIDATION_FAILED: Maximum value is 100000000 at /States/S/ItemReader/ReaderConfig/MaxItems"],
    );
    refused(
        map(json!({"ItemReader": {"Resource": "arn:aws:states:::s3:deleteObject"}})),
        &[
            "SCHEMA_VALIDATION_FAILED: The field 'Resource' does not match any of the allowed values at /States/S/ItemReader/Resource",
        ],
    );
    refused(
        map(json!({"ToleratedFailurePercentage": 101, "ItemBatcher": {"MaxItemsPerBatch": -1}})),
        &[
            "SCHEMA_VALIDATION_FAILED: Maximum value is 100.0 at /States/S/ToleratedFailurePercentage",
            "SCHEMA_VALIDATION_FAILED: Minimum value is 0 at /States/S/ItemBatcher/MaxItemsPerBatch",
        ],
    );
    let mut processor = inner();
    processor["ProcessorConfig"] = json!({"Mode": "INLINE", "ExecutionType": "STANDARD"});
    refused(
        machine(json!({"Type": "Map", "ItemProcessor": processor})),
        &[
            "SCHEMA_VALIDATION_FAILED: Field 'ExecutionType' is not supported at /States/S/ItemProcessor/ProcessorConfig",
        ],
    );
}
