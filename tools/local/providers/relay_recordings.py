"""Stand in for SignalWire's Recordings API, and send the events of SWML's `record_call`.

The resource of a recording is at `/api/relay/rest/recordings/ID`. Its `url` leads to the media,
which is served without credentials, as files.signalwire.com does. Both may be at one stand-in.
"""

import hashlib
import hmac
import json
import time
from typing import Any

import urllib3

from tools.local.faults.replies import Reply
from tools.local.providers.standins import Standin

ROOT = "/api/relay/rest/recordings"
JSON = {"content-type": "application/json"}
SPACE = "5a4c1f0e-1d2b-4c3d-8e9f-a0b1c2d3e4f5"


def keep(
    api: Standin, recording_id: str, audio: bytes, *early: Reply, files: Standin | None = None, **resource: object
) -> str:
    """Serve a finished recording, and return the URL of its media.

    Requests for the media get the early replies before the audio. `resource` has members of the
    resource that differ.
    """
    extension, kind = ("wav", "audio/x-wav") if audio.startswith(b"RIFF") else ("mp3", "audio/mpeg")
    path = f"/{SPACE}/recordings/{recording_id}.{extension}"
    server = files or api
    server.serve(path, *early, Reply(body=audio, headers={"content-type": kind}, public=True))
    url = f"{server.origin}{path}"
    document = {
        "id": recording_id,
        "status": "completed",
        "url": url,
        "stereo": False,
        "byte_size": len(audio),
        "track": "both",
        "price": 0.0025,
        "price_unit": "USD",
    } | resource
    api.serve(f"{ROOT}/{recording_id}", Reply(body=json.dumps(document).encode(), headers=JSON))
    return url


def event(project_id: str, recording_id: str, state: str, **params: Any) -> bytes:  # noqa: ANN401 - any JSON value
    """Return the body of an event."""
    known = {"state": state, "recording_id": recording_id, "call_id": "leg-1", "control_id": "main"}
    content = {
        "event_type": "calling.call.record",
        "event_channel": f"swml:{recording_id}",
        "timestamp": time.time(),
        "project_id": project_id,
        "space_id": SPACE,
        "params": known | params,
    }
    return json.dumps(content).encode()


def send(url: str, body: bytes, key: str) -> urllib3.BaseHTTPResponse:
    """Send an event with SignalWire's signature: hex of an HMAC over URL and body."""
    return urllib3.request("POST", url, body=body, headers=signed(url, body, key))


def signed(url: str, body: bytes, key: str) -> dict[str, str]:
    """Return the headers of a signed event."""
    return JSON | {"x-signalwire-signature": hmac.digest(key.encode(), url.encode() + body, hashlib.sha1).hex()}
