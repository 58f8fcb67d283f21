"""Invoke functions with the messages of queues, as Lambda's event source mappings do.

Lambda developer guide, "Using Lambda with Amazon SQS": Lambda polls under the function's role,
which needs sqs:ReceiveMessage, sqs:DeleteMessage and sqs:GetQueueAttributes
(https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html).
"""

import contextlib
import threading
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from tools.local.emulator import batches
from tools.local.emulator.function import Function
from tools.local.emulator.pace import Pace
from tools.local.emulator.sandbox import Outcome
from tools.local.faults.aws import AwsFaults

WAIT_SECONDS = 5
"""Wait time of a long poll, in seconds; a message ends it at once."""
MAX_BATCH = 10
"""Maximum number of messages in one request to SQS."""
DELETION = "sqs.DeleteMessageBatch"


@dataclass(frozen=True, kw_only=True)
class EventSourceMapping:
    """A queue, and how a function gets its messages."""

    function: str
    """The logical id of the function."""
    queue_arn: str
    batch_size: int = 10
    reports_failures: bool = False
    concurrency: int | None = None


class Poller:
    """The thread that invokes one function with the messages of one queue.

    The client `sqs` acts under the function's role. `operator` prepares the queue.
    """

    def __init__(
        self,
        sqs: Any,  # noqa: ANN401 - a boto3 client
        source: EventSourceMapping,
        function: Function,
        *,
        operator: Any,  # noqa: ANN401 - a boto3 client
        faults: AwsFaults | None = None,
        pace: Pace | None = None,
    ) -> None:
        self._sqs, self._operator = sqs, operator
        self._faults = faults or AwsFaults()
        self._pace = pace or Pace()
        self._source = source
        self._function = function
        self.queue_url: str = operator.get_queue_url(QueueName=source.queue_arn.rsplit(":", 1)[1])["QueueUrl"]
        slots = min(source.concurrency or function.limit, function.limit)
        self._slots = threading.Semaphore(slots)
        self._busy = 0
        self._lock = threading.Lock()
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._poll, name=f"poll-{source.function}", daemon=True)

    def shorten_visibility(self) -> None:
        """Shorten the queue's visibility timeout by the pace; call this once, before `start`."""
        name = "VisibilityTimeout"
        answer = self._operator.get_queue_attributes(QueueUrl=self.queue_url, AttributeNames=[name])
        hidden = self._pace.hidden(int(answer["Attributes"][name]))
        self._operator.set_queue_attributes(QueueUrl=self.queue_url, Attributes={name: str(hidden)})

    @property
    def busy(self) -> bool:
        """Return whether the function has a batch, or a batch is not yet deleted."""
        return self._busy > 0

    def start(self) -> None:
        """Start to poll."""
        self._thread.start()

    def stop(self) -> None:
        """Start no further request for messages; the current one ends by itself or with AWS."""
        self._stopped.set()

    def join(self) -> None:
        """Wait until the thread has ended."""
        if self._thread.is_alive():
            self._thread.join()

    def _poll(self) -> None:
        # Without this permission, Lambda refuses to create the mapping. The guard notes a refusal.
        with contextlib.suppress(BotoCoreError, ClientError):
            self._sqs.get_queue_attributes(QueueUrl=self.queue_url, AttributeNames=["VisibilityTimeout"])
        while not self._stopped.is_set():
            if not self._slots.acquire(timeout=0.5):
                continue
            try:
                messages = self._receive()
            except (BotoCoreError, ClientError):
                messages = []
                self._stopped.wait(0.5)
            if not messages or self._stopped.is_set():
                self._slots.release()
                continue
            with self._lock:
                self._busy += 1
            self._hand_over(messages)

    def _receive(self) -> list[dict[str, Any]]:
        received = self._poll_once(self._source.batch_size, WAIT_SECONDS)
        # A short poll fails if the queue has too many messages in flight. What was received stays.
        with contextlib.suppress(BotoCoreError, ClientError):
            more = received
            while more and (lacking := self._source.batch_size - len(received)):
                received += (more := self._poll_once(lacking, 0))
        return received

    def _poll_once(self, wanted: int, seconds: int) -> list[dict[str, Any]]:
        names = {"AttributeNames": ["All"], "MessageAttributeNames": ["All"]}
        most = min(MAX_BATCH, wanted)
        answer = self._sqs.receive_message(
            QueueUrl=self.queue_url, MaxNumberOfMessages=most, WaitTimeSeconds=seconds, **names
        )
        return list(answer.get("Messages", []))

    def _hand_over(self, messages: list[dict[str, Any]]) -> None:
        def finish(invocation: "Future[Outcome]") -> None:
            try:
                if not invocation.exception():
                    self._delete(messages, invocation.result())
            finally:
                with self._lock:
                    self._busy -= 1
                self._slots.release()

        self._function.submit(batches.event(messages, self._source.queue_arn, self._pace)).add_done_callback(finish)

    def _delete(self, messages: list[dict[str, Any]], outcome: Outcome) -> None:
        ids = [message["MessageId"] for message in messages]
        kept = batches.failed(outcome, ids, reports_failures=self._source.reports_failures)
        done = [message["ReceiptHandle"] for message in messages if message["MessageId"] not in kept]
        if self._faults.draw(DELETION):
            return  # SQS delivers at least once: a message that was not deleted is delivered again.
        for start in range(0, len(done), MAX_BATCH):
            entries = [
                {"Id": str(number), "ReceiptHandle": handle}
                for number, handle in enumerate(done[start : start + MAX_BATCH])
            ]
            # A message that was not deleted is delivered again, as on AWS.
            with contextlib.suppress(BotoCoreError, ClientError):
                self._sqs.delete_message_batch(QueueUrl=self.queue_url, Entries=entries)
