"""Stand in for a provider's API: serve real audio and tokens on loopback, as scripted, and remember who asked."""

import base64
import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from typing import Any

from tools import audio_samples

TOKEN_PATH = "/api/v1/oauth2/token"  # noqa: S105 - a path
CREDENTIALS = ("client-id", "client-secret")


@dataclass(frozen=True, kw_only=True)
class Reply:
    """One answer, whole or broken on purpose."""

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    framing: str = "length"
    """`length`: Content-Length; `chunked`; `close`: the end of the connection is the end of the body."""
    send_bytes: int | None = None
    """Break off after that many bytes, whatever was announced."""
    delay_seconds: float = 0
    """Wait before the answer."""
    public: bool = False
    """Needs no credentials."""


@dataclass(frozen=True)
class Asked:
    """One request that came in."""

    method: str
    path: str
    authorization: str | None


class Standin(ThreadingHTTPServer):
    """A provider on loopback; `replies` maps a path to its answers in turn, of which the last repeats."""

    daemon_threads = True

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

    def serve(self, path: str, *replies: Reply) -> None:
        """Answer a path with these replies in turn."""
        self.replies[path] = list(replies)

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
            self._send(Reply(status=401))
            return
        with self.server.lock:
            token = f"token-{len(self.server.asked)}"
            self.server.tokens.add(token)
        content = {"access_token": token, "token_type": "bearer", "expires_in": self.server.token_seconds}
        self._send(Reply(body=json.dumps(content).encode(), headers={"content-type": "application/json"}))

    def do_GET(self) -> None:
        """Answer as scripted, to who has a token."""
        path = self._remember()
        with self.server.lock:
            replies = self.server.replies.get(path, [self.server.otherwise])
            reply = replies.pop(0) if len(replies) > 1 else replies[0]
        scheme, _, token = (self.headers.get("authorization") or "").partition(" ")
        allowed = token in self.server.tokens if scheme == "Bearer" else scheme == "Basic"
        self._send(reply if reply.public or allowed else Reply(status=401))

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - as in the base class
        """Keep quiet."""

    def _remember(self) -> str:
        """Note the request and return its path."""
        with self.server.lock:
            self.server.asked.append(Asked(self.command, self.path, self.headers.get("authorization")))
        return self.path

    def _send(self, reply: Reply) -> None:
        """Send a reply, as broken as it says."""
        time.sleep(reply.delay_seconds)
        self.send_response(reply.status)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        sent = reply.body[: reply.send_bytes]
        self.close_connection = reply.framing == "close" or len(sent) < len(reply.body)
        if reply.framing == "length":
            self.send_header("content-length", str(len(reply.body)))
        elif reply.framing == "chunked":
            self.send_header("transfer-encoding", "chunked")
        if self.close_connection:
            self.send_header("connection", "close")
        self.end_headers()
        if reply.framing == "chunked":
            self.wfile.write(f"{len(sent):x}\r\n".encode() + sent + b"\r\n")
            if len(sent) == len(reply.body):
                self.wfile.write(b"0\r\n\r\n")
        else:
            self.wfile.write(sent)


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
