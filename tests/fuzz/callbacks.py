"""Make random callbacks: mutate a provider's samples, then sign them as the provider does.

Most callbacks therefore pass authentication, so that the mutations reach the code behind it. Some
are forged: they have another account's secrets, or are sent to another URL.
"""

import gzip
import json
from dataclasses import dataclass, replace
from functools import cache
from random import Random
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode

from callvault.web import Request
from tests import samples
from tests.fuzz import envelopes, values
from tests.fuzz.senders import FORM, JSON, Sender, other_secrets
from tests.samples import Contract

type Fields = list[tuple[str, Any]]

contract_of = cache(samples.of)

COMPRESSED = 0.5
"""Share of the bodies with a content-encoding that are compressed as it says."""
WHOLE = 0.3
"""Share of the events in envelopes that are not changed otherwise."""
NESTED_UNCHANGED = 0.4
"""Share of the objects in a callback's JSON whose members stay as they are."""
CALLER = "+15550006661"
"""Caller in every callback; it must not be in a log."""
FORGED = 0.05
"""Share of the callbacks with wrong secrets."""
PATHS = (
    "acme", "other", "unknown", "", ".", "..", "../acme", "acme/../other", "%2e%2e", "acme#r", "acme\x00",
    "a" * 1000, "é",
    "acme\n", "ACME", " acme", "{account_id}", "acme%00",
)  # fmt: skip
NO_PROVIDERS = ("", "Bandwidth", "../kazoo", "é")
"""Names of no provider. A genuine callback of another provider that exists is parked."""
TYPES = (
    FORM, JSON, "", "text/plain", "application/json; charset=utf-16", "multipart/form-data; boundary=x", "form", "JSON",
)  # fmt: skip


@dataclass(frozen=True)
class Callback:
    """A request to one account; `genuine` if its secrets and its URL are right."""

    request: Request
    genuine: bool
    reports: bool = False
    """Whether it must become a recording if it is acknowledged."""


def make(random: Random, sender: Sender) -> Callback:
    """Return a random callback."""
    contract = contract_of(sender.provider)
    chosen = random.choice(contract.samples)
    sample, wrapped = chosen.request, envelopes.is_event(chosen) and random.random() < envelopes.SHARE
    reports = wrapped and random.random() < WHOLE
    parameters = {"provider": sender.provider, "account_id": "acme"}
    path = f"/callbacks/{sender.provider}/acme"
    request = replace(sample, headers=_headers(random, sample), path=path, parameters=parameters)
    request = envelopes.whole(random, request) if reports else _changed(random, request, contract, enveloped=wrapped)
    if random.random() < 0.05 and not reports:
        request = _encoded(random, request)
    forged = random.random() < FORGED
    callback = sender.parameter["callback"]
    request = sender.authenticate(random, request, other_secrets(callback) if forged else callback)
    if random.random() < 0.05:
        return Callback(_misdirected(random, request), genuine=False)
    return Callback(request, genuine=not forged, reports=reports and not forged)


def _changed(random: Random, request: Request, contract: Contract, *, enveloped: bool) -> Request:
    """Return a request with mutated content."""
    roll = random.random()
    if roll < 0.03:
        return request
    if roll < 0.08:
        return replace(request, body=random.choice(values.NASTY_JSON))
    names = _vocabulary(contract.parameter["provider"])
    fields = [(name, _nested(random, content)) for name, content in _with_caller(_fields(request))]
    fields = values.pairs(random, fields, names)
    if random.random() < 0.1:
        fields = [(random.choice(names), values.value(random)) for _ in range(random.randrange(40))] + _key(request)
    if enveloped:
        fields = envelopes.around(random, fields)
    request = _written(random, request, fields)
    if random.random() < 0.1:
        request = replace(request, body=values.garble(random, request.body))
    if random.random() < 0.1:
        added = urlencode([(random.choice(("owner_id", "from", "to", "tag", "x")), values.text(random)[:3000])])
        request = replace(request, raw_query=f"{request.raw_query}&{added}".lstrip("&"))
    if random.random() < 0.05:
        request = replace(request, headers={**request.headers, "content-type": random.choice(TYPES)})
    if random.random() < 0.02:
        request = replace(request, method=random.choice(("GET", "POST")))
    return request


