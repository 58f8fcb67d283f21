"""The recordings of the demo that KAZOO makes: an upload, an object, and a webhook."""

import time
from collections.abc import Callable
from urllib.parse import urlencode

import urllib3

from tools import audio_samples
from tools.local.providers.kazoo_api import API_KEY, GREGORIAN_EPOCH, Crossbar
from tools.local.providers.scenarios import KAZOO, MP3, READERS, TOKEN, Scenario, http
from tools.local.stack import Stack


def kazoo(stack: Stack, crossbar: Crossbar) -> list[Scenario]:
    """Return KAZOO's scenarios: an upload, an object of its S3 handler, and a webhook."""
    api = {"origin": crossbar.origin, "api_key": API_KEY}
    stack.put_account(KAZOO, {"provider": "kazoo", "callback": {"token": TOKEN}, "api": api, "readers": READERS})
    month = time.strftime("%Y%m", time.gmtime())
    uploaded, put, announced = (f"{month}-{number:032x}" for number in (1, 2, 3))
    uploaded_audio, put_audio, announced_audio = (audio_samples.mp3(seconds, seed=seconds) for seconds in (11, 13, 17))
    document = {"id": put, "name": f"{put}.mp3", "media_type": "mp3", "call_id": "kazoo-call", "duration_ms": 13_000}
    crossbar.keep(KAZOO, document)
    other = {"id": announced, "name": f"{announced}.mp3", "duration_ms": 17_000}
    crossbar.keep(KAZOO, document | other, announced_audio)
    upload = f"{stack.url}/uploads/kazoo/{KAZOO}/{TOKEN}/call_recording_kazoo-call.mp3?" + urlencode(
        {
            "from": "1000@example.com",
            "to": "1001@example.com",
            "call_id": "kazoo-call",
            "account_id": KAZOO,
            "start": int(time.time()) + GREGORIAN_EPOCH,
            "duration_ms": 11_000,
            "recording_id": uploaded,
        }
    )
    webhook = f"{stack.url}/callbacks/kazoo/{KAZOO}/{TOKEN}"
    fields = {"id": announced, "account_id": KAZOO, "type": "call_recording"}

    def upload_it() -> urllib3.BaseHTTPResponse:
        return http.request("PUT", upload, body=uploaded_audio, headers={"content-type": MP3})

    def announce(action: str) -> Callable[[], urllib3.BaseHTTPResponse]:
        return lambda: http.request("POST", webhook, fields=fields | {"action": action}, encode_multipart=False)

    webhooks = announce("doc_created"), announce("doc_edited")
    key = f"incoming/kazoo/{KAZOO}/{put}/{put}.mp3"
    return [
        Scenario(KAZOO, uploaded, "pushed twice by PUT", uploaded_audio, (upload_it, upload_it)),
        Scenario(KAZOO, put, "by KAZOO's S3 handler", put_audio, objects={key: put_audio}),
        Scenario(KAZOO, announced, "webhook, then Crossbar", announced_audio, webhooks),
    ]
