"""Stand in for AWS, in this process and fast, and refuse what AWS would refuse of what callers send.

Limits: DynamoDB, "Constraints": an item has 400 KB, a sort key 1,024 bytes, a partition key 2,048 and at least one;
SQS, SendMessage: 1 MiB, and only the characters that XML has; S3: a key has 1,024 bytes, metadata are ASCII.
"""

import hashlib
import json
import re
from base64 import b64encode
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from io import BytesIO
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError

from callvault import clients

ITEM_BYTES = 400 * 1024
MESSAGE_BYTES = 1024 * 1024
KEPT = 500
"""Rows and objects that are remembered: enough for news of what is known, and memory has an end."""
NO_MESSAGE = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
HASHED_BYTES, SORTED_BYTES, KEY_BYTES = 2048, 1024, 1024
HASHED = ("pk", "account_month", "owner_month", "call_key", "conference_key", "caller_key", "callee_key", "due_shard")


class RefusedError(AssertionError):
    """AWS would not take this, and never will."""


class DownError(ClientError):
    """The store does not answer."""

    def __init__(self) -> None:
        super().__init__({"Error": {"Code": "ServiceUnavailable", "Message": "down"}}, "any")


class ConditionError(ClientError):
    """The row is another one than was expected."""

    def __init__(self, item: dict[str, Any]) -> None:
        super().__init__({"Error": {"Code": "ConditionalCheckFailedException", "Message": "no"}}, "PutItem")
        self.response["Item"] = item  # type: ignore[typeddict-unknown-key]  # as DynamoDB hands it back


class ThereError(ClientError):
    """There is an object already."""

    def __init__(self) -> None:
        super().__init__({"Error": {"Code": "PreconditionFailed", "Message": "there"}}, "PutObject")


class MissingError(ClientError):
    """There is no such thing."""

    def __init__(self) -> None:
        super().__init__({"Error": {"Code": "NoSuchKey", "Message": "missing"}}, "GetObject")


class Stores:
    """All stores; `table_down` and the others say which do not answer."""

    def __init__(self, parameters: dict[str, str]) -> None:
        self.parameters = parameters
        self.rows: OrderedDict[str, dict[str, Any]] = OrderedDict()
        self.messages: list[str] = []
        self.objects: OrderedDict[str, dict[str, Any]] = OrderedDict()
        self.table_down = self.queue_down = self.bucket_down = False

    def begin(self) -> None:
        """Make all answer again, and forget the messages and what is too old."""
        self.table_down = self.queue_down = self.bucket_down = False
        self.messages.clear()
        while len(self.rows) > KEPT:
            self.rows.popitem(last=False)
        while len(self.objects) > 8 * KEPT:  # there are more of them, and no row is to miss its own
            self.objects.popitem(last=False)


class Table:
    """DynamoDB, as far as the path of a callback asks for it."""

    exceptions = SimpleNamespace(ConditionalCheckFailedException=ConditionError)

    def __init__(self, stores: Stores) -> None:
        self._stores = stores

    def get_item(self, **request: Any) -> dict[str, Any]:
        """Return a row."""
        if self._stores.table_down:
            raise DownError
        item = self._stores.rows.get(request["Key"]["pk"]["S"])
        return {"Item": item} if item else {}

    def put_item(self, **request: Any) -> None:
        """Write a row if its condition holds."""
        if self._stores.table_down:
            raise DownError
        item, condition = request["Item"], request["ConditionExpression"]
        _check_item(item)
        key = item["pk"]["S"]
        known = self._stores.rows.get(key)
        if condition == "attribute_not_exists(pk)":
            holds = known is None
        else:
            assert condition == "revision = :before"
            before = request["ExpressionAttributeValues"][":before"]
            holds = known is not None and known["revision"] == before
        if not holds:
            raise ConditionError(known or {})
        self._stores.rows[key] = item

    def query(self, **_: object) -> dict[str, Any]:
        """Return no rows: what is looked for by its call is never found here."""
        return {"Items": []}


