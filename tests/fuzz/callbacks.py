"""Make callbacks out of each provider's samples: changed, and then signed as the provider would have signed them.

So most of them reach the reader behind the signature. Some are forged: signed with another key, or not at all.
"""

import base64
import gzip
import hashlib
import hmac
import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from random import Random
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode

from callvault.web import Request
from tests import samples
from tests.fuzz import values
from tests.samples import Contract

type Fields = list[tuple[str, Any]]

FORM, JSON = "application/x-www-form-urlencoded", "application/json"
WEAR = 0.5
"""How much of what is sent is changed in its fields only, and not in its bytes."""
CALLER = "+15550006661"
"""Stands in every callback, and is looked for in every log."""
FORGED = 0.05
HMAC_KEY = "hmac-key-of-the-hook"
BASIC = ("basic-user", "basic-password")
PATHS = (
    "acme", "other", "unknown", "", ".", "..", "../acme", "acme/../other", "%2e%2e", "acme#r", "acme\x00",
    "a" * 1000, "é",
    "acme\n", "ACME", " acme", "{account_id}", "acme%00",
)  # fmt: skip
NO_PROVIDERS = ("bandwidth", "twilio", "signalwire", "kazoo", "", "Bandwidth", "../kazoo", "é")
TYPES = (
    FORM,
    JSON,
    "",
    "text/plain",
    "application/json; charset=utf-16",
    "multipart/form-data; boundary=x",
    "form",
    "JSON",
)


@dataclass(frozen=True)
class Callback:
    """What is sent to one account; `genuine` if everything is as whoever knows the secrets would send it."""

    request: Request
    genuine: bool


@dataclass(frozen=True)
class Sender:
    """A provider, the parameter of the account that it sends for, and how it proves who it is."""

    provider: str
    parameter: dict[str, Any]
    prove: Callable[[Random, Request, dict[str, Any]], Request]


def made(random: Random, sender: Sender) -> Callback:
    """Return a callback."""
    contract = _contract(sender.provider)
    sample = random.choice(contract.samples).request
    parameters = {"provider": sender.provider, "account_id": "acme"}
    path = f"/callbacks/{sender.provider}/acme"
    request = replace(sample, headers=_headers(random, sample), path=path, parameters=parameters)
    request = _changed(random, request, contract)
    if random.random() < 0.05:
        request = _encoded(random, request)
    forged = random.random() < FORGED
    callback = sender.parameter["callback"]
    request = sender.prove(random, request, _other(callback) if forged else callback)
    if random.random() < 0.05:
        return Callback(_misdirected(random, request), genuine=False)
    return Callback(request, genuine=not forged)


def secrets(sender: Sender) -> list[str]:
    """Return what must be in no log and in no answer."""
    return [*_texts(sender.parameter["callback"]), *_texts(sender.parameter.get("api", {}))]


# ---- who proves what, and how ----------------------------------------------------------------------------------------


def token(random: Random, request: Request, callback: dict[str, Any]) -> Request:
    """Bring the token in the path, and Basic where the account has that."""
    request = replace(request, parameters={**request.parameters, "token": callback["token"]})
    request = replace(request, path=f"{request.path}/{callback['token']}")
    if "password" not in callback:
        return request
    basic = base64.b64encode(f"{callback['username']}:{callback['password']}".encode()).decode()
    return replace(request, headers={**request.headers, "authorization": f"Basic {basic}"})


def hook(random: Random, request: Request, callback: dict[str, Any]) -> Request:
    """Send `data` in a signed envelope, as version 2 of KAZOO's webhooks does."""
    seconds = 63871672900 + random.randrange(3)
    data = (
        request.body if request.body.startswith((b"{", b"[")) else json.dumps(request.body.decode("latin-1")).encode()
    )
    digest = hmac.digest(callback["hmac_key"].encode(), str(seconds).encode() + data, "sha256")
    name = json.dumps(values.text(random) if random.random() < 0.1 else "doc_edited").encode()
    signature = base64.b64encode(digest)
    body = b'{"action":"event","data":%s,"hmac":"%s","name":%s,"timestamp":%d}' % (data, signature, name, seconds)
    return replace(request, method="POST", body=body, headers={**request.headers, "content-type": JSON})


def signalwire(random: Random, request: Request, callback: dict[str, Any]) -> Request:
    """Sign in one of SignalWire's ways."""
    key = random.choice(callback["signing_keys"])
    algorithm = random.choice(("sha1", "sha256"))
    if random.random() < WEAR:
        signature = hmac.digest(key.encode(), _url(request).encode() + request.body, algorithm).hex()
    else:
        request, message = _form_message(request)
        signature = base64.b64encode(hmac.digest(key.encode(), message, algorithm)).decode()
    name = random.choice(("x-signalwire-signature", "x-signalwire-sha256-signature", "x-twilio-signature"))
    return replace(request, headers={**request.headers, name: signature})


def twilio(random: Random, request: Request, callback: dict[str, Any]) -> Request:
    """Sign in one of Twilio's ways."""
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


def _url(request: Request) -> str:
    return f"{request.origin}{request.path}" + (f"?{request.raw_query}" if request.raw_query else "")


def _form_message(request: Request) -> tuple[Request, bytes]:
    """Return what the form scheme signs; a body that is no plain form is vouched for by its hash in the query."""
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


# ---- what is changed -------------------------------------------------------------------------------------------------


