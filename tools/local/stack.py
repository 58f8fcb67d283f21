"""Run the whole stack: the API of tests and of the demo."""

import json
import os
import shutil
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from tools.local.aws.deploy import Deployment, deploy
from tools.local.aws.process import ACCOUNT, PACKAGE_ROOT, REGION, Aws
from tools.local.aws.proxy import AwsProxy
from tools.local.control import Control
from tools.local.emulator import function, schedules, template
from tools.local.emulator.children import Children
from tools.local.emulator.function import Function
from tools.local.emulator.gateway import BODY_BYTES, INTEGRATION_SECONDS, Gateway
from tools.local.emulator.pace import Pace
from tools.local.emulator.pollers import Poller
from tools.local.emulator.routes import Router
from tools.local.emulator.server import Server
from tools.local.faults.aws import AwsFaults

DRAIN_GLANCE_SECONDS = 0.05


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
        """Where the HTTP API is."""
        self.aws_url = aws.url
        """Where S3, SQS, DynamoDB, SSM and EventBridge are."""
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
        """The folder with the log of each function, and of AWS."""
        self.control_url = ""
        """Where `POST /schedules/<function>` and the like are."""

    def client(self, service: str) -> Any:  # noqa: ANN401 - a client of any service
        """Return a boto3 client for the stack's AWS; for the table, where it is."""
        return self._aws.client(service, self._dynamodb_url if service == "dynamodb" else None)

    def put_account(self, account_id: str, account: Mapping[str, Any]) -> None:
        """Write an account's parameter."""
        self.client("ssm").put_parameter(
            Name=f"/{self.name}/accounts/{account_id}", Value=json.dumps(account), Type="SecureString", Overwrite=True
        )

    def invoke(self, logical_id: str, event: object) -> Any:  # noqa: ANN401 - any JSON value
        """Invoke a function and return its answer; raise FailedError when it fails."""
        outcome = self._functions[logical_id].submit(event).result()
        if outcome.failed:
            raise FailedError(outcome.payload.decode(errors="replace"))
        return json.loads(outcome.payload)

    def run_schedule(self, logical_id: str) -> list[Any]:
        """Invoke a function as each of its schedules does, and return the answers; raise KeyError when it has none."""
        due = [schedule for schedule in self._deployment.schedules if schedule.function == logical_id]
        if not due:
            raise KeyError(logical_id)
        return [self.invoke(logical_id, schedules.event(schedule)) for schedule in due]

    def environment(self, logical_id: str) -> dict[str, str]:
        """Return the environment that a function's processes see."""
        return dict(self._functions[logical_id].environment)

    def log_path(self, logical_id: str) -> Path:
        """Return the file with what a function wrote to stdout and stderr."""
        return self._functions[logical_id].log

    def log_text(self, logical_id: str) -> str:
        """Return what a function wrote to stdout and stderr."""
        return self.log_path(logical_id).read_text(errors="replace")

    def processes(self) -> dict[str, list[int]]:
        """Return the process ids of each function, and of AWS under `aws`."""
        return {"aws": [self._aws.pid], **{name: one.processes() for name, one in self._functions.items()}}

    def events(self) -> list[dict[str, Any]]:
        """Return all the events that EventBridge got since the start, in the order received."""
        sqs = self.client("sqs")
        while messages := sqs.receive_message(QueueUrl=self._events_queue, MaxNumberOfMessages=10).get("Messages"):
            for message in messages:
                self._events.append(json.loads(message["Body"]))
                sqs.delete_message(QueueUrl=self._events_queue, ReceiptHandle=message["ReceiptHandle"])
        return list(self._events)

    def waiting(self) -> dict[str, int]:
        """Return how many messages each queue that feeds a function has, hidden ones too."""
        return {poller.queue_url.rsplit("/", 1)[1]: self._count(poller, hidden=True) for poller in self._pollers}

    def drain(self, timeout: float = 30, *, hidden: bool = True) -> None:
        """Wait until the queues are empty and nothing runs; raise TimeoutError after `timeout` seconds.

        With `hidden` false, messages that wait for another attempt may stay.
        """
        deadline = time.monotonic() + timeout
        calm = 0
        # Twice: a function may send between the look at its queue and the look at the next.
        while calm < 2:  # noqa: PLR2004
            if time.monotonic() > deadline:
                busy = [name for name, one in self._functions.items() if one.pending]
                raise TimeoutError(f"Still waiting: {self.waiting()}; still running: {busy}.")
            calm = calm + 1 if self._is_calm(hidden=hidden) else 0
            time.sleep(DRAIN_GLANCE_SECONDS)

    def _is_calm(self, *, hidden: bool) -> bool:
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