class Queue:
    """SQS."""

    def __init__(self, stores: Stores) -> None:
        self._stores = stores

    def send_message(self, **request: Any) -> None:
        """Take a message."""
        if self._stores.queue_down:
            raise DownError
        body = request["MessageBody"]
        if len(body.encode()) > MESSAGE_BYTES or NO_MESSAGE.search(body):
            raise RefusedError("SQS takes no such message.")
        if not re.fullmatch(r"[!-~]{1,128}", request["MessageGroupId"]):
            raise RefusedError("SQS takes no such group.")
        self._stores.messages.append(body)


class Bucket:
    """S3."""

    exceptions = SimpleNamespace(ClientError=ClientError)

    def __init__(self, stores: Stores) -> None:
        self._stores = stores

    def put_object(self, **request: Any) -> dict[str, Any]:
        """Store an object."""
        if self._stores.bucket_down:
            raise DownError
        key, body, metadata = request["Key"], request["Body"], request.get("Metadata", {})
        said = "".join([request["ContentType"], *metadata, *metadata.values()])
        if (
            not 0 < len(key.encode()) <= KEY_BYTES
            or not said.isascii()
            or not said.isprintable()
            or ".." in key.split("/")
        ):
            raise RefusedError("S3 takes no such object.")
        if "IfNoneMatch" in request and key in self._stores.objects:
            raise ThereError
        etag = hashlib.md5(body, usedforsecurity=False).hexdigest()
        kept = {"Body": body, "ContentType": request["ContentType"], "Metadata": metadata}
        self._stores.objects[key] = kept | {"ETag": f'"{etag}"', "VersionId": "1"}
        return {"ETag": etag, "VersionId": "1"}

    def get_object(self, **request: Any) -> dict[str, Any]:
        """Return an object."""
        if self._stores.bucket_down:
            raise DownError
        found = self._stores.objects.get(request["Key"])
        if found is None:
            raise MissingError
        size, modified = len(found["Body"]), datetime.now(UTC)
        return found | {"Body": BytesIO(found["Body"]), "ContentLength": size, "LastModified": modified}

    def head_object(self, **request: Any) -> dict[str, Any]:
        """Return what an object says of itself."""
        found = self.get_object(**request)
        checksum = hashlib.sha256(found["Body"].read()).digest()
        return found | {"ChecksumSHA256": b64encode(checksum).decode()}


class Parameters:
    """SSM."""

    exceptions = SimpleNamespace(ParameterNotFound=MissingError)

    def __init__(self, stores: Stores) -> None:
        self._stores = stores

    def get_parameter(self, **request: Any) -> dict[str, Any]:
        """Return an account's parameter; a name that is none of an account's is one too many."""
        if not re.fullmatch(r"/callvault/accounts/[A-Za-z0-9_-]{1,128}", request["Name"]):
            raise RefusedError("No account has this name.")
        if request["Name"] not in self._stores.parameters:
            raise MissingError
        return {"Parameter": {"Value": self._stores.parameters[request["Name"]]}}


@contextmanager
def installed(parameters: dict[str, str]) -> Iterator[Stores]:
    """Put the stores in the place of AWS while the block runs."""
    stores = Stores(parameters)
    with pytest.MonkeyPatch.context() as monkeypatch:
        for name, kind in {"dynamodb": Table, "sqs": Queue, "s3": Bucket, "ssm": Parameters}.items():
            monkeypatch.setattr(clients, name, lambda kind=kind: kind(stores))
        yield stores


def _check_item(item: dict[str, Any]) -> None:
    """Refuse an item that DynamoDB would refuse; written as JSON it is somewhat larger than DynamoDB counts."""
    size = len(json.dumps(item, ensure_ascii=False).encode())
    if size > ITEM_BYTES and size - json.dumps(item).count("\\") > ITEM_BYTES:
        raise RefusedError(f"An item of {size} bytes is too large.")
    keys = [item[name]["S"] for name in HASHED if name in item]
    if any(not 0 < len(key.encode()) <= HASHED_BYTES for key in keys):
        raise RefusedError("A partition key is empty or too long.")
    if not 0 < len(item["listed_at"]["S"].encode()) <= SORTED_BYTES:
        raise RefusedError("A sort key is empty or too long.")
