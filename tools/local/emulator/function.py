"""Invoke a function in as many processes as it has concurrent invocations, up to a limit."""

import json
import threading
from collections.abc import Mapping
from concurrent.futures import Future
from pathlib import Path
from queue import SimpleQueue

from tools.local.emulator.children import Children
from tools.local.emulator.sandbox import Outcome, Sandbox, Spec
from tools.local.iam import keys


class ClosedError(Exception):
    """The stack is ending."""


class Function:
    """A deployed function; a process starts with the first invocation that needs it."""

    def __init__(
        self, spec: Spec, *, environment: Mapping[str, str], children: Children, log: Path, processes: int
    ) -> None:
        self.spec = spec
        self.log = log
        self.environment = environment
        self._children = children
        self._limit = processes
        self._lock = threading.Lock()
        self._pending = 0
        self._closed = False
        self._queue: SimpleQueue[tuple[bytes, Future[Outcome]] | None] = SimpleQueue()
        self._workers: list[tuple[Sandbox, threading.Thread]] = []
        log.touch()

    @property
    def limit(self) -> int:
        """Return the maximum number of concurrent invocations."""
        return self._limit

    @property
    def pending(self) -> int:
        """Return the number of invocations that run or wait."""
        return self._pending

    def submit(self, event: object) -> Future[Outcome]:
        """Invoke the function with an event and return at once."""
        return self.submit_bytes(json.dumps(event).encode())

    def submit_bytes(self, event: bytes) -> Future[Outcome]:
        """Invoke the function with the JSON text of an event and return at once."""
        future: Future[Outcome] = Future()
        with self._lock:
            if self._closed:
                future.set_exception(ClosedError())
                return future
            self._pending += 1
            if self._pending > len(self._workers) and len(self._workers) < self._limit:
                self._add_worker()
        self._queue.put((event, future))
        return future

    def processes(self) -> list[int]:
        """Return the ids of the running processes."""
        return [sandbox.pid for sandbox, _ in list(self._workers) if sandbox.pid]

    def close(self) -> None:
        """End all processes; invocations that run or wait fail."""
        with self._lock:
            self._closed = True
        for sandbox, _ in self._workers:
            sandbox.close()
            self._queue.put(None)
        for sandbox, thread in self._workers:
            thread.join()
            sandbox.release()
        while not self._queue.empty():
            if task := self._queue.get():
                task[1].set_exception(ClosedError())

    def _add_worker(self) -> None:
        sandbox = Sandbox(self.spec, self.environment, self._children, self.log)
        name = f"{self.spec.logical_id}-{len(self._workers) + 1}"
        thread = threading.Thread(target=self._work, args=(sandbox,), name=name, daemon=True)
        self._workers.append((sandbox, thread))
        thread.start()

    def _work(self, sandbox: Sandbox) -> None:
        while task := self._queue.get():
            event, future = task
            if self._closed:
                future.set_exception(ClosedError())
                continue
            try:
                outcome = sandbox.run(event)
            except Exception as error:  # noqa: BLE001 - the caller gets the error, and the thread continues
                self._done()
                future.set_exception(error)
            else:
                self._done()
                future.set_result(outcome)

    def _done(self) -> None:
        with self._lock:
            self._pending -= 1


def environment(spec: Spec, *, region: str, aws_url: str, dynamodb_url: str | None, path: str) -> dict[str, str]:
    """Return the environment that Lambda sets for a function, with the URL of the local AWS."""
    return {
        "PATH": path,
        "LANG": "C.UTF-8",
        "TZ": ":UTC",
        "PYTHONPATH": ":".join(str(layer) for layer in spec.layers),
        # Lambda keeps every line that a function printed before it died.
        "PYTHONUNBUFFERED": "1",
        "AWS_REGION": region,
        "AWS_DEFAULT_REGION": region,
        "AWS_ACCESS_KEY_ID": keys.access_key(spec.logical_id),
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_SESSION_TOKEN": "testing",
        "AWS_EXECUTION_ENV": "AWS_Lambda_python3.13",
        "AWS_LAMBDA_FUNCTION_NAME": spec.name,
        "AWS_LAMBDA_FUNCTION_VERSION": "1",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(spec.memory),
        "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
        "AWS_LAMBDA_LOG_GROUP_NAME": f"/aws/lambda/{spec.name}",
        "AWS_LAMBDA_LOG_STREAM_NAME": "local",
        "LAMBDA_TASK_ROOT": str(spec.folder),
        "_HANDLER": spec.handler,
        **spec.environment,
        "AWS_ENDPOINT_URL": aws_url,
        **({"AWS_ENDPOINT_URL_DYNAMODB": dynamodb_url} if dynamodb_url else {}),
    }
