"""Requests to AWS, and the permissions that they need."""

import json
from typing import Any

from tools.local.emulator.wire import Head
from tools.local.iam import services
from tools.local.iam.calls import Call, Surroundings

TABLE = "arn:aws:dynamodb:us-east-1:1:table/t"
QUEUE = "arn:aws:sqs:us-east-1:1:q"
KEY = "arn:aws:kms:us-east-1:1:key/k"
PLAIN = Surroundings(
    account="1", region="us-east-1", partition_keys={TABLE: "pk", f"{TABLE}/index/by_call": "call_key"}
)
ENCRYPTED = Surroundings(
    account="1",
    region="us-east-1",
    kms_keys={"arn:aws:s3:::b": KEY, QUEUE: KEY, TABLE: KEY, "arn:aws:ssm:us-east-1:1:parameter/": KEY},
)


def needs(call: Call, around: Surroundings = PLAIN) -> list[tuple[str, str]]:
    return [(need.action, need.resource) for need in services.needs(call, around)]


def actions(call: Call, around: Surroundings = PLAIN) -> list[str]:
    return [action for action, _ in needs(call, around)]


def s3(method: str, target: str, **headers: str) -> Call:
    named = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    return Call(head=Head(method=method, target=target, version="HTTP/1.1", headers=named), body=b"")


def of_json(target: str, **request: Any) -> Call:
    head = Head(method="POST", target="/", version="HTTP/1.1", headers=(("x-amz-target", target),))
    return Call(head=head, body=json.dumps(request).encode())


def dynamodb(operation: str, **request: Any) -> Call:
    return of_json(f"DynamoDB_20120810.{operation}", **request)


def sqs(operation: str, **request: Any) -> Call:
    return of_json(f"AmazonSQS.{operation}", QueueUrl="http://127.0.0.1:1/1/q", **request)
