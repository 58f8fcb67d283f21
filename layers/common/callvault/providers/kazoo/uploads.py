"""Read the recordings that KAZOO's attachment handlers upload over HTTP or into S3.

Sources: kz_att_http.erl, kz_att_util.erl, kz_att_s3.erl and kapps_call_recording.erl (4.3 and
master), and captures of the requests. An upload over HTTP is a PUT or a POST in one of three forms,
and the versions of KAZOO differ in the details:

- If `record_call` has the parameter `url`, KAZOO sends the audio to
  `<url>/call_recording_<call_id>.<ext>?from=…`. If `url` already has a query, KAZOO sends it to
  `<url>&recording=call_recording_<call_id>.<ext>&from=…` instead. 4.2 and later add `recording_id`,
  which is the document's id. A field without a value is sent as `name=`. The branch master doubles
  the dot before the extension. Text that is not ASCII is not percent-encoded.
- If the account has a storage plan, KAZOO sends the audio to a path that the plan's `field_list`
  defines, by default `<account>/[<owner>/]<document>/<attachment>`.
- If the storage plan also sets `send_multipart`, the body has the document and then the audio,
  which is in Base64 if the plan also sets `base64_encode_data`.

When a storage plan is saved, KAZOO uploads a probe, which is a short text, and reads it back.
`read_backs` identifies the probe or recording that KAZOO reads back.
"""

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, unquote

from callvault.account_parameter import Account
from callvault.errors import InvalidRequestError
from callvault.models import Recording, State
from callvault.providers.fields import check_account, json_object, text
from callvault.providers.kazoo import derived_ids, documents, multipart_body, plan_paths
from callvault.providers.kazoo.multipart_body import Part
from callvault.web import Request

FILE = re.compile(r"call_recording_(?P<call_id>.*?)\.{1,2}(?P<extension>\w{1,5})", re.DOTALL)
"""Matches the file name of a recording that KAZOO sends to a `url`."""
PROBE = re.compile(r"[0-9a-f]{32}_test_credentials_file\.txt")
"""Matches the file name of a probe."""
PREFIX = "incoming/kazoo/"
"""Prefix of the keys that KAZOO's S3 handler writes: `incoming/kazoo/<account>/…`."""


@dataclass(frozen=True, kw_only=True)
class KazooUpload:
    """An uploaded recording or probe, with the fields that came with it."""

    values: Mapping[str, Any] = field(default_factory=dict)
    """Field values, keyed by the field names of KAZOO's document of a recording."""
    body: bytes = b""
    content_type: str = ""
    file: str = ""
    """File name of the upload."""
    path: str = ""
    """Path of the upload below the account's URL or folder. A repeated upload has the same one."""

    @property
    def probe(self) -> str | None:
        """Return the file name if the upload is a probe, else None."""
        return self.file if PROBE.fullmatch(self.file) else None

    @property
    def document_id(self) -> str | None:
        """Return the id of the recording's document, or None if the upload does not have it."""
        given = text(self.values.get("recording_id")) or text(self.values.get("id")) or ""
        return given if documents.ID.fullmatch(given) else None

    def recording(self, account: Account, sha256: str) -> Recording:
        """Return the uploaded recording; `sha256` is the hash of its audio, in hex.

        The recording's id is the document's id, or else a derived one (`derived_ids`). Raises
        ForbiddenError if the upload names another account.
        """
        check_account(account, self.values.get("account_id"))
        call = FILE.fullmatch(self.file)
        named = {"call_id": call["call_id"]} if call else {"name": self.file} if self.file else {}
        values = named | {name: value for name, value in self.values.items() if value not in (None, "")}
        recording_id = self.document_id or derived_ids.of(values, sha256, self.path, self.file)
        recording = documents.read(account, recording_id, State.PENDING, values)
        media_format = documents.format_of(recording.format, self.file, self.content_type)
        return recording.model_copy(update={"format": media_format})


def read(request: Request, path: str) -> KazooUpload:
    """Return the upload of a PUT or POST; `path` is the part below the account's upload URL.

    Raises InvalidRequestError.
    """
    folders, file = path.split("/")[:-1], path.rpartition("/")[2]
    values = parameters(request)
    named = [name for name, value in values.items() if FILE.fullmatch(value) or PROBE.fullmatch(value)]
    if named:
        file = values.pop(named[0])
    values = plan_paths.ids(folders, request.parameters.get("account_id", "")) | values
    content_type = request.headers.get("content-type", "")
    if not content_type.strip().lower().startswith("multipart/"):
        return KazooUpload(values=values, body=request.body, content_type=content_type, file=file, path=path)
    document, audio = _read_parts(content_type, request.body)
    values, file = values | document, audio.name or file
    return KazooUpload(values=values, body=audio.body, content_type=audio.content_type, file=file, path=path)


def read_key(key: str) -> tuple[str, KazooUpload] | None:
    """Return the account id and the upload that an object's key describes, without its body.

    KAZOO's S3 handler writes keys of three forms: `incoming/kazoo/<account>/<document id>/<file>`,
    with any number of folders `<field>=<value>` before the file; the default
    `incoming/kazoo/<account>/…/<database>/<document id>_<file>`; or any other path below the
    account's folder. A folder without a name, as two slashes make one, is left out. Returns None if
    the key has no account folder or no file name.
    """
    account_id, _, rest = re.sub("/+", "/", key).removeprefix(PREFIX).partition("/")
    if not key.startswith(PREFIX) or not account_id or not rest:
        return None
    *folders, file = rest.split("/")
    values = {}
    for folder in folders:
        name, equals, value = folder.partition("=")
        if equals and value:
            values[name] = unquote(value)
    document_id, file = plan_paths.split(file)
    if document_id is not None:
        values = {"id": document_id} | values
    ids = plan_paths.ids(folders, account_id, alone=True)
    return account_id, KazooUpload(values=ids | values, file=unquote(file), path=rest)


def parameters(request: Request) -> dict[str, str]:
    """Return the query's parameters; a repeated one has its last value that is not empty.

    KAZOO appends its fields to the query of the user's URL, so that KAZOO's value is the later one.
    """
    values: dict[str, str] = {}
    for name, value in parse_qsl(request.raw_query, keep_blank_values=True):
        if value or name not in values:
            values[name] = value
    return values


def decoded(body: bytes) -> bytes | None:
    """Return the content of a body in Base64, or None if the body is not Base64.

    A storage plan with `base64_encode_data` sends audio in Base64.
    """
    try:
        return base64.b64decode(body.translate(None, b"\r\n"), validate=True)
    except (binascii.Error, ValueError):
        return None


def _read_parts(content_type: str, body: bytes) -> tuple[dict[str, Any], Part]:
    """Return the document's fields and the audio of a multipart body; raises InvalidRequestError.

    The first JSON part is the document, and the first of the other parts is the audio.
    """
    document: dict[str, Any] = {}
    audio = None
    for part in multipart_body.parts(content_type, body):
        if part.content_type == "application/json" and not document:
            document = {"id": part.name} | json_object(part.body)
        elif audio is None:
            audio = part
    if audio is None:
        raise InvalidRequestError("body", "The body has no part with audio.")
    return document, audio
