"""Log failed attempts. Alarms watch these lines."""

import traceback

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord

from callvault import alarm_messages
from callvault.errors import HeldError, RejectedError, UnavailableError
from callvault.messaging import dead_letters

CRASHED = "crashed"
"""Reason of a message whose processing raised an unexpected error."""

logger = Logger(child=True)


def write(record: SQSRecord, error: Exception, count: int) -> None:
    """Log a failed attempt; `count` is the number of attempts so far."""
    reason = reason_of(error)
    named = dead_letters.named(record.body)
    if reason == CRASHED:
        extra = {**named, "message_id": record.message_id, **crash(error)}
        logger.error(alarm_messages.MESSAGE_CRASHED, extra=extra)
    elif isinstance(error, HeldError):
        # The field has a name of its own: the alarm ProviderRefuses counts the reasons of attempts.
        logger.info("An attempt waits for the provider", extra={**named, "held": reason})
    else:
        logger.info("An attempt failed", extra={**named, "reason": reason, "attempts": count})


def reason_of(error: Exception) -> str:
    """Return the reason of an error, or CRASHED if it has none."""
    return error.reason if isinstance(error, RejectedError | UnavailableError) else CRASHED


def crash(error: Exception) -> dict[str, object]:
    """Return the fields of the log line of an unexpected error.

    They say where the error was raised. Its text is left out: it may quote a row, a token or a
    phone number.
    """
    frames = [f"{frame.name}:{frame.lineno}" for frame in traceback.extract_tb(error.__traceback__)]
    return {"error": type(error).__name__, "frames": frames}
