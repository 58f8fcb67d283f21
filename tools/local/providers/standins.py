"""Stand in for a provider that serves audio: scripted replies, and Bandwidth's OAuth2 tokens.

Run as a program, `make standin`, it stands in for Bandwidth until Ctrl-C, and serves the same audio
at every path. The environment variable PORT chooses its port. Exit status: 0 after Ctrl-C, 1 if the
port cannot be used.
"""

import base64
import os
import sys
from contextlib import suppress
from dataclasses import dataclass
from threading import Event

from tools import audio_samples
from tools.local.faults.replies import Reply
from tools.local.providers.loopback import LoopbackHandler, LoopbackServer

TOKEN_PATH = "/api/v1/oauth2/token"  # noqa: S105 - a path
CREDENTIALS = ("client-id", "client-secret")
"""The OAuth2 client id and secret that get a token."""


@dataclass(frozen=True)
class Received:
    """One request that the stand-in received."""

    method: str
    path: str
    authorization: str | None


class Handler(LoopbackHandler):
    """Answer requests for tokens and for audio."""

    server: "Standin"

    def post(self) -> None:
        """Issue a token for the right credentials."""
        self._read_body()
        basic = "Basic " + base64.b64encode(":".join(CREDENTIALS).encode()).decode()
        if self._record() != TOKEN_PATH or self.headers.get("authorization") != basic:
            self._send(Reply(status=401))
            return
        with self.server.lock:
            token = f"token-{len(self.server.asked)}"
            self.server.tokens.add(token)
        self._send_json(200, {"access_token": token, "token_type": "bearer", "expires_in": self.server.token_seconds})

    def get(self) -> None:
        """Send the next reply of the path, or 401 if it needs credentials and the request has none.

        A Bearer token that was issued is enough, and so are any Basic credentials.
        """
        path = self._record()
        reply = self.server.next_reply(self.server.replies.get(path, [self.server.otherwise]))
        scheme, _, token = (self.headers.get("authorization") or "").partition(" ")
        allowed = token in self.server.tokens if scheme == "Bearer" else scheme == "Basic"
        self._send(reply if reply.public or allowed else Reply(status=401))

    def _record(self) -> str:
        """Record the request and return its path."""
        with self.server.lock:
            self.server.asked.append(Received(self.command, self.path, self.headers.get("authorization")))
        return self.path


class Standin(LoopbackServer):
    """A provider on loopback."""

    handler = Handler

    def __init__(self, port: int = 0) -> None:
        super().__init__(port)
        self.replies: dict[str, list[Reply]] = {}
        """The replies of each path in turn; the last one repeats."""
        self.otherwise = Reply(status=404, body=b'{"type":"validation"}', public=True)
        """The reply of every other path."""
        self.asked: list[Received] = []
        """The requests received, in order."""
        self.tokens: set[str] = set()
        """The tokens issued."""
        self.token_seconds = 3600

    def serve(self, path: str, *script: Reply) -> None:
        """Answer a path with these replies in turn."""
        self.replies[path] = list(script)

    def audio(self, path: str, body: bytes, content_type: str = "audio/vnd.wave") -> None:
        """Answer a path with audio."""
        self.serve(path, Reply(body=body, headers={"content-type": content_type}))


def main() -> int:
    """Stand in for Bandwidth until Ctrl-C, and return the exit status."""
    port = os.environ.get("PORT") or "0"
    try:
        standin = Standin(int(port))
    except OSError as error:
        print(f"callvault: Port {port} cannot be used: {error.strerror}.", file=sys.stderr)
        return 1
    except (ValueError, OverflowError):
        print(f"callvault: PORT is not a port number: {port}.", file=sys.stderr)
        return 1
    with suppress(KeyboardInterrupt), standin:
        standin.otherwise = Reply(body=audio_samples.wav(20), headers={"content-type": "audio/vnd.wave"})
        print(f"ready {standin.origin} id {CREDENTIALS[0]} secret {CREDENTIALS[1]}", flush=True)
        Event().wait()
    return 0


if __name__ == "__main__":
    sys.exit(main())
