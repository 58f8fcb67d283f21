"""In-memory stand-ins for AWS that are fast, and that enforce AWS's limits on data.

DynamoDB, "Constraints": an item has at most 400 KB, a sort key at most 1,024 bytes, and a partition
key 1 to 2,048 bytes. SQS, SendMessage: a message has at most 1 MiB, and only characters that XML
allows. S3: a key has at most 1,024 bytes, and metadata is ASCII.
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

MAX_ITEM_BYTES = 400 * 1024
MAX_MESSAGE_BYTES = 1024 * 1024
MAX_ROWS = 500
"""Maximum number of rows that are kept, so that memory is bounded. It is high enough for later
callbacks to update known recordings."""
FORBIDDEN_CHARACTERS = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
MAX_PARTITION_KEY_BYTES, MAX_SORT_KEY_BYTES, MAX_OBJECT_KEY_BYTES = 2048, 1024, 1024
PARTITION_KEYS = (
    "pk",
    "account_month",
    "owner_month",
    "call_key",
    "conference_key",
    "caller_key",
    "callee_key",
    "due_shard",
)


class RefusedError(AssertionError):
    """AWS would refuse this data, however often it is sent."""


class DownError(ClientError):
    """The store is unavailable."""

    def __init__(self) -> None:
        super().__init__({"Error": {"Code": "ServiceUnavailable", "Message": "down"}}, "any")


class ConditionError(ClientError):
    """The row does not satisfy the condition of a write."""

    def __init__(self, item: dict[str, Any]) -> None:
        super().__init__({"Error": {"Code": "ConditionalCheckFailedException", "Message": "no"}}, "PutItem")
        self.response["Item"] = item  # type: ignore[typeddict-unknown-key]  # as DynamoDB returns it


class ThereError(ClientError):
    """The object exists already."""

    def __init__(self) -> None:
        super().__init__({"Error": {"Code": "PreconditionFailed", "Message": "there"}}, "PutObject")


class MissingError(ClientError):
    """The object or parameter does not exist."""

    def __init__(self) -> None:
        super().__init__({"Error": {"Code": "NoSuchKey", "Message": "missing"}}, "GetObject")


class Stores:
    """The contents of all stores; `table_down` and the like make one unavailable."""

    def __init__(self, parameters: dict[str, str]) -> None:
        self.parameters = parameters
        self.rows: OrderedDict[str, dict[str, Any]] = OrderedDict()
        self.messages: list[str] = []
        self.objects: OrderedDict[str, dict[str, Any]] = OrderedDict()
        self.table_down = self.queue_down = self.bucket_down = False

    def begin(self) -> None:
        """Make all stores available, and remove the messages and the oldest rows and objects."""
        self.table_down = self.queue_down = self.bucket_down = False
        self.messages.clear()
        while len(self.rows) > MAX_ROWS:
            _, row = self.rows.popitem(last=False)
            self.objects.pop(row.get("media_key", {}).get("S", ""), None)
        if len(self.objects) > 2 * MAX_ROWS:  # probes, and objects whose rows could not be written
            used = {row.get("media_key", {}).get("S") for row in self.rows.values()}
            self.objects = OrderedDict((key, one) for key, one in self.objects.items() if key in used)


class Table:
    """DynamoDB, with the operations that a callback or an upload needs."""

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
        check_item(item)
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

    def update_item(self, **_: object) -> None:
        """Accept a count, which is not simulated."""
        if self._stores.table_down:
            raise DownError

    def query(self, **_: object) -> dict[str, Any]:
        """Return no rows; queries are not simulated."""
        return {"Items": []}


class Queue:
    """SQS."""

    def __init__(self, stores: Stores) -> None:
        self._stores = stores

    def send_message(self, **request: Any) -> None:
        """Store a message."""
        if self._stores.queue_down:
            raise DownError
        body = request["MessageBody"]
        if len(body.encode()) > MAX_MESSAGE_BYTES or FORBIDDEN_CHARACTERS.search(body):
            raise RefusedError("SQS would refuse the message.")
        if not re.fullmatch(r"[!-~]{1,128}", request["MessageGroupId"]):
            raise RefusedError("SQS would refuse the message group.")
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
        headers = "".join([request["ContentType"], *metadata, *metadata.values()])
        if (
            not 0 < len(key.encode()) <= MAX_OBJECT_KEY_BYTES
            or not headers.isascii()
            or not headers.isprintable()
            or ".." in key.split("/")
        ):
            raise RefusedError("S3 would refuse the object.")
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
        """Return the metadata of an object."""
        found = self.get_object(**request)
        checksum = hashlib.sha256(found["Body"].read()).digest()
        return found | {"ChecksumSHA256": b64encode(checksum).decode()}


class Parameters:
    """SSM."""

    exceptions = SimpleNamespace(ParameterNotFound=MissingError)

    def __init__(self, stores: Stores) -> None:
        self._stores = stores

    def get_parameter(self, **request: Any) -> dict[str, Any]:
        """Return a parameter; raises RefusedError for a name that no account can have."""
        if not re.fullmatch(r"/callvault/accounts/[A-Za-z0-9_-]{1,128}", request["Name"]):
            raise RefusedError("No account has this name.")
        if request["Name"] not in self._stores.parameters:
            raise MissingError
        return {"Parameter": {"Value": self._stores.parameters[request["Name"]]}}


KINDS = {
    "dynamodb": Table,
    "hasty_dynamodb": Table,
    "sqs": Queue,
    "hasty_sqs": Queue,
    "s3": Bucket,
    "ssm": Parameters,
}
"""The store that takes the place of each client."""


@contextmanager
def installed(parameters: dict[str, str]) -> Iterator[Stores]:
    """Replace the AWS clients by the stores while the block runs."""
    stores = Stores(parameters)
    with pytest.MonkeyPatch.context() as monkeypatch:
        for name, kind in KINDS.items():
            monkeypatch.setattr(clients, name, lambda kind=kind: kind(stores))
        yield stores


def check_item(item: dict[str, Any]) -> None:
    """Refuse an item that DynamoDB would refuse.

    Its size is that of its JSON, which is somewhat larger than the size that DynamoDB counts.
    """
    size = len(json.dumps(item, ensure_ascii=False).encode())
    if size > MAX_ITEM_BYTES and size - json.dumps(item).count("\\") > MAX_ITEM_BYTES:
        raise RefusedError(f"An item of {size} bytes is too large.")
    keys = [item[name]["S"] for name in PARTITION_KEYS if name in item]
    if any(not 0 < len(key.encode()) <= MAX_PARTITION_KEY_BYTES for key in keys):
        raise RefusedError("A partition key is empty or too long.")
    if not 0 < len(item["listed_at"]["S"].encode()) <= MAX_SORT_KEY_BYTES:
        raise RefusedError("A sort key is empty or too long.")
