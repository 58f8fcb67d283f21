"""Name the queues, send to them, and hide received messages.

A new queue needs one line here, two settings, and two queues in the template.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from callvault import clients, settings

if TYPE_CHECKING:
    from mypy_boto3_sqs.literals import QueueAttributeNameType

MAX_RECEIVES = 24
"""Maximum number of times that SQS delivers a message before it dead-letters it without a reason.

The template has the same number as maxReceiveCount.
"""
KEPT = timedelta(days=7)
"""Age at which SQS drops a message: the template's MessageRetentionPeriod."""


MAX_BATCH = 10
"""Maximum number of messages that SQS accepts in one request ("Amazon SQS message quotas")."""
MAX_BATCH_BYTES = 1024 * 1024
"""Maximum size of all messages of one request, in bytes (SendMessageBatch)."""

COUNTS: "tuple[QueueAttributeNameType, ...]" = (
    "ApproximateNumberOfMessages",
    "ApproximateNumberOfMessagesNotVisible",
)
"""The attributes of a queue that count its messages: those that wait, and those that are hidden."""


class Queue(StrEnum):
    """A queue and its dead-letter queue.

    Their URLs are the settings `<value>_queue_url` and `<value>_dead_letters_url`.
    """

    FETCH = "fetch"
    """Recordings to copy."""
    OBJECTS = "objects"
    """Changes of objects in the bucket."""
    FORWARD = "forward"
    """Callbacks to forward."""
    PARKED = "parked"
    """Callbacks whose account could not be read when they arrived."""
    RECONCILE = "reconcile"
    """Accounts whose recordings are compared with their provider's list."""
    BACKFILL = "backfill"
    """Old recordings to copy, beside those of FETCH and with the same messages."""

    @property
    def url(self) -> str:
        """Return the queue's URL."""
        return str(getattr(settings.get(), f"{self}_queue_url"))

    @property
    def dead_letters_url(self) -> str:
        """Return the URL of the queue's dead-letter queue."""
        return str(getattr(settings.get(), f"{self}_dead_letters_url"))

    def has(self, arn: str) -> bool:
        """Return whether an ARN, such as the event source of a message, is the queue's.

        Both an ARN and a URL end with the queue's name (SQS developer guide, "Queue and message
        identifiers").
        """
        return arn.rpartition(":")[2] == self.url.rpartition("/")[2]


def send(
    queue: Queue,
    body: str,
    *,
    group: str | None = None,
    attributes: Mapping[str, str] | None = None,
    dead_letter: bool = False,
) -> None:
    """Send a message to a queue or, as a `dead_letter`, to its dead-letter queue.

    A group makes the standard queue fair: one account's backlog does not delay the others (SQS
    "fair queues"). `attributes` become message attributes of type String. Raises UnavailableError.
    """
    options: Any = {"MessageGroupId": group} if group else {}
    if attributes:
        options["MessageAttributes"] = {
            name: {"DataType": "String", "StringValue": value} for name, value in attributes.items()
        }
    with clients.guard("queue"):
        url = queue.dead_letters_url if dead_letter else queue.url
        clients.sqs().send_message(QueueUrl=url, MessageBody=body, **options)


@dataclass(frozen=True)
class Message:
    """A message of a batch."""

    body: str
    group: str | None = None
    delay: int = 0
    """Seconds for which the message is hidden at first, at most 900. It is not in flight then."""


def send_batch(queue: Queue, messages: Sequence[Message]) -> list[bool]:
    """Send at most MAX_BATCH messages of at most MAX_BATCH_BYTES in all; say which were accepted.

    SQS may refuse some messages of a batch (SendMessageBatch). Raises UnavailableError.
    """
    entries: Any = [
        {"Id": str(number), "MessageBody": one.body, "DelaySeconds": one.delay}
        | ({"MessageGroupId": one.group} if one.group else {})
        for number, one in enumerate(messages)
    ]
    with clients.guard("queue"):
        answer = clients.sqs().send_message_batch(QueueUrl=queue.url, Entries=entries)
    refused = {entry["Id"] for entry in answer.get("Failed", [])}
    return [str(number) not in refused for number in range(len(messages))]


def count(queue: Queue) -> int:
    """Return about how many messages a queue has, with hidden ones; raises UnavailableError."""
    with clients.guard("queue"):
        answer = clients.hasty_sqs().get_queue_attributes(QueueUrl=queue.url, AttributeNames=[*COUNTS])
    return sum(int(answer["Attributes"][name]) for name in COUNTS)


def hide(queue: Queue, receipt_handle: str, seconds: int) -> None:
    """Hide a received message from all receivers for this number of seconds.

    Raises UnavailableError.
    """
    with clients.guard("queue"):
        clients.sqs().change_message_visibility(
            QueueUrl=queue.url, ReceiptHandle=receipt_handle, VisibilityTimeout=seconds
        )
