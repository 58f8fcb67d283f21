"""Authenticate and process the callbacks that were parked."""

from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from callvault.ingest import parked_callbacks
from callvault.messaging import attempts
from callvault.messaging.queues import Queue

logger = Logger()
processor = BatchProcessor(event_type=EventType.SQS, raise_on_entire_batch_failure=False)


def process(record: SQSRecord) -> None:
    """Process the callback of one message."""
    with attempts.attempt(record, Queue.PARKED):
        parked_callbacks.process(parked_callbacks.read(record), attempts.waited(record))


@logger.inject_lambda_context
def handler(event: dict[str, Any], context: LambdaContext) -> PartialItemFailureResponse:
    """Lambda entry point."""
    return process_partial_response(event, process, processor, context)
