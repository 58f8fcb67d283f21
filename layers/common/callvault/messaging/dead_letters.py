"""Dead-letter a message that no attempt could process, with the reason.

The operator's commands find the message by its reason, and can send it back to its queue. A dead
letter has the body of the message, unchanged, and these message attributes. An attribute without a
value is left out. A message that SQS dead-letters by itself has none of them.

| attribute | content |
|---|---|
| `reason` | a short constant: `unreadable`, `crashed`, or the reason of the last attempt's error |
| `error` | the type of the error, never its text, which may quote private data |
| `account`, `recording` | ids of the account and the recording, if the body names them |
| `buried` | time of the dead-lettering, ISO 8601 in UTC |
| `source` | the queue of the message |
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
"""Reason of a message that SQS itself dead-lettered.

Its attempts were killed or timed out, none began, or `send` failed.
"""
MAX_CHARACTERS = 512
"""Maximum length of an attribute. A longer id is cut; the body of the message has it in full."""
REFUSED = re.compile("[^\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Matches characters that JSON can hold but an attribute cannot (SQS "MessageAttributeValue")."""

logger = Logger(child=True)


@dataclass(frozen=True, kw_only=True)
class DeadLetter:
    """A message in a dead-letter queue."""

    message_id: str
    receipt_handle: str
    body: str
    group: str | None
    """Message group of the original message."""
    source: Queue
    reason: str
    error: str | None
    account_id: str | None
    recording_id: str | None
    time: datetime
    """Time of the dead-lettering; if SQS itself dead-lettered the message, the time of sending."""


def send(record: SQSRecord, source: Queue, reason: str, error: Exception) -> None:
    """Send a message to its queue's dead-letter queue; the caller then reports it as processed.

    Raises UnavailableError, also for a message that is too large to carry the attributes. SQS
    later dead-letters such a message by itself, without attributes.
    """
    account_id, recording_id = subject(record.body)
    fields = {
        "reason": reason,
        "error": type(error.__cause__ or error).__name__,
        "account": account_id,
        "recording": recording_id,
        "buried": times.write(times.now()),
        "source": source.value,
    }
    attributes = {name: REFUSED.sub("?", value)[:MAX_CHARACTERS] for name, value in fields.items() if value}
    group = record.attributes.message_group_id
    queues.send(source, record.body, group=group, attributes=attributes, dead_letter=True)
    logger.error(
        alarm_messages.MESSAGE_DEAD_LETTERED, extra={name: fields[name] for name in fields if name != "buried"}
    )


def read(message: Mapping[str, Any], source: Queue) -> DeadLetter:
    """Return a message of the dead-letter queue of `source` as a dead letter.

    `message` is as ReceiveMessage returns it, with all its attributes.
    """
    fields = {name: value["StringValue"] for name, value in message.get("MessageAttributes", {}).items()}
    account_id, recording_id = subject(message["Body"])
    sent = datetime.fromtimestamp(int(message["Attributes"]["SentTimestamp"]) / 1000, UTC)
    return DeadLetter(
        message_id=message["MessageId"],
        receipt_handle=message["ReceiptHandle"],
        body=message["Body"],
        group=message["Attributes"].get("MessageGroupId"),
        source=source,
        reason=fields.get("reason", UNEXPLAINED),
        error=fields.get("error"),
        account_id=account_id,
        recording_id=recording_id,
        time=times.read(fields.get("buried")) or sent,
    )


def named(body: str) -> dict[str, str]:
    """Return `account`, `provider` and `recording`, as far as the body of a message names them.

    They are fields of log lines.
    """
    account_id, recording_id = subject(body)
    found = {"account": account_id, "provider": _content(body).get("provider"), "recording": recording_id}
    return {name: value for name, value in found.items() if isinstance(value, str)}


def _content(body: str) -> dict[str, Any]:
    """Return the JSON object in the body of a message, or an empty one if there is none."""
    try:
        content = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return content if isinstance(content, dict) else {}


def subject(body: str) -> tuple[str | None, str | None]:
    """Return the ids of the account and the recording that the body of a message names, if any."""
    content = _content(body)
    match content:
        case {"account_id": str(account_id), "recording_id": str(recording_id)}:
            return account_id, recording_id
        case {"account_id": str(account_id)}:
            return account_id, None
        case {"Records": [{"s3": {"object": {"key": str(key)}}}, *_]}:
            return _owner(unquote_plus(key))
    return None, None


def _owner(key: str) -> tuple[str | None, str | None]:
    """Return the ids of the account and the recording that an S3 key names, if any.

    A key under `incoming/` names the account alone.
    """
    match key.split("/"):
        case ["incoming", _, account_id, _, *_]:
            return account_id, None
    return ids_of(key) or (None, None)
