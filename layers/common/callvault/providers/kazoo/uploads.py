"""Read what KAZOO's attachment handlers send: by HTTP, with all that its versions do differently, and to S3.

Sources: kz_att_http.erl, kz_att_util.erl, kz_att_s3.erl, kapps_call_recording.erl (4.3 and master), and captures of
what they send. Three shapes, by PUT or POST:

- `url` of a recording: the audio to `<url>/call_recording_<call_id>.<ext>?from=…`, or, where the address has a query,
  to `<url>&recording=call_recording_<call_id>.<ext>&from=…`. 4.2 and later say `recording_id`, the document's id. What
  is not known comes as an empty value; master doubles the dot before the extension; what is not ASCII comes raw.
- a storage plan: the audio to a path that its field_list makes, by default
  `<account>/[<owner>/]<document>/<attachment>`.
- a storage plan with send_multipart: the document, then the audio, perhaps in Base64.

Saving a plan puts a probe, a small text, and gets it again. KAZOO reads back from the address that it remembers, with
the path doubled or glued to the last value, and `id=<document>` among the document's fields behind it. Credentials in
the address arrive mangled then ("user:secret" as "usersecret:"), so that only a token in the path opens the way back.
"""

import base64
import binascii
import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, unquote

from callvault.accounts import Account
from callvault.errors import InvalidRequestError
from callvault.models import Recording, State
from callvault.providers.fields import json_object, text
from callvault.providers.kazoo import documents, multipart_body
from callvault.providers.kazoo.provider import check_account
from callvault.web import Request

DOCUMENT = re.compile(r"[0-9]{6}-[0-9a-f]{32}")
"""A document's id where it stands among other things."""
FILE = re.compile(r"call_recording_(?P<call_id>.*?)\.{1,2}(?P<extension>\w{1,5})", re.DOTALL)
PROBE = re.compile(r"[0-9a-f]{32}_test_credentials_file\.txt")
HEX = re.compile(r"[0-9a-f]{32}")
MONTH = re.compile(r"[0-9]{6}(?=-)")
PREFIX = "incoming/kazoo/"
"""Where KAZOO's S3 handler puts objects: `incoming/kazoo/<account>/…`."""


@dataclass(frozen=True, kw_only=True)
class Upload:
    """What was sent, and what KAZOO said of it."""

    values: Mapping[str, Any] = field(default_factory=dict)
    """By the names of the document's fields."""
    body: bytes = b""
    content_type: str = ""
    file: str = ""
    """The name under which it was sent."""

    @property
    def probe(self) -> str | None:
        """Return the name of the probe that it is, or None."""
        return self.file if PROBE.fullmatch(self.file) else None

    @property
    def document_id(self) -> str | None:
        """Return the document's id, or None where nobody told."""
        given = text(self.values.get("recording_id")) or text(self.values.get("id")) or ""
        return given if documents.ID.fullmatch(given) else None

    def recording(self, account: Account, sha256: str) -> Recording:
        """Return the recording that was sent; raises ForbiddenError for another account's.

        Its id is the document's. Where nobody told that, it is made of the call and the content, in the same shape: the
        same for every repetition, and another one for another recording of the same leg.
        """
        check_account(account, self.values.get("account_id"))
        call = FILE.fullmatch(self.file)
        told = {"call_id": call["call_id"]} if call else {"name": self.file} if self.file else {}
        values = told | {name: value for name, value in self.values.items() if value not in (None, "")}
        recording_id = self.document_id or _made_up(values, sha256)
        recording = documents.read(account, recording_id, State.PENDING, values)
        heard = documents.format_of(recording.format, self.file, self.content_type)
        return recording.model_copy(update={"format": heard})


