"""Bury a message that no attempt could judge, with the reason, so that an operator finds it and can send it back.

A dead letter is the message's body as it was, and these message attributes, of which those that nobody knows are left
out. What SQS buries by itself has none of them.

| attribute | content |
|---|---|
| `reason` | a short constant: `unreadable`, `crashed`, or the reason of the error that would not pass |
| `error` | the type of what was raised, never its text, which may quote what is nobody's to read |
| `account`, `recording` | whose it is, where the body says so |
| `buried` | when, ISO 8601 in UTC |
| `source` | the queue that it came from |
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote_plus

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord

from callvault import alarm_messages, times
from callvault.messaging import queues
from callvault.messaging.queues import Queue
from callvault.models import ids_of

UNEXPLAINED = "unexplained"
"""SQS buried it by itself: each attempt was killed or ran out of its function's time, or none ever began."""
MOST_CHARACTERS = 512
"""Of one attribute; ids may be longer, and the body has them whole."""
REFUSED = re.compile("[^\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What JSON can spell and an attribute cannot hold (SQS "MessageAttributeValue")."""

logger = Logger(child=True)


@dataclass(frozen=True, kw_only=True)
class Letter:
    """A dead letter."""

    message_id: str
    receipt_handle: str
    body: str
    group: str | None
    """The message group that it was sent in."""
    source: Queue
    reason: str
    error: str | None
    account_id: str | None
    recording_id: str | None
    time: datetime
    """When it was buried; where SQS did that, when it was sent."""


def bury(record: SQSRecord, source: Queue, reason: str, error: Exception) -> None:
    """Send a message to its queue's dead letters; the caller then lets it count as done. Raises UnavailableError.

    A message so large that the attributes do not fit is refused, and left for SQS to bury without them.
    """
    account_id, recording_id = subject(record.body)
    said = {
        "reason": reason,
        "error": type(error.__cause__ or error).__name__,
        "account": account_id,
        "recording": recording_id,
        "buried": times.write(times.now()),
        "source": source.value,
    }
    attributes = {name: REFUSED.sub("?", value)[:MOST_CHARACTERS] for name, value in said.items() if value}
    group = record.attributes.message_group_id
    queues.send(source, record.body, group=group, attributes=attributes, dead_letter=True)
    logger.error(alarm_messages.MESSAGE_DEAD_LETTERED, extra={name: said[name] for name in said if name != "buried"})


def read(message: Mapping[str, Any], source: Queue) -> Letter:
    """Return the dead letter of `source` that a message is, as ReceiveMessage returns it with all its attributes."""
    said = {name: value["StringValue"] for name, value in message.get("MessageAttributes", {}).items()}
    account_id, recording_id = subject(message["Body"])
    sent = datetime.fromtimestamp(int(message["Attributes"]["SentTimestamp"]) / 1000, UTC)
    return Letter(
        message_id=message["MessageId"],
        receipt_handle=message["ReceiptHandle"],
        body=message["Body"],
        group=message["Attributes"].get("MessageGroupId"),
        source=source,
        reason=said.get("reason", UNEXPLAINED),
        error=said.get("error"),
        account_id=account_id,
        recording_id=recording_id,
        time=times.read(said.get("buried")) or sent,
    )


def subject(body: str) -> tuple[str | None, str | None]:
    """Return the account's and the recording's id that a message of any queue names, as far as it does."""
    try:
        content = json.loads(body)
    except (ValueError, RecursionError):
        return None, None
    match content:
        case {"account_id": str(account_id), "recording_id": str(recording_id)}:
            return account_id, recording_id
        case {"Records": [{"s3": {"object": {"key": str(key)}}}, *_]}:
            return _owner(unquote_plus(key))
    return None, None


def _owner(key: str) -> tuple[str | None, str | None]:
    """Return whose an object is by its S3 key; under `incoming/` nothing but the account is certain."""
    match key.split("/"):
        case ["incoming", _, account_id, _, *_]:
            return account_id, None
    return ids_of(key) or (None, None)
