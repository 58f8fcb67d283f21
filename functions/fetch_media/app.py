"""Copy each queued recording, and each queued transcript, from its provider into S3."""

import time
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from callvault.errors import RejectedError
from callvault.ingest import failed_attempts, intake, kazoo_comparison, reopening, transcripts
from callvault.messaging import attempts, fetch_requests, next_attempts
from callvault.messaging.queues import Queue

SPARE_SECONDS = 20
"""Time kept back for the clean-up when a provider is too slow, in seconds."""

logger = Logger()
processor = BatchProcessor(event_type=EventType.SQS, raise_on_entire_batch_failure=False)


def fetch(record: SQSRecord, lambda_context: LambdaContext) -> None:
    """Copy the recording or the transcript of one message."""
    deadline = time.monotonic() + lambda_context.get_remaining_time_in_millis() / 1000 - SPARE_SECONDS

    def give_up(error: RejectedError) -> None:
        # A message that cannot be read has no row that could fail, so it is dead-lettered.
        recording = fetch_requests.read(record)
        if fetch_requests.wants_transcript(record):
            transcripts.fail(recording, error)
        elif not (reopening.goes_on(recording, error) or kazoo_comparison.give_up(recording, error)):
            intake.fail(recording, error)

    queue = Queue.BACKFILL if Queue.BACKFILL.has(record.event_source_arn) else Queue.FETCH
    with attempts.attempt(record, queue, give_up, failed_attempts.FetchRow(record)):
        recording, doubt = fetch_requests.read(record), attempts.waited(record) < next_attempts.DOUBT
        if fetch_requests.wants_transcript(record):
            transcripts.fetch(recording, deadline, doubt=doubt)
        else:
            intake.fetch(recording, deadline, doubt=doubt, again=attempts.is_repeated(record))


@logger.inject_lambda_context
def handler(event: dict[str, Any], context: LambdaContext) -> PartialItemFailureResponse:
    """Lambda entry point."""
    return process_partial_response(event, fetch, processor, context)
