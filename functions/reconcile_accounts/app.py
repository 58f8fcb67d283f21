"""Compare each account's recordings with its provider's list, and take in what is missing."""

import time
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from callvault.messaging import attempts
from callvault.messaging.queues import Queue
from callvault.upkeep.reconcile import run, schedule

SPARE_SECONDS = 120
"""Time kept back for the last page, in seconds: two slow requests, the rows, and a new message."""

logger = Logger()
processor = BatchProcessor(event_type=EventType.SQS, raise_on_entire_batch_failure=False)


def deadline(context: LambdaContext) -> float:
    """Return when the function stops to begin anything, a time of time.monotonic()."""
    return time.monotonic() + context.get_remaining_time_in_millis() / 1000 - SPARE_SECONDS


def reconcile(record: SQSRecord, lambda_context: LambdaContext) -> None:
    """Reconcile the account of one message."""
    with attempts.attempt(record, Queue.RECONCILE):
        run.run(schedule.read(record), deadline(lambda_context))


@logger.inject_lambda_context
def handler(event: dict[str, Any], context: LambdaContext) -> PartialItemFailureResponse | dict[str, int]:
    """Lambda entry point. The schedule's event has no records, and queues every account."""
    if "Records" in event:
        return process_partial_response(event, reconcile, processor, context)
    return schedule.run(deadline(context))
