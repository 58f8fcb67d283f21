"""A small template with functions for every part of the local stack, and clients for it."""

import socket
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

from tools.local.stack import Stack

TEMPLATE = """
AWSTemplateFormatVersion: "2010-09-09"
Transform: AWS::Serverless-2016-10-31
Parameters:
  Colour: {Type: String, Default: blue}
  Wide: {Type: String, Default: "false"}
Conditions:
  Wide: !Equals [!Ref Wide, "true"]
Globals:
  Function:
    Runtime: python3.13
    Handler: app.handler
    MemorySize: 256
    Timeout: 2
    AutoPublishAlias: live
    Layers: [!Ref Shared]
    Environment:
      Variables:
        COLOUR: !Ref Colour
        WIDTH: !If [Wide, wide, narrow]
        API: !Sub "${Api.ApiEndpoint}/x"
        QUEUE_URL: !Ref Queue
Outputs:
  QueueUrl: {Value: !Ref Queue}
  DeadLettersUrl: {Value: !Ref DeadLetters}
  StumblingUrl: {Value: !Ref Stumbling}
  DeadStumblingUrl: {Value: !Ref DeadStumbling}
  ObjectsUrl: {Value: !Ref Objects}
  Url: {Value: !GetAtt Api.ApiEndpoint}
  TableName: {Value: !Ref Things}
Resources:
  Api: {Type: AWS::Serverless::HttpApi}
  Shared:
    Type: AWS::Serverless::LayerVersion
    Properties: {ContentUri: layer, CompatibleRuntimes: [python3.13]}
  Echo:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: functions/echo
      Events:
        Any: {Type: HttpApi, Properties: {ApiId: !Ref Api, Method: ANY, Path: "/echo/{path+}"}}
        One: {Type: HttpApi, Properties: {ApiId: !Ref Api, Method: GET, Path: "/echo/{one}/two"}}
        Nightly: {Type: ScheduleV2, Properties: {ScheduleExpression: rate(1 day), Input: '{"night": true}'}}
        Hourly: {Type: Schedule, Properties: {Schedule: rate(1 hour)}}
  Awkward:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: functions/awkward
      Events:
        Any: {Type: HttpApi, Properties: {ApiId: !Ref Api, Method: POST, Path: "/awkward/{what}"}}
  Broken:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: functions/broken
      Events:
        Any: {Type: HttpApi, Properties: {ApiId: !Ref Api, Method: GET, Path: /broken}}
  Consume:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: functions/consume
      Events:
        Queue:
          Type: SQS
          Properties:
            Queue: !GetAtt Queue.Arn
            BatchSize: 10
            FunctionResponseTypes: [ReportBatchItemFailures]
            ScalingConfig: {MaximumConcurrency: 2}
  Stumble:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: functions/consume
      Events:
        Queue: {Type: SQS, Properties: {Queue: !GetAtt Stumbling.Arn, FunctionResponseTypes: [ReportBatchItemFailures]}}
  Reach:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: functions/reach
      Timeout: 20
      Policies:
        - Version: "2012-10-17"
          Statement:
            - {Effect: Allow, Action: ["s3:GetObject", "s3:PutObject"], Resource: !Sub "${Bucket.Arn}/reach/*"}
            - {Effect: Allow, Action: "dynamodb:GetItem", Resource: !GetAtt Things.Arn}
  Things:
    Type: AWS::DynamoDB::Table
    Properties:
      BillingMode: PAY_PER_REQUEST
      SSESpecification: {SSEEnabled: true}
      AttributeDefinitions: [{AttributeName: id, AttributeType: S}]
      KeySchema: [{AttributeName: id, KeyType: HASH}]
  WideBucket:
    Type: AWS::S3::Bucket
    Condition: Wide
    Properties: {BucketName: !Sub "${AWS::StackName}-wide", VersioningConfiguration: {Status: Enabled}}
  Widen:
    Type: AWS::Serverless::Function
    Condition: Wide
    Properties:
      CodeUri: functions/echo
      Environment: {Variables: {BUCKET: !Ref WideBucket}}
      Events:
        Any: {Type: HttpApi, Properties: {ApiId: !Ref Api, Method: GET, Path: /wide}}
  Objects: {Type: AWS::SQS::Queue}
  Bucket:
    Type: AWS::S3::Bucket
    Properties:
      BucketName: !Sub ${AWS::StackName}-objects
      VersioningConfiguration: {Status: Enabled}
      NotificationConfiguration:
        QueueConfigurations:
          - {Event: "s3:ObjectCreated:*", Queue: !GetAtt Objects.Arn}
          - {Event: "s3:ObjectRemoved:*", Queue: !GetAtt Objects.Arn}
"""