def _nested(random: Random, content: Any) -> Any:
    """Return the value of a field; the members of an object are mostly mutated, on every level."""
    if not isinstance(content, dict) or not content or random.random() < NESTED_UNCHANGED:
        return content
    members = [(name, _nested(random, value)) for name, value in content.items()]
    return dict(values.pairs(random, members, list(content)))


def _written(random: Random, request: Request, fields: Fields) -> Request:
    """Return a request with these fields, mostly in the same encoding as before."""
    encoding = request.method if request.method == "GET" else request.headers.get("content-type", JSON)
    encoding = random.choice(("GET", FORM, JSON)) if random.random() < 0.1 else encoding
    if encoding == "GET":
        texts = [(name, content if isinstance(content, str) else json.dumps(content)) for name, content in fields]
        return replace(request, method="GET", body=b"", raw_query=urlencode(texts, quote_via=quote, errors="replace"))
    body = values.form(random, fields) if encoding == FORM else values.document(random, fields)
    return replace(
        request, method="POST", raw_query="", body=body, headers={**request.headers, "content-type": encoding}
    )


def _encoded(random: Random, request: Request) -> Request:
    """Return a request with a content-encoding, which is right or wrong."""
    coding = random.choice(("gzip", "br", "deflate", "zstd", "gzip, gzip", "identity", "\x00"))
    body = gzip.compress(request.body or bytes(200_000)) if random.random() < COMPRESSED else request.body
    return replace(request, body=body, headers={**request.headers, "content-encoding": coding})


def _misdirected(random: Random, request: Request) -> Request:
    """Return a request with another account, provider or token in its URL."""
    parameters = dict(request.parameters)
    match random.randrange(4):
        case 0:
            parameters["account_id"] = random.choice(PATHS[1:])
        case 1:
            parameters["provider"] = random.choice(NO_PROVIDERS)
        case 2:
            parameters["token"] = parameters.get("token", "") + random.choice(("x", "\x00", "é", "/", "\n"))
        case _:
            parameters["account_id"] = "other"
    return replace(request, parameters=parameters)


def _headers(random: Random, request: Request) -> dict[str, str]:
    """Return a sample's headers without its signature, and sometimes an unusual one."""
    headers = {name: value for name, value in request.headers.items() if name == "content-type"}
    if random.random() < 0.05:
        odd = random.choice(("x-request-id", "user-agent", "x-forwarded-for", "authorization", "x-twilio-signature"))
        headers[odd] = values.text(random)[:500]
    return headers


def _fields(request: Request) -> Fields:
    """Return the fields of a sample."""
    if request.method == "GET":
        return list(parse_qsl(request.raw_query, keep_blank_values=True))
    if request.headers.get("content-type") == FORM:
        return list(parse_qsl(request.body.decode(), keep_blank_values=True))
    content = json.loads(request.body)
    return list(content.items())


def _with_caller(fields: Fields) -> Fields:
    """Return fields with CALLER as the caller."""
    return [(name, CALLER if name in {"from", "From"} else content) for name, content in fields]


def _key(request: Request) -> Fields:
    """Return the fields of a sample without which it would not be about a recording."""
    essential = {
        "eventType",
        "recordingId",
        "RecordingSid",
        "RecordingStatus",
        "AccountSid",
        "event_type",
        "params",
        "id",
        "type",
        "action",
        "data",
    }
    return [(name, content) for name, content in _fields(request) if name in essential]


@cache
def _vocabulary(provider: str) -> list[str]:
    """Return the names of all fields of a provider's samples."""
    names: dict[str, None] = {}
    for sample in contract_of(provider).samples:
        names |= dict.fromkeys(name for name, _ in _fields(sample.request))
    return list(names)
