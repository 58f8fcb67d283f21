"""Serve the control API, by which a person runs a schedule and lists processes, queues and events.

curl -X POST <control>/schedules/SweepRecordings
curl <control>/processes
"""

import json
from http import HTTPStatus
from typing import Any, Protocol

from tools.local.emulator import wire
from tools.local.emulator.http_event import Response
from tools.local.emulator.server import message


class Controlled(Protocol):
    """The methods of a stack that the control API calls."""

    def run_schedule(self, logical_id: str) -> list[Any]:
        """Invoke a function as each of its schedules does, and return the answers.

        Raises KeyError if the function has no schedule.
        """
        ...

    def processes(self) -> dict[str, list[int]]:
        """Return the process ids of each function, and of AWS under `aws`."""
        ...

    def waiting(self) -> dict[str, int]:
        """Return the number of messages of each queue."""
        ...

    def events(self) -> list[dict[str, Any]]:
        """Return the events that EventBridge received."""
        ...


class Control:
    """The control API; its URL is not that of the HTTP API."""

    def __init__(self, stack: Controlled) -> None:
        self._stack = stack

    def answer(self, head: wire.Head, body: bytes, peer: str) -> Response:
        """Answer one request."""
        del body, peer
        lists = {"/processes": self._stack.processes, "/queues": self._stack.waiting, "/events": self._stack.events}
        try:
            if head.method == "GET" and head.target in lists:
                return _json(lists[head.target]())
            if head.method == "POST" and head.target.startswith("/schedules/"):
                return _json(self._stack.run_schedule(head.target.removeprefix("/schedules/")))
        except KeyError:
            return message(HTTPStatus.NOT_FOUND, "The function has no schedule")
        except Exception as error:  # noqa: BLE001 - a person reads the error
            return _json({"message": str(error)}, HTTPStatus.INTERNAL_SERVER_ERROR)
        return message(HTTPStatus.NOT_FOUND, "Not Found")


def _json(content: object, status: int = HTTPStatus.OK) -> Response:
    return Response(status=status, headers=(("content-type", "application/json"),), body=json.dumps(content).encode())
