"""Forward requests to AWS, if they are signed and the roles of the functions allow them.

If the stack has faults, the rules of `tools.local.faults.aws` make some of the requests fail.

A request is read completely before it is forwarded, because S3 stores no object whose sender died
in the middle. An answer is forwarded as it arrives. Functions and the presigned URLs that they
issue use the proxy; pollers and tests otherwise send their requests to AWS itself.
"""

import contextlib
import json
import re
import socket
import socketserver
import struct
import threading
import time
from typing import BinaryIO, cast
from urllib.parse import urlsplit

from tools.local.aws import operations, sqs_rules
from tools.local.emulator import wire
from tools.local.emulator.pace import Pace
from tools.local.faults.aws import AwsFaults, Effect, Rule
from tools.local.iam.guard import Guard

MAX_BODY_BYTES = 256 * 1024 * 1024
COPY_BYTES = 64 * 1024
"""Number of bytes that are read and forwarded at a time."""
IDLE_SECONDS = 120
"""Seconds after which an idle connection is closed."""
THROTTLED = {
    "dynamodb": ("com.amazonaws.dynamodb.v20120810#", "ProvisionedThroughputExceededException"),
    "sqs": ("com.amazonaws.sqs#", "RequestThrottled"),
}
"""The prefix of error types, and the throttling error, of services that have their own."""
MISSING = re.compile(rb"HTTP/1\.[01] 404 ")
"""The start of an answer that says that something does not exist."""
HOP_BY_HOP = {"connection", "content-length", "expect", "transfer-encoding"}
"""Headers that concern one connection only, or that the proxy writes itself."""


class AwsProxy(socketserver.ThreadingTCPServer):
    """The proxy on loopback; like moto, it answers one request on each connection."""

    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, aws_url: str, guard: Guard, faults: AwsFaults, pace: Pace) -> None:
        super().__init__(("127.0.0.1", 0), _Connection)
        self.guard = guard
        self.faults = faults
        self.pace = pace
        parts = urlsplit(aws_url)
        self.upstream = (str(parts.hostname), int(parts.port or 80))
        self.url = f"http://127.0.0.1:{self.server_address[1]}"
        self._thread = threading.Thread(target=self.serve_forever, args=(0.2,), name="aws-proxy", daemon=True)

    def start(self) -> None:
        """Serve in a thread."""
        self._thread.start()

    def close(self) -> None:
        """Stop; a stalled request ends with its client."""
        self.shutdown()
        self._thread.join()
        self.server_close()

    def handle_error(self, request: object, client_address: object) -> None:
        """Ignore the error of a client that was killed."""


