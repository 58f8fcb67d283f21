"""Queue one message for each account, and read these messages."""

import json
import time
from dataclasses import dataclass
from datetime import UTC, datetime

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord

from callvault import accounts
from callvault.errors import RejectedError
from callvault.messaging import queues
from callvault.messaging.queues import Queue

logger = Logger(child=True)


@dataclass(frozen=True, kw_only=True)
class Message:
    """The message that a run works for."""

    account_id: str
    message_id: str
    sent_at: datetime
    receives: int
    """Number of times that SQS has delivered it."""


def run(deadline: float) -> dict[str, int]:
    """Queue every account until `deadline`, a time of time.monotonic(), and return their number.

    Raises UnavailableError.
    """
    queued = 0
    for account_id in accounts.names():
        if time.monotonic() > deadline:
            logger.error("Not every account could be queued in time", extra={"queued": queued})
            break
        send(account_id)
        queued += 1
    return {"accounts": queued}


def send(account_id: str) -> None:
    """Queue the reconciliation of an account; raises UnavailableError."""
    queues.send(Queue.RECONCILE, json.dumps({"account_id": account_id}), group=account_id)


def read(record: SQSRecord) -> Message:
    """Return a message; raises RejectedError if it names no account."""
    try:
        account_id = str(json.loads(record.body)["account_id"])
    except (ValueError, TypeError, KeyError):
        raise RejectedError("unreadable", "The message names no account.") from None
    return Message(
        account_id=account_id,
        message_id=record.message_id,
        sent_at=datetime.fromtimestamp(int(record.attributes.sent_timestamp) / 1000, UTC),
        receives=int(record.attributes.approximate_receive_count),
    )
