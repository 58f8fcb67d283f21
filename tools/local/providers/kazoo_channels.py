"""Stand in for Crossbar's channels, by which KAZOO 5 starts and stops the recording of a call.

The answers are those of cb_channels.erl. It looks up the call first, and answers 404
`bad_identifier` if there is none. It answers 400 `invalid data` for an unknown action; KAZOO 4.3
knows neither `start_record` nor `stop_record`. A KAZOO without the module cb_channels answers 404
`not_found`.
"""

import json
from typing import Any
from urllib.parse import unquote

from tools.local.providers import kazoo_api
from tools.local.providers.kazoo_api import Crossbar

ACTIONS = {"start_record": "recording started", "stop_record": "recording stopped"}
"""The actions on a recording, and the message of each one's answer."""


class Handler(kazoo_api.Handler):
    """Answer requests for tokens, recordings and channels."""

    server: "Channels"

    def post(self) -> None:
        """Carry out an action on a call."""
        content: dict[str, Any] = json.loads(self._read_body())
        self._record()
        call_id, action = unquote(self.path.split("/")[-1]), content.get("action")
        if self.headers.get("x-auth-token") not in self.server.state.tokens:
            self._refuse(401, "invalid_credentials")
        elif self.server.version == 0:
            self._refuse(404, "not_found")
        elif call_id not in self.server.live:
            self._refuse(404, "bad_identifier")
        elif action not in ACTIONS or self.server.version < 5:  # noqa: PLR2004 - KAZOO 5
            self._refuse(400, "invalid data")
        else:
            self.server.acted.append((call_id, action))
            self._send_json(202, {"data": {}, "message": ACTIONS[action], "status": "success"})


class Channels(Crossbar):
    """Crossbar on loopback, with calls in progress."""

    handler = Handler

    def __init__(self) -> None:
        super().__init__()
        self.live: set[str] = set()
        """The ids of the calls in progress."""
        self.version = 5
        """KAZOO's major version; 0 is a KAZOO without cb_channels."""
        self.acted: list[tuple[str, str]] = []
        """The call and the action of each request carried out."""
