"""Stand in for Telnyx's API of recordings and its storage, and send Telnyx's signed webhooks.

The resource of a recording is at `/v2/recordings/ID`. Each answer has new links in `download_urls`,
which lead to the storage. As at S3, a link works for the recording that it is for until it expires,
and a request with an Authorization header is refused: "Only one auth mechanism allowed". API and
storage are two servers, so that credentials sent to the storage are noticed.

The samples in events/telnyx are signed with KEY.
"""

import base64
import json
import time
from collections.abc import Sequence
from typing import Any, override
from urllib.parse import parse_qs, urlsplit

import urllib3
from nacl.signing import SigningKey

from tools.local.faults.replies import Reply
from tools.local.providers import standins
from tools.local.providers.standins import Standin

API_KEY = "KEY0123456789ABCDEF_telnyx"
KEY = SigningKey(b"callvault's stand-in of Telnyx 1")
PUBLIC_KEY = base64.b64encode(bytes(KEY.verify_key)).decode()
"""The public key that Telnyx's portal shows."""
ROOT, TRANSCRIPTIONS = "/v2/recordings/", "/v2/recording_transcriptions/"
JSON = {"content-type": "application/json"}
LINK_SECONDS = 600
"""How long a link is valid."""
NOT_FOUND = {
    "errors": [
        {"code": "10005", "title": "Resource not found", "detail": "The requested resource or URL could not be found."}
    ]
}


class StorageHandler(standins.Handler):
    """Serve media by presigned links."""

    server: "Storage"

    @override
    def get(self) -> None:
        """Send the next reply of the path if the link is valid and is the only credential."""
        parts, query = urlsplit(self.path), parse_qs(urlsplit(self.path).query)
        self._record()
        if self.headers.get("authorization") is not None:
            self._send(Reply(status=400, body=b"<Error><Code>InvalidArgument</Code></Error>"))
        elif float(query.get("expires", ["0"])[0]) < time.time():
            self._send(Reply(status=403, body=b"<Error><Code>AccessDenied</Code></Error>"))
        else:
            self._send(self.server.next_reply(self.server.replies.get(parts.path, [self.server.otherwise])))


class Storage(Standin):
    """Telnyx's storage on loopback; `replies` has the replies by path, without the query."""

    handler = StorageHandler


class ApiHandler(standins.Handler):
    """Serve resources of recordings and of transcriptions."""

    server: "Telnyx"

    @override
    def get(self) -> None:
        """Send a resource, a 401 for a wrong key, or a 404 if there is no such resource."""
        path = self._record()
        if self.headers.get("authorization") != f"Bearer {API_KEY}":
            self._send_json(401, {"errors": [{"code": "10009", "title": "Authentication failed"}]})
        elif self.server.failing:
            self._send(self.server.failing.pop(0))
        elif path.startswith(f"{ROOT[:-1]}?"):
            leg = parse_qs(urlsplit(path).query).get("filter[call_leg_id]", [""])[0]
            found = [one for one in self.server.resources.values() if one.get("call_leg_id") == leg]
            self._send_json(200, {"data": [self.server.with_links(one) for one in found]})
        elif (resource := self.server.resources.get(path)) is not None:
            self._send_json(200, {"data": self.server.with_links(resource)})
        else:
            self._send_json(404, NOT_FOUND)


class Telnyx(Standin):
    """Telnyx's API on loopback."""

    handler = ApiHandler

    def __init__(self, storage: Storage) -> None:
        super().__init__()
        self.storage = storage
        self.resources: dict[str, dict[str, Any]] = {}
        """The resources by path."""
        self.link_seconds: float = LINK_SECONDS
        """How long the next links are valid; a negative number gives links that have expired."""
        self.failing: list[Reply] = []
        """The replies to the next requests, in turn; each is sent once."""

    def keep(
        self, recording_id: str, audio: bytes, *early: Reply, script: Sequence[Reply] = (), **changes: object
    ) -> None:
        """Keep a recording; requests for its media get the early replies before the audio.

        If there is a `script`, they get its replies instead. `changes` are members of the resource.
        """
        form, kind = ("wav", "audio/x-wav") if audio.startswith(b"RIFF") else ("mp3", "audio/mpeg")
        path = f"/telephony-recorder-prod/{recording_id}.{form}"
        self.storage.serve(path, *(script or [*early, Reply(body=audio, headers={"content-type": kind})]))
        self.resources[f"{ROOT}{recording_id}"] = {
            "id": recording_id,
            "record_type": "recording",
            "status": "completed",
            "download_urls": {form: path},
            "from": "+15551112222",
            "to": "+15553334444",
            "initiated_by": "StartCallRecordingAPI",
            "source": "call",
        } | changes

    def keep_transcription(self, transcription_id: str, recording_id: str, text: str) -> None:
        """Keep the text of a recording's transcription."""
        self.resources[f"{TRANSCRIPTIONS}{transcription_id}"] = {
            "id": transcription_id,
            "record_type": "recording_transcription",
            "recording_id": recording_id,
            "status": "completed",
            "transcription_text": text,
        }

    def with_links(self, resource: dict[str, Any]) -> dict[str, Any]:
        """Return a resource with new links to the storage."""
        if not isinstance(resource.get("download_urls"), dict):
            return resource
        end = f"?X-Amz-Signature=s3cret&expires={time.time() + self.link_seconds}"
        links = {
            form: f"{self.storage.origin}{path}{end}" if path.startswith("/") else path
            for form, path in resource["download_urls"].items()
        }
        return resource | {"download_urls": links}


def event(kind: str, recording_id: str | None, **payload: object) -> bytes:
    """Return the body of a webhook."""
    known = {"recording_id": recording_id} if recording_id else {}
    content = {
        "record_type": "event",
        "event_type": kind,
        "id": f"event-of-{recording_id}",
        "occurred_at": time.strftime("%Y-%m-%dT%H:%M:%S.000000Z", time.gmtime()),
        "payload": {"connection_id": "1684641123236054244", "call_leg_id": "leg-1", **known, **payload},
    }
    return json.dumps({"data": content}).encode()


def headers(body: bytes, *, key: SigningKey = KEY, seconds: float | None = None) -> dict[str, str]:
    """Return the headers that sign a body at a time, by default now."""
    stamp = str(int(time.time() if seconds is None else seconds))
    signature = key.sign(f"{stamp}|".encode() + body).signature
    return {"telnyx-timestamp": stamp, "telnyx-signature-ed25519": base64.b64encode(signature).decode()}


def send(url: str, body: bytes, content_type: str = JSON["content-type"]) -> urllib3.BaseHTTPResponse:
    """Send a signed webhook."""
    return urllib3.request("POST", url, body=body, headers={"content-type": content_type, **headers(body)})
