"""Send the messages of a run in batches, and count what was sent."""

from collections import Counter
from dataclasses import dataclass

from aws_lambda_powertools import Logger

from callvault.errors import UnavailableError
from callvault.messaging import queues
from callvault.messaging.queues import Message, Queue

UNSENT = "A row could not be requeued"
"""Log message of a row whose message was not sent. The row is due again later."""

logger = Logger(child=True)


@dataclass(frozen=True)
class Letter:
    """A message, and what it is about."""

    message: Message
    account_id: str
    recording_id: str
    counted: str | None
    """The name of the count that grows by one when the message is sent."""


class Outbox:
    """The messages that one thread has to send."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self._waiting: dict[Queue, list[Letter]] = {}

    def add(self, queue: Queue, letter: Letter) -> None:
        """Add a message, and send a batch if it is full."""
        waiting = self._waiting.setdefault(queue, [])
        size = sum(len(one.message.body.encode()) for one in [*waiting, letter])
        if waiting and size > queues.MAX_BATCH_BYTES:
            self._send(queue)
        self._waiting[queue].append(letter)
        if len(self._waiting[queue]) >= queues.MAX_BATCH:
            self._send(queue)

    def flush(self) -> None:
        """Send the messages that are left."""
        for queue in self._waiting:
            if self._waiting[queue]:
                self._send(queue)

    def _send(self, queue: Queue) -> None:
        """Send a batch; a row whose message is not accepted is due again later."""
        batch, self._waiting[queue] = self._waiting[queue], []
        try:
            accepted = queues.send_batch(queue, [letter.message for letter in batch])
        except UnavailableError as error:
            accepted = [False] * len(batch)
            logger.warning("The queue did not accept a batch", extra={"reason": error.reason})
        for letter, is_sent in zip(batch, accepted, strict=True):
            if not is_sent:
                logger.warning(UNSENT, extra={"account": letter.account_id, "recording": letter.recording_id})
            self.counts.update(["unavailable"] if not is_sent else [letter.counted] if letter.counted else [])
