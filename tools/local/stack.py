"""Drive a running local stack: its clients, accounts, functions, schedules and queues."""

import json
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tools.local.aws.deploy import Deployment
from tools.local.aws.process import OPERATOR, REGION, Aws
from tools.local.emulator import schedules
from tools.local.emulator.function import Function
from tools.local.emulator.pollers import Poller

DRAIN_CHECK_SECONDS = 0.05
"""Seconds between two checks whether the queues are empty."""


class FailedError(Exception):
    """A function that was invoked directly failed; the message is its error."""


class Stack:
    """A running stack."""

    def __init__(
        self,
        *,
        name: str,
        url: str,
        aws: Aws,
        deployment: Deployment,
        functions: Mapping[str, Function],
        pollers: list[Poller],
        events_queue: str,
        logs: Path,
        dynamodb_url: str | None,
    ) -> None:
        self.name = name
        self.url = url
        """The URL of the HTTP API."""
        self.aws_url = aws.url
        """The URL of S3, SQS, DynamoDB, SSM and EventBridge."""
        self.guard = deployment.guard
        """What enforces the functions' roles."""
        self.outputs = deployment.outputs
        """The stack's outputs."""
        self._aws = aws
        self._deployment = deployment
        self._functions = functions
        self._pollers = pollers
        self._events_queue = events_queue
        self._dynamodb_url = dynamodb_url
        self._events: list[dict[str, Any]] = []
        self.logs = logs
        """The folder with the log of each function and of AWS."""
        self.control_url = ""
        """The URL of the control API, as in `POST <url>/schedules/<function>`."""

    def client(self, service: str) -> Any:  # noqa: ANN401 - a client of any service
        """Return a boto3 client for the stack's AWS; DynamoDB may have its own URL."""
        return self._aws.client(service, self._dynamodb_url if service == "dynamodb" else None)

    def aws_environment(self) -> dict[str, str]:
        """Return the variables with which another program reaches the stack's AWS."""
        return {
            "AWS_ENDPOINT_URL": self.aws_url,
            **({"AWS_ENDPOINT_URL_DYNAMODB": self._dynamodb_url} if self._dynamodb_url else {}),
            "AWS_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_ACCESS_KEY_ID": OPERATOR,
            "AWS_SECRET_ACCESS_KEY": "testing",
        }

    def put_account(self, account_id: str, account: Mapping[str, Any]) -> None:
        """Write the SSM parameter of an account, as the documentation shows."""
        self.client("ssm").put_parameter(
            Name=f"/{self.name}/accounts/{account_id}",
            Value=json.dumps(account),
            Type="SecureString",
            Tier="Intelligent-Tiering",
            Overwrite=True,
        )

    def invoke(self, logical_id: str, event: object) -> Any:  # noqa: ANN401 - any JSON value
        """Invoke a function and return its answer; raise FailedError when it fails."""
        outcome = self._functions[logical_id].submit(event).result()
        if outcome.failed:
            raise FailedError(outcome.payload.decode(errors="replace"))
        return json.loads(outcome.payload)

    def run_schedule(self, logical_id: str) -> list[Any]:
        """Invoke a function as each of its schedules does, and return the answers.

        Raises KeyError if the function has no schedule.
        """
        due = [schedule for schedule in self._deployment.schedules if schedule.function == logical_id]
        if not due:
            raise KeyError(logical_id)
        return [self.invoke(logical_id, schedules.event(schedule)) for schedule in due]

    def environment(self, logical_id: str) -> dict[str, str]:
        """Return the environment of a function's processes."""
        return dict(self._functions[logical_id].environment)

    def log_path(self, logical_id: str) -> Path:
        """Return the path of a function's log: its stdout and stderr."""
        return self._functions[logical_id].log

    def log_text(self, logical_id: str) -> str:
        """Return the text of a function's log: its stdout and stderr."""
        return self.log_path(logical_id).read_text(errors="replace")

    def processes(self) -> dict[str, list[int]]:
        """Return the process ids of each function, and of AWS under `aws`."""
        return {"aws": [self._aws.pid], **{name: one.processes() for name, one in self._functions.items()}}

    def events(self) -> list[dict[str, Any]]:
        """Return all the events that EventBridge received since the start, in order."""
        sqs = self.client("sqs")
        while messages := sqs.receive_message(QueueUrl=self._events_queue, MaxNumberOfMessages=10).get("Messages"):
            for message in messages:
                self._events.append(json.loads(message["Body"]))
                sqs.delete_message(QueueUrl=self._events_queue, ReceiptHandle=message["ReceiptHandle"])
        return list(self._events)

    def waiting(self) -> dict[str, int]:
        """Return the number of messages, including hidden ones, in each queue that has a poller."""
        return {poller.queue_url.rsplit("/", 1)[1]: self._count(poller, hidden=True) for poller in self._pollers}

    def drain(self, timeout: float = 100, *, hidden: bool = True) -> None:
        """Wait until the queues are empty and no function runs.

        With `hidden` false, hidden messages, which wait for another attempt, may remain. The first
        two attempts after a conflict of two writers take up to 42 s. Raises TimeoutError after
        `timeout` seconds.
        """
        deadline = time.monotonic() + timeout
        idle_checks = 0
        # Two checks: a function may send a message to a queue that was checked just before.
        while idle_checks < 2:  # noqa: PLR2004
            if time.monotonic() > deadline:
                busy = [name for name, one in self._functions.items() if one.pending]
                raise TimeoutError(f"Still waiting: {self.waiting()}; still running: {busy}.")
            idle_checks = idle_checks + 1 if self._is_idle(hidden=hidden) else 0
            time.sleep(DRAIN_CHECK_SECONDS)

    def _is_idle(self, *, hidden: bool) -> bool:
        return (
            not any(one.pending for one in self._functions.values())
            and not any(poller.busy for poller in self._pollers)
            and not any(self._count(poller, hidden=hidden) for poller in self._pollers)
        )

    def _count(self, poller: Poller, *, hidden: bool) -> int:
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesDelayed"]
        if hidden:
            names.append("ApproximateNumberOfMessagesNotVisible")
        answer = self.client("sqs").get_queue_attributes(QueueUrl=poller.queue_url, AttributeNames=names)
        return sum(int(value) for value in answer.get("Attributes", {}).values())
