"""Deploy a SAM template and run the whole local stack: AWS, functions, HTTP API and pollers."""

import json
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tools.local.aws.deploy import deploy
from tools.local.aws.process import ACCOUNT, PACKAGE_ROOT, REGION, Aws
from tools.local.aws.proxy import AwsProxy
from tools.local.control import Control
from tools.local.emulator import function, template
from tools.local.emulator.children import Children
from tools.local.emulator.function import Function
from tools.local.emulator.gateway import INTEGRATION_SECONDS, MAX_BODY_BYTES, Gateway
from tools.local.emulator.pace import Pace
from tools.local.emulator.pollers import Poller
from tools.local.emulator.routes import Router
from tools.local.emulator.server import Server
from tools.local.faults.aws import AwsFaults
from tools.local.iam import clients, keys, usage
from tools.local.stack import Stack


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
    """Deploy a template and run it until the block ends; raises StartError.

    At the end, also at one by Ctrl-C, raises DeniedError if a function was denied a request to AWS:
    its role lacks it.

    `logs` is a folder that stays after the block; without it, the logs are deleted. `processes`
    is the maximum number of processes of each function. With `faults`, requests of functions to AWS
    fail as `faults` says, except those to a DynamoDB at AWS_ENDPOINT_URL_DYNAMODB. The seed of
    `faults`, by default 0, also decides which events S3 repeats or delays. With `pace`, the time of
    the queues passes faster.
    """
    dynamodb_url = os.environ.get("AWS_ENDPOINT_URL_DYNAMODB") or None
    with ExitStack() as cleanup:
        folder = logs or Path(tempfile.mkdtemp(prefix=f"{name}-local-"))
        if logs is None:
            cleanup.callback(shutil.rmtree, folder, ignore_errors=True)
        folder.mkdir(parents=True, exist_ok=True)
        gateway = Gateway(integration_seconds=integration_seconds)
        server = Server(port, gateway.answer, max_body=MAX_BODY_BYTES)
        cleanup.callback(server.close)
        children = Children()
        cleanup.callback(children.close)
        aws = Aws(children, port=aws_port, log=folder / "aws.log", seed=faults.seed if faults else 0)
        cleanup.callback(aws.close)
        # AWS starts while the template is translated.
        translated = template.read(template_path, parameters or {})
        deployment = deploy(
            translated, aws, stack_name=name, parameters=parameters or {}, api_url=server.url, dynamodb_url=dynamodb_url
        )
        proxy = AwsProxy(aws.url, deployment.guard, faults or AwsFaults(), pace or Pace())
        proxy.start()
        cleanup.callback(proxy.close)
        functions = {
            spec.logical_id: Function(
                spec,
                environment=function.environment(
                    spec, region=REGION, aws_url=proxy.url, dynamodb_url=dynamodb_url, path=os.environ.get("PATH", "")
                ),
                children=children,
                log=folder / f"{spec.logical_id}.log",
                processes=processes,
            )
            for spec in deployment.functions
        }
        pollers = [
            Poller(
                clients.enforce(aws.client("sqs", access_key=keys.access_key(source.function)), deployment.guard),
                source,
                functions[source.function],
                operator=aws.client("sqs"),
                faults=faults,
                pace=pace,
            )
            for source in deployment.event_sources
        ]
        for poller in pollers if pace else ():
            poller.shorten_visibility()
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
        control = Server(control_port, Control(stack).answer, max_body=MAX_BODY_BYTES)
        cleanup.callback(control.close)
        stack.control_url = control.url
        gateway.open(Router(deployment.routes), functions, server.port)
        for poller in pollers:
            poller.start()
        server.start()
        control.start()
        try:
            yield stack
        except KeyboardInterrupt:  # `make run` ends so
            deployment.guard.end()
            raise
        usage.note(deployment.guard, template_path)
        deployment.guard.end()


def _collect_events(aws: Aws, name: str) -> str:
    """Send every event of every bus to a new queue, and return its URL."""
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
    """Stop the pollers, end the functions and then AWS, which ends the pollers' open requests."""
    for poller in pollers:
        poller.stop()
    for one in functions.values():
        one.close()
    children.close()
    for poller in pollers:
        poller.join()
