"""Queue the fetch of a recording, and give each attempt the time that its failure calls for.

A message carries the whole recording, so that its row can be made from it. Retrying is done by visibility: an attempt
that fails hides its message for the next gap, and SQS counts. What no attempt can judge is buried with its reason
before SQS would bury it without one.
"""

import json
import random
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from pydantic import ValidationError

from callvault import alarm_messages, times
from callvault.errors import RejectedError, UnavailableError
from callvault.messaging import dead_letters, queues
from callvault.messaging.queues import Queue
from callvault.models import Recording

GAPS = (5, 30, 120, 600, 3600, 21600)
"""Seconds before the next attempt; the last one repeats."""
LONGEST_GAP = 12 * 3600 - 1000
"""SQS hides a message for 12 hours at most, counted from its receipt, of which the attempt has taken its part."""
GIVE_UP_AFTER = timedelta(hours=24)
BURY_AFTER = queues.KEPT - timedelta(days=1)
"""A message that was sent so long ago might be dropped before its next attempt but one."""
CRASHED = "crashed"
"""The reason of what nobody expected."""

REFUSED = {"\ufffe": r"\ufffe", "\uffff": r"\uffff"}
"""What JSON may hold as it is and SQS (SendMessage, "MessageBody") does not take, and its escape."""

logger = Logger(child=True)


def send(recording: Recording) -> None:
    """Queue the fetch of a recording, in its account's group; raises UnavailableError."""
    carried = recording.model_dump(mode="json", exclude_none=True, exclude={"history", "media"})
    body = json.dumps(carried, ensure_ascii=False)
    for letter, escape in REFUSED.items():  # and not by str.translate, which takes a hundred times as long
        body = body.replace(letter, escape)
    queues.send(Queue.FETCH, body, group=recording.account_id)


def read(record: SQSRecord) -> Recording:
    """Return the recording that a message carries; raises RejectedError for a message that carries none."""
    try:
        return Recording.model_validate_json(record.body)
    except ValidationError as error:
        raise RejectedError("unreadable", "The message carries no recording.") from error


@contextmanager
def attempt(record: SQSRecord, queue: Queue, give_up: Callable[[RejectedError], None] | None = None) -> Iterator[None]:
    """Act on what goes wrong inside by its type: hopeless is given up at once, the rest when its time is used up.

    What is to be tried again is raised on, so that the batch reports the message as failed and SQS keeps it. What is
    hopeless and nobody's to give up, and whatever fails in the last attempt, becomes a dead letter; the message itself
    is done with then.
    """
    try:
        try:
            yield
        except UnavailableError as error:
            if give_up is None or waited(record) < GIVE_UP_AFTER:
                raise
            give_up(RejectedError(error.reason, f"{error} Attempts are used up."))
        except RejectedError as error:
            if give_up is None:
                raise
            give_up(error)
    except Exception as error:
        hopeless = isinstance(error, RejectedError) or is_last(record)
        if not (hopeless and _bury(record, queue, error)):
            _put_off(record, queue, error)
            raise


def is_last(record: SQSRecord) -> bool:
    """Say whether SQS might bury or drop a message after this attempt; one more is kept for a burial that fails."""
    receives = int(record.attributes.approximate_receive_count)
    return receives >= queues.MOST_RECEIVES - 1 or times.now() - _time(record.attributes.sent_timestamp) >= BURY_AFTER


def gap(attempt: int, retry_after: float | None = None) -> int:
    """Return the seconds to wait after that attempt (from 1): spread by up to a fifth, no less than `retry_after`."""
    seconds = GAPS[min(attempt, len(GAPS)) - 1]
    spread = random.uniform(1, 1.2)  # noqa: S311 - spreads load, guards nothing
    return round(min(max(seconds * spread, retry_after or 0), LONGEST_GAP))


def waited(record: SQSRecord) -> timedelta:
    """Return how long ago a message was received for the first time."""
    return times.now() - _time(record.attributes.approximate_first_receive_timestamp)


def _time(milliseconds: str) -> datetime:
    """Return a time as SQS writes it."""
    return datetime.fromtimestamp(int(milliseconds) / 1000, UTC)


def _reason(error: Exception) -> str:
    """Return the reason of an error of ours, and one word for all others."""
    return error.reason if isinstance(error, RejectedError | UnavailableError) else CRASHED


def _bury(record: SQSRecord, queue: Queue, error: Exception) -> bool:
    """Make a message a dead letter; False if it has to stay where it is, because that was refused."""
    try:
        dead_letters.bury(record, queue, _reason(error), error)
    except UnavailableError:
        logger.warning("The message could not be buried", extra={"message_id": record.message_id})
        return False
    return True


def _put_off(record: SQSRecord, queue: Queue, error: Exception) -> None:
    """Hide a message whose attempt failed until the next one is due."""
    attempts, reason = int(record.attributes.approximate_receive_count), _reason(error)
    if reason == CRASHED:
        # Where, but not what: the text of a foreign error may quote a row, a token or a phone number.
        frames = [f"{frame.name}:{frame.lineno}" for frame in traceback.extract_tb(error.__traceback__)]
        told = {"message_id": record.message_id, "error": type(error).__name__, "frames": frames}
        logger.error(alarm_messages.MESSAGE_CRASHED, extra=told)
    else:
        logger.info("An attempt failed", extra={"reason": reason, "attempts": attempts})
    _hide(record, queue, gap(attempts, getattr(error, "retry_after", None)))


def _hide(record: SQSRecord, queue: Queue, seconds: int) -> None:
    """Hide a message until its next attempt; if SQS refuses, it stays hidden for the queue's own time."""
    try:
        queues.hide(queue, record.receipt_handle, seconds)
    except UnavailableError:
        logger.warning("The message could not be hidden", extra={"message_id": record.message_id})
