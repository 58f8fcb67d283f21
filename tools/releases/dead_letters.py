"""Dead letters of every queue, and what the operator's command makes of them."""

from dataclasses import asdict
from typing import Any
from unittest import mock

from callvault import clients
from callvault.errors import RejectedError
from callvault.messaging import attempt_logs, attempts, dead_letters
from callvault.messaging.queues import Queue
from tools.ops import inspection
from tools.ops.inspection import Inspection
from tools.releases import messages, world


def write() -> dict[str, Any]:
    """Return three dead letters of each queue: rejected, crashed, and dead-lettered by SQS."""
    written: dict[str, Any] = {}
    samples = {sample["queue"]: sample for sample in messages.write().values()}
    for name, sample in samples.items():
        queue, record = Queue(name), world.record(sample["body"], sample["group"])
        with attempts.attempt(record, queue):
            raise RejectedError("unreadable", "The message cannot be read.")
        written[f"{name} rejected"] = _taken(queue)
        dead_letters.send(record, queue, attempt_logs.CRASHED, KeyError("name"))
        written[f"{name} crashed"] = _taken(queue)
        written[f"{name} by SQS"] = written[f"{name} crashed"] | {"attributes": {}}
    return written


def read(written: Any) -> Any:  # noqa: ANN401 - JSON
    """Return a dead letter as the command inspects it, and the message that it redrives."""
    queue = Queue(written["queue"])
    group: Any = {"MessageGroupId": written["group"]} if written["group"] else {}
    clients.sqs().send_message(
        QueueUrl=queue.dead_letters_url,
        MessageBody=written["body"],
        MessageAttributes=written["attributes"],
        **group,
    )
    with mock.patch.object(inspection, "WAIT_SECONDS", 0), Inspection(queue) as inspected:
        found = list(inspected)
        for dead_letter in found:
            inspected.redrive(dead_letter, "ops")
    return {
        "inspected": [_document(dead_letter) for dead_letter in found],
        "redriven": [messages.READ[queue](message["Body"]) for message in world.take(queue.url)],
        "left": len(world.take(queue.dead_letters_url)),
    }


def _taken(queue: Queue) -> dict[str, Any]:
    """Return the one dead letter of a queue."""
    (message,) = world.take(queue.dead_letters_url)
    group = message["Attributes"].get("MessageGroupId")
    attributes = {
        name: {"DataType": value["DataType"], "StringValue": value["StringValue"]}
        for name, value in message["MessageAttributes"].items()
    }
    return {"queue": str(queue), "body": message["Body"], "group": group, "attributes": attributes}


def _document(dead_letter: dead_letters.DeadLetter) -> dict[str, Any]:
    """Return the fields of a dead letter that do not depend on when it was sent."""
    document = asdict(dead_letter)
    del document["message_id"], document["receipt_handle"], document["body"]
    known = dead_letter.reason != dead_letters.UNEXPLAINED
    return document | {"time": dead_letter.time.isoformat() if known else None}
