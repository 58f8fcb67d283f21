"""Retry and back-off policy of all queues.

A message whose attempt failed is hidden until the next attempt (see GAPS). SQS counts the attempts.
The message of a fetch is hidden for the short gaps only; then its row says when the next attempt is
due (`next_attempts`). A message that no attempt can process is dead-lettered together with the
reason. SQS would dead-letter it later, without a reason.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord

from callvault import alarm_messages, times
from callvault.errors import CallvaultError, ExhaustedError, HeldError, RejectedError, UnavailableError
from callvault.messaging import attempt_logs, dead_letters, queues
from callvault.messaging.next_attempts import GIVE_UP_AFTER, Failure, Row, gap
from callvault.messaging.queues import Queue
from callvault.values import Attempt

DEAD_LETTER_AFTER = queues.KEPT - timedelta(days=1)
"""Age of a message at which its next failure dead-letters it, before SQS drops it."""

logger = Logger(child=True)


@contextmanager
def attempt(
    record: SQSRecord,
    queue: Queue,
    give_up: Callable[[RejectedError], None] | None = None,
    row: Row | None = None,
) -> Iterator[None]:
    """Run one attempt and handle what it raises, by the type of the error.

    On RejectedError `give_up` is called at once. On UnavailableError it is called only after
    GIVE_UP_AFTER, with an ExhaustedError. The same is true of a HeldError because the provider
    fails, if an attempt was made before it.
    A RejectedError dead-letters the message if there is no `give_up`, or if `give_up` itself raises
    it. In the last attempt, every error that `give_up` does not handle dead-letters the message.
    Any other error hides the message until the next attempt and is raised again, so that the batch
    reports the message as failed and SQS keeps it. The same happens if dead-lettering fails. If
    there is a `row` that waits and can be written, the message of an UnavailableError is done with
    after the short gaps. An unexpected error may be the message's own, so its message is kept.
    """
    try:
        try:
            yield
        except UnavailableError as error:
            if give_up is None or not _is_over(record, row, error):
                raise
            reason = row.reason(error) if row else error.reason
            give_up(ExhaustedError(reason, f"{error} Attempts are used up."))
        except RejectedError as error:
            if give_up is None:
                raise
            give_up(error)
    except Exception as error:
        following = _following(record, error, row)
        if following is not None and following.in_table:
            attempt_logs.write(record, error, following.count)
            return
        hopeless = isinstance(error, RejectedError) or is_last(record)
        if not (hopeless and _dead_letter(record, queue, error)):
            _postpone(record, queue, error, row, following)
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


def waited(record: SQSRecord) -> timedelta:
    """Return the time since SQS first delivered a message."""
    return times.now() - _received(record)


def _received(record: SQSRecord) -> datetime:
    """Return when SQS first delivered a message."""
    return _time(record.attributes.approximate_first_receive_timestamp)


def _is_over(record: SQSRecord, row: Row | None, error: UnavailableError) -> bool:
    """Return whether the first attempt was made GIVE_UP_AFTER ago; no, if the table fails."""
    if row is None:
        return waited(record) >= GIVE_UP_AFTER
    if isinstance(error, HeldError) and not error.is_down:
        return False
    try:
        first = row.first_time(None if isinstance(error, HeldError) else _received(record))
    except UnavailableError:
        return False
    return first is not None and times.now() - first >= GIVE_UP_AFTER


def _time(milliseconds: str) -> datetime:
    """Return a time from an SQS attribute, which is in milliseconds since 1970."""
    return datetime.fromtimestamp(int(milliseconds) / 1000, UTC)


def _dead_letter(record: SQSRecord, queue: Queue, error: Exception) -> bool:
    """Dead-letter a message, and say whether that succeeded."""
    try:
        dead_letters.send(record, queue, attempt_logs.reason_of(error), error)
    except UnavailableError:
        logger.warning(
            "A message could not be dead-lettered and stays in its queue", extra={"message_id": record.message_id}
        )
        return False
    return True


def _following(record: SQSRecord, error: Exception, row: Row | None) -> Attempt | None:
    """Return the next attempt of a row that waits, or None if there is none or the table fails."""
    if row is None or isinstance(error, RejectedError):
        return None
    failure = Failure(
        time=times.now(),
        reason=attempt_logs.reason_of(error),
        receives=int(record.attributes.approximate_receive_count),
        received=_received(record),
        single=row.single,
        retry_after=getattr(error, "retry_after", None),
        is_held=isinstance(error, HeldError),
        until=getattr(error, "until", None),
        origin=getattr(error, "origin", None),
        is_crash=not isinstance(error, UnavailableError),
    )
    try:
        return row.keep(failure)
    except CallvaultError:
        logger.warning(alarm_messages.ATTEMPT_UNNOTED, extra=dead_letters.named(record.body))
        return None


def _postpone(record: SQSRecord, queue: Queue, error: Exception, row: Row | None, following: Attempt | None) -> None:
    """Log a failed attempt, hide its message until the next one, and note that in the row."""
    receives = int(record.attributes.approximate_receive_count)
    attempt_logs.write(record, error, receives)
    seconds = gap(receives, getattr(error, "retry_after", None))
    if following is not None and following.next_time is not None:
        seconds = max(round((following.next_time - times.now()).total_seconds()), 0)
    hidden = _hide(record, queue, seconds)
    if row is not None and following is not None:
        try:
            row.note(following if hidden else following.model_copy(update={"next_time": None}))
        except CallvaultError:
            logger.warning(alarm_messages.ATTEMPT_UNNOTED, extra=dead_letters.named(record.body))


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
