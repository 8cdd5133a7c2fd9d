"""Checks recorded exchanges with AWS services against the service models of botocore.

Reads one exchange per line from standard input, a JSON object:

    {"service": "ec2",
     "request": {"method": "POST", "url": "https://…", "headers": [["name", "value"], …], "body": "base64"},
     "response": {"status": 200, "headers": [["name", "value"], …], "body": "base64"}}

(`response` is null where the answer was lost) and writes one line for each, in the same order:

    {"service": "ec2", "operation": "DescribeInstances", "problems": ["request: unknown parameter Foo.1", …]}

A request must be one that botocore itself would make: it is read back into parameters with nothing left over, the
parameters are validated, and what botocore serializes from them, to the endpoint it has, must be the same request. A response is walked along
the model, so that a member, list or scalar the model does not have is a problem, and then read by botocore's own
parser, which must find every member that the walk found.
"""

import base64
import json
import sys

from wire_models import Models
from wire_requests import check_request
from wire_responses import check_response


def check(models, exchange):
    """The operation of an exchange (None if the request does not tell) and its problems."""
    service = models.service(exchange["service"])
    request, response = exchange["request"], exchange["response"]
    for message in filter(None, (request, response)):
        message["body"] = base64.b64decode(message["body"])
        message["headers"] = {name.lower(): value for name, value in message["headers"]}
    operation, problems = check_request(models, service, request)
    problems = [f"request: {problem}" for problem in problems]
    if operation is None:
        return None, problems
    if response is not None:
        problems += [f"response: {problem}" for problem in check_response(service, operation, response)]
    return operation.name, problems


def main():
    models = Models()
    for line in sys.stdin:
        exchange = json.loads(line)
        operation, problems = check(models, exchange)
        print(json.dumps({"service": exchange["service"], "operation": operation, "problems": problems}))


if __name__ == "__main__":
    main()
