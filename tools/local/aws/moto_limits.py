"""Make moto refuse what SQS, SSM and EventBridge refuse: see `sqs_rules` and `size_rules`.

Each public function replaces parts of moto 5.2.5. The AWS process and the in-memory AWS of the
tests apply them.
"""

# ruff: noqa: ANN401, SLF001 - this module handles moto's own types and internals

import time
from collections.abc import Mapping
from typing import Any

from moto.events.exceptions import ValidationException as EventError
from moto.events.models import EventsBackend
from moto.sqs.exceptions import SQSException
from moto.sqs.models import SQSBackend
from moto.ssm.exceptions import ValidationException as ParameterError
from moto.ssm.models import SimpleSystemManagerBackend

from tools.local.aws import size_rules, sqs_rules
from tools.local.aws.moto_fixes import replace
from tools.local.aws.sqs_rules import Refusal

IN_FLIGHT_TAG = "MaxInFlight"
"""A tag with which a test lowers the number of messages that a queue may have in flight."""


def limit_messages() -> None:
    """Refuse messages, batches and visibility timeouts that SQS refuses.

    A batch is refused as a whole if it is too large, and otherwise entry by entry, as
    SendMessageBatch documents.
    """
    send, send_batch = SQSBackend.send_message, SQSBackend.send_message_batch
    change = SQSBackend.change_message_visibility

    def send_message(backend: Any, queue_name: str, message_body: str, **named: Any) -> Any:
        fields = {"MessageBody": message_body, "MessageAttributes": named.get("message_attributes")}
        fields |= {"DelaySeconds": named.get("delay_seconds"), "MessageGroupId": named.get("group_id")}
        _check(_refused(backend.get_queue(queue_name), fields))
        return send(backend, queue_name, message_body, **named)

    def send_message_batch(backend: Any, queue_name: str, entries: Any) -> Any:
        queue = backend.get_queue(queue_name)
        sizes = (sqs_rules.size(entry["MessageBody"], entry["MessageAttributes"]) for entry in entries.values())
        _check(sqs_rules.batch(sizes))
        refused = {number: refusal for number, entry in entries.items() if (refusal := _refused(queue, entry))}
        accepted = {number: entry for number, entry in entries.items() if number not in refused}
        sent, failed = send_batch(backend, queue_name, accepted)
        for number, refusal in refused.items():
            about = {"Code": refusal.code, "Message": refusal.message, "SenderFault": True}
            failed.append({"Id": entries[number]["Id"], **about})
        return sent, failed

    def change_message_visibility(backend: Any, queue_name: str, receipt_handle: str, visibility_timeout: int) -> None:
        _check(sqs_rules.hidden(visibility_timeout))
        change(backend, queue_name, receipt_handle, visibility_timeout)

    replace(SQSBackend, send_message=send_message, send_message_batch=send_message_batch)
    replace(SQSBackend, change_message_visibility=change_message_visibility)


def ignore_old_handles() -> None:
    """Ignore ChangeMessageVisibility of a message that has become visible again.

    The page of ChangeMessageVisibility names the error MessageNotInflight for this, but SQS answers
    200 and changes nothing (github.com/localstack/localstack/pull/9632 and
    github.com/getmoto/moto/pull/3586 report it). moto hides the message again.
    """
    change = SQSBackend.change_message_visibility

    def change_message_visibility(backend: Any, queue_name: str, receipt_handle: str, visibility_timeout: int) -> None:
        messages = backend.get_queue(queue_name)._messages
        if not any(message.visible and message.had_receipt_handle(receipt_handle) for message in messages):
            change(backend, queue_name, receipt_handle, visibility_timeout)

    replace(SQSBackend, change_message_visibility=change_message_visibility)


def limit_flight() -> None:
    """Deliver no message of a queue that has as many in flight as SQS allows."""
    receive = SQSBackend.receive_message

    def receive_message(
        backend: Any, queue_name: str, count: int, wait_seconds_timeout: int, visibility_timeout: int, *more: Any
    ) -> Any:
        _check(sqs_rules.hidden(visibility_timeout))
        queue = backend.get_queue(queue_name)
        most = int(queue.tags.get(IN_FLIGHT_TAG, sqs_rules.MAX_IN_FLIGHT))
        end = time.monotonic() + wait_seconds_timeout
        while not (room := most - _in_flight(queue)) > 0:
            if not wait_seconds_timeout:
                _check(sqs_rules.IN_FLIGHT)
            if time.monotonic() >= end:
                return []
            queue.wait_for_messages(1)
        wait = max(0, round(end - time.monotonic()))
        return receive(backend, queue_name, min(count, room), wait, visibility_timeout, *more)

    replace(SQSBackend, receive_message=receive_message)


def limit_parameters() -> None:
    """Refuse parameters that are too large for their tier, and choose the tier if SSM would.

    A parameter that is overwritten without a tier keeps its own.
    """
    put: Any = SimpleSystemManagerBackend.put_parameter

    def put_parameter(backend: Any, name: str, description: Any, value: str, *more: Any, **named: Any) -> Any:
        known = backend._parameters[name]
        chosen = size_rules.tier(value, named.pop("tier", None) or (known[-1].tier if known else None))
        if text := size_rules.parameter(value, chosen):
            raise ParameterError(text)
        return put(backend, name, description, value, *more, tier=chosen, **named)

    replace(SimpleSystemManagerBackend, put_parameter=put_parameter)


def limit_events() -> None:
    """Refuse events that are too large."""
    put = EventsBackend.put_events

    def put_events(backend: Any, events: Any) -> Any:
        if text := size_rules.events(events):
            raise EventError(text)
        return put(backend, events)

    replace(EventsBackend, put_events=put_events)


def _refused(queue: Any, fields: Mapping[str, Any]) -> Refusal | None:
    return sqs_rules.message(
        fields["MessageBody"],
        fields.get("MessageAttributes") or {},
        group=fields.get("MessageGroupId"),
        delay=int(fields.get("DelaySeconds") or 0),
        most=queue.maximum_message_size,
    )


def _in_flight(queue: Any) -> int:
    return sum(bool(message.approximate_receive_count) and not message.visible for message in queue._messages)


def _check(refusal: Refusal | None) -> None:
    if refusal:
        raise SQSException(*refusal)
