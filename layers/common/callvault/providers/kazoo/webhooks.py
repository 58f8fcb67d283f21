"""Read KAZOO's `object` webhook in both versions, and verify its signature.

Version 1 is a form, JSON, or the query of a GET. It has `id`, `account_id`, `type` and `action`,
and the fields that the hook's custom_data adds. Version 2 (KAZOO 5) is JSON: `{"action": "event",
"name": <action>, "timestamp", "hmac", "data": {…}}`.

The signature `hmac` is base64(HMAC-SHA256(key, <Gregorian seconds as text> + canonical JSON of
`data`)) (kazoo-webhooks, webhooks_util.erl, add_hmac):

- KAZOO reads the clock once for `timestamp` and then again for the signature. The signed time can
  therefore be one second later than `timestamp`. One second earlier is tolerated as well.
- The canonical JSON is the output of `kz_json:encode(…, ['canonical'])`, whose source is not
  public. The same call writes the whole body, so that the text of `data` in the body is the text
  that was signed. In case a proxy has rewritten the body, JSON with sorted names, without white
  space and in UTF-8 is tried as well.
- Nothing else is signed. So of a signed webhook only `data` is believed, which has the ids, the
  type, the revision and the fields of the document. A webhook of an older version, a form and a
  query are refused: they could carry a signed `data` beside fields that nobody signed.
"""

import hashlib
import hmac
import json
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl

from callvault import times
from callvault.errors import Check, ForbiddenError, InvalidRequestError
from callvault.providers.fields import form, integer, is_json, json_object, json_object_or_empty, text
from callvault.web import Request

TOLERANCE_SECONDS = 1
MAX_AGE = timedelta(days=1)
"""Maximum time between a signature and the arrival of its webhook, in either direction.

KAZOO repeats a webhook for seconds only. The rest is for clocks that are wrong, and for those set
to a local time.
"""
WHITE_SPACE = " \t\r\n"


@dataclass(frozen=True)
class Hook:
    """The content of a webhook."""

    action: str | None
    """`doc_created`, `doc_edited`, `doc_deleted`, or another event."""
    kind: str | None
    """Type of the document."""
    values: dict[str, Any]
    """Fields about the document: those of the webhook in version 1, those of `data` in version
    2."""

    @property
    def document(self) -> dict[str, Any]:
        """Return the fields that the webhook includes from the document."""
        inner = self.values.get("doc")
        outer = {name: value for name, value in self.values.items() if name not in {"doc", "metadata"}}
        return outer | inner if isinstance(inner, dict) else outer

    @property
    def deleted(self) -> bool:
        """Return whether the document was soft-deleted, which KAZOO reports as an edit."""
        return str(self.values.get("is_soft_deleted")).lower() == "true"


def read_signed(request: Request) -> Hook:
    """Return the signed content of a webhook that `verify` has accepted.

    The name of the event is not signed. The first revision of a document begins with `1-` (CouchDB,
    "Replication and conflict model"), so the signed revision tells an edited document from a new
    one. An unsigned name can only make the webhook be ignored. Raises InvalidRequestError.
    """
    payload = json_object(request.body)
    values, name = dict(payload["data"]), text(payload.get("name"))
    if name in {"doc_created", "doc_edited"}:
        name = "doc_created" if str(values.get("rev")).startswith("1-") else "doc_edited"
    return Hook(name, text(values.get("type")), values)


def read(request: Request) -> Hook:
    """Return the content of a webhook that need not be signed; raises InvalidRequestError."""
    payload = _payload(request)
    data = payload.get("data")
    if payload.get("action") == "event" and isinstance(data, dict):
        shared: dict[str, Any] = {name: payload[name] for name in ("id", "type", "account_id") if name in payload}
        values = shared | data
        return Hook(text(payload.get("name")), text(values.get("type")), values)
    return Hook(text(payload.get("action")), text(payload.get("type")), payload)


def verify(request: Request, key: str) -> None:
    """Accept a webhook of version 2, in JSON, that was signed by the key; raises ForbiddenError."""
    payload = {} if request.method == "GET" or not is_json(request) else json_object_or_empty(request.body)
    given, seconds, content = text(payload.get("hmac")), integer(payload.get("timestamp")), payload.get("data")
    if given is None or seconds is None or payload.get("action") != "event" or not isinstance(content, dict):
        raise ForbiddenError("The webhook is not a signed webhook of version 2, in JSON.", check=Check.HMAC)
    right = False
    for data in _signed(request.body, content):
        for shift in range(-TOLERANCE_SECONDS, TOLERANCE_SECONDS + 1):
            right |= hmac.compare_digest(given.encode(errors="replace"), sign(key, seconds + shift, data))
    if not right:
        raise ForbiddenError("The signature is wrong.", check=Check.HMAC)
    arrived = request.arrived.timestamp() + times.GREGORIAN_EPOCH
    if abs(arrived - seconds) > MAX_AGE.total_seconds():
        raise ForbiddenError("The signature is too old, or of the future.", check=Check.AGE)


def is_signed(request: Request) -> bool:
    """Return whether a webhook has an `hmac`, genuine or not."""
    try:
        return text(_payload(request).get("hmac")) is not None
    except InvalidRequestError:
        return False


def sign(key: str, seconds: int, data: bytes) -> bytes:
    """Return the signature of `data` in Base64; `seconds` is the time in Gregorian seconds."""
    return b64encode(hmac.digest(key.encode(), str(seconds).encode() + data, hashlib.sha256))


def canonical(value: object) -> bytes:
    """Return a value as JSON with sorted names, without white space, in UTF-8."""
    dumped = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return dumped.encode(errors="surrogatepass")


def _payload(request: Request) -> dict[str, Any]:
    """Return the fields of a webhook; raises InvalidRequestError."""
    if request.method == "GET":
        # KAZOO puts a "?" before its fields even if the URL already has a query.
        pairs = parse_qsl(request.raw_query.replace("?", "&"), keep_blank_values=True)
        return _unfolded(dict(reversed(pairs)))
    if is_json(request):
        return json_object(request.body)
    return _unfolded(form(request))


def _unfolded(fields: dict[str, str]) -> dict[str, Any]:
    """Return the fields of a form, with `data[id]` and the like as members of an object `data`."""
    data = {name[5:-1]: value for name, value in fields.items() if name.startswith("data[") and name.count("[") == 1}
    return fields | {"data": data} if data else dict(fields)


def _signed(body: bytes, data: object) -> Iterator[bytes]:
    """Yield the texts that may have been signed: `data` as it is in the body, and canonical."""
    raw = _raw_member(body.decode(errors="replace"), "data")
    if raw is not None:
        yield raw.encode()
    yield canonical(data)


def _raw_member(document: str, wanted: str) -> str | None:
    """Return the source text of a member of the JSON object in a document, or None.

    If several members have the wanted name, the last one counts, as in a JSON parser.
    """
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
    """Return the position of the next character that is not white space."""
    while position < len(document) and document[position] in WHITE_SPACE:
        position += 1
    return position
