"""Build the events and contexts that functions are invoked with."""

import base64
import json
import time
from typing import Any
from urllib.parse import quote_plus

from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from callvault.web import Request


def context(seconds: float = 60) -> LambdaContext:
    """Return the context that Lambda passes to a handler with the event, with so much time left."""
    made = LambdaContext()
    made._function_name = "function"
    made._memory_limit_in_mb = 512
    made._invoked_function_arn = "arn:aws:lambda:us-east-1:123456789012:function:function"
    made._aws_request_id = "request-1"
    deadline = time.monotonic() + seconds
    made.get_remaining_time_in_millis = lambda: int((deadline - time.monotonic()) * 1000)  # type: ignore[method-assign]
    return made


def http(
    method: str,
    path: str,
    body: bytes = b"",
    *,
    query: str = "",
    headers: dict[str, str] | None = None,
    parameters: dict[str, str] | None = None,
) -> dict[str, Any]:
    """Return an HTTP API event, payload format 2.0."""
    return {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": path,
        "rawQueryString": query,
        "headers": headers or {},
        "pathParameters": parameters or {},
        "requestContext": {
            "domainName": "api.example.com",
            "http": {"method": method, "path": path},
            "requestId": "request-1",
            "apiId": "api-1",
            "stage": "$default",
        },
        "body": base64.b64encode(body).decode(),
        "isBase64Encoded": True,
    }


def sqs(*bodies: object, received: int = 1, since: float | None = None) -> dict[str, Any]:
    """Return an SQS event of messages: texts, or values to write as JSON.

    `received` counts the receives of each; `since` is the Unix time when it was sent.
    """
    return {
        "Records": [
            {
                "messageId": f"message-{number}",
                "receiptHandle": f"receipt-{number}",
                "body": body if isinstance(body, str) else json.dumps(body),
                "attributes": {
                    "ApproximateReceiveCount": str(received),
                    "ApproximateFirstReceiveTimestamp": str(int((since or time.time()) * 1000)),
                    "SentTimestamp": str(int((since or time.time()) * 1000)),
                },
                "messageAttributes": {},
                "eventSource": "aws:sqs",
                "eventSourceARN": "arn:aws:sqs:us-east-1:123456789012:queue",
                "awsRegion": "us-east-1",
            }
            for number, body in enumerate(bodies)
        ]
    }


def object_change(key: str, version_id: str | None, name: str = "ObjectCreated:Put") -> dict[str, Any]:
    """Return the body of S3's notification of one object, its key encoded as S3 does."""
    described = {"key": quote_plus(key, safe="/")} | ({"versionId": version_id} if version_id else {})
    return {"Records": [{"eventName": name, "s3": {"bucket": {"name": "callvault-bucket"}, "object": described}}]}


def from_request(request: Request) -> dict[str, Any]:
    """Return the HTTP API event of a request as `callvault.web` reads it."""
    event = http(
        request.method,
        request.path,
        request.body,
        query=request.raw_query,
        headers=dict(request.headers),
        parameters=dict(request.parameters),
    )
    event["requestContext"]["timeEpoch"] = int(request.arrived.timestamp() * 1000)
    return event


def error(answer: dict[str, Any]) -> tuple[int, str]:
    """Return status and error code of an answer."""
    return answer["statusCode"], json.loads(answer["body"])["error"]


def record(body: str) -> SQSRecord:
    """Return one message as Powertools passes it to a record handler."""
    return SQSRecord(sqs(body)["Records"][0])
