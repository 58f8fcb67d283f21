"""Create the AWS clients. No other module imports boto3.

Each client is created at its first use, so that a function creates only the clients that it uses.
Nothing forbids creating them at import: Lambda shares no memory between execution environments.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Any

import boto3
from boto3.dynamodb.types import TypeDeserializer, TypeSerializer
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from callvault.errors import ConflictError, MissingObjectError, UnavailableError

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_events import EventBridgeClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_ssm import SSMClient

# For calls that must answer soon: two quick attempts.
QUICK = Config(connect_timeout=2, read_timeout=3, retries={"mode": "standard", "total_max_attempts": 2})
# For what may be left out if it does not answer at once: one attempt.
HASTY = Config(connect_timeout=1, read_timeout=1, retries={"mode": "standard", "total_max_attempts": 1})
# For SSM: a callback that waits for it must still be parked within its function's time.
BRISK = Config(connect_timeout=1, read_timeout=2, retries={"mode": "standard", "total_max_attempts": 2})
# For the bucket: a part of a multipart upload is large and takes long.
PATIENT = Config(connect_timeout=5, read_timeout=60, retries={"mode": "standard", "total_max_attempts": 4})
KINDS: dict[str, type[UnavailableError]] = {"PreconditionFailed": ConflictError, "NoSuchKey": MissingObjectError}
"""The error that `guard` raises, by S3's error code; UnavailableError for all others."""


@cache
def dynamodb() -> "DynamoDBClient":
    """Return the client for the table."""
    return boto3.client("dynamodb", config=QUICK)


@cache
def hasty_dynamodb() -> "DynamoDBClient":
    """Return the client for what the table counts beside the recordings."""
    return boto3.client("dynamodb", config=HASTY)


@cache
def sqs() -> "SQSClient":
    """Return the client for the queues."""
    return boto3.client("sqs", config=QUICK)


@cache
def hasty_sqs() -> "SQSClient":
    """Return the client for counting messages."""
    return boto3.client("sqs", config=HASTY)


@cache
def ssm() -> "SSMClient":
    """Return the client for the accounts' parameters."""
    return boto3.client("ssm", config=BRISK)


@cache
def s3() -> "S3Client":
    """Return the client for the bucket. Its presigned URLs are virtual-hosted and regional."""
    return boto3.client("s3", config=PATIENT.merge(Config(signature_version="s3v4")))


@cache
def events() -> "EventBridgeClient":
    """Return the client for the event bus."""
    return boto3.client("events", config=QUICK)


@contextmanager
def guard(store: str) -> Iterator[None]:
    """Translate AWS errors into UnavailableError with the reason `<store>_unavailable`.

    A failed precondition of S3 (412) becomes ConflictError. NoSuchKey (404) becomes
    MissingObjectError: S3 answers so to a write with If-Match if no object has the key, or a delete
    marker is its current version. S3's ConditionalRequestConflict (409) becomes neither: another
    write was in progress and says nothing about what is stored, so the upload has to be tried again
    (S3 user guide, "How to prevent object overwrites with conditional writes").
    """
    try:
        yield
    except (BotoCoreError, ClientError) as error:
        code = error.response["Error"]["Code"] if isinstance(error, ClientError) else type(error).__name__
        kind = KINDS.get(code, UnavailableError)
        raise kind(f"{store}_unavailable", f"The {store} did not accept the request: {code}.") from error


def to_item(values: dict[str, Any]) -> dict[str, Any]:
    """Return plain values as DynamoDB attribute values."""
    serialize = TypeSerializer().serialize
    return {name: serialize(value) for name, value in values.items()}


def from_item(item: dict[str, Any]) -> dict[str, Any]:
    """Return DynamoDB attribute values as plain ones. Numbers become Decimal."""
    deserialize = TypeDeserializer().deserialize
    return {name: deserialize(value) for name, value in item.items()}