@contextmanager
def running(
    template_path: Path = PACKAGE_ROOT / "template.yaml",
    *,
    name: str = "callvault",
    port: int = 0,
    aws_port: int = 0,
    control_port: int = 0,
    parameters: Mapping[str, str] | None = None,
    logs: Path | None = None,
    processes: int = 4,
    integration_seconds: float = INTEGRATION_SECONDS,
    faults: AwsFaults | None = None,
    pace: Pace | None = None,
) -> Iterator[Stack]:
    """Deploy a template and run it until the block ends; raise StartError when it cannot start.

    `logs` is kept; without it they go with the stack. `processes` is the limit for each function. With `faults`, AWS
    fails to the functions as they say, but for a DynamoDB outside; with `pace`, the queues' time passes as it says.
    """
    dynamodb_url = os.environ.get("AWS_ENDPOINT_URL_DYNAMODB") or None
    with ExitStack() as cleanup:
        folder = logs or Path(tempfile.mkdtemp(prefix=f"{name}-local-"))
        if logs is None:
            cleanup.callback(shutil.rmtree, folder, ignore_errors=True)
        folder.mkdir(parents=True, exist_ok=True)
        gateway = Gateway(integration_seconds=integration_seconds)
        server = Server(port, gateway.answer, max_body=BODY_BYTES)
        cleanup.callback(server.close)
        children = Children()
        cleanup.callback(children.close)
        aws = Aws(children, port=aws_port, log=folder / "aws.log")
        cleanup.callback(aws.close)
        # While AWS starts.
        translated = template.read(template_path, parameters or {})
        deployment = deploy(
            translated, aws, stack_name=name, parameters=parameters or {}, api_url=server.url, dynamodb_url=dynamodb_url
        )
        aws_url = aws.url
        if faults is not None or pace is not None:
            proxy = AwsProxy(aws.url, faults or AwsFaults(), pace or Pace())
            proxy.start()
            cleanup.callback(proxy.close)
            aws_url = proxy.url
        functions = {
            spec.logical_id: Function(
                spec,
                environment=function.environment(
                    spec, region=REGION, aws_url=aws_url, dynamodb_url=dynamodb_url, path=os.environ.get("PATH", "")
                ),
                children=children,
                log=folder / f"{spec.logical_id}.log",
                processes=processes,
            )
            for spec in deployment.functions
        }
        pollers = [
            Poller(aws.client("sqs"), feed, functions[feed.function], faults=faults, pace=pace)
            for feed in deployment.feeds
        ]
        for poller in pollers if pace else ():
            poller.hasten()
        cleanup.callback(_end, pollers, functions, children)
        stack = Stack(
            name=name,
            url=server.url,
            aws=aws,
            deployment=deployment,
            functions=functions,
            pollers=pollers,
            events_queue=_collect_events(aws, name),
            logs=folder,
            dynamodb_url=dynamodb_url,
        )
        control = Server(control_port, Control(stack).answer, max_body=BODY_BYTES)
        cleanup.callback(control.close)
        stack.control_url = control.url
        gateway.open(Router(deployment.routes), functions, server.port)
        for poller in pollers:
            poller.start()
        server.start()
        control.start()
        yield stack


def _collect_events(aws: Aws, name: str) -> str:
    """Have every event of every bus sent to a queue, and return its address."""
    sqs, events = aws.client("sqs"), aws.client("events")
    queue = f"{name}-local-events"
    url: str = sqs.create_queue(QueueName=queue)["QueueUrl"]
    arn = f"arn:aws:sqs:{REGION}:{ACCOUNT}:{queue}"
    for bus in events.list_event_buses()["EventBuses"]:
        pattern = json.dumps({"account": [ACCOUNT]})
        events.put_rule(Name=queue, EventBusName=bus["Name"], EventPattern=pattern)
        events.put_targets(Rule=queue, EventBusName=bus["Name"], Targets=[{"Id": queue, "Arn": arn}])
    return url


def _end(pollers: list[Poller], functions: Mapping[str, Function], children: Children) -> None:
    """Receive nothing more, end what runs, then AWS, which lets go of the pollers."""
    for poller in pollers:
        poller.stop()
    for one in functions.values():
        one.close()
    children.close()
    for poller in pollers:
        poller.join()
