"""Build what the functions are invoked with."""

import base64
import json
import time
from typing import Any

from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from callvault import clients
from callvault.messaging import dead_letters
from callvault.messaging.dead_letters import Letter
from callvault.messaging.queues import Queue


def context(seconds: float = 60) -> LambdaContext:
    """Return what Lambda hands to a handler beside the event."""
    made = LambdaContext()
    made._function_name = "function"
    made._memory_limit_in_mb = 512
    made._invoked_function_arn = "arn:aws:lambda:us-east-1:123456789012:function:function"
    made._aws_request_id = "request-1"
    deadline = time.monotonic() + seconds
    made.get_remaining_time_in_millis = lambda: int((deadline - time.monotonic()) * 1000)  # type: ignore[method-assign]
    return made


def put_account(account_id: str, **fields: Any) -> None:
    """Configure a Bandwidth account as the SSM parameter that an operator would write."""
    content = {"provider": "bandwidth", "provider_account_id": "9900000", **fields}
    name = f"/callvault/accounts/{account_id}"
    clients.ssm().put_parameter(Name=name, Value=json.dumps(content), Type="SecureString", Overwrite=True)


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
            "stage": "$default",
        },
        "body": base64.b64encode(body).decode(),
        "isBase64Encoded": True,
    }


def sqs(*bodies: object, received: int = 1, since: float | None = None) -> dict[str, Any]:
    """Return an SQS event of messages, texts or values, each received for the given time since that Unix time."""
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


def buried(queue: Queue) -> list[Letter]:
    """Return the dead letters of a queue."""
    answer = clients.sqs().receive_message(
        QueueUrl=queue.dead_letters_url,
        MaxNumberOfMessages=10,
        MessageSystemAttributeNames=["All"],
        MessageAttributeNames=["All"],
    )
    return [dead_letters.read(message, queue) for message in answer.get("Messages", [])]


def record(body: str) -> SQSRecord:
    """Return one message as a function's record handler gets it."""
    return SQSRecord(sqs(body)["Records"][0])
