"""Stand in for the APIs by which SignalWire, Twilio and Bandwidth control the recording of a live call.

SignalWire and Twilio: a form starts or updates a recording and gets its resource, in each one's own types and with each
one's own status; a call that is not in progress gets 21220. They call back when `announce` says so, signed. Bandwidth:
PUT of a state, and nothing else.
"""

import base64
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Thread
from typing import Any, override
from urllib.parse import parse_qs, urlencode, urlsplit

import urllib3
from twilio.request_validator import RequestValidator

from tools.local.faults import replies
from tools.local.providers import standins
from tools.local.providers.standins import Reply, Standin

ROOTS = {"/api/laml/2010-04-01": "signalwire", "/2010-04-01": "twilio"}
PASSWORD = "api-token"  # noqa: S105 - of a stand-in
CURRENT = "Twilio.CURRENT"
NOT_IN_PROGRESS = {"code": 21220, "message": "Unable to create record: call is not in-progress.", "status": 400}
NOT_FOUND = {"code": 20404, "message": "The requested resource was not found", "status": 404}
STATUSES = {"paused", "in-progress", "stopped"}


@dataclass
class Started:
    """One recording that runs, or did."""

    account_id: str
    call_id: str
    form: dict[str, str]
    """What it was started with."""
    status: str = "in-progress"
    updates: list[dict[str, str]] = field(default_factory=list)


class Calls(Standin):
    """A provider on loopback that has calls in progress."""

    def __init__(self) -> None:
        super().__init__()
        self.RequestHandlerClass = Handler
        self.live: set[str] = set()
        """The ids of the calls in progress."""
        self.started: dict[str, Started] = {}
        """By the recording's id, in their order."""
        self.states: list[tuple[str, str]] = []
        """The call and the state of each of Bandwidth's updates."""
        self.failing: list[Reply] = []
        """What the next requests for control get instead."""

    def announce(self, recording_id: str, status: str, key: str, **said: str) -> int:
        """Send the status callback of a recording, signed, and return the status of the answer."""
        one = self.started[recording_id]
        fields = {
            "AccountSid": one.account_id,
            "CallSid": one.call_id,
            "RecordingSid": recording_id,
            "RecordingStatus": status,
            "RecordingSource": "StartCallRecordingAPI",
            "RecordingTrack": one.form.get("RecordingTrack", "both"),
            **said,
        }
        url = one.form["RecordingStatusCallback"]
        headers = {
            "content-type": "application/x-www-form-urlencoded",
            "x-twilio-signature": RequestValidator(key).compute_signature(url, fields),
        }
        answer = urllib3.PoolManager().request("POST", url, body=urlencode(fields), headers=headers)
        return answer.status


class Handler(standins.Handler):
    """Answer one request."""

    server: Calls

    @override
    def do_POST(self) -> None:
        """Start or update a recording; everything else is as the base class has it."""
        path = urlsplit(self.path).path
        root = next((root for root in ROOTS if path.startswith(f"{root}/Accounts/")), None)
        if root is None:
            super().do_POST()
            return
        form = {name: values[0] for name, values in parse_qs(self._body().decode()).items()}
        self._remember()
        parts = path.removeprefix(root).removesuffix(".json").split("/")
        if not self._is_allowed(f"{parts[2]}:{PASSWORD}"):
            self._json(401, {"code": 20003, "message": "Authenticate", "status": 401})
        elif self.server.failing:
            replies.send(self, self.server.failing.pop(0))
        else:
            self._control(root, parts, form)

    def do_PUT(self) -> None:  # noqa: N802 - http.server calls it by this name
        """Set the state of a call's recording, as Bandwidth does."""
        body = self._body()
        path = self._remember()
        scheme, _, token = (self.headers.get("authorization") or "").partition(" ")
        if scheme != "Bearer" or token not in self.server.tokens:
            replies.send(self, Reply(status=401))
            return
        if self.server.failing:
            replies.send(self, self.server.failing.pop(0))
            return
        call_id, state = path.split("/")[-2], json.loads(body).get("state")
        if call_id not in self.server.live:
            self._json(404, {"type": "validation", "description": f"Call {call_id} was not found", "id": None})
        elif state not in {"paused", "recording"}:
            self._json(400, {"type": "validation", "description": "state is not valid", "id": None})
        else:
            self.server.states.append((call_id, state))
            replies.send(self, Reply())

    def _control(self, root: str, parts: list[str], form: dict[str, str]) -> None:
        """Do what a path and a form say."""
        provider = ROOTS[root]
        match parts:
            case ["", "Accounts", account_id, "Calls", call_id, "Recordings"] if call_id in self.server.live:
                number = len(self.server.started) + 1
                sid = f"RE{number:032x}" if provider == "twilio" else f"{number:08x}-5688-4307-b03b-bdb2b42b8142"
                self.server.started[sid] = Started(account_id, call_id, form)
                self._json(201 if provider == "twilio" else 200, self._resource(provider, sid))
            case ["", "Accounts", _, "Calls", _, "Recordings"]:
                self._json(400, NOT_IN_PROGRESS)
            case ["", "Accounts", account_id, "Calls", call_id, "Recordings", sid]:
                known = [name for name, one in self.server.started.items() if one.call_id == call_id]
                sid = known[-1] if sid == CURRENT and provider == "twilio" and known else sid
                self._update(provider, sid if sid in known else None, form)
            case _:
                self._json(404, NOT_FOUND)

    def _update(self, provider: str, sid: str | None, form: dict[str, str]) -> None:
        """Update a recording."""
        if sid is None:
            self._json(404, NOT_FOUND)
        elif form.get("Status") not in STATUSES:
            self._json(400, {"code": 20001, "message": "Status is not valid", "status": 400})
        else:
            one = self.server.started[sid]
            one.updates.append(form)
            one.status = form["Status"]
            self._json(200, self._resource(provider, sid))

    def _resource(self, provider: str, sid: str) -> dict[str, Any]:
        """Return a recording's resource in the provider's types."""
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

    def _body(self) -> bytes:
        return self.rfile.read(int(self.headers.get("content-length") or 0))

    def _is_allowed(self, credentials: str) -> bool:
        return self.headers.get("authorization") == "Basic " + base64.b64encode(credentials.encode()).decode()

    def _json(self, status: int, content: object) -> None:
        body = json.dumps(content).encode()
        replies.send(self, Reply(status=status, body=body, headers={"content-type": "application/json"}))


@contextmanager
def running() -> Iterator[Calls]:
    """Run a stand-in while the block runs."""
    with Calls() as calls:
        thread = Thread(target=calls.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield calls
        finally:
            calls.shutdown()
            thread.join()