def queue(name: str, dead_letters: str) -> str:
    """Return the text of two resources: a queue, and its dead-letter queue after two receives."""
    return f"""
  {name}:
    Type: AWS::SQS::Queue
    Properties:
      VisibilityTimeout: 3
      RedrivePolicy: {{deadLetterTargetArn: !GetAtt {dead_letters}.Arn, maxReceiveCount: 2}}
  {dead_letters}: {{Type: AWS::SQS::Queue}}
"""


ECHO = """
import os, shared
def handler(event, context):
    return {"event": event, "environment": dict(os.environ), "memory": context.memory_limit_in_mb,
            "remaining": context.get_remaining_time_in_millis(), "shared": shared.NAME, "pid": os.getpid()}
"""

AWKWARD = """
import base64, json, os, signal, time
def handler(event, context):
    what = event["pathParameters"]["what"]
    print("asked", what)
    if what == "raise": raise ValueError("on purpose")
    if what == "sleep": time.sleep(30)
    if what == "nap": time.sleep(0.5)
    if what == "die": os.kill(os.getpid(), signal.SIGKILL)
    if what == "exit": os._exit(3)
    if what == "big": return {"statusCode": 200, "body": "x" * (7 * 1024 * 1024)}
    if what == "pid": return {"statusCode": 200, "body": str(os.getpid())}
    if what == "shaped": return {"statusCode": "201", "headers": {"X-Number": 5}, "cookies": ["a=1", "b=2"],
                                 "isBase64Encoded": True, "body": base64.b64encode(bytes([0, 255])).decode()}
    if what == "empty": return {"statusCode": 204}
    if what == "wrong": return {"statusCode": "many"}
    return {"statusCode": 200, "body": json.dumps({"length": len(event.get("body", ""))})}
"""

CONSUME = """
import json
def handler(event, context):
    failed = []
    for record in event["Records"]:
        print("got", record["body"], record["attributes"]["ApproximateReceiveCount"])
        if record["body"] == "bad": failed.append({"itemIdentifier": record["messageId"]})
        if record["body"] == "raise": raise ValueError("on purpose")
    return {"batchItemFailures": failed}
"""

REACH = """
import boto3
from botocore.exceptions import ClientError
def handler(event, context):
    client = boto3.client(event["service"])
    if event["operation"] == "presign":
        return client.generate_presigned_url("get_object", Params=event["arguments"])
    try:
        getattr(client, event["operation"])(**event["arguments"])
    except ClientError as error:
        return [error.response["ResponseMetadata"]["HTTPStatusCode"], error.response["Error"]["Code"]]
"""


def write(root: Path) -> Path:
    """Write the template and its code into a folder, and return the template's path."""
    codes = {"echo": ECHO, "awkward": AWKWARD, "consume": CONSUME, "reach": REACH, "broken": "import nowhere"}
    for name, code in codes.items():
        folder = root / "functions" / name
        folder.mkdir(parents=True)
        (folder / "app.py").write_text(code)
    (root / "layer").mkdir()
    (root / "layer" / "shared.py").write_text('NAME = "from the layer"\n')
    path = root / "template.yaml"
    path.write_text(TEMPLATE + queue("Queue", "DeadLetters") + queue("Stumbling", "DeadStumbling"))
    return path


def call(url: str, method: str = "GET", body: bytes | None = None, **headers: str) -> tuple[int, bytes, Any]:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    request = urllib.request.Request(url, data=body, method=method, headers=named)
    try:
        with urllib.request.urlopen(request, timeout=30) as response:
            return response.status, response.read(), response.headers
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read(), error.headers


def awkward(local: Stack, what: str, body: bytes = b"") -> tuple[int, bytes, Any]:
    return call(f"{local.url}/awkward/{what}", "POST", body)


def raw(local: Stack, *parts: bytes) -> bytes:
    port = int(local.url.rsplit(":", 1)[1])
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        for part in parts:
            connection.sendall(part)
        connection.shutdown(socket.SHUT_WR)
        return b"".join(iter(lambda: connection.recv(65536), b""))


def bodies(local: Stack, output: str) -> list[str]:
    """Receive and delete all messages of a queue, also those that are still delayed."""
    sqs, url, found = local.client("sqs"), local.outputs[output], []
    while messages := sqs.receive_message(
        QueueUrl=url, MaxNumberOfMessages=10, WaitTimeSeconds=3 if _has_delayed(local, url) else 0
    ).get("Messages"):
        for message in messages:
            found.append(message["Body"])
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    return found


def _has_delayed(local: Stack, url: str) -> bool:
    name = "ApproximateNumberOfMessagesDelayed"
    answer = local.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=[name])
    return int(answer["Attributes"][name]) > 0
