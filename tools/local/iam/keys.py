"""Tell by the access key of a request which function sent it."""

import base64
import hashlib
from urllib.parse import parse_qsl, urlsplit

from tools.local.emulator.wire import Head


def access_key(function: str) -> str:
    """Return the access key by which the guard recognises a function's processes.

    It has the form of a temporary key.
    """
    return "ASIA" + base64.b32encode(hashlib.sha256(function.encode()).digest()).decode()[:16]


def access_key_of(head: Head) -> str | None:
    """Return the access key of a request: of its Authorization header, or of a presigned URL."""
    header = head.header("authorization") or ""
    if "Credential=" in header:
        return header.partition("Credential=")[2].partition("/")[0]
    if header.startswith("AWS "):
        return header.removeprefix("AWS ").partition(":")[0]
    parameters = dict(parse_qsl(urlsplit(head.target).query))
    if "X-Amz-Credential" in parameters:
        return parameters["X-Amz-Credential"].partition("/")[0]
    return parameters.get("AWSAccessKeyId")
