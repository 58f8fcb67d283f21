"""Authenticate callbacks as each provider does, with code of the tests' own.

A new provider needs one entry in `SENDERS`: the account's parameter, and the function that signs a
callback or adds the account's secrets to it.
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from random import Random
from typing import Any
from urllib.parse import parse_qsl

from nacl.signing import SigningKey

from callvault import times
from callvault.web import Request
from tests import samples
from tests.fuzz import values
from tools.local.providers import telnyx_recordings

FORM, JSON = "application/x-www-form-urlencoded", "application/json"
HMAC_KEY = "hmac-key-of-the-hook"
BASIC = ("basic-user", "basic-password")


@dataclass(frozen=True)
class Sender:
    """A provider that sends callbacks to one account."""

    provider: str
    parameter: dict[str, Any]
    """Parameter of the account."""
    authenticate: Callable[[Random, Request, dict[str, Any]], Request]
    """Adds the secrets or signatures of a callback section to a request."""


def secrets(sender: Sender) -> list[str]:
    """Return the secrets of the account, which must not be in a log or an answer."""
    return [*_texts(sender.parameter["callback"]), *_texts(sender.parameter.get("api", {}))]


def token(random: Random, request: Request, callback: dict[str, Any]) -> Request:
    """Add the token to the path, and Basic credentials if the account has them."""
    request = replace(request, parameters={**request.parameters, "token": callback["token"]})
    request = replace(request, path=f"{request.path}/{callback['token']}")
    if "password" not in callback:
        return request
    basic = base64.b64encode(f"{callback['username']}:{callback['password']}".encode()).decode()
    return replace(request, headers={**request.headers, "authorization": f"Basic {basic}"})


def hook(random: Random, request: Request, callback: dict[str, Any]) -> Request:
    """Put the body into the signed envelope of version 2 of KAZOO's webhooks."""
    seconds = int(request.arrived.timestamp()) + times.GREGORIAN_EPOCH + random.randrange(3)
    data = (
        request.body if request.body.startswith((b"{", b"[")) else json.dumps(request.body.decode("latin-1")).encode()
    )
    digest = hmac.digest(callback["hmac_key"].encode(), str(seconds).encode() + data, "sha256")
    name = json.dumps(values.text(random) if random.random() < 0.1 else "doc_edited").encode()
    signature = base64.b64encode(digest)
    body = b'{"action":"event","data":%s,"hmac":"%s","name":%s,"timestamp":%d}' % (data, signature, name, seconds)
    return replace(request, method="POST", body=body, headers={**request.headers, "content-type": JSON})


def signalwire(random: Random, request: Request, callback: dict[str, Any]) -> Request:
    """Sign by one of SignalWire's schemes."""
    key = random.choice(callback["signing_keys"])
    algorithm = random.choice(("sha1", "sha256"))
    if random.random() < 0.5:
        signature = hmac.digest(key.encode(), _url(request).encode() + request.body, algorithm).hex()
    else:
        request, message = _form_message(request)
        signature = base64.b64encode(hmac.digest(key.encode(), message, algorithm)).decode()
    name = random.choice(("x-signalwire-signature", "x-signalwire-sha256-signature", "x-twilio-signature"))
    return replace(request, headers={**request.headers, name: signature})


def twilio(random: Random, request: Request, callback: dict[str, Any]) -> Request:
    """Sign by one of Twilio's algorithms and keys."""
    key, settings = random.choice(callback["signing_keys"]), {}
    algorithm = random.choice(("sha1", "sha256"))
    if isinstance(key, dict):
        settings = {"key": key["id"]}
    if algorithm == "sha256":
        settings["algorithm"] = "HMAC_SHA256"
    request, message = _form_message(request)
    secret = key["secret"] if isinstance(key, dict) else key
    signature = base64.b64encode(hmac.digest(secret.encode(), message, algorithm)).decode()
    named = ",".join(f"{name}={value}" for name, value in settings.items())
    headers = {"x-twilio-signature": signature, "x-twilio-webhooks-signature-settings": named}
    return replace(request, headers={**request.headers, **headers})


def telnyx(random: Random, request: Request, callback: dict[str, Any]) -> Request:
    """Sign a time near the arrival and the body; a forged callback is signed by another key."""
    is_own = callback["public_keys"] == [telnyx_recordings.PUBLIC_KEY]
    key = telnyx_recordings.KEY if is_own else SigningKey(b"f" * 32)
    seconds = request.arrived.timestamp() - random.randrange(-290, 290)
    return replace(
        request,
        headers={**request.headers, **telnyx_recordings.headers(request.body, key=key, seconds=seconds)},
    )


def _url(request: Request) -> str:
    return f"{request.origin}{request.path}" + (f"?{request.raw_query}" if request.raw_query else "")


def _form_message(request: Request) -> tuple[Request, bytes]:
    """Return the message that the form scheme signs.

    A body that is not a form is signed by its hash, which is added to the request's query.
    """
    kind = request.headers.get("content-type", "")
    if kind == FORM and request.method == "POST":
        sent = request.body.decode(errors="surrogateescape")
        pairs = parse_qsl(sent, keep_blank_values=True, errors="surrogateescape")
        joined = "".join(name + value for name, value in sorted(set(pairs)))
        return request, _url(request).encode() + joined.encode(errors="surrogateescape")
    if request.method == "GET" and not request.body:
        return request, _url(request).encode()
    digest = f"bodySHA256={hashlib.sha256(request.body).hexdigest()}"
    request = replace(request, raw_query=f"{digest}&{request.raw_query}".rstrip("&"))
    return request, _url(request).encode()


def other_secrets(value: Any) -> Any:
    """Return a callback section with other secrets."""
    if isinstance(value, str):
        return f"{value}x"
    if isinstance(value, list | tuple):
        return [other_secrets(item) for item in value]
    return {name: item if name == "id" else other_secrets(item) for name, item in value.items()}


def _texts(value: Any) -> list[str]:
    """Return the secrets of a section."""
    if isinstance(value, str):
        return [value]
    if isinstance(value, list | tuple):
        return [text for item in value for text in _texts(item)]
    return [text for name, item in value.items() if name not in {"id", "origin", "username"} for text in _texts(item)]


def _sender(provider: str, authenticate: Any, **callback: Any) -> Sender:
    contract = samples.of(provider)
    parameter = {**contract.parameter, "callback": {**contract.parameter["callback"], **callback}}
    return Sender(provider, {**parameter, "provider_account_id": parameter["provider_account_id"]}, authenticate)


SENDERS = {
    "telnyx": _sender("telnyx", telnyx),
    "bandwidth": _sender("bandwidth", token, token="the-token-of-acme", username=BASIC[0], password=BASIC[1]),
    "signalwire": _sender("signalwire", signalwire),
    "twilio": _sender("twilio", twilio),
    "kazoo": _sender("kazoo", token, token="the-token-of-acme"),
}
_KAZOO = SENDERS["kazoo"]
SENDERS["kazoo-hmac"] = Sender("kazoo", {**_KAZOO.parameter, "callback": {"hmac_key": HMAC_KEY}}, hook)
