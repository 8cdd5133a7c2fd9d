"""The function `notify` with boto3: the peer of the Rust function in `measure.py`.

It does what the Rust function does for a first notice: it stores the report unless it is stored, publishes it, and marks
it as published. Clients are made once, before the first poll of the Runtime API.
"""

import json
import os
import time
import urllib.request

import boto3
from botocore.config import Config

CONFIG = Config(connect_timeout=2, read_timeout=8, retries={"mode": "standard", "total_max_attempts": 3})
RUNTIME = f"http://{os.environ['AWS_LAMBDA_RUNTIME_API']}/2018-06-01/runtime"
TABLE = os.environ["TABLE_NAME"]
TOPIC = os.environ["TOPIC_ARN"]

dynamodb = boto3.client("dynamodb", config=CONFIG)
sns = boto3.client("sns", config=CONFIG)
ssm = boto3.client("ssm", config=CONFIG)


def handle(payload):
    report = payload["report"]
    incident_id = "no-incident-" + payload["execution"].rsplit(":", 1)[-1]
    key = {"incident_id": {"S": incident_id}, "record": {"S": "report#" + report["outcome"]}}
    now = {"S": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())}
    dynamodb.put_item(
        TableName=TABLE,
        Item=key
        | {
            "schema": {"N": "1"},
            "execution": {"S": payload["execution"]},
            "stored_at": now,
            "key": {"S": f"{incident_id}/{report['outcome']}"},
            "told": {"BOOL": False},
            "body": {"S": json.dumps(report)},
        },
        ConditionExpression="attribute_not_exists(incident_id)",
    )
    message = sns.publish(
        TopicArn=TOPIC,
        Subject=f"Cordon {report['outcome']}",
        Message="\n".join(report["gaps"]),
        MessageAttributes={
            "key": {"DataType": "String", "StringValue": f"{incident_id}/{report['outcome']}"},
            "outcome": {"DataType": "String", "StringValue": report["outcome"]},
        },
    )
    dynamodb.update_item(
        TableName=TABLE,
        Key=key,
        UpdateExpression="SET told = :told, told_at = :now",
        ExpressionAttributeValues={":told": {"BOOL": True}, ":now": now},
    )
    return {"message_id": message["MessageId"]}


while True:
    with urllib.request.urlopen(RUNTIME + "/invocation/next") as invocation:
        request_id = invocation.headers["Lambda-Runtime-Aws-Request-Id"]
        answer = json.dumps(handle(json.load(invocation))).encode()
    urllib.request.urlopen(f"{RUNTIME}/invocation/{request_id}/response", data=answer).close()
