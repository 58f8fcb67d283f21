"""Stand in for KAZOO's API, Crossbar: tokens for an API key, recordings' documents, and their audio to who asks for it.

One address has both, as cb_recordings.erl negotiates: `?accept=` counts before the Accept header, audio/mpeg and
audio/mp3 get the audio of whatever type, all else the document. The token is taken as X-Auth-Token or `auth_token`
only; a Bearer gets 401.
"""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from tools.local.faults import replies
from tools.local.faults.replies import Reply

API_KEY = "1b4e58a2f7c6d5e4b3a2919d6e7a3f0c" * 2
AUDIO = {"audio/mpeg", "audio/mp3"}


@dataclass
class Kept:
    """One recording: its document, and its audio once that is stored."""

    document: Mapping[str, Any]
    audio: bytes | None = None
    content_type: str = "audio/mpeg"


@dataclass(frozen=True)
class Asked:
    """One request that came in."""

    method: str
    path: str
    accept: str | None
    token: str | None


@dataclass
class State:
    """What the stand-in knows."""

    recordings: dict[tuple[str, str], Kept] = field(default_factory=dict)
    tokens: set[str] = field(default_factory=set)
    asked: list[Asked] = field(default_factory=list)
    failing: int = 0
    """That many of the next requests for a recording get 503."""
    documents: dict[str, list[Reply]] = field(default_factory=dict)
    """What requests for a recording's document get in turn, by its id; the last one repeats."""
    audio: dict[str, list[Reply]] = field(default_factory=dict)
    """Likewise for its audio."""


class Crossbar(ThreadingHTTPServer):
    """Crossbar on loopback."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.origin = f"http://127.0.0.1:{self.server_address[1]}"
        self.state = State()
        self.lock = Lock()

    def keep(self, account_id: str, document: Mapping[str, Any], audio: bytes | None = None) -> Kept:
        """Have a recording."""
        kept = self.state.recordings[account_id, document["id"]] = Kept(document, audio)
        return kept

    def expire(self) -> None:
        """Forget every token that was given."""
        self.state.tokens.clear()

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ANN401 - as in the base class
        """Keep quiet about clients that hang up."""


class Handler(BaseHTTPRequestHandler):
    """Answer one request."""

    protocol_version = "HTTP/1.1"
    server: Crossbar

    def do_PUT(self) -> None:
        """Give a token for the API key."""
        content = json.loads(self.rfile.read(int(self.headers.get("content-length") or 0)))
        self._remember()
        if self.path != "/v2/api_auth" or content != {"data": {"api_key": API_KEY}}:
            self._refuse(401, "invalid_credentials")
            return
        with self.server.lock:
            token = f"token-{len(self.server.state.asked)}"
            self.server.state.tokens.add(token)
        self._answer(201, {"auth_token": token, "data": {}, "status": "success"})

    def do_GET(self) -> None:
        """Give a recording's document or its audio."""
        self._remember()
        state, parts, query = self.server.state, urlsplit(self.path), dict(parse_qsl(urlsplit(self.path).query))
        if (self.headers.get("x-auth-token") or query.get("auth_token")) not in state.tokens:
            self._refuse(401, "invalid_credentials")
            return
        if state.failing:
            state.failing -= 1
            self._refuse(503, "datastore_fault")
            return
        match parts.path.split("/"):
            case ["", "v2", "accounts", account_id, "recordings", recording_id]:
                kept = state.recordings.get((account_id, recording_id))
            case _:
                kept = None
        wants_audio = (query.get("accept") or self.headers.get("accept")) in AUDIO
        script = (state.audio if wants_audio else state.documents).get(parts.path.rpartition("/")[2])
        if script:
            with self.server.lock:
                reply = script.pop(0) if len(script) > 1 else script[0]
            replies.send(self, reply)
        elif kept is None or (wants_audio and kept.audio is None):
            self._refuse(404, "bad_identifier")
        elif wants_audio:
            self._send(200, kept.content_type, kept.audio or b"")
        else:
            self._answer(200, {"data": kept.document, "status": "success", "revision": "2-7051cbe5c8faecd0"})

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - as in the base class
        """Keep quiet."""

    def _remember(self) -> None:
        """Note the request."""
        asked = Asked(self.command, self.path, self.headers.get("accept"), self.headers.get("x-auth-token"))
        with self.server.lock:
            self.server.state.asked.append(asked)

    def _refuse(self, status: int, message: str) -> None:
        """Answer with Crossbar's error envelope."""
        self._answer(
            status, {"data": {"message": message}, "error": str(status), "message": message, "status": "error"}
        )

    def _answer(self, status: int, content: object) -> None:
        """Answer with JSON."""
        self._send(status, "application/json", json.dumps(content).encode())

    def _send(self, status: int, content_type: str, body: bytes) -> None:
        """Answer."""
        self.send_response(status)
        self.send_header("content-type", content_type)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@contextmanager
def running() -> Iterator[Crossbar]:
    """Run a stand-in while the block runs."""
    with Crossbar() as crossbar:
        thread = Thread(target=crossbar.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield crossbar
        finally:
            crossbar.shutdown()
            thread.join()
