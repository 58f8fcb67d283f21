"""Stand in for Crossbar, KAZOO's API: tokens for an API key, documents of recordings, and audio.

A recording's document and its audio have the same URL, as in cb_recordings.erl. A request that
accepts `audio/mpeg` or `audio/mp3` gets the audio, whatever type the audio has; any other request
gets the document. The query parameter `accept` takes precedence over the header Accept. A token
counts only in X-Auth-Token or in the query parameter `auth_token`; a Bearer token gets 401.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from tools.local.faults.replies import Reply
from tools.local.providers.loopback import LoopbackHandler, LoopbackServer

API_KEY = "1b4e58a2f7c6d5e4b3a2919d6e7a3f0c" * 2
GREGORIAN_EPOCH = 62_167_219_200
"""Seconds from the year 0, where KAZOO's times begin, to 1970."""
AUDIO = {"audio/mpeg", "audio/mp3"}
"""The accepted types that get the audio."""


@dataclass
class KeptRecording:
    """A recording at Crossbar."""

    document: Mapping[str, Any]
    audio: bytes | None = None
    """The audio; None before KAZOO has stored it."""
    content_type: str = "audio/mpeg"


@dataclass(frozen=True)
class Received:
    """One request that Crossbar received."""

    method: str
    path: str
    accept: str | None
    token: str | None


@dataclass
class CrossbarState:
    """The contents of Crossbar, and the requests received."""

    recordings: dict[tuple[str, str], KeptRecording] = field(default_factory=dict)
    """The recordings by account and id."""
    tokens: set[str] = field(default_factory=set)
    asked: list[Received] = field(default_factory=list)
    failing: int = 0
    """Number of the next requests for a recording that get 503."""
    documents: dict[str, list[Reply]] = field(default_factory=dict)
    """By recording id, the replies in turn to requests for its document; the last one repeats."""
    audio: dict[str, list[Reply]] = field(default_factory=dict)
    """By recording id, the replies in turn to requests for its audio; the last one repeats."""


class Handler(LoopbackHandler):
    """Answer requests for tokens and recordings."""

    server: "Crossbar"

    def put(self) -> None:
        """Issue a token for the API key."""
        content = json.loads(self._read_body())
        self._record()
        if self.path != "/v2/api_auth" or content != {"data": {"api_key": API_KEY}}:
            self._refuse(401, "invalid_credentials")
            return
        with self.server.lock:
            token = f"token-{len(self.server.state.asked)}"
            self.server.state.tokens.add(token)
        self._send_json(201, {"auth_token": token, "data": {}, "status": "success"})

    def get(self) -> None:
        """Send the document or the audio of a recording."""
        self._record()
        state, url = self.server.state, urlsplit(self.path)
        query = dict(parse_qsl(url.query))
        if (self.headers.get("x-auth-token") or query.get("auth_token")) not in state.tokens:
            self._refuse(401, "invalid_credentials")
        elif state.failing:
            state.failing -= 1
            self._refuse(503, "datastore_fault")
        else:
            self._send_recording(url.path, audio=(query.get("accept") or self.headers.get("accept")) in AUDIO)

    def _send_recording(self, path: str, *, audio: bool) -> None:
        state = self.server.state
        match path.split("/"):
            case ["", "v2", "accounts", account_id, "recordings", recording_id]:
                kept = state.recordings.get((account_id, recording_id))
            case _:
                kept = None
        script = (state.audio if audio else state.documents).get(path.rpartition("/")[2])
        if script:
            self._send(self.server.next_reply(script))
        elif kept is None or (audio and kept.audio is None):
            self._refuse(404, "bad_identifier")
        elif audio:
            self._send(Reply(body=kept.audio or b"", headers={"content-type": kept.content_type}))
        else:
            self._send_json(200, {"data": kept.document, "status": "success", "revision": "2-7051cbe5c8faecd0"})

    def _record(self) -> None:
        """Record the request."""
        received = Received(self.command, self.path, self.headers.get("accept"), self.headers.get("x-auth-token"))
        with self.server.lock:
            self.server.state.asked.append(received)

    def _refuse(self, status: int, message: str) -> None:
        """Send Crossbar's error envelope."""
        self._send_json(
            status, {"data": {"message": message}, "error": str(status), "message": message, "status": "error"}
        )


class Crossbar(LoopbackServer):
    """Crossbar on loopback."""

    handler = Handler

    def __init__(self) -> None:
        super().__init__()
        self.state = CrossbarState()

    def keep(self, account_id: str, document: Mapping[str, Any], audio: bytes | None = None) -> KeptRecording:
        """Add a recording and return it."""
        kept = self.state.recordings[account_id, document["id"]] = KeptRecording(document, audio)
        return kept

    def expire(self) -> None:
        """Make every issued token invalid."""
        self.state.tokens.clear()
