"""Send callbacks while their account cannot be read, and process them afterwards."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from callvault import accounts, clients
from callvault.messaging.queues import Queue
from callvault.storage import parked_counts
from callvault.web import Request
from functions.ingest_callback import app as ingest_callback
from functions.ingest_parked import app as ingest_parked
from tests import samples, worlds
from tests.integration import events

CALLBACK = samples.of("bandwidth").sample("recording_available.json").request
"""A callback of Bandwidth for the account `acme`, whose token is `s3cret`."""
RECORDING_ID = "r-115da407-e3d9-4ea7-889f-5f4ad7386a80"


@contextmanager
def ssm_down() -> Iterator[None]:
    """Let SSM not answer, with an empty cache of accounts."""
    accounts.forget()
    with pytest.MonkeyPatch.context() as monkeypatch:
        worlds.fail(monkeypatch, clients.ssm(), "get_parameter")
        yield
    accounts.forget()


def send(request: Request = CALLBACK) -> dict[str, Any]:
    """Send a callback and return the answer."""
    return ingest_callback.handler(events.from_request(request), events.context())


def park(request: Request = CALLBACK) -> str:
    """Park a callback, take it from the queue and return its message."""
    parked_counts.know(request.parameters["account_id"])
    with ssm_down():
        assert send(request)["statusCode"] in {200, 204}
    [message] = clients.sqs().receive_message(QueueUrl=Queue.PARKED.url)["Messages"]
    clients.sqs().delete_message(QueueUrl=Queue.PARKED.url, ReceiptHandle=message["ReceiptHandle"])
    return message["Body"]


def process(message: str, *, received: int = 1, **event: Any) -> bool:
    """Process a parked callback, and return whether its message is done with."""
    answer = ingest_parked.handler(events.sqs(message, received=received, **event), events.context())
    return answer == {"batchItemFailures": []}


def fields(message: str) -> dict[str, Any]:
    """Return the fields of a message."""
    found: dict[str, Any] = json.loads(message)
    return found
