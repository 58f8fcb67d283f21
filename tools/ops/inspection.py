"""Inspect the dead letters of a queue, and redrive them to the queue that they came from.

SQS has no way to browse a queue: a message can only be received, which hides it. So an inspection
remembers each message that it received. When it ends, also after an error, it releases every
message that it did not redrive, so that the message is visible again. If the tool itself crashes,
the messages become visible after HOLD_SECONDS.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from types import TracebackType
from typing import Any, Self

from callvault import clients, times
from callvault.ingest import reopening
from callvault.messaging import dead_letters, queues
from callvault.messaging.dead_letters import DeadLetter
from callvault.messaging.queues import Queue
from callvault.models import State
from callvault.storage import table

MAX_BATCH = 10
"""Maximum number of messages that SQS accepts or returns in one request."""
HOLD_SECONDS = 300
"""Visibility timeout of a received dead letter, in seconds."""
WAIT_SECONDS = 1
"""Wait time of a long poll, in seconds. A long poll asks all of SQS's servers, so an empty answer
means that no message is visible."""
MAX_REPEATED_BATCHES = 3
"""An inspection ends after this many answers in succession without a new message. In a long
inspection, messages that were received before become visible again and are received again."""


@dataclass(frozen=True, kw_only=True)
class Filter:
    """The filter of a command. A dead letter matches if it matches every field that is not None."""

    reason: str | None = None
    account_id: str | None = None
    older_than: timedelta | None = None
    message_id: str | None = None
    """The message id, or its first characters."""

    def matches(self, dead_letter: DeadLetter) -> bool:
        """Return whether a dead letter matches."""
        return (
            self.reason in {None, dead_letter.reason}
            and self.account_id in {None, dead_letter.account_id}
            and (self.older_than is None or times.now() - dead_letter.time >= self.older_than)
            and dead_letter.message_id.startswith(self.message_id or "")
        )


class Inspection:
    """An inspection of one queue's dead letters; it yields each of them once."""

    def __init__(self, source: Queue) -> None:
        self._source = source
        self._receipt_handles: dict[str, str] = {}
        """The receipt handles of the hidden messages, by message id."""
        self._redriven_bodies: set[str] = set()
        self.repeated = 0
        """Number of dead letters with the body of one that was redriven before.

        A message that cannot be processed is dead-lettered again at once. If it were redriven each
        time, the command would never end."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._release()

    def __iter__(self) -> Iterator[DeadLetter]:
        """Yield the dead letters; raises UnavailableError."""
        seen: set[str] = set()
        repeated_batches = 0
        while repeated_batches < MAX_REPEATED_BATCHES:
            messages = self._receive()
            if not messages:
                return
            new = [message for message in messages if message["MessageId"] not in seen]
            seen |= {message["MessageId"] for message in new}
            repeated_batches = 0 if new else repeated_batches + 1
            for message in new:
                if message["Body"] in self._redriven_bodies:
                    self.repeated += 1
                else:
                    yield dead_letters.read(message, self._source)

    def count(self) -> int:
        """Return SQS's estimate of how many dead letters there are; raises UnavailableError."""
        with clients.guard("queue"):
            answer = clients.sqs().get_queue_attributes(
                QueueUrl=self._source.dead_letters_url, AttributeNames=["ApproximateNumberOfMessages"]
            )
        return int(answer["Attributes"]["ApproximateNumberOfMessages"])

    def redrive(self, dead_letter: DeadLetter, operator: str) -> None:
        """Send a dead letter to its queue, then delete it; raises UnavailableError.

        If the row of its recording is failed, the row goes back to pending first: FetchMedia
        ignores a message whose row is failed. A crash between the steps is harmless, because all
        functions are idempotent.
        """
        if self._source in {Queue.FETCH, Queue.BACKFILL} and dead_letter.account_id and dead_letter.recording_id:
            row = table.get(dead_letter.account_id, dead_letter.recording_id)
            if row is not None and row.state is State.FAILED:
                reopening.reopen(row, operator)
        queues.send(self._source, dead_letter.body, group=dead_letter.group)
        with clients.guard("queue"):
            clients.sqs().delete_message(
                QueueUrl=self._source.dead_letters_url, ReceiptHandle=self._receipt_handles[dead_letter.message_id]
            )
        del self._receipt_handles[dead_letter.message_id]
        self._redriven_bodies.add(dead_letter.body)

    def _receive(self) -> list[Any]:
        with clients.guard("queue"):
            answer = clients.sqs().receive_message(
                QueueUrl=self._source.dead_letters_url,
                MaxNumberOfMessages=MAX_BATCH,
                VisibilityTimeout=HOLD_SECONDS,
                WaitTimeSeconds=WAIT_SECONDS,
                MessageSystemAttributeNames=["All"],
                MessageAttributeNames=["All"],
            )
        messages = answer.get("Messages", [])
        self._receipt_handles |= {message["MessageId"]: message["ReceiptHandle"] for message in messages}
        return list(messages)

    def _release(self) -> None:
        """Make the messages that are still hidden visible again; raises UnavailableError."""
        handles = list(self._receipt_handles.values())
        self._receipt_handles.clear()
        for start in range(0, len(handles), MAX_BATCH):
            entries: Any = [
                {"Id": str(number), "ReceiptHandle": handle, "VisibilityTimeout": 0}
                for number, handle in enumerate(handles[start : start + MAX_BATCH])
            ]
            with clients.guard("queue"):
                clients.sqs().change_message_visibility_batch(QueueUrl=self._source.dead_letters_url, Entries=entries)
