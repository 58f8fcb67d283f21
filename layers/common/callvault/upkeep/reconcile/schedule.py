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
from callvault.upkeep.reconcile import neighbours

logger = Logger(child=True)


@dataclass(frozen=True, kw_only=True)
class Message:
    """The message that a run works for."""

    account_id: str
    message_id: str
    sent_at: datetime
    receives: int
    """Number of times that SQS has delivered it."""
    is_shared: bool = False
    """Another account of the archive has the same account at the provider."""


def run(deadline: float) -> dict[str, int]:
    """Queue every account until `deadline`, a time of time.monotonic(), and return their number.

    Raises UnavailableError.
    """
    queued, account_ids = 0, list(accounts.names())
    shared = neighbours.sharing(account_ids, deadline)
    for account_id in account_ids:
        if shared is None or time.monotonic() > deadline:
            logger.error("Not every account could be queued in time", extra={"queued": queued})
            break
        send(account_id, is_shared=account_id in shared)
        queued += 1
    return {"accounts": queued}


def send(account_id: str, *, is_shared: bool = False) -> None:
    """Queue the reconciliation of an account; raises UnavailableError."""
    body = {"account_id": account_id} | ({"is_shared": True} if is_shared else {})
    queues.send(Queue.RECONCILE, json.dumps(body), group=account_id)


def read(record: SQSRecord) -> Message:
    """Return a message; raises RejectedError if it names no account."""
    try:
        content = json.loads(record.body)
        account_id = str(content["account_id"])
    except (ValueError, TypeError, KeyError):
        raise RejectedError("unreadable", "The message names no account.") from None
    return Message(
        account_id=account_id,
        message_id=record.message_id,
        sent_at=datetime.fromtimestamp(int(record.attributes.sent_timestamp) / 1000, UTC),
        receives=int(record.attributes.approximate_receive_count),
        is_shared=content.get("is_shared") is True,
    )
