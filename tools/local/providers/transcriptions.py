"""Stand in for Bandwidth's transcriptions: a POST requests one, and a GET serves its text.

The text of a recording is served after it was requested, with the replies of `Standin.serve` before
all. `report` sends the event that Bandwidth sends when the text is there.
"""

import json
from dataclasses import dataclass, field
from typing import Any, override

import urllib3

from tools.local.faults.replies import Reply
from tools.local.providers import standins
from tools.local.providers.standins import Standin

SUFFIX = "/transcription"


@dataclass(frozen=True)
class Requested:
    """A transcription that was requested."""

    path: str
    options: dict[str, Any] = field(default_factory=dict)


class Handler(standins.Handler):
    """Answer requests for tokens, audio and transcriptions."""

    server: "Transcriptions"

    @override
    def post(self) -> None:
        """Accept the request for a transcription; the base class answers other paths."""
        if not self.path.endswith(SUFFIX):
            super().post()
            return
        options, path = json.loads(self._read_body()), self._record()
        _, _, token = (self.headers.get("authorization") or "").partition(" ")
        if token not in self.server.tokens:
            self._send(Reply(status=401))
        elif self.server.refusing:
            self._send(self.server.refusing.pop(0))
        else:
            self.server.requested.append(Requested(path, options))
            self.server.serve(path, Reply(body=self.server.text, headers={"content-type": "application/json"}))
            self._send(Reply(status=204))


class Transcriptions(Standin):
    """A stand-in of Bandwidth that transcribes every recording as `text`."""

    handler = Handler

    def __init__(self) -> None:
        super().__init__()
        self.text = json.dumps({"transcripts": [{"speaker": 0, "text": "Hello", "confidence": 0.9}]}).encode()
        self.requested: list[Requested] = []
        """The requests that were accepted, in order."""
        self.refusing: list[Reply] = []
        """The replies to the next requests, in turn; each is sent once."""

    def report(self, number: int, completed_time: str) -> int:
        """Send the event of a requested transcription and return the status of the answer."""
        one = self.requested[number]
        _, _, _, _, account_id, _, call_id, _, recording_id, _ = one.path.split("/")
        event = {
            "eventType": "transcriptionAvailable",
            "accountId": account_id,
            "callId": call_id,
            "recordingId": recording_id,
            "transcription": {"id": f"t-{number}", "status": "available", "completedTime": completed_time},
        }
        return urllib3.PoolManager().request("POST", one.options["callbackUrl"], json=event).status
