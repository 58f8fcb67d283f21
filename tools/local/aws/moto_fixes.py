"""Make moto safe against threads, without which it would mislead a test.

Each function replaces something inside moto 5.2.5 and says what went wrong without it. Only the AWS process imports
this.
"""

# ruff: noqa: ANN401, SLF001 - moto's own types, and its insides, are what this is about

import functools
import threading
from collections.abc import Callable
from typing import Any

from moto.dynamodb.responses import DynamoHandler
from moto.sqs.models import Queue, SQSBackend

# How soon a message is seen whose visibility timeout ended; a new one is seen at once.
QUEUE_GLANCE_SECONDS = 0.05


def lock_queues() -> None:
    """Let no message get lost: deleting one rebuilds the list, and what another thread had just added was gone."""
    delete, receive, change = Queue.delete_message, SQSBackend.receive_message, SQSBackend.change_message_visibility
    get_attributes = SQSBackend.get_queue_attributes

    def delete_locked(queue: Any, receipt_handle: str) -> None:
        with queue._messages_lock:
            delete(queue, receipt_handle)

    def receive_locked(backend: Any, queue_name: str, *arguments: Any, **named: Any) -> Any:
        # Its wait for messages lets go of the lock, however often this thread holds it.
        with backend.get_queue(queue_name)._messages_lock:
            return receive(backend, queue_name, *arguments, **named)

    def change_locked(backend: Any, queue_name: str, *arguments: Any, **named: Any) -> None:
        with backend.get_queue(queue_name)._messages_lock:
            change(backend, queue_name, *arguments, **named)

    def get_attributes_locked(backend: Any, queue_name: str, *arguments: Any, **named: Any) -> Any:
        # Counting what another thread was changing was answered with 500.
        with backend.get_queue(queue_name)._messages_lock:
            return get_attributes(backend, queue_name, *arguments, **named)

    def wait(queue: Any, timeout: float) -> None:
        with queue._messages_lock:
            queue._messages_lock.wait(min(timeout, QUEUE_GLANCE_SECONDS))

    replace(Queue, delete_message=delete_locked, wait_for_messages=wait)
    replace(SQSBackend, receive_message=receive_locked, change_message_visibility=change_locked)
    replace(SQSBackend, get_queue_attributes=get_attributes_locked)


def lock_table() -> None:
    """Make a conditional write one step: two threads both passed the condition."""
    replace(DynamoHandler, call_action=one_at_a_time(DynamoHandler.call_action, threading.RLock()))


def replace(owner: object, **parts: Any) -> None:
    """Put other functions in place of a class's or a module's."""
    for name, part in parts.items():
        setattr(owner, name, part)


def one_at_a_time(method: Callable[..., Any], lock: Any) -> Callable[..., Any]:
    """Return a function that holds a lock while it runs."""

    @functools.wraps(method)
    def locked(*arguments: Any, **named: Any) -> Any:
        with lock:
            return method(*arguments, **named)

    return locked
