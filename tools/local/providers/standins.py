"""Stand in for a provider's API: serve real audio and tokens on loopback, as scripted, and remember who asked."""

import base64
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from typing import Any

from tools import audio_samples
from tools.local.faults import replies

Reply = replies.Reply
TOKEN_PATH = "/api/v1/oauth2/token"  # noqa: S105 - a path
CREDENTIALS = ("client-id", "client-secret")


@dataclass(frozen=True)
class Asked:
    """One request that came in."""

    method: str
    path: str
    authorization: str | None


class Standin(ThreadingHTTPServer):
    """A provider on loopback; `replies` maps a path to its answers in turn, of which the last repeats."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, port: int = 0) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self.origin = f"http://127.0.0.1:{self.server_address[1]}"
        self.replies: dict[str, list[Reply]] = {}
        self.asked: list[Asked] = []
        self.tokens: set[str] = set()
        self.token_seconds = 3600
        self.lock = Lock()
        self.otherwise = Reply(status=404, body=b'{"type":"validation"}', public=True)
        """What a path gets that has no replies."""

    def serve(self, path: str, *script: Reply) -> None:
        """Answer a path with these replies in turn."""
        self.replies[path] = list(script)

    def audio(self, path: str, body: bytes, content_type: str = "audio/vnd.wave") -> None:
        """Answer a path with audio."""
        self.serve(path, Reply(body=body, headers={"content-type": content_type}))

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ANN401 - as in the base class
        """Keep quiet about clients that hang up."""


class Handler(BaseHTTPRequestHandler):
    """Answer one request."""

    protocol_version = "HTTP/1.1"
    server: Standin

    def do_POST(self) -> None:
        """Give out a token for the right credentials."""
        self.rfile.read(int(self.headers.get("content-length") or 0))
        basic = "Basic " + base64.b64encode(":".join(CREDENTIALS).encode()).decode()
        if self._remember() != TOKEN_PATH or self.headers.get("authorization") != basic:
            replies.send(self, Reply(status=401))
            return
        with self.server.lock:
            token = f"token-{len(self.server.asked)}"
            self.server.tokens.add(token)
        content = {"access_token": token, "token_type": "bearer", "expires_in": self.server.token_seconds}
        replies.send(self, Reply(body=json.dumps(content).encode(), headers={"content-type": "application/json"}))

    def do_GET(self) -> None:
        """Answer as scripted, to who has a token."""
        path = self._remember()
        with self.server.lock:
            script = self.server.replies.get(path, [self.server.otherwise])
            reply = script.pop(0) if len(script) > 1 else script[0]
        scheme, _, token = (self.headers.get("authorization") or "").partition(" ")
        allowed = token in self.server.tokens if scheme == "Bearer" else scheme == "Basic"
        replies.send(self, reply if reply.public or allowed else Reply(status=401))

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - as in the base class
        """Keep quiet."""

    def _remember(self) -> str:
        """Note the request and return its path."""
        with self.server.lock:
            self.server.asked.append(Asked(self.command, self.path, self.headers.get("authorization")))
        return self.path


@contextmanager
def running() -> Iterator[Standin]:
    """Run a stand-in while the block runs."""
    with Standin() as standin:
        thread = Thread(target=standin.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield standin
        finally:
            standin.shutdown()
            thread.join()


def main() -> None:
    """Stand in for Bandwidth until Ctrl-C, with the same audio at every address: `make standin`."""
    with Standin(int(os.environ.get("PORT", "0"))) as standin, suppress(KeyboardInterrupt):
        standin.otherwise = Reply(body=audio_samples.wav(20), headers={"content-type": "audio/vnd.wave"})
        print(f"ready {standin.origin} id {CREDENTIALS[0]} secret {CREDENTIALS[1]}", flush=True)
        standin.serve_forever()


if __name__ == "__main__":
    main()
