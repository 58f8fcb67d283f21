"""Stand in for the APIs by which SignalWire, Twilio and Bandwidth control the recording of a call.

At SignalWire and Twilio a form starts or updates a recording. The answer is the recording's
resource, with the provider's own status and types of fields. A start for a call that is not in
progress gets the error 21220. `announce` sends a signed status callback. At Bandwidth a PUT sets
the state of a call's recording.
"""

import base64
import json
from dataclasses import dataclass, field
from typing import Any, override
from urllib.parse import parse_qs, urlencode, urlsplit

import urllib3
from twilio.request_validator import RequestValidator

from tools.local.faults.replies import Reply
from tools.local.providers import standins
from tools.local.providers.standins import Standin

ROOTS = {"/api/laml/2010-04-01": "signalwire", "/2010-04-01": "twilio"}
"""The provider by the first part of a path."""
PASSWORD = "api-token"  # noqa: S105 - of a stand-in
CURRENT = "Twilio.CURRENT"
"""At Twilio, the id that stands for a call's latest recording."""
NOT_IN_PROGRESS = {"code": 21220, "message": "Unable to create record: call is not in-progress.", "status": 400}
NOT_FOUND = {"code": 20404, "message": "The requested resource was not found", "status": 404}
STATUSES = {"paused", "in-progress", "stopped"}
"""The statuses that an update can set."""


@dataclass
class Started:
    """A recording that a request started."""

    account_id: str
    call_id: str
    form: dict[str, str]
    """The form that started it."""
    status: str = "in-progress"
    updates: list[dict[str, str]] = field(default_factory=list)
    """The forms that updated it."""


class Handler(standins.Handler):
    """Answer requests for tokens, audio and control."""

    server: "Calls"

    @override
    def post(self) -> None:
        """Start or update a recording; the base class answers other paths."""
        path = urlsplit(self.path).path
        root = next((root for root in ROOTS if path.startswith(f"{root}/Accounts/")), None)
        if root is None:
            super().post()
            return
        form = {name: values[0] for name, values in parse_qs(self._read_body().decode()).items()}
        self._record()
        parts = path.removeprefix(root).removesuffix(".json").split("/")
        if not self._has_credentials(f"{parts[2]}:{PASSWORD}"):
            self._send_json(401, {"code": 20003, "message": "Authenticate", "status": 401})
        elif self.server.failing:
            self._send(self.server.failing.pop(0))
        else:
            self._control(ROOTS[root], parts, form)

    def put(self) -> None:
        """Set the state of a call's recording, as Bandwidth does."""
        body = self._read_body()
        call_id, state = self._record().split("/")[-2], json.loads(body).get("state")
        scheme, _, token = (self.headers.get("authorization") or "").partition(" ")
        if scheme != "Bearer" or token not in self.server.tokens:
            self._send(Reply(status=401))
        elif self.server.failing:
            self._send(self.server.failing.pop(0))
        elif call_id not in self.server.live:
            self._send_json(404, {"type": "validation", "description": f"Call {call_id} was not found", "id": None})
        elif state not in {"paused", "recording"}:
            self._send_json(400, {"type": "validation", "description": "state is not valid", "id": None})
        else:
            self.server.states.append((call_id, state))
            self._send(Reply())

    def _control(self, provider: str, parts: list[str], form: dict[str, str]) -> None:
        """Start or update the recording that a path names."""
        match parts:
            case ["", "Accounts", account_id, "Calls", call_id, "Recordings"] if call_id in self.server.live:
                number = len(self.server.started) + 1
                sid = f"RE{number:032x}" if provider == "twilio" else f"{number:08x}-5688-4307-b03b-bdb2b42b8142"
                self.server.started[sid] = Started(account_id, call_id, form)
                self._send_json(201 if provider == "twilio" else 200, self._resource(provider, sid))
            case ["", "Accounts", _, "Calls", _, "Recordings"]:
                self._send_json(400, NOT_IN_PROGRESS)
            case ["", "Accounts", _, "Calls", call_id, "Recordings", sid]:
                known = [name for name, one in self.server.started.items() if one.call_id == call_id]
                sid = known[-1] if sid == CURRENT and provider == "twilio" and known else sid
                self._update(provider, sid if sid in known else None, form)
            case _:
                self._send_json(404, NOT_FOUND)

    def _update(self, provider: str, sid: str | None, form: dict[str, str]) -> None:
        """Update a recording."""
        if sid is None:
            self._send_json(404, NOT_FOUND)
        elif form.get("Status") not in STATUSES:
            self._send_json(400, {"code": 20001, "message": "Status is not valid", "status": 400})
        else:
            one = self.server.started[sid]
            one.updates.append(form)
            one.status = form["Status"]
            self._send_json(200, self._resource(provider, sid))

    def _resource(self, provider: str, sid: str) -> dict[str, Any]:
        """Return a recording's resource with the types of the provider."""
        one = self.server.started[sid]
        channels = 2 if one.form.get("RecordingChannels") == "dual" else 1
        common = {
            "sid": sid,
            "account_sid": one.account_id,
            "call_sid": one.call_id,
            "conference_sid": None,
            "start_time": "Fri, 20 Nov 2026 09:30:00 +0000",
            "status": one.status,
            "price": None,
        }
        if provider == "twilio":
            track = one.form.get("RecordingTrack", "both")
            return common | {"channels": channels, "source": "StartCallRecordingAPI", "track": track, "duration": None}
        trim = one.form.get("Trim", "do-not-trim")
        written = {"channel": str(channels), "channels": str(channels), "duration": 0}
        return common | written | {"source": "StartCallRecordingApi", "trim": trim}

    def _has_credentials(self, credentials: str) -> bool:
        return self.headers.get("authorization") == "Basic " + base64.b64encode(credentials.encode()).decode()


class Calls(Standin):
    """A provider on loopback that has calls in progress."""

    handler = Handler

    def __init__(self) -> None:
        super().__init__()
        self.live: set[str] = set()
        """The ids of the calls in progress."""
        self.started: dict[str, Started] = {}
        """The recordings by id, in the order in which they were started."""
        self.states: list[tuple[str, str]] = []
        """The call and the state of each of Bandwidth's updates."""
        self.failing: list[Reply] = []
        """The replies to the next requests for control, in turn; each is sent once."""

    def announce(self, recording_id: str, status: str, key: str, **fields: str) -> int:
        """Send the signed status callback of a recording and return the status of the answer."""
        one = self.started[recording_id]
        form = {
            "AccountSid": one.account_id,
            "CallSid": one.call_id,
            "RecordingSid": recording_id,
            "RecordingStatus": status,
            "RecordingSource": "StartCallRecordingAPI",
            "RecordingTrack": one.form.get("RecordingTrack", "both"),
            **fields,
        }
        url = one.form["RecordingStatusCallback"]
        headers = {
            "content-type": "application/x-www-form-urlencoded",
            "x-twilio-signature": RequestValidator(key).compute_signature(url, form),
        }
        answer = urllib3.PoolManager().request("POST", url, body=urlencode(form), headers=headers)
        return answer.status
