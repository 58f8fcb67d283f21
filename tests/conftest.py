"""Build the world that every unit and integration test lives in: AWS in memory, and no network."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import pytest_socket
import yaml
from moto import mock_aws
from moto.moto_api._internal.models import moto_api_backend

from callvault import accounts, clients, settings
from callvault.providers import tokens

ROOT = Path(__file__).parents[1]
ENVIRONMENT = {
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing",
    "AWS_DEFAULT_REGION": "us-east-1",
    "POWERTOOLS_SERVICE_NAME": "callvault",
    "ACCOUNTS_PATH": "/callvault/accounts",
    "ACCOUNT_CACHE_SECONDS": "30",
    "BUCKET_NAME": "callvault-bucket",
    "DOWNLOAD_URL_SECONDS": "900",
    "EVENT_BUS_NAME": "default",
    "MAX_MEDIA_BYTES": str(64 * 1024 * 1024),
    "TABLE_NAME": "callvault-recordings",
}


class Template(yaml.SafeLoader):
    """Read a CloudFormation template; a short-form intrinsic function becomes its own tag and argument."""


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
def aws() -> Iterator[None]:
    """Keep one AWS in memory for all tests, because making clients takes longer than most tests."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        for name, value in ENVIRONMENT.items():
            monkeypatch.setenv(name, value)
        with mock_aws():
            yield


@pytest.fixture(autouse=True)
def world(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Give each test an empty stack: the template's table, a versioned bucket, the queues."""
    if "e2e" in request.path.parts:
        yield
        return
    request.getfixturevalue("aws")
    table = request.getfixturevalue("template")["Resources"]["RecordingsTable"]["Properties"]
    if request.node.get_closest_marker("loopback"):
        pytest_socket.socket_allow_hosts(["127.0.0.1", "::1"])
    else:
        pytest_socket.disable_socket(allow_unix_socket=True)
    moto_api_backend.reset()
    for name in ("fetch", "objects"):
        url = clients.sqs().create_queue(QueueName=f"callvault-{name}")["QueueUrl"]
        monkeypatch.setenv(f"{name.upper()}_QUEUE_URL", url)
    bucket = ENVIRONMENT["BUCKET_NAME"]
    clients.s3().create_bucket(Bucket=bucket)
    clients.s3().put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    properties = ("BillingMode", "AttributeDefinitions", "KeySchema", "GlobalSecondaryIndexes")
    shape: Any = {name: table[name] for name in properties}
    clients.dynamodb().create_table(TableName=ENVIRONMENT["TABLE_NAME"], **shape)
    settings.get.cache_clear()
    accounts.forget()
    tokens.forget()
    yield
    settings.get.cache_clear()
    pytest_socket._remove_restrictions()
