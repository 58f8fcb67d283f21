"""Run a function in a process under `awslambdaric`, the runtime client that Lambda itself uses."""

import json
import math
import signal
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tools.local.emulator.children import Children, Process, end
from tools.local.emulator.runtime_api import MAX_RESPONSE_BYTES, DiedError, RuntimeApi

INIT_SECONDS = 60.0
"""Maximum time for the start of a process, in seconds."""


@dataclass(frozen=True, kw_only=True)
class Spec:
    """The properties of a function."""

    logical_id: str
    name: str
    arn: str
    handler: str
    folder: Path
    layers: tuple[Path, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    memory: int = 128
    """The memory in megabytes. The function sees it in its environment; no limit is enforced."""
    timeout: float = 3.0
    """Maximum time of an invocation, in seconds."""


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """The result of an invocation."""

    payload: bytes
    """The answer, or Lambda's error: errorMessage, errorType and possibly stackTrace."""
    failed: bool = False


def _failure(kind: str, message: str) -> Outcome:
    return Outcome(payload=json.dumps({"errorMessage": message, "errorType": kind}).encode(), failed=True)


class Sandbox:
    """One process of a function, used by one thread at a time.

    It starts when it is first needed, and again after it has ended.
    """

    def __init__(self, spec: Spec, environment: Mapping[str, str], children: Children, log: Path) -> None:
        self._spec = spec
        self._children = children
        self._log = log
        self._api = RuntimeApi()
        self._environment = {**environment, "AWS_LAMBDA_RUNTIME_API": self._api.address}
        self._process: Process | None = None
        self._init_error: Outcome | None = None
        self._closed = False

    @property
    def pid(self) -> int | None:
        """Return the id of the process, or None if it does not run."""
        process = self._process
        return process.pid if process and process.poll() is None else None

    def run(self, event: bytes) -> Outcome:
        """Invoke the function once."""
        request_id = str(uuid.uuid4())
        limit = INIT_SECONDS
        try:
            self._ready(time.monotonic() + INIT_SECONDS)
            limit = self._spec.timeout
            self._api.give(self._headers(request_id), event)
            return self._outcome(request_id, time.monotonic() + limit)
        except DiedError:
            message = f"RequestId: {request_id} Error: {self._exit()}"
            self._note(message)
            return self._init_error or _failure("Runtime.ExitError", message)
        except TimeoutError:
            self._stop()
            message = f"{request_id} Task timed out after {limit:.2f} seconds"
            self._note(message)
            return _failure("Sandbox.Timedout", message)

    def close(self) -> None:
        """End the process for good; a running invocation fails."""
        self._closed = True
        if self._process:
            end(self._process)

    def release(self) -> None:
        """End the process and close the endpoint; call this when no invocation runs."""
        self.close()
        self._api.close()

    def _ready(self, deadline: float) -> None:
        """Start the process if it does not run, and wait until it asks for an event."""
        if self.pid and self._api.is_asked:
            return
        if not self.pid:
            self._start()
        while True:
            call = self._api.receive(deadline, lambda: self.pid is not None)
            if call.path == "/invocation/next":
                return
            if call.path == "/init/error":
                # The process exits now, which ends the loop.
                self._init_error = Outcome(payload=call.body, failed=True)
                self._api.answer(call, 202)

    def _start(self) -> None:
        self._stop()
        if self._closed:
            raise DiedError
        with self._log.open("ab") as log:
            self._process = self._children.start(
                "awslambdaric",
                [self._spec.handler],
                cwd=self._spec.folder,
                environment=self._environment,
                stdout=log,
                stderr=log,
            )
        # `close` may have been called during the start.
        if self._closed:
            end(self._process)

    def _stop(self) -> None:
        if self._process:
            end(self._process)
        self._api.forget()
        self._init_error = None

    def _headers(self, request_id: str) -> tuple[tuple[str, str], ...]:
        now = time.time()
        return (
            ("content-type", "application/json"),
            ("lambda-runtime-aws-request-id", request_id),
            ("lambda-runtime-deadline-ms", str(math.floor((now + self._spec.timeout) * 1000))),
            ("lambda-runtime-invoked-function-arn", self._spec.arn),
            ("lambda-runtime-trace-id", f"Root=1-{int(now):08x}-{uuid.uuid4().hex[:24]};Sampled=0"),
        )

    def _outcome(self, request_id: str, deadline: float) -> Outcome:
        while True:
            call = self._api.receive(deadline, lambda: self.pid is not None)
            if call.path == f"/invocation/{request_id}/response":
                size = len(call.body)
                self._api.answer(call, 202 if size <= MAX_RESPONSE_BYTES else 413)
                if size <= MAX_RESPONSE_BYTES:
                    return Outcome(payload=call.body)
                message = f"Response payload size ({size} bytes) exceeded maximum allowed payload size"
                return _failure("Function.ResponseSizeTooLarge", f"{message} ({MAX_RESPONSE_BYTES} bytes).")
            if call.path == f"/invocation/{request_id}/error":
                self._api.answer(call, 202)
                return Outcome(payload=call.body, failed=True)

    def _exit(self) -> str:
        code = self._process.wait() if self._process else 0
        if code < 0:
            return f"Runtime exited with error: signal: {signal.Signals(-code).name}"
        return f"Runtime exited with error: exit status {code}"

    def _note(self, line: str) -> None:
        with self._log.open("a") as log:
            log.write(f"{line}\n")
