"""Queue the fetch of a recording, and give each attempt the time that its failure calls for.

A message carries the whole recording, so that its row can be made from it. Retrying is done by visibility: an attempt
that fails with UnavailableError hides its message for the next gap; SQS counts, and keeps the dead letters.
"""

import json
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord

from callvault import clients, settings, times
from callvault.errors import RejectedError, UnavailableError
from callvault.models import Recording

GAPS = (5, 30, 120, 600, 3600, 21600)
"""Seconds before the next attempt; the last one repeats."""
LONGEST_GAP = 12 * 3600 - 1000
"""SQS hides a message for 12 hours at most, counted from its receipt, of which the attempt has taken its part."""
GIVE_UP_AFTER = timedelta(hours=24)

REFUSED = {"\ufffe": r"\ufffe", "\uffff": r"\uffff"}
"""What JSON may hold as it is and SQS (SendMessage, "MessageBody") does not take, and its escape."""

logger = Logger(child=True)


def send(recording: Recording) -> None:
    """Queue the fetch of a recording; raises UnavailableError.

    The group makes the standard queue fair: one account's backlog does not hold up the others (SQS fair queues).
    """
    carried = recording.model_dump(mode="json", exclude_none=True, exclude={"history", "media"})
    body = json.dumps(carried, ensure_ascii=False)
    for letter, escape in REFUSED.items():  # and not by str.translate, which takes a hundred times as long
        body = body.replace(letter, escape)
    with clients.guard("queue"):
        clients.sqs().send_message(
            QueueUrl=settings.get().fetch_queue_url,
            MessageBody=body,
            MessageGroupId=recording.account_id,
        )


def read(record: SQSRecord) -> Recording:
    """Return the recording that a message carries; a message that carries none becomes a dead letter."""
    return Recording.model_validate_json(record.body)


@contextmanager
def attempt(
    record: SQSRecord, queue_url: str, give_up: Callable[[RejectedError], None] | None = None
) -> Iterator[None]:
    """Act on what goes wrong inside by its type: hopeless is given up at once, the rest when its time is used up.

    What is to be tried again is raised on, so that the batch reports the message as failed and SQS keeps it. Without
    `give_up` that goes on until SQS makes it a dead letter.
    """
    try:
        try:
            yield
        except UnavailableError as error:
            if give_up is None or times.now() - _since(record) < GIVE_UP_AFTER:
                raise
            give_up(RejectedError(error.reason, f"{error} Attempts are used up."))
        except RejectedError as error:
            if give_up is None:
                raise
            give_up(error)
    except UnavailableError as error:
        attempts = int(record.attributes.approximate_receive_count)
        logger.info("An attempt failed", extra={"reason": error.reason, "attempts": attempts})
        _hide(record, queue_url, gap(attempts, error.retry_after))
        raise


def gap(attempt: int, retry_after: float | None = None) -> int:
    """Return the seconds to wait after that attempt (from 1): spread by up to a fifth, no less than `retry_after`."""
    seconds = GAPS[min(attempt, len(GAPS)) - 1]
    spread = random.uniform(1, 1.2)  # noqa: S311 - spreads load, guards nothing
    return round(min(max(seconds * spread, retry_after or 0), LONGEST_GAP))


def _since(record: SQSRecord) -> datetime:
    """Return when a message was received for the first time."""
    return datetime.fromtimestamp(int(record.attributes.approximate_first_receive_timestamp) / 1000, UTC)


def _hide(record: SQSRecord, queue_url: str, seconds: int) -> None:
    """Hide a message until its next attempt; if SQS refuses, it stays hidden for the queue's own, longer time."""
    try:
        with clients.guard("queue"):
            clients.sqs().change_message_visibility(
                QueueUrl=queue_url, ReceiptHandle=record.receipt_handle, VisibilityTimeout=seconds
            )
    except UnavailableError:
        logger.warning("The message could not be hidden", extra={"message_id": record.message_id})
