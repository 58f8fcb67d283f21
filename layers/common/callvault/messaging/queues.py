"""Name the queues, send to them, and hide received messages.

A new queue needs one line here, two settings, and two queues in the template.
"""

from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum
from typing import Any

from callvault import clients, settings

MAX_RECEIVES = 24
"""Maximum number of times that SQS delivers a message before it dead-letters it without a reason.

The template has the same number as maxReceiveCount.
"""
KEPT = timedelta(days=7)
"""Age at which SQS drops a message: the template's MessageRetentionPeriod."""


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

    @property
    def url(self) -> str:
        """Return the queue's URL."""
        return str(getattr(settings.get(), f"{self}_queue_url"))

    @property
    def dead_letters_url(self) -> str:
        """Return the URL of the queue's dead-letter queue."""
        return str(getattr(settings.get(), f"{self}_dead_letters_url"))


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


def hide(queue: Queue, receipt_handle: str, seconds: int) -> None:
    """Hide a received message from all receivers for this number of seconds.

    Raises UnavailableError.
    """
    with clients.guard("queue"):
        clients.sqs().change_message_visibility(
            QueueUrl=queue.url, ReceiptHandle=receipt_handle, VisibilityTimeout=seconds
        )
