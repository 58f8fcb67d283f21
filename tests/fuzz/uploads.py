"""Make random uploads from KAZOO's captures: mutate path, query, headers, parts and audio."""

from dataclasses import replace
from random import Random
from typing import Any
from urllib.parse import parse_qsl, quote, unquote

from callvault.web import Request
from tests import captures
from tests.captures import ACCOUNT_ID, AUDIO, PROBE
from tests.fuzz import values
from tests.fuzz.callbacks import CALLER, FORGED, Callback

TOKEN = "the-token-of-the-uploads"
PARAMETER: dict[str, Any] = {
    "provider": "kazoo",
    "callback": {"token": TOKEN},
    "api": {"origin": "https://x.example", "api_key": "k" * 64},
}
ACCOUNT = ACCOUNT_ID
SEGMENTS = (
    ".", "..", "", "%2e%2e", "...", "a" * 1000, "\x00", "é", "202401-" + "0" * 32, "٢٠٢٤٠١-" + "0" * 32, "f" * 32,
    ACCOUNT_ID,
    "f" * 32 + "_test_credentials_file.txt", "call_recording_a.mp3", "call_recording_.wav", "call_recording_\n.wav",
)  # fmt: skip
TYPES = (
    "audio/mpeg", "audio/wav", "multipart/form-data", "multipart/form-data; boundary=",
    'multipart/mixed; boundary="a\x00b"',
    "multipart/form-data; boundary=" + "b" * 500, "multipart/form-data; boundary=é", "application/json", "",
    "multipart/",
)  # fmt: skip
NAMES = captures.names("*")


def make(random: Random) -> Callback:
    """Return a random upload or read-back, of a recording or a probe."""
    audio = AUDIO if random.random() < 0.5 else values.garble(random, AUDIO)
    request, path = captures.request(random.choice(NAMES), audio)
    request = replace(request, raw_query=_query(random, request.raw_query), body=_body(random, request.body))
    if random.random() < 0.2:
        segments = path.split("/")
        segments.insert(random.randrange(len(segments) + 1), random.choice(SEGMENTS))
        path = "/".join(segments)
    if random.random() < 0.1:
        request = replace(request, method=random.choice(("GET", "PUT", "POST")))
    headers = {"content-type": request.headers.get("content-type", "")}
    if random.random() < 0.1:
        headers = {"content-type": random.choice(TYPES), "content-encoding": "gzip"}
    forged = random.random() < FORGED
    parameters = {"account_id": ACCOUNT, "token": TOKEN, "path": path}
    if forged:
        name = random.choice(("account_id", "token"))
        parameters[name] = random.choice(
            ("", "..", "other", "é", "\x00", f"{parameters[name]}/..", parameters[name][:-1])
        )
    origin = "https://api.example.com"
    path = f"/uploads/kazoo/{ACCOUNT}/{TOKEN}/{path}"
    request = Request(
        method=request.method, path=path, raw_query=request.raw_query, headers=headers, body=request.body,
        parameters=parameters, origin=origin,
    )  # fmt: skip
    return Callback(request, genuine=not forged)


def secrets() -> list[str]:
    """Return the secrets of the account, which must not be in a log or an answer."""
    return [TOKEN, PARAMETER["api"]["api_key"]]


def _query(random: Random, query: str) -> str:
    """Return a query with mutated fields and with CALLER as the caller."""
    known = [(name, CALLER if name == "from" else value) for name, value in parse_qsl(query, keep_blank_values=True)]
    names = [
        "from",
        "to",
        "call_id",
        "id",
        "recording_id",
        "account_id",
        "start",
        "owner_id",
        "cdr_id",
        "recording",
        "duration",
    ]
    fields = values.pairs(random, known, names) if random.random() < 0.8 else known
    query = "&".join(
        f"{quote(name, errors='replace')}={quote(str(content), errors='replace')}" for name, content in fields
    )
    return unquote(query) if random.random() < 0.05 else query


def _body(random: Random, body: bytes) -> bytes:
    """Return a body unchanged, mutated, or replaced."""
    roll = random.random()
    if roll < 0.7:
        return body
    if roll < 0.9:
        return values.garble(random, body)
    return random.choice((b"", PROBE, b"\xff" * 100, b"\x00" * 5000, bytes(4_600_000), *values.NASTY_JSON))
