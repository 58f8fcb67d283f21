"""Forward callbacks to the URLs that users named, signed in the same way as the provider's own."""

from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from callvault.ingest import forwarding
from callvault.messaging import attempts
from callvault.messaging.queues import Queue

logger = Logger()
processor = BatchProcessor(event_type=EventType.SQS, raise_on_entire_batch_failure=False)


def forward(record: SQSRecord) -> None:
    """Forward the callback of one message."""
    with attempts.attempt(record, Queue.FORWARD):
        forwarding.send(forwarding.read(record))


@logger.inject_lambda_context
def handler(event: dict[str, Any], context: LambdaContext) -> PartialItemFailureResponse:
    """Lambda entry point."""
    return process_partial_response(event, forward, processor, context)
