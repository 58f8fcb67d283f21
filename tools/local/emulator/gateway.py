"""Answer HTTP requests as an HTTP API of API Gateway does, with its limits and error messages."""

import json
from collections.abc import Mapping
from concurrent.futures import Future

from tools.local.emulator import http_event, wire
from tools.local.emulator.function import ClosedError, Function
from tools.local.emulator.http_event import Response
from tools.local.emulator.routes import Router
from tools.local.emulator.sandbox import Outcome
from tools.local.emulator.server import message

MAX_BODY_BYTES = 10 * 1024 * 1024
"""Maximum size of a request's body (API Gateway, "Quotas for HTTP APIs")."""
MAX_EVENT_BYTES = 6 * 1024 * 1024
"""Maximum size of an event (Lambda, "Quotas")."""
MAX_HEAD_BYTES = 10240
"""Maximum size of the request line and the headers (API Gateway, "Quotas for HTTP APIs")."""
INTEGRATION_SECONDS = 30.0
"""Maximum time for a function's answer, in seconds (API Gateway, "Quotas for HTTP APIs")."""


class Gateway:
    """The HTTP API; it answers 503 until `open` is called."""

    def __init__(self, *, integration_seconds: float = INTEGRATION_SECONDS) -> None:
        self._router = Router(())
        self._functions: Mapping[str, Function] = {}
        self._seconds = integration_seconds
        self.port = 0

    def open(self, router: Router, functions: Mapping[str, Function], port: int) -> None:
        """Set the functions and their routes, and begin to invoke them."""
        self._router, self._functions, self.port = router, functions, port

    def answer(self, head: wire.Head, body: bytes, peer: str) -> Response:
        """Answer one request."""
        if not self.port:
            return message(503, "Service Unavailable")
        if len(head.target) + sum(len(name) + len(value) for name, value in head.headers) > MAX_HEAD_BYTES:
            return message(431, "Request Header Fields Too Large")
        path, query = http_event.split_target(head.target)
        found = self._router.find(head.method, path)
        if found is None:
            return message(404, "Not Found")
        route, variables = found
        event = http_event.build(
            head, body, path=path, query=query, route_key=route.key, variables=variables, peer=peer, port=self.port
        )
        payload = json.dumps(event, ensure_ascii=False, separators=(",", ":")).encode(errors="replace")
        if len(payload) > MAX_EVENT_BYTES:
            return message(413, "Request Entity Too Large")
        return self._response(self._functions[route.function].submit_bytes(payload))

    def _response(self, invocation: "Future[Outcome]") -> Response:
        try:
            # After this time the function continues, but its answer is ignored.
            outcome = invocation.result(self._seconds)
        except (TimeoutError, ClosedError):
            return message(503, "Service Unavailable")
        if outcome.failed:
            return message(500, "Internal Server Error")
        try:
            return http_event.read_response(outcome.payload)
        except http_event.InvalidResponseError:
            return message(500, "Internal Server Error")
