"""Batches of messages: the event of a batch, and which of its messages remain in the queue.

Lambda developer guide, "Using Lambda with Amazon SQS": a batch is deleted when the function
succeeds. With ReportBatchItemFailures, the messages that its answer names remain, and all remain if
the answer is not in the right form.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from tools.local.emulator.pace import Pace
from tools.local.emulator.sandbox import Outcome

FIRST_RECEIVED = "ApproximateFirstReceiveTimestamp"


def event(messages: Iterable[Mapping[str, Any]], arn: str, pace: Pace | None = None) -> dict[str, Any]:
    """Return the event of a batch; the messages are those of `receive_message`."""
    return {"Records": [_record(message, arn, pace or Pace()) for message in messages]}


def _record(message: Mapping[str, Any], arn: str, pace: Pace) -> dict[str, Any]:
    attributes = dict(message.get("Attributes", {}))
    if received := attributes.get(FIRST_RECEIVED):
        attributes[FIRST_RECEIVED] = str(pace.first_received(int(received)))
    return {
        "messageId": message["MessageId"],
        "receiptHandle": message["ReceiptHandle"],
        "body": message["Body"],
        "attributes": attributes,
        "messageAttributes": {
            name: {
                **{key[0].lower() + key[1:]: part for key, part in value.items() if isinstance(part, str)},
                "stringListValues": [],
                "binaryListValues": [],
            }
            for name, value in message.get("MessageAttributes", {}).items()
        },
        "md5OfBody": message["MD5OfBody"],
        "eventSource": "aws:sqs",
        "eventSourceARN": arn,
        "awsRegion": arn.split(":")[3],
    }


def failed(outcome: Outcome, batch: Sequence[str], *, reports_failures: bool) -> set[str]:
    """Return the ids of the messages of a batch that remain in the queue."""
    everything = set(batch)
    if outcome.failed:
        return everything
    if not reports_failures:
        return set()
    try:
        answer = json.loads(outcome.payload)
        if answer is None or answer == {}:
            return set()
        failures = answer.get("batchItemFailures")
        named = {failure["itemIdentifier"] for failure in failures or ()}
    except (AttributeError, KeyError, TypeError, ValueError):
        return everything
    if not named <= everything:
        return everything
    return named
