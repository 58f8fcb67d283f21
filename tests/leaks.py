"""Find secrets in logs, in plain or encoded form."""

import base64
import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import quote

from tools.local.providers import scenarios
from tools.local.stack import Stack

READER_SECRETS = ("reader-secret", "mallorys-secret", "admins-secret")
"""Secrets of the tests' readers; the accounts have only their hashes. Those of the demo's accounts
have another one, which is searched for too."""
NEVER = re.compile(
    r"token-\d|X-Amz-Signature|X-Amz-Credential|Bearer |Basic [A-Za-z0-9+/]|/media\b|\.wav\?|Accounts/.*/Recordings/"
)
"""Matches access tokens of the stand-ins, presigned URLs, credentials and URLs of media."""
MIN_SECRET_CHARACTERS = 6
"""Shorter secrets are not searched for, because they occur by chance."""


def found(text: str, secrets: Iterable[str]) -> list[str]:
    """Return the secrets that are in a text, in any of their forms."""
    return [secret for secret in secrets if any(form in text for form in forms(secret))]


def forms(secret: str) -> Iterator[str]:
    """Yield a secret as it is, percent-encoded, in JSON, in hex and in Base64."""
    yield secret
    yield quote(secret, safe="")
    yield quote(secret)
    yield json.dumps(secret)[1:-1]
    yield json.dumps(secret, ensure_ascii=False)[1:-1]
    yield secret.encode().hex()
    for before in range(3):  # in Base64, the letters depend on the number of preceding bytes
        encoded = base64.b64encode(bytes(before) + secret.encode()).decode().rstrip("=")
        inner = encoded[(0, 2, 3)[before] : -1]
        yield inner
        yield inner.translate(str.maketrans("+/", "-_"))


def in_play(stack: Stack) -> set[str]:
    """Return the secrets of a stack's accounts and readers, and all callers and callees."""
    secrets: set[str] = {*READER_SECRETS, scenarios.SECRET}
    known = {hashlib.sha256(secret.encode()).hexdigest() for secret in secrets}
    for page in (
        stack.client("ssm")
        .get_paginator("get_parameters_by_path")
        .paginate(Path=f"/{stack.name}/accounts", WithDecryption=True)
    ):
        for parameter in page["Parameters"]:
            account = json.loads(parameter["Value"])
            secrets |= set(_texts(account.get("callback", {}))) | set(_texts(account.get("api", {})))
            for reader in account.get("readers", ()):
                assert reader["sha256"] in known, "READER_SECRETS lacks the secret of a reader."
    for page in stack.client("dynamodb").get_paginator("scan").paginate(TableName=stack.outputs["TableName"]):
        for item in page["Items"]:
            secrets |= {item[name]["S"] for name in ("caller", "callee") if name in item}
    return {secret for secret in secrets if len(secret) >= MIN_SECRET_CHARACTERS}


def check(logs: Mapping[str, str], secrets: Iterable[str]) -> list[str]:
    """Return a message for each secret, or other forbidden text, in the log of a function."""
    wanted = list(secrets)
    return [
        f"The log of {name} has {what!r}."
        for name, text in logs.items()
        for what in (*found(text, wanted), *dict.fromkeys(NEVER.findall(text)))
    ]


def _texts(value: Any) -> list[str]:
    """Return the secrets of a section of an account."""
    if isinstance(value, str):
        return [value]
    if isinstance(value, list):
        return [text for item in value for text in _texts(item)]
    names = set(value) - {"id", "origin", "token_url", "username"}
    return [text for name in names for text in _texts(value[name])]
