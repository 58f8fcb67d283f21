"""The HTTP server on loopback that is the base of every stand-in."""

import json
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from typing import Any, ClassVar, Self

from tools.local.faults import replies
from tools.local.faults.replies import Reply


class LoopbackHandler(BaseHTTPRequestHandler):
    """Answer the requests of one connection; a subclass overrides `get`, `post` and `put`."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # else the body waits up to 40 ms for the client's delayed ACK of the head, tcp(7)

    def do_GET(self) -> None:
        """Answer a GET."""
        self.get()

    def do_POST(self) -> None:
        """Answer a POST."""
        self.post()

    def do_PUT(self) -> None:
        """Answer a PUT."""
        self.put()

    def get(self) -> None:
        """Answer a GET."""
        self.send_error(HTTPStatus.NOT_IMPLEMENTED)

    def post(self) -> None:
        """Answer a POST."""
        self.send_error(HTTPStatus.NOT_IMPLEMENTED)

    def put(self) -> None:
        """Answer a PUT."""
        self.send_error(HTTPStatus.NOT_IMPLEMENTED)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name in the base class
        """Log nothing."""

    def _read_body(self) -> bytes:
        return self.rfile.read(int(self.headers.get("content-length") or 0))

    def _send(self, reply: Reply) -> None:
        replies.send(self, reply)

    def _send_json(self, status: int, content: object) -> None:
        body = json.dumps(content).encode()
        self._send(Reply(status=status, body=body, headers={"content-type": "application/json"}))


class LoopbackServer(ThreadingHTTPServer):
    """A server on loopback; it serves, in a thread of its own, while its `with` block runs."""

    daemon_threads = True
    request_queue_size = 128
    handler: ClassVar[type[LoopbackHandler]]

    def __init__(self, port: int = 0) -> None:
        super().__init__(("127.0.0.1", port), self.handler)
        self.origin = f"http://127.0.0.1:{self.server_address[1]}"
        self.lock = Lock()
        """Guards the attributes that several connections change."""
        self._thread = Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.shutdown()
        self._thread.join()
        self.server_close()

    def next_reply(self, script: list[Reply]) -> Reply:
        """Remove the next reply from a script and return it; the last reply stays and repeats."""
        with self.lock:
            return script.pop(0) if len(script) > 1 else script[0]

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ANN401 - as in the base class
        """Ignore the error of a client that closes its connection early."""
