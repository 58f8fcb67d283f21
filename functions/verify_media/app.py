"""Verify that each new object in the bucket is the whole recording."""

import time
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from callvault.ingest import kazoo_incoming, verification
from callvault.messaging import attempts, bucket_events
from callvault.messaging.queues import Queue

SPARE_SECONDS = 20
"""Time kept back for the clean-up when S3 is too slow, in seconds."""

logger = Logger()
processor = BatchProcessor(event_type=EventType.SQS, raise_on_entire_batch_failure=False)


def verify(record: SQSRecord, lambda_context: LambdaContext) -> None:
    """Verify every object that one message names; move those under `incoming/` to `media/`."""
    deadline = time.monotonic() + lambda_context.get_remaining_time_in_millis() / 1000 - SPARE_SECONDS
    with attempts.attempt(record, Queue.OBJECTS):
        for change in bucket_events.read(record):
            if change.key.startswith(kazoo_incoming.ROOT):
                kazoo_incoming.move(change, deadline)
            else:
                verification.verify(change)


@logger.inject_lambda_context
def handler(event: dict[str, Any], context: LambdaContext) -> PartialItemFailureResponse:
    """Lambda entry point."""
    return process_partial_response(event, verify, processor, context)
