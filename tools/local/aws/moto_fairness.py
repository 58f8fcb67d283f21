"""Make moto's queues fair, as SQS's are: deliver the messages of quiet message groups first.

Amazon SQS Developer Guide, "How Amazon SQS fair queues work": a message group is noisy while it has
more than a tenth of the messages in flight and at least 30 of them, or while it used more than a
tenth of the consumers' recent time. The messages of all other groups are delivered before its own.
A message without a group is a group of its own. AWS does not document how long "recent" is; here it
is a minute. This module replaces parts of moto in the AWS process.
"""

# ruff: noqa: ANN401, SLF001 - this module handles moto's own types and internals

import time
from collections import Counter, deque
from collections.abc import Iterable
from typing import Any

from moto.sqs.models import Queue, SQSBackend

from tools.local.aws.moto_fixes import replace

NOISY_SHARE = 0.1
NOISY_IN_FLIGHT = 30
RECENT_SECONDS = 60
"""Length of the recent time, in seconds."""


class ConsumerTime:
    """The recent time of the consumers of one queue, by message group."""

    def __init__(self) -> None:
        self._running: dict[str, tuple[str, float]] = {}
        self._ended: deque[tuple[float, str, float]] = deque()

    def begin(self, message: Any, now: float) -> None:
        """Record that a consumer received a message."""
        self._running[message.id] = (group(message), now)

    def end(self, message: Any, now: float) -> None:
        """Record that a consumer deleted a message, or changed its visibility."""
        if message.id in self._running:
            group_id, since = self._running.pop(message.id)
            self._ended.append((now, group_id, now - since))

    def noisy(self, now: float) -> set[str]:
        """Return the groups that used more than NOISY_SHARE of the consumers' recent time."""
        while self._ended and self._ended[0][0] < now - RECENT_SECONDS:
            self._ended.popleft()
        ended = [(group_id, seconds) for _, group_id, seconds in self._ended]
        running = [(group_id, now - since) for group_id, since in self._running.values()]
        return over_share(ended + running)


def deliver_fairly() -> None:
    """Replace moto's receiving and deleting, so that the messages of quiet groups come first."""
    visible: Any = Queue.messages
    receive, delete, change = SQSBackend.receive_message, Queue.delete_message, SQSBackend.change_message_visibility

    def messages(queue: Any) -> list[Any]:
        noisy = crowding(queue._messages) | consumer_time(queue).noisy(time.monotonic())
        return sorted(visible.fget(queue), key=lambda message: group(message) in noisy)

    def receive_message(backend: Any, queue_name: str, *arguments: Any, **named: Any) -> Any:
        received = receive(backend, queue_name, *arguments, **named)
        for message in received:
            consumer_time(backend.get_queue(queue_name)).begin(message, time.monotonic())
        return received

    def delete_message(queue: Any, receipt_handle: str) -> None:
        end(queue, receipt_handle)
        delete(queue, receipt_handle)

    def change_visibility(backend: Any, queue_name: str, receipt_handle: str, *arguments: Any, **named: Any) -> None:
        end(backend.get_queue(queue_name), receipt_handle)
        change(backend, queue_name, receipt_handle, *arguments, **named)

    replace(Queue, messages=property(messages), delete_message=delete_message)
    replace(SQSBackend, receive_message=receive_message, change_message_visibility=change_visibility)


def crowding(messages: Iterable[Any]) -> set[str]:
    """Return the groups that have more than NOISY_SHARE of the messages in flight.

    A group with fewer than NOISY_IN_FLIGHT of them is left out.
    """
    flying = Counter(
        group(message) for message in messages if message.approximate_receive_count and not message.visible
    )
    most = {group_id for group_id, count in flying.items() if count >= NOISY_IN_FLIGHT}
    return most & over_share(flying.items())


def over_share(amounts: Iterable[tuple[str, float]]) -> set[str]:
    """Return the groups whose amount is more than NOISY_SHARE of the sum of all."""
    sums: dict[str, float] = {}
    for group_id, amount in amounts:
        sums[group_id] = sums.get(group_id, 0.0) + amount
    limit = NOISY_SHARE * sum(sums.values())
    return {group_id for group_id, amount in sums.items() if amount > limit}


def group(message: Any) -> str:
    """Return the message group of a message, or the message's id if it has no group."""
    return str(message.group_id or message.id)


def consumer_time(queue: Any) -> ConsumerTime:
    """Return the time of a queue's consumers."""
    time_used: ConsumerTime = queue.__dict__.setdefault("consumer_time", ConsumerTime())
    return time_used


def end(queue: Any, receipt_handle: str) -> None:
    """Record that the consumer of a message is done with it."""
    for message in queue._messages:
        if message.had_receipt_handle(receipt_handle):
            consumer_time(queue).end(message, time.monotonic())
