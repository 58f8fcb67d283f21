"""Retry and back-off policy of all queues.

A message whose attempt failed is hidden until the next attempt (see GAPS). SQS counts the attempts.
A message that no attempt can process is dead-lettered together with the reason. SQS would
dead-letter it later, without a reason.
"""

import random
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord

from callvault import alarm_messages, times
from callvault.errors import CallvaultError, ExhaustedError, RejectedError, UnavailableError
from callvault.messaging import dead_letters, queues
from callvault.messaging.queues import Queue
from callvault.values import Attempt

GAPS = (5, 30, 120, 600, 3600, 21600)
"""Seconds before the next attempt, by the number of attempts so far.

The last value is used for all further attempts.
"""
MAX_GAP = 12 * 3600 - 1000
"""Maximum gap, in seconds.

SQS hides a message for at most 12 hours after it was received. The attempt takes up part of that
time.
"""
GIVE_UP_AFTER = timedelta(hours=24)
"""Time after the first attempt at which a recording that is still unavailable becomes `failed`."""
DEAD_LETTER_AFTER = queues.KEPT - timedelta(days=1)
"""Age of a message at which its next failure dead-letters it, before SQS drops it."""
CRASHED = "crashed"
"""Reason of a message whose processing raised an unexpected error."""

logger = Logger(child=True)


@contextmanager
def attempt(
    record: SQSRecord,
    queue: Queue,
    give_up: Callable[[RejectedError], None] | None = None,
    note: Callable[[Attempt], None] | None = None,
) -> Iterator[None]:
    """Run one attempt and handle what it raises, by the type of the error.

    On RejectedError `give_up` is called at once. On UnavailableError it is called only after
    GIVE_UP_AFTER, with an ExhaustedError.
    A RejectedError dead-letters the message if there is no `give_up`, or if `give_up` itself raises
    it. In the last attempt, every error that `give_up` does not handle dead-letters the message.
    Any other error hides the message until the next attempt and is raised again, so that the batch
    reports the message as failed and SQS keeps it. The same happens if dead-lettering fails. `note`
    is told about each attempt that will be repeated.
    """
    try:
        try:
            yield
        except UnavailableError as error:
            if give_up is None or waited(record) < GIVE_UP_AFTER:
                raise
            give_up(ExhaustedError(error.reason, f"{error} Attempts are used up."))
        except RejectedError as error:
            if give_up is None:
                raise
            give_up(error)
    except Exception as error:
        hopeless = isinstance(error, RejectedError) or is_last(record)
        if not (hopeless and _dead_letter(record, queue, error)):
            _postpone(record, queue, error, note)
            raise


def is_last(record: SQSRecord) -> bool:
    """Say whether SQS might dead-letter or drop a message after this attempt.

    One receive is kept in reserve, in case dead-lettering the message fails now.
    """
    receives = int(record.attributes.approximate_receive_count)
    age = times.now() - _time(record.attributes.sent_timestamp)
    return receives >= queues.MAX_RECEIVES - 1 or age >= DEAD_LETTER_AFTER


def is_repeated(record: SQSRecord) -> bool:
    """Say whether SQS delivered a message before."""
    return int(record.attributes.approximate_receive_count) > 1


def gap(attempt: int, retry_after: float | None = None) -> int:
    """Return the seconds between an attempt, counted from 1, and the next one.

    Up to 20 %, chosen at random, is added to spread the load; `retry_after` is the minimum.
    """
    seconds = GAPS[min(attempt, len(GAPS)) - 1]
    spread = random.uniform(1, 1.2)  # noqa: S311 - it spreads load and protects nothing
    return round(min(max(seconds * spread, retry_after or 0), MAX_GAP))


def waited(record: SQSRecord) -> timedelta:
    """Return the time since SQS first delivered a message."""
    return times.now() - _time(record.attributes.approximate_first_receive_timestamp)


def _time(milliseconds: str) -> datetime:
    """Return a time from an SQS attribute, which is in milliseconds since 1970."""
    return datetime.fromtimestamp(int(milliseconds) / 1000, UTC)


def _reason(error: Exception) -> str:
    """Return the reason of an error, or CRASHED if it has none."""
    return error.reason if isinstance(error, RejectedError | UnavailableError) else CRASHED


def _dead_letter(record: SQSRecord, queue: Queue, error: Exception) -> bool:
    """Dead-letter a message, and say whether that succeeded."""
    try:
        dead_letters.send(record, queue, _reason(error), error)
    except UnavailableError:
        logger.warning(
            "A message could not be dead-lettered and stays in its queue", extra={"message_id": record.message_id}
        )
        return False
    return True


def crash(error: Exception) -> dict[str, object]:
    """Return the fields of the log line of an unexpected error.

    They say where the error was raised. Its text is left out: it may quote a row, a token or a
    phone number.
    """
    frames = [f"{frame.name}:{frame.lineno}" for frame in traceback.extract_tb(error.__traceback__)]
    return {"error": type(error).__name__, "frames": frames}


def _postpone(record: SQSRecord, queue: Queue, error: Exception, note: Callable[[Attempt], None] | None) -> None:
    """Log a failed attempt, hide its message until the next one, and note both."""
    count, reason = int(record.attributes.approximate_receive_count), _reason(error)
    named = dead_letters.named(record.body)
    if reason == CRASHED:
        extra = {**named, "message_id": record.message_id, **crash(error)}
        logger.error(alarm_messages.MESSAGE_CRASHED, extra=extra)
    else:
        logger.info("An attempt failed", extra={**named, "reason": reason, "attempts": count})
    seconds = gap(count, getattr(error, "retry_after", None))
    next_time = times.now() + timedelta(seconds=seconds) if _hide(record, queue, seconds) else None
    if note is not None:
        try:
            note(Attempt(count=count, reason=reason, next_time=next_time))
        except CallvaultError:
            logger.warning("A failed attempt could not be noted in the row", extra=named)


def _hide(record: SQSRecord, queue: Queue, seconds: int) -> bool:
    """Hide a message for this number of seconds, and say whether that succeeded.

    If SQS refuses, the message stays hidden for the queue's visibility timeout.
    """
    try:
        queues.hide(queue, record.receipt_handle, seconds)
    except UnavailableError:
        logger.warning(
            "A message could not be hidden until its next attempt; the queue's visibility timeout applies",
            extra={"message_id": record.message_id},
        )
        return False
    return True
