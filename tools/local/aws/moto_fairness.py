"""Deliver quiet accounts' messages first, as SQS does and moto does not: a patch of the AWS process.

Amazon SQS Developer Guide, "How Amazon SQS fair queues work": a message group is noisy while it has more than a tenth
of the messages in flight and at least 30 of them, or while it took more than a tenth of the consumers' recent time; all
others' messages are delivered before its own. A message without a group is a group of its own. How long "recent" is,
AWS does not say; here it is a minute.
"""

# ruff: noqa: ANN401, SLF001 - moto's own types, and its insides, are what this is about

import time
from collections import Counter, deque
from collections.abc import Iterable
from typing import Any

from moto.sqs.models import Queue, SQSBackend

from tools.local.aws.moto_fixes import replace

NOISY_SHARE = 0.1
NOISY_IN_FLIGHT = 30
RECENT_SECONDS = 60


class Spent:
    """The time that the consumers of one queue spent on each group lately."""

    def __init__(self) -> None:
        self._running: dict[str, tuple[str, float]] = {}
        self._ended: deque[tuple[float, str, float]] = deque()

    def begin(self, message: Any, now: float) -> None:
        """Note that a consumer has received a message."""
        self._running[message.id] = (group(message), now)

    def end(self, message: Any, now: float) -> None:
        """Note that a consumer has done with a message, or has put it off."""
        if message.id in self._running:
            whose, since = self._running.pop(message.id)
            self._ended.append((now, whose, now - since))

    def noisy(self, now: float) -> set[str]:
        """Return the groups that took more than their share."""
        while self._ended and self._ended[0][0] < now - RECENT_SECONDS:
            self._ended.popleft()
        ended = [(whose, seconds) for _, whose, seconds in self._ended]
        running = [(whose, now - since) for whose, since in self._running.values()]
        return over_share(ended + running)


def deliver_fairly() -> None:
    """Let receivers find the messages of quiet groups first."""
    visible: Any = Queue.messages
    receive, delete, change = SQSBackend.receive_message, Queue.delete_message, SQSBackend.change_message_visibility

    def messages(queue: Any) -> list[Any]:
        noisy = crowding(queue._messages) | spent(queue).noisy(time.monotonic())
        return sorted(visible.fget(queue), key=lambda message: group(message) in noisy)

    def receive_message(backend: Any, queue_name: str, *arguments: Any, **named: Any) -> Any:
        received = receive(backend, queue_name, *arguments, **named)
        for message in received:
            spent(backend.get_queue(queue_name)).begin(message, time.monotonic())
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
    """Return the groups that have too many of the messages in flight."""
    flying = Counter(
        group(message) for message in messages if message.approximate_receive_count and not message.visible
    )
    most = {whose for whose, count in flying.items() if count >= NOISY_IN_FLIGHT}
    return most & over_share(flying.items())


def over_share(amounts: Iterable[tuple[str, float]]) -> set[str]:
    """Return whose amounts are more than the noisy share of all."""
    sums: dict[str, float] = {}
    for whose, amount in amounts:
        sums[whose] = sums.get(whose, 0.0) + amount
    limit = NOISY_SHARE * sum(sums.values())
    return {whose for whose, amount in sums.items() if amount > limit}


def group(message: Any) -> str:
    """Return whose message it is."""
    return str(message.group_id or message.id)


def spent(queue: Any) -> Spent:
    """Return the times of a queue."""
    times: Spent = queue.__dict__.setdefault("spent", Spent())
    return times


def end(queue: Any, receipt_handle: str) -> None:
    """Note that the consumer of a message has done with it."""
    for message in queue._messages:
        if message.had_receipt_handle(receipt_handle):
            spent(queue).end(message, time.monotonic())
