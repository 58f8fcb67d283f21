"""Make moto thread-safe: without this, tests would fail because of moto's own errors.

`lock_queues` and `lock_table` replace parts of moto 5.2.5, and their docstrings name the errors
that this corrects. The AWS process applies them; otherwise only tests import this module.
"""

# ruff: noqa: ANN401, SLF001 - this module handles moto's own types and internals

import functools
import threading
from collections.abc import Callable
from typing import Any

from moto.dynamodb.responses import DynamoHandler
from moto.sqs.models import Queue, SQSBackend

QUEUE_CHECK_SECONDS = 0.05
"""Seconds between two checks for messages that are visible again. A new one is seen at once."""


def lock_queues() -> None:
    """Lock each queue's list of messages.

    Deleting a message rebuilds the list. Without the lock, a message that another thread added
    meanwhile was lost.
    """
    delete, receive, change = Queue.delete_message, SQSBackend.receive_message, SQSBackend.change_message_visibility
    get_attributes = SQSBackend.get_queue_attributes

    def delete_locked(queue: Any, receipt_handle: str) -> None:
        with queue._messages_lock:
            delete(queue, receipt_handle)

    def receive_locked(backend: Any, queue_name: str, *arguments: Any, **named: Any) -> Any:
        # `wait` below releases the lock completely while it waits for messages.
        with backend.get_queue(queue_name)._messages_lock:
            return receive(backend, queue_name, *arguments, **named)

    def change_locked(backend: Any, queue_name: str, *arguments: Any, **named: Any) -> None:
        with backend.get_queue(queue_name)._messages_lock:
            change(backend, queue_name, *arguments, **named)

    def get_attributes_locked(backend: Any, queue_name: str, *arguments: Any, **named: Any) -> Any:
        # Without the lock, moto answered 500 if another thread changed the list during the count.
        with backend.get_queue(queue_name)._messages_lock:
            return get_attributes(backend, queue_name, *arguments, **named)

    def wait(queue: Any, timeout: float) -> None:
        with queue._messages_lock:
            queue._messages_lock.wait(min(timeout, QUEUE_CHECK_SECONDS))

    replace(Queue, delete_message=delete_locked, wait_for_messages=wait)
    replace(SQSBackend, receive_message=receive_locked, change_message_visibility=change_locked)
    replace(SQSBackend, get_queue_attributes=get_attributes_locked)


def lock_table() -> None:
    """Make a conditional write atomic; without this, two threads could both meet its condition."""
    replace(DynamoHandler, call_action=one_at_a_time(DynamoHandler.call_action, threading.RLock()))


ORIGINALS: dict[tuple[Any, str], Any] = {}
"""What `replace` has replaced, by the class or module and the name of the attribute."""


def replace(owner: object, **parts: Any) -> None:
    """Replace attributes of a class or a module."""
    for name, part in parts.items():
        ORIGINALS.setdefault((owner, name), getattr(owner, name))
        setattr(owner, name, part)


def one_at_a_time(method: Callable[..., Any], lock: Any) -> Callable[..., Any]:
    """Return a function that holds a lock while it runs."""

    @functools.wraps(method)
    def locked(*arguments: Any, **named: Any) -> Any:
        with lock:
            return method(*arguments, **named)

    return locked
