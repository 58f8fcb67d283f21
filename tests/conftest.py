"""Give every unit and integration test an empty in-memory AWS and no network.

tests/worlds.py builds accounts, recordings and other contents of that AWS.
"""

import gc
import importlib
import json
from collections.abc import Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest
import pytest_socket
import yaml
from botocore.client import BaseClient
from moto.backends import get_backend
from moto.core.botocore_stubber import BotocoreStubber
from moto.core.model_instances import reset_model_data
from xdist.scheduler import LoadScopeScheduling

from callvault import accounts, clients, settings
from callvault.ingest import parking, tallies
from callvault.messaging.queues import Queue
from callvault.providers import api_tokens
from callvault.storage import breakers, paces
from callvault.transport import connections
from tests import roles, tracing, worlds
from tests.second_opinion import emulators, expected_failures
from tools.local.aws import moto_limits, moto_speed
from tools.local.emulator import template as sam_template
from tools.local.providers import standins
from tools.local.providers.standins import Standin

ROOT = Path(__file__).parents[1]
OWN_STACK = ("test_faults.py", "test_parked.py", "test_reconcile.py", "test_storm.py")
"""The files of tests/e2e that run a local stack of their own."""
MEASURED = "generated audio files"
"""Name of the property in which a test says how many files it measured."""
QUEUES = "https://sqs.us-east-1.amazonaws.com/123456789012"
ENVIRONMENT = {
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing",
    "AWS_DEFAULT_REGION": "us-east-1",
    "POWERTOOLS_METRICS_NAMESPACE": "Callvault/callvault",
    "POWERTOOLS_SERVICE_NAME": "callvault",
    "ACCOUNTS_PATH": "/callvault/accounts",
    "ACCOUNT_CACHE_SECONDS": "30",
    "BACKFILL_DEAD_LETTERS_URL": f"{QUEUES}/callvault-backfill-dead-letters",
    "BACKFILL_QUEUE_URL": f"{QUEUES}/callvault-backfill",
    "BUCKET_NAME": "callvault-bucket",
    "CORS_ORIGINS": "",
    "DOWNLOAD_URL_SECONDS": "900",
    "EVENT_BUS_NAME": "default",
    "FETCH_DEAD_LETTERS_URL": f"{QUEUES}/callvault-fetch-dead-letters",
    "FETCH_QUEUE_URL": f"{QUEUES}/callvault-fetch",
    "FORWARD_QUEUE_URL": f"{QUEUES}/callvault-forward",
    "OBJECTS_DEAD_LETTERS_URL": f"{QUEUES}/callvault-objects-dead-letters",
    "FORWARD_DEAD_LETTERS_URL": f"{QUEUES}/callvault-forward-dead-letters",
    "OBJECTS_QUEUE_URL": f"{QUEUES}/callvault-objects",
    "PARKED_DEAD_LETTERS_URL": f"{QUEUES}/callvault-parked-dead-letters",
    "PARKED_QUEUE_URL": f"{QUEUES}/callvault-parked",
    "MAX_MEDIA_BYTES": str(64 * 1024 * 1024),
    "PUBLIC_URL": "",
    "RECONCILE_DAYS": "40",
    "RECONCILE_DEAD_LETTERS_URL": f"{QUEUES}/callvault-reconcile-dead-letters",
    "RECONCILE_LAG_MINUTES": "10",
    "RECONCILE_OVERLAP_DAYS": "2",
    "RECONCILE_PER_MINUTE": "600000",
    "RECONCILE_QUEUE_URL": f"{QUEUES}/callvault-reconcile",
    "RECOVERY_PER_SECOND": "50",
    "TABLE_NAME": "callvault-recordings",
}


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print how many generated files were measured; the tests may run in several processes."""
    reports = [report for kind in ("passed", "failed", "skipped") for report in terminalreporter.stats.get(kind, [])]
    measured = [number for report in reports for name, number in report.user_properties if name == MEASURED]
    if measured:
        terminalreporter.write_line(f"{sum(measured)} generated audio files were compared with ffmpeg's values.")


class Template(yaml.SafeLoader):
    """Read a CloudFormation template; `!Name value` becomes `{"Name": value}`."""


def _intrinsic(loader: yaml.SafeLoader, suffix: str, node: yaml.Node) -> dict[str, Any]:
    if isinstance(node, yaml.ScalarNode):
        return {suffix: loader.construct_scalar(node)}
    if isinstance(node, yaml.SequenceNode):
        return {suffix: loader.construct_sequence(node, deep=True)}
    assert isinstance(node, yaml.MappingNode)
    return {suffix: loader.construct_mapping(node, deep=True)}


Template.add_multi_constructor("!", _intrinsic)


@pytest.fixture(scope="session")
def template() -> dict[str, Any]:
    """Return template.yaml as plain values."""
    content: dict[str, Any] = yaml.load((ROOT / "template.yaml").read_text(), Loader=Template)  # noqa: S506 - SafeLoader
    return content


@pytest.fixture(scope="session")
def translated() -> sam_template.Template:
    """Return template.yaml as SAM translates it, with the default parameters."""
    return sam_template.read(ROOT / "template.yaml", {})


ALWAYS = {"dynamodb", "s3", "sqs"}
"""The services that have contents before each test."""


class Aws:
    """The in-memory AWS. A service is reset before a test only if an earlier test called it."""

    def __init__(self, table: dict[str, Any]) -> None:
        self.touched: set[Any] = set(ALWAYS)
        self._table: Any = {
            name: table[name] for name in ("BillingMode", "AttributeDefinitions", "KeySchema", "GlobalSecondaryIndexes")
        }

    def renew(self) -> None:
        """Reset to the template's table, a versioned bucket and the queues, all of them empty."""
        touched, bucket = self.touched, ENVIRONMENT["BUCKET_NAME"]
        if url := emulators.ministack_url():
            emulators.empty(url)
            touched |= ALWAYS
        else:
            for name in touched:
                for regions in get_backend(name).values():
                    regions.reset()
            reset_model_data()
        if "sqs" in touched:
            emulators.create_queues(f"callvault-{name}{suffix}" for name in Queue for suffix in ("", "-dead-letters"))
        if "s3" in touched:
            clients.s3().create_bucket(Bucket=bucket)
            clients.s3().put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
        if "dynamodb" in touched:
            emulators.create_table(ENVIRONMENT["TABLE_NAME"], self._table)
        self.touched = set()


