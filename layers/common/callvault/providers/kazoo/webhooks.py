"""Read KAZOO's `object` webhook in all its shapes, and check its signature.

Version 1: a form, JSON or, by GET, the query, of `id`, `account_id`, `type`, `action` and whatever the hook's
custom_data adds. Version 2 (KAZOO 5): JSON `{"action": "event", "name": <action>, "timestamp", "hmac", "data": {…}}`.

`hmac` is base64(HMAC-SHA256(key, <Gregorian seconds as text> + canonical JSON of `data`)) (kazoo-webhooks,
webhooks_util.erl, add_hmac). The seconds are read again after those of `timestamp`, so that they may be one later; one
earlier is tolerated, too. "Canonical" is what `kz_json:encode(…, ['canonical'])` writes, which is not public; but the
whole body of a JSON hook is written by the same call, so that `data` stands in it byte for byte as it was signed. In
case that something on the way wrote the body anew, it is also tried with names sorted, without white space, in UTF-8.
"""

import hashlib
import hmac
import json
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from callvault.errors import ForbiddenError, InvalidRequestError
from callvault.providers.fields import form, integer, is_json, json_object, text
from callvault.web import Request

TOLERANCE_SECONDS = 1
WHITE_SPACE = " \t\r\n"


@dataclass(frozen=True)
class Hook:
    """What a webhook says."""

    action: str | None
    """`doc_created`, `doc_edited`, `doc_deleted`, or something that is none of ours."""
    kind: str | None
    """The document's type."""
    values: dict[str, Any]
    """What it says of the document: of version 1 all its fields, of version 2 those of `data`."""

    @property
    def document(self) -> dict[str, Any]:
        """Return the document's own fields, as far as the hook brings them."""
        inner = self.values.get("doc")
        told = {name: value for name, value in self.values.items() if name not in {"doc", "metadata"}}
        return told | inner if isinstance(inner, dict) else told

    @property
    def deleted(self) -> bool:
        """Say whether the document was deleted softly, which is an edit to KAZOO."""
        return str(self.values.get("is_soft_deleted")).lower() == "true"


def read(request: Request) -> Hook:
    """Return what a webhook says; raises InvalidRequestError."""
    payload = _payload(request)
    data = payload.get("data")
    if payload.get("action") == "event" and isinstance(data, dict):
        shared: dict[str, Any] = {name: payload[name] for name in ("id", "type", "account_id") if name in payload}
        values = shared | data
        return Hook(text(payload.get("name")), text(values.get("type")), values)
    return Hook(text(payload.get("action")), text(payload.get("type")), payload)


def check(request: Request, key: str) -> None:
    """Accept a webhook whose `hmac` is right; raises ForbiddenError."""
    try:
        payload = _payload(request)
    except InvalidRequestError:
        payload = {}
    given, seconds = text(payload.get("hmac")), integer(payload.get("timestamp"))
    if given is None or seconds is None:
        raise ForbiddenError("The webhook is not signed.")
    right = False
    for data in _signed(request.body, payload.get("data")):
        for shift in range(-TOLERANCE_SECONDS, TOLERANCE_SECONDS + 1):
            right |= hmac.compare_digest(given.encode(errors="replace"), sign(key, seconds + shift, data))
    if not right:
        raise ForbiddenError("The signature is wrong.")


def sign(key: str, seconds: int, data: bytes) -> bytes:
    """Return the signature of `data`, in base64, at that time in Gregorian seconds."""
    return b64encode(hmac.digest(key.encode(), str(seconds).encode() + data, hashlib.sha256))


def canonical(value: object) -> bytes:
    """Return a JSON value with names sorted, without white space, in UTF-8."""
    dumped = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return dumped.encode(errors="surrogatepass")


def _payload(request: Request) -> dict[str, Any]:
    """Return the fields of a webhook."""
    if request.method == "GET":
        # KAZOO puts a "?" before the fields although the address may have a query already.
        pairs = parse_qsl(request.raw_query.replace("?", "&"), keep_blank_values=True)
        return _unfolded(dict(reversed(pairs)))
    if is_json(request):
        return json_object(request.body)
    return _unfolded(form(request))


def _unfolded(fields: dict[str, str]) -> dict[str, Any]:
    """Return a form's fields; those of an object, `data[id]`, as that object."""
    data = {name[5:-1]: value for name, value in fields.items() if name.startswith("data[") and name.count("[") == 1}
    return fields | {"data": data} if data else dict(fields)


def _signed(body: bytes, data: object) -> Iterator[bytes]:
    """Yield what may have been signed: `data` as it stands in the body, and written anew."""
    raw = _raw_member(body.decode(errors="replace"), "data")
    if raw is not None:
        yield raw.encode()
    yield canonical(data)


def _raw_member(document: str, wanted: str) -> str | None:
    """Return the text of a member of the JSON object that a document is, as it stands there, or None."""
    decoder, found = json.JSONDecoder(), None
    position = _skip(document, 0)
    while position < len(document) and document[position] in "{,":
        try:
            name, position = decoder.raw_decode(document, _skip(document, position + 1))
            start = _skip(document, _skip(document, position) + 1)  # past the colon
            _, position = decoder.raw_decode(document, start)
        except (ValueError, RecursionError):
            return None
        if name == wanted:
            found = document[start:position]
        position = _skip(document, position)
    return found


def _skip(document: str, position: int) -> int:
    """Return the position of the next character that is no white space."""
    while position < len(document) and document[position] in WHITE_SPACE:
        position += 1
    return position