def _changed(random: Random, request: Request, contract: Contract) -> Request:
    """Return a request whose content is changed."""
    roll = random.random()
    if roll < 0.03:
        return request
    if roll < 0.08:
        return replace(request, body=random.choice(values.NASTY_JSON))
    names = _vocabulary(contract.parameter["provider"])
    fields = values.pairs(random, _with_caller(_fields(request)), names)
    if random.random() < 0.1:
        fields = [(random.choice(names), values.value(random)) for _ in range(random.randrange(40))] + _key(request)
    request = _written(random, request, fields)
    if random.random() < 0.1:
        request = replace(request, body=values.garble(random, request.body))
    if random.random() < 0.1:
        said = urlencode([(random.choice(("owner_id", "from", "to", "tag", "x")), values.text(random)[:3000])])
        request = replace(request, raw_query=f"{request.raw_query}&{said}".lstrip("&"))
    if random.random() < 0.05:
        request = replace(request, headers={**request.headers, "content-type": random.choice(TYPES)})
    if random.random() < 0.02:
        request = replace(request, method=random.choice(("GET", "POST")))
    return request


def _written(random: Random, request: Request, fields: Fields) -> Request:
    """Return a request that says these fields, mostly as it said its own."""
    way = request.method if request.method == "GET" else request.headers.get("content-type", JSON)
    way = random.choice(("GET", FORM, JSON)) if random.random() < 0.1 else way
    if way == "GET":
        said = [(name, content if isinstance(content, str) else json.dumps(content)) for name, content in fields]
        return replace(request, method="GET", body=b"", raw_query=urlencode(said, quote_via=quote, errors="replace"))
    body = values.form(random, fields) if way == FORM else values.document(random, fields)
    return replace(request, method="POST", raw_query="", body=body, headers={**request.headers, "content-type": way})


def _encoded(random: Random, request: Request) -> Request:
    """Return a request that claims, rightly or not, that its body is compressed."""
    coding = random.choice(("gzip", "br", "deflate", "zstd", "gzip, gzip", "identity", "\x00"))
    body = gzip.compress(request.body or bytes(200_000)) if random.random() < WEAR else request.body
    return replace(request, body=body, headers={**request.headers, "content-encoding": coding})


def _misdirected(random: Random, request: Request) -> Request:
    """Return a request to another address, or with another secret in it."""
    parameters = dict(request.parameters)
    match random.randrange(4):
        case 0:
            parameters["account_id"] = random.choice(PATHS[1:])
        case 1:
            others = [name for name in NO_PROVIDERS if name != parameters["provider"]]
            parameters["provider"] = random.choice(others)
        case 2:
            parameters["token"] = parameters.get("token", "") + random.choice(("x", "\x00", "é", "/", "\n"))
        case _:
            parameters["account_id"] = "other"
    return replace(request, parameters=parameters)


def _headers(random: Random, request: Request) -> dict[str, str]:
    """Return a sample's own headers that prove nothing, and now and then odd ones."""
    headers = {name: value for name, value in request.headers.items() if name == "content-type"}
    if random.random() < 0.05:
        odd = random.choice(("x-request-id", "user-agent", "x-forwarded-for", "authorization", "x-twilio-signature"))
        headers[odd] = values.text(random)[:500]
    return headers


def _fields(request: Request) -> Fields:
    """Return what a sample says."""
    if request.method == "GET":
        return list(parse_qsl(request.raw_query, keep_blank_values=True))
    if request.headers.get("content-type") == FORM:
        return list(parse_qsl(request.body.decode(), keep_blank_values=True))
    content = json.loads(request.body)
    return list(content.items())


def _with_caller(fields: Fields) -> Fields:
    """Return fields whose caller is known to us."""
    return [(name, CALLER if name in {"from", "From"} else content) for name, content in fields]


def _key(request: Request) -> Fields:
    """Return what of a sample says what it is about, so that anything else may be missing."""
    telling = {
        "eventType",
        "recordingId",
        "RecordingSid",
        "RecordingStatus",
        "AccountSid",
        "id",
        "type",
        "action",
        "data",
    }
    return [(name, content) for name, content in _fields(request) if name in telling]


@cache
def _contract(provider: str) -> Contract:
    return samples.of(provider)


@cache
def _vocabulary(provider: str) -> list[str]:
    """Return every name that a provider's samples use."""
    names: dict[str, None] = {}
    for sample in _contract(provider).samples:
        names |= dict.fromkeys(name for name, _ in _fields(sample.request))
    return list(names)


def _other(value: Any) -> Any:
    """Return a callback section whose every secret is another one."""
    if isinstance(value, str):
        return f"{value}x"
    if isinstance(value, list | tuple):
        return [_other(item) for item in value]
    return {name: item if name == "id" else _other(item) for name, item in value.items()}


def _texts(value: Any) -> list[str]:
    """Return every secret in a section."""
    if isinstance(value, str):
        return [value]
    if isinstance(value, list | tuple):
        return [text for item in value for text in _texts(item)]
    return [text for name, item in value.items() if name not in {"id", "origin", "username"} for text in _texts(item)]


def _sender(provider: str, prove: Any, **callback: Any) -> Sender:
    contract = _contract(provider)
    parameter = {**contract.parameter, "callback": {**contract.parameter["callback"], **callback}}
    return Sender(provider, {**parameter, "provider_account_id": parameter["provider_account_id"]}, prove)


SENDERS = {
    "bandwidth": _sender("bandwidth", token, token="the-token-of-acme", username=BASIC[0], password=BASIC[1]),
    "signalwire": _sender("signalwire", signalwire),
    "twilio": _sender("twilio", twilio),
    "kazoo": _sender("kazoo", token, token="the-token-of-acme"),
}
_KAZOO = SENDERS["kazoo"]
SENDERS["kazoo-hmac"] = Sender("kazoo", {**_KAZOO.parameter, "callback": {"hmac_key": HMAC_KEY}}, hook)