@pytest.fixture(scope="session")
def functions_roles(translated: sam_template.Template) -> Iterator[roles.Roles]:
    """Run every handler of a function under its role."""
    made = roles.Roles(translated)
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setattr(BotocoreStubber, "__call__", made.enforcing(BotocoreStubber.__call__))
        monkeypatch.setattr(ThreadPoolExecutor, "submit", made.submitting(ThreadPoolExecutor.submit))
        for path in sorted(ROOT.glob("functions/*/app.py")):
            app = importlib.import_module(f"functions.{path.parent.name}.app")
            function = path.parent.name.title().replace("_", "")
            monkeypatch.setattr(app, "handler", made.wrapped(function, app.handler))
        yield made


@pytest.fixture(scope="session")
def aws(template: dict[str, Any]) -> Iterator[Aws]:
    """Share one in-memory AWS between all tests: making clients takes longer than most tests.

    It refuses messages, parameters and events that AWS refuses, as the local stack does. What S3
    and DynamoDB refuse beyond moto, such as a wrong checksum, only the local stack refuses.
    """
    made = Aws(template["Resources"]["RecordingsTable"]["Properties"])
    moto_limits.limit_messages()
    moto_limits.limit_parameters()
    moto_limits.limit_events()
    moto_speed.remember_constants()
    moto_speed.serialize_values()
    base: Any = BaseClient
    call = base._make_api_call

    def noted(client: BaseClient, *arguments: Any) -> Any:
        made.touched.add(client.meta.service_model.service_name)
        with tracing.off():
            return call(client, *arguments)

    with pytest.MonkeyPatch.context() as monkeypatch:
        for name, value in ENVIRONMENT.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr(BaseClient, "_make_api_call", noted)
        url = emulators.ministack_url()
        with emulators.ministack(url) if url else emulators.moto():
            yield made


class ByStack(LoadScopeScheduling):  # type: ignore[misc]  # xdist has no types
    """Keep each file on one worker.

    Files that share a local stack are on the same worker, so that the stack starts once.
    """

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        if "/e2e/" not in file or file.endswith(OWN_STACK):
            return file
        return "e2e/local" if "/e2e/local/" in file else "e2e"


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> ByStack:
    """Schedule the files as collected: the longest, which run the stack, are first."""
    config.option.loadscopereorder = False  # it would put the files with most tests first
    return ByStack(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Expect the failures that ministack is known for, if it answers."""
    if emulators.ministack_url():
        expected_failures.mark(items)


def pytest_collection_finish() -> None:
    """Exempt the objects that all tests share from garbage collection: they are many and stay."""
    gc.collect()
    gc.freeze()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Measure no coverage in the end-to-end tests: there, the functions run in other processes."""
    with tracing.off() if "e2e" in item.path.parts else nullcontext():
        return (yield)


@pytest.fixture(autouse=True)
def world(request: pytest.FixtureRequest) -> Iterator[None]:
    """Give each test an empty in-memory AWS and no network; the mark `loopback` allows loopback."""
    if "e2e" in request.path.parts:
        yield
        return
    if request.node.get_closest_marker("loopback") or emulators.ministack_url():
        pytest_socket.socket_allow_hosts(["127.0.0.1", "::1"])
    else:
        pytest_socket.disable_socket(allow_unix_socket=True)
    request.getfixturevalue("aws").renew()
    enforced: roles.Roles = request.getfixturevalue("functions_roles")
    forget()
    yield
    forget()
    pytest_socket._remove_restrictions()
    enforced.end()


def forget() -> None:
    """Empty the caches that the package keeps between invocations, except the AWS clients."""
    settings.get.cache_clear()
    accounts.forget()
    api_tokens.forget()
    breakers.forget()
    paces.forget()
    connections.forget()
    parking.forget()
    tallies.forget()


@pytest.fixture
def clock() -> Iterator[worlds.Clock]:
    """Give the test the clock of the package; it shows the real time until the test moves it."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        yield worlds.Clock(monkeypatch)


@pytest.fixture
def standin() -> Iterator[Standin]:
    """Run a stand-in of Bandwidth, at which `acme` has an account with OAuth2 credentials."""
    with standins.Standin() as running:
        worlds.put_account(api=worlds.oauth_api(running))
        yield running


@pytest.fixture
def published() -> Any:
    """Return a function that gives the events that the bus has had."""
    queue = clients.sqs().create_queue(QueueName="bus")["QueueUrl"]
    arn = clients.sqs().get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    clients.events().put_rule(Name="all", EventPattern=json.dumps({"source": ["callvault"]}))
    clients.events().put_targets(Rule="all", Targets=[{"Id": "queue", "Arn": arn}])

    def received() -> list[tuple[str, dict[str, Any]]]:
        messages = clients.sqs().receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages", [])
        bodies = [json.loads(message["Body"]) for message in messages]
        return [(body["detail-type"], body["detail"]) for body in bodies]

    return received
