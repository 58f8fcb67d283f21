"""Let moto or ministack answer the requests of boto3's clients.

Both answer requests for the hosts of AWS, so the clients and the code that uses them are the same.
moto answers inside this process. ministack is a server on loopback. For it, the requests are signed
for the host of AWS, and then sent to loopback with that host in their `Host` header.
"""

import copy
import os
import urllib.request
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from unittest import mock
from urllib.parse import urlsplit, urlunsplit

from botocore.httpsession import URLLib3Session
from moto import mock_aws
from moto.backends import get_backend

from callvault import clients

ACCOUNT, REGION = "123456789012", "us-east-1"
"""Those in which moto answers."""
VARIABLE = "SECOND_OPINION_URL"
"""The environment variable with the URL of ministack; without it the tests use moto only."""


def ministack_url() -> str | None:
    """Return the URL of ministack, or None if only moto is used."""
    return os.environ.get(VARIABLE)


@contextmanager
def moto() -> Iterator[None]:
    """Let moto answer."""
    with mock_aws():
        yield


@contextmanager
def ministack(url: str) -> Iterator[None]:
    """Let the ministack at this URL answer."""
    server, send = urlsplit(url), URLLib3Session.send

    def routed(session: URLLib3Session, request: Any) -> Any:
        asked = urlsplit(request.url)
        request.headers["Host"] = asked.netloc
        request.url = urlunsplit((server.scheme, server.netloc, asked.path, asked.query, ""))
        return send(session, request)

    with mock.patch.object(URLLib3Session, "send", routed):
        yield


def empty(url: str) -> None:
    """Remove everything that the ministack at this URL holds."""
    request = urllib.request.Request(f"{url}/_ministack/reset", method="POST")
    urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=10).close()


def create_queues(names: Iterable[str]) -> None:
    """Create queues. In moto itself that takes a tenth of the time of requests to it."""
    if ministack_url():
        for name in names:
            clients.sqs().create_queue(QueueName=name)
        return
    backend = get_backend("sqs")[ACCOUNT][REGION]
    for name in names:
        backend.create_queue(name)


def create_table(name: str, properties: Mapping[str, Any]) -> None:
    """Create a table with these arguments of CreateTable, in moto itself as moto's answer does."""
    if ministack_url():
        clients.dynamodb().create_table(TableName=name, **properties)
        return
    own = copy.deepcopy(properties)  # moto keeps and changes it
    get_backend("dynamodb")[ACCOUNT][REGION].create_table(
        name,
        schema=own["KeySchema"],
        throughput=None,
        attr=own["AttributeDefinitions"],
        global_indexes=own["GlobalSecondaryIndexes"],
        indexes=[],
        streams=None,
        billing_mode=own["BillingMode"],
        sse_specification=None,
        tags=[],
        deletion_protection_enabled=False,
        warm_throughput=None,
    )
