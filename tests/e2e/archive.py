"""Read the archive of the local stack as a client does, and look into its AWS."""

import json
from typing import Any

import urllib3

from callvault.models import Recording
from callvault.storage import rows
from tests import leaks, worlds
from tools.local.stack import Stack

SECRET, LIMITED_SECRET, ADMIN_SECRET = leaks.READER_SECRETS
"""The secrets of the reader of every account, and of a limited reader and an admin of some."""
READER = worlds.reader("ops", SECRET, can_delete=True, can_control=True)

http = urllib3.PoolManager()


def ask(stack: Stack, account_id: str, path: str, method: str = "GET", **more: Any) -> urllib3.BaseHTTPResponse:
    """Send a request in KAZOO's dialect under an account, as its reader."""
    headers = {"x-auth-token": f"{account_id}.{SECRET}", **more.pop("headers", {})}
    return http.request(method, f"{stack.url}/v2/accounts/{account_id}{path}", headers=headers, **more)


def document(stack: Stack, account_id: str, recording_id: str) -> dict[str, Any]:
    """Return the document of a recording, which must exist."""
    answer = ask(stack, account_id, f"/recordings/{recording_id}")
    assert answer.status == 200
    found: dict[str, Any] = json.loads(answer.data)["data"]
    return found


def keys(stack: Stack, prefix: str) -> list[str]:
    """Return the keys of all versions under a prefix of the bucket."""
    listed = stack.client("s3").list_object_versions(Bucket=stack.outputs["BucketName"], Prefix=prefix)
    return [version["Key"] for version in listed.get("Versions", [])]


def put_row(stack: Stack, row: Recording) -> None:
    """Write a row as it is."""
    stack.client("dynamodb").put_item(TableName=stack.outputs["TableName"], Item=rows.write(row))


def row(stack: Stack, account_id: str, recording_id: str) -> Recording | None:
    """Return a row, or None."""
    where = {"TableName": stack.outputs["TableName"], "Key": rows.key(account_id, recording_id)}
    item = stack.client("dynamodb").get_item(ConsistentRead=True, **where).get("Item")
    return rows.read(item) if item else None
