"""Look at dead letters, and send them back to where they came from.

SQS cannot be browsed: to look is to receive, which hides. So each look remembers what it received, and makes visible
again at its end, however it ends, all that it did not send back. What a crash of the tool leaves hidden comes back by
itself after HOLD_SECONDS.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from types import TracebackType
from typing import Any, Self

from callvault import clients, times
from callvault.ingest import reopening
from callvault.messaging import dead_letters
from callvault.messaging.dead_letters import Letter
from callvault.messaging.queues import Queue
from callvault.models import State
from callvault.storage import table

BATCH = 10
"""The most that SQS takes or gives at once."""
HOLD_SECONDS = 300
WAIT_SECONDS = 1
"""A long poll asks all of SQS's servers: an empty answer means that nothing is visible."""
BARREN = 3
"""So many answers in a row with nothing new end a look: in a long one, what came first becomes visible again."""


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """Which dead letters are meant; all that is given must fit."""

    reason: str | None = None
    account_id: str | None = None
    older_than: timedelta | None = None
    message_id: str | None = None
    """Its beginning suffices."""

    def fits(self, letter: Letter) -> bool:
        """Say whether a dead letter is meant."""
        return (
            self.reason in {None, letter.reason}
            and self.account_id in {None, letter.account_id}
            and (self.older_than is None or times.now() - letter.time >= self.older_than)
            and letter.message_id.startswith(self.message_id or "")
        )


class Look:
    """A look at the dead letters of one queue: each is seen once."""

    def __init__(self, source: Queue) -> None:
        self._source = source
        self._held: dict[str, str] = {}
        """Message ids and receipt handles."""
        self._sent: set[str] = set()
        self.repeated = 0
        """How many say what was sent back before: what is hopeless is buried again at once, and so without end."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._release()

    def __iter__(self) -> Iterator[Letter]:
        """Yield the dead letters; raises UnavailableError."""
        seen: set[str] = set()
        barren = 0
        while barren < BARREN:
            messages = self._receive()
            if not messages:
                return
            fresh = [message for message in messages if message["MessageId"] not in seen]
            seen |= {message["MessageId"] for message in fresh}
            barren = 0 if fresh else barren + 1
            for message in fresh:
                if message["Body"] in self._sent:
                    self.repeated += 1
                else:
                    yield dead_letters.read(message, self._source)

    def count(self) -> int:
        """Return how many dead letters there are, as SQS estimates it."""
        with clients.guard("queue"):
            answer = clients.sqs().get_queue_attributes(
                QueueUrl=self._source.dead_letters_url, AttributeNames=["ApproximateNumberOfMessages"]
            )
        return int(answer["Attributes"]["ApproximateNumberOfMessages"])

    def redrive(self, letter: Letter, who: str) -> None:
        """Send a dead letter back, and only then remove it; raises UnavailableError.

        Where its recording's row is failed by now the message would find nothing to do: the row goes back to pending
        first. Everything that a message leads to can be done twice.
        """
        if self._source is Queue.FETCH and letter.account_id and letter.recording_id:
            row = table.get(letter.account_id, letter.recording_id)
            if row is not None and row.state is State.FAILED:
                reopening.reopen(row, who)
        group: Any = {"MessageGroupId": letter.group} if letter.group else {}
        with clients.guard("queue"):
            clients.sqs().send_message(QueueUrl=self._source.url, MessageBody=letter.body, **group)
            clients.sqs().delete_message(
                QueueUrl=self._source.dead_letters_url, ReceiptHandle=self._held[letter.message_id]
            )
        del self._held[letter.message_id]
        self._sent.add(letter.body)

    def _receive(self) -> list[Any]:
        with clients.guard("queue"):
            answer = clients.sqs().receive_message(
                QueueUrl=self._source.dead_letters_url,
                MaxNumberOfMessages=BATCH,
                VisibilityTimeout=HOLD_SECONDS,
                WaitTimeSeconds=WAIT_SECONDS,
                MessageSystemAttributeNames=["All"],
                MessageAttributeNames=["All"],
            )
        messages = answer.get("Messages", [])
        self._held |= {message["MessageId"]: message["ReceiptHandle"] for message in messages}
        return list(messages)

    def _release(self) -> None:
        """Make visible again what is still held."""
        handles = list(self._held.values())
        self._held.clear()
        for start in range(0, len(handles), BATCH):
            entries: Any = [
                {"Id": str(number), "ReceiptHandle": handle, "VisibilityTimeout": 0}
                for number, handle in enumerate(handles[start : start + BATCH])
            ]
            with clients.guard("queue"):
                clients.sqs().change_message_visibility_batch(QueueUrl=self._source.dead_letters_url, Entries=entries)