class _Connection(socketserver.StreamRequestHandler):
    timeout = IDLE_SECONDS
    disable_nagle_algorithm = True

    def handle(self) -> None:
        proxy = cast("AwsProxy", self.server)
        # Clients that die or give up are expected here.
        with contextlib.suppress(OSError, wire.MalformedError):
            stream = cast("BinaryIO", self.rfile)
            head = wire.read_head(stream)
            if head is None:
                return
            if (head.header("expect") or "").lower() == "100-continue":
                self.wfile.write(b"HTTP/1.1 100 Continue\r\n\r\n")
            operation = operations.name(head)
            rule = proxy.faults.draw(operation)
            body = wire.read_body(stream, head, MAX_BODY_BYTES)
            if refusal := proxy.guard.refusal(head, body):
                self.wfile.write(refusal.wire(with_body=head.method != "HEAD"))
                return
            if operation in PACED:
                body = PACED[operation](body, proxy.pace)
            self._carry_out(proxy, head, body, operation, rule)

    def _carry_out(self, proxy: AwsProxy, head: wire.Head, body: bytes, operation: str, rule: Rule | None) -> None:
        effect = rule.effect if rule else None
        if rule and effect is Effect.STALL:
            time.sleep(rule.seconds)
        if effect is Effect.KILL:
            proxy.faults.kill(int(self.client_address[1]))
        if effect is Effect.RESET:
            self._reset()
        elif effect in {Effect.ERROR, Effect.UNAVAILABLE, Effect.THROTTLE, Effect.ERROR_IN_200}:
            self.wfile.write(_refusal(operation, cast("Effect", effect), with_body=head.method != "HEAD"))
        else:
            with _request(proxy.upstream, head, body) as connection:
                if effect in {Effect.LOSE, Effect.CUT}:
                    self._break(connection, lose_all=effect is Effect.LOSE)
                else:
                    self._forward(proxy, head, connection)

    def _forward(self, proxy: AwsProxy, head: wire.Head, connection: socket.socket) -> None:
        """Forward an answer as it arrives; S3's 404 becomes a 403 if the function may not list."""
        piece = connection.recv(COPY_BYTES)
        function = proxy.guard.function_of(head)
        if function and MISSING.match(piece) and (refusal := proxy.guard.missing(function, head)):
            self.wfile.write(refusal.wire(with_body=head.method != "HEAD"))
            return
        while piece:
            self.wfile.write(piece)
            piece = connection.recv(COPY_BYTES)

    def _break(self, connection: socket.socket, *, lose_all: bool) -> None:
        """Read the answer, forward nothing or its first half, and reset the connection."""
        answer = bytearray()
        while piece := connection.recv(COPY_BYTES):
            answer += piece
        if not lose_all:
            body = answer.find(b"\r\n\r\n") + 4
            self.wfile.write(answer[: (body + len(answer)) // 2])
        self._reset()

    def _reset(self) -> None:
        # With a linger time of 0, closing sends a reset: socket(7), SO_LINGER.
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.rfile.close()
        self.connection.close()


def _request(upstream: tuple[str, int], head: wire.Head, body: bytes) -> socket.socket:
    """Send a request to AWS and return the connection, which ends after the answer."""
    lines = [f"{head.method} {head.target} HTTP/1.1"]
    lines += [f"{name}: {value}" for name, value in head.headers if name not in HOP_BY_HOP]
    lines += [f"content-length: {len(body)}", "connection: close", "", ""]
    connection = socket.create_connection(upstream, timeout=IDLE_SECONDS)
    connection.sendall("\r\n".join(lines).encode("latin-1") + body)
    return connection


def _with_shorter_visibility(body: bytes, pace: Pace) -> bytes:
    """Return the body of a ChangeMessageVisibility with the timeout shortened to the pace.

    A timeout that SQS refuses stays, so that it is refused.
    """
    fields = json.loads(body)
    if sqs_rules.hidden(int(fields["VisibilityTimeout"])):
        return body
    return json.dumps(fields | {"VisibilityTimeout": pace.hidden(int(fields["VisibilityTimeout"]))}).encode()


def _with_shorter_delays(body: bytes, pace: Pace) -> bytes:
    """Return the body of a SendMessageBatch with the delays shortened to the pace."""
    fields = json.loads(body)
    entries = [entry | {"DelaySeconds": pace.hidden(int(entry.get("DelaySeconds", 0)))} for entry in fields["Entries"]]
    return json.dumps(fields | {"Entries": entries}).encode()


def _with_sooner_attempts(body: bytes, pace: Pace) -> bytes:
    """Return the body of a PutItem with the next attempts of the row sooner."""
    fields = json.loads(body)
    return json.dumps(fields | {"Item": pace.sooner(fields["Item"])}).encode()


PACED = {
    "dynamodb.PutItem": _with_sooner_attempts,
    "sqs.ChangeMessageVisibility": _with_shorter_visibility,
    "sqs.SendMessageBatch": _with_shorter_delays,
}
"""Changes the body of a request to the pace, by the operation."""


def _refusal(operation: str, effect: Effect, *, with_body: bool) -> bytes:
    """Return an error answer in the form of the service."""
    service = operation.partition(".")[0]
    if service == "s3":
        status, code = {
            Effect.ERROR: (500, "InternalError"),
            Effect.ERROR_IN_200: (200, "InternalError"),
        }.get(effect, (503, "SlowDown"))
        body = f"<?xml version='1.0'?><Error><Code>{code}</Code><Message>Please try again.</Message></Error>".encode()
        content_type = "application/xml"
    else:
        prefix, throttled = THROTTLED.get(service, ("", "ThrottlingException"))
        status, error_type = {
            Effect.THROTTLE: (400, prefix + throttled),
            Effect.UNAVAILABLE: (503, "ServiceUnavailable"),
        }.get(effect, (500, "InternalServerError"))
        body = json.dumps({"__type": error_type, "message": "Please try again."}).encode()
        content_type = "application/x-amz-json-1.0"
    headers = (("content-type", content_type), ("connection", "close"))
    return wire.response(status, headers, body, with_body=with_body)