def read(request: Request, path: str) -> Upload:
    """Return what a PUT or POST sends to a path under the account's address; raises InvalidRequestError."""
    segments, values = path.split("/"), parameters(request)
    names = [name for name, value in values.items() if FILE.fullmatch(value) or PROBE.fullmatch(value)]
    file = values.pop(names[0]) if names else segments[-1]
    values = _placed(segments[:-1]) | values
    content_type = request.headers.get("content-type", "")
    if not content_type.strip().lower().startswith("multipart/"):
        return Upload(values=values, body=request.body, content_type=content_type, file=file)
    document: dict[str, Any] = {}
    sent = None
    for part in multipart_body.parts(content_type, request.body):
        if part.content_type == "application/json" and not document:
            document = {"id": part.name} | json_object(part.body)
        elif sent is None:
            sent = part
    if sent is None:
        raise InvalidRequestError("body", "The body has no part with audio.")
    return Upload(values=values | document, body=sent.body, content_type=sent.content_type, file=sent.name or file)


def read_key(key: str) -> tuple[str, Upload] | None:
    """Return the account and what the key says of an object that KAZOO's S3 handler put, or None.

    `incoming/kazoo/<account>/<document id>/<attachment>`, with any number of segments `<field>=<value>` before the
    attachment; the default `…/<database>/<document id>_<attachment>`; or any other name.
    """
    account_id, _, rest = key.removeprefix(PREFIX).partition("/")
    if not key.startswith(PREFIX) or not account_id or not rest:
        return None
    *folders, file = rest.split("/")
    values = {}
    for segment in folders:
        name, equals, value = segment.partition("=")
        if equals and value:
            values[name] = unquote(value)
    found = DOCUMENT.match(file)
    if found and file[found.end() : found.end() + 1] == "_":
        values, file = {"id": found[0]} | values, file[found.end() + 1 :]
    return account_id, Upload(values=_placed(folders) | values, file=unquote(file))


def parameters(request: Request) -> dict[str, str]:
    """Return the query's parameters: of a repeated one the last that says something, for the user's own come first."""
    values: dict[str, str] = {}
    for name, value in parse_qsl(request.raw_query, keep_blank_values=True):
        if value or name not in values:
            values[name] = value
    return values


def wanted_probe(request: Request, path: str) -> str | None:
    """Return the name of the probe that is asked for, however its path is doubled."""
    found = PROBE.findall(f"{path} {request.raw_query}")
    return str(found[-1]) if found else None


def wanted_id(request: Request, path: str) -> str | None:
    """Return the document id of the recording that is read back: `id=` at the end, in the path, or in a glued value."""
    values = parameters(request)
    given = values.get("id", "")
    if documents.ID.fullmatch(given):
        return given
    found = DOCUMENT.findall(path) or DOCUMENT.match(values.get("recording_id", ""))
    return str(found[0]) if found else None


def wanted_call(request: Request, path: str) -> str | None:
    """Return the call of the recording that is read back: older versions say nothing else."""
    values = parameters(request)
    files = [FILE.fullmatch(value) for value in (*values.values(), path.rpartition("/")[2])]
    return values.get("call_id") or next((file["call_id"] for file in files if file), None)


def decoded(body: bytes) -> bytes | None:
    """Return what a body in Base64 holds (`base64_encode_data` of a storage plan), or None for any other."""
    try:
        return base64.b64decode(body.translate(None, b"\r\n"), validate=True)
    except (binascii.Error, ValueError):
        return None


def _placed(segments: list[str]) -> dict[str, str]:
    """Return what a path of a storage plan says by its order: account, owner, if there is one, and document."""
    places = [number for number, segment in enumerate(segments) if DOCUMENT.fullmatch(segment)]
    if not places:
        return {}
    owners = [segment for segment in segments[: places[0]] if HEX.fullmatch(segment)]
    return {"id": segments[places[0]]} | dict(zip(("account_id", "owner_id"), owners, strict=False))


def _made_up(values: Mapping[str, Any], sha256: str) -> str:
    """Return an id for a recording whose document's id nobody told."""
    leg = text(values.get("cdr_id")) or text(values.get("call_id")) or ""
    start = documents.gregorian(values.get("start"))
    start = start or documents.gregorian((text(values.get("interaction_id")) or "").partition("-")[0])
    month = MONTH.match(text(values.get("cdr_id")) or "")
    prefix = month[0] if month else f"{start:%Y%m}" if start else "000000"
    return f"{prefix}-{hashlib.sha256(json.dumps([leg, sha256]).encode()).hexdigest()[:32]}"
