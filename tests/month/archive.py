"""Run the functions of the archive in this process, and let its queues and its clock go on."""

import json
from collections import deque
from dataclasses import dataclass, field
from typing import Any

from callvault import clients, settings, times
from callvault.messaging.queues import Queue
from functions.fetch_media import app as fetch_media
from functions.reconcile_accounts import app as reconcile_accounts
from functions.sweep_recordings import app as sweep_recordings
from functions.verify_media import app as verify_media
from tests.integration import events
from tests.worlds import Clock

HANDLERS: dict[Queue, Any] = {
    Queue.FETCH: fetch_media.handler,
    Queue.OBJECTS: verify_media.handler,
    Queue.RECONCILE: reconcile_accounts.handler,
}
MAX_ROUNDS = 40
"""Maximum number of rounds after which nothing may wait any more."""
STEP_HOURS = 3
"""Time between two rounds, in hours."""


@dataclass
class Waiting:
    """A message that is to be delivered, for the first time or again."""

    queue: Queue
    body: str
    message_id: str
    received: int
    since: float


@dataclass
class Archive:
    """The archive; the clock stands still except between rounds."""

    clock: Clock
    waiting: deque[Waiting] = field(default_factory=deque)
    objects: set[str] = field(default_factory=set)
    """The versions that S3 has announced."""

    def settle(self) -> None:
        """Process every message, and what the sweep finds, until nothing waits any more."""
        for _ in range(MAX_ROUNDS):
            self.work()
            sweep_recordings.handler({}, events.context(300))
            self._receive()
            if not self.waiting and not self._due():
                return
            self.clock.forward(hours=STEP_HOURS)
        raise AssertionError("The archive does not come to rest.")

    def work(self) -> None:
        """Process each message once, and those that this sends; a kill loses no message."""
        repeated: list[Waiting] = []
        self._receive()
        try:
            while self.waiting:
                message = self.waiting.popleft()
                repeated.append(message)
                if self._is_processed(message):
                    repeated.pop()
                if not self.waiting:
                    self._receive()
        finally:
            self.waiting.extend(repeated)

    def reconcile(self) -> None:
        """Let the schedule start a reconciliation of each account, and finish it."""
        reconcile_accounts.handler({}, events.context(900))
        self.work()

    @staticmethod
    def _is_processed(message: Waiting) -> bool:
        """Deliver a message, and return whether it is not to be delivered again."""
        event = events.sqs(message.body, received=message.received, since=message.since)
        event["Records"][0]["messageId"] = message.message_id
        message.received += 1
        return not HANDLERS[message.queue](event, events.context(900))["batchItemFailures"]

    def _receive(self) -> None:
        """Take the messages from the queues, and the changes of objects from the bucket."""
        sqs = clients.sqs()
        for queue in HANDLERS:
            while found := sqs.receive_message(QueueUrl=queue.url, MaxNumberOfMessages=10).get("Messages"):
                for one in found:
                    self._add(queue, one["Body"], one["MessageId"])
                    sqs.delete_message(QueueUrl=queue.url, ReceiptHandle=one["ReceiptHandle"])
        pages = clients.s3().get_paginator("list_object_versions")
        for page in pages.paginate(Bucket=settings.get().bucket_name, Prefix="media/"):
            for version in page.get("Versions", []):
                if version["VersionId"] not in self.objects:
                    self.objects.add(version["VersionId"])
                    body = json.dumps(events.object_change(version["Key"], version["VersionId"]))
                    self._add(Queue.OBJECTS, body, version["VersionId"])

    def _add(self, queue: Queue, body: str, message_id: str) -> None:
        self.waiting.append(Waiting(queue, body, message_id, 1, times.now().timestamp()))

    def _due(self) -> bool:
        """Say whether any row waits; a failed one is due once more before its recording expires."""
        pages = (
            clients.dynamodb()
            .get_paginator("scan")
            .paginate(
                TableName=settings.get().table_name,
                FilterExpression="attribute_exists(due_time) AND #state <> :failed",
                ExpressionAttributeNames={"#state": "state"},
                ExpressionAttributeValues={":failed": {"S": "failed"}},
            )
        )
        return any(page["Items"] for page in pages)
