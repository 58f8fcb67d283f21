"""The environment in which samples are written and read.

It has in-memory AWS, a fixed time, accounts, and messages.
"""

import hashlib
import json
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from typing import Any

from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from moto import mock_aws

from callvault import accounts, clients, settings, times
from callvault.messaging.queues import Queue
from callvault.settings import Settings
from tools.local.providers import telnyx_recordings

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
"""The time at which all samples are written and read."""
QUEUES = "https://sqs.us-east-1.amazonaws.com/123456789012"
ENVIRONMENT = {
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing",
    "AWS_DEFAULT_REGION": "us-east-1",
    "POWERTOOLS_METRICS_NAMESPACE": "Callvault/callvault",
    "POWERTOOLS_SERVICE_NAME": "callvault",
    "ACCOUNTS_PATH": "/callvault/accounts",
    "BUCKET_NAME": "callvault-bucket",
    "EVENT_BUS_NAME": "default",
    "MAX_MEDIA_BYTES": str(64 * 1024 * 1024),
    "PUBLIC_URL": "",
    "TABLE_NAME": "callvault-recordings",
}
"""The environment. A setting that is not here is the URL of a queue, or else 60."""
READERS: dict[str, dict[str, Any]] = {"ops": {"is_admin": True}, "limited": {"user_id": "u1"}}
"""The readers of every account, with their rights. The secret of each is its name."""
CALLBACK_SECRETS: dict[str, dict[str, Any]] = {
    "bandwidth": {"token": "s3cret"},
    "kazoo": {"token": "s3cret/with ü", "username": "kazoo", "password": "pass"},
    "signalwire": {"signing_keys": ["PSK_first"]},
    "telnyx": {"public_keys": [telnyx_recordings.PUBLIC_KEY], "token": "s3cret"},
    "twilio": {"signing_keys": [{"id": "SK1", "secret": "shared"}, "auth-token"], "token": "s3cret"},
}
"""The callback credentials of the samples' account at each provider."""
SIGN: dict[str, Callable[[bytes], Mapping[str, str]]] = {
    "telnyx": partial(telnyx_recordings.headers, seconds=NOW.timestamp())
}
"""Signs the body of a callback, for a provider that has a private key of its own."""


@contextmanager
def standing(table: Mapping[str, Any]) -> Iterator[None]:
    """Run with an empty AWS in memory that has this table, with its settings, at NOW."""
    defaults = {name.upper(): _setting(name) for name in Settings.model_fields}
    os.environ.update(defaults | ENVIRONMENT)
    settings.get.cache_clear()
    times.now = lambda: NOW
    with mock_aws():
        definition: Any = {**table, "TableName": settings.get().table_name}
        clients.dynamodb().create_table(**definition)
        clients.s3().create_bucket(Bucket=settings.get().bucket_name)
        versioning: Any = {"Status": "Enabled"}
        clients.s3().put_bucket_versioning(Bucket=settings.get().bucket_name, VersioningConfiguration=versioning)
        for queue in Queue:
            for url in (queue.url, queue.dead_letters_url):
                clients.sqs().create_queue(QueueName=url.rpartition("/")[2])
        yield


def _setting(name: str) -> str:
    """Return the value of a setting that ENVIRONMENT does not have."""
    if not name.endswith("_url"):
        return "60"
    return f"{QUEUES}/callvault-{name.removesuffix('_url').removesuffix('_queue').replace('_', '-')}"


def account(provider: str) -> dict[str, Any]:
    """Return the parameter of the samples' account at a provider."""
    digests = {name: hashlib.sha256(name.encode()).hexdigest() for name in READERS}
    return {
        "provider": provider,
        "provider_account_id": f"AC-{provider}",
        "callback": CALLBACK_SECRETS[provider],
        "readers": [{"name": name, "sha256": digests[name], **rights} for name, rights in READERS.items()],
    }


def account_id(provider: str) -> str:
    """Return the id of the samples' account at a provider."""
    return f"acme-{provider}"


def put_account(parameter: Mapping[str, Any]) -> None:
    """Write the parameter of the samples' account at its provider."""
    name = f"{settings.get().accounts_path}/{account_id(parameter['provider'])}"
    clients.ssm().put_parameter(Name=name, Value=json.dumps(parameter), Type="SecureString", Overwrite=True)
    accounts.forget()


def put_item(item: Any) -> None:  # noqa: ANN401 - a DynamoDB item
    """Write a row as a release wrote it."""
    clients.dynamodb().put_item(TableName=settings.get().table_name, Item=item)


def items() -> list[dict[str, Any]]:
    """Return all rows, sorted by their keys."""
    found = clients.dynamodb().scan(TableName=settings.get().table_name)["Items"]
    return sorted(found, key=lambda item: str(item["pk"]))


def clear() -> None:
    """Delete all rows and all messages."""
    for item in items():
        clients.dynamodb().delete_item(TableName=settings.get().table_name, Key={"pk": item["pk"]})
    for queue in Queue:
        for url in (queue.url, queue.dead_letters_url):
            take(url)  # PurgeQueue may be called once a minute


def take(url: str) -> list[dict[str, Any]]:
    """Receive all messages of a queue with their attributes, and delete them."""
    taken: list[dict[str, Any]] = []
    names: Any = {"MessageSystemAttributeNames": ["All"], "MessageAttributeNames": ["All"]}
    while messages := clients.sqs().receive_message(QueueUrl=url, MaxNumberOfMessages=10, **names).get("Messages"):
        for message in messages:
            clients.sqs().delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
            taken.append(dict(message))
    return taken


def record(body: str, group: str | None = None) -> SQSRecord:
    """Return a message as Lambda passes it to a function, received for the first time at NOW."""
    now = str(int(NOW.timestamp() * 1000))
    attributes = {"ApproximateReceiveCount": "1", "ApproximateFirstReceiveTimestamp": now, "SentTimestamp": now}
    attributes |= {"MessageGroupId": group} if group else {}
    return SQSRecord({"messageId": "m-1", "receiptHandle": "r-1", "body": body, "attributes": attributes})
