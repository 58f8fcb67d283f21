"""Stand in for Crossbar's channels: KAZOO 5 starts and stops recordings by them, 4.3 knows no such action.

As cb_channels.erl: the call is looked for first and gets 404 `bad_identifier` if it is not there; then the action, and
400 `invalid data` for an unknown one. Without the module at all it is 404 `not_found`.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread
from typing import Any
from urllib.parse import unquote

from tools.local.providers import kazoo_api
from tools.local.providers.kazoo_api import Crossbar

ACTIONS = {"start_record": "recording started", "stop_record": "recording stopped"}


class Channels(Crossbar):
    """Crossbar on loopback with calls in progress."""

    def __init__(self) -> None:
        super().__init__()
        self.RequestHandlerClass = Handler
        self.live: set[str] = set()
        """The ids of the calls in progress."""
        self.version = 5
        """0: without the module."""
        self.acted: list[tuple[str, str]] = []
        """Call and action of what was done."""


class Handler(kazoo_api.Handler):
    """Answer one request."""

    server: Channels

    def do_POST(self) -> None:  # noqa: N802 - http.server calls it by this name
        """Act on a call."""
        content: dict[str, Any] = json.loads(self.rfile.read(int(self.headers.get("content-length") or 0)))
        self._remember()
        call_id, action = unquote(self.path.split("/")[-1]), content.get("action")
        if self.headers.get("x-auth-token") not in self.server.state.tokens:
            self._refuse(401, "invalid_credentials")
        elif self.server.version == 0:
            self._refuse(404, "not_found")
        elif call_id not in self.server.live:
            self._refuse(404, "bad_identifier")
        elif action not in ACTIONS or self.server.version < 5:  # noqa: PLR2004
            self._refuse(400, "invalid data")
        else:
            self.server.acted.append((call_id, action))
            self._answer(202, {"data": {}, "message": ACTIONS[action], "status": "success"})


@contextmanager
def running() -> Iterator[Channels]:
    """Run a stand-in while the block runs."""
    with Channels() as channels:
        thread = Thread(target=channels.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield channels
        finally:
            channels.shutdown()
            thread.join()
