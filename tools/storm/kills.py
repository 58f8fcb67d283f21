"""Kill processes of functions: at random times, and in the middle of a transfer."""

import contextlib
import os
import random
import signal
import threading
from collections import Counter

from tools.local.faults import sockets
from tools.local.faults.aws import AwsFaults
from tools.local.stack import Stack

WEIGHTS = {
    "FetchMedia": 5,
    "VerifyMedia": 3,
    "IngestCallback": 2,
    "IngestParked": 1,
    "ReceiveUpload": 1,
    "SweepRecordings": 1,
    "ReconcileAccounts": 2,
}
"""The functions whose processes are killed, and how often relative to each other."""
GAP_SECONDS = (0.5, 2.5)
"""Minimum and maximum time between two random kills, in seconds."""
GAP_REQUESTS = 60
"""Minimum number of requests to AWS between two random kills. Without it, a slow machine would only
restart processes."""


class Killer:
    """A thread that kills processes until it is stopped."""

    def __init__(self, stack: Stack, aws: AwsFaults, seed: int) -> None:
        self._stack = stack
        self._aws = aws
        self._chance = random.Random(seed)  # noqa: S311 - guards nothing
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="kill", daemon=True)
        self.killed: Counter[str] = Counter()
        """Number of kills by function; the key `in transfer` counts those during a transfer."""

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def stop(self) -> None:
        """Stop the thread."""
        self._stopped.set()
        self._thread.join()

    def kill_owner(self, port: int) -> None:
        """Kill the process that has the connection with this local port."""
        functions = {pid: name for name, pids in self._stack.processes().items() if name != "aws" for pid in pids}
        pid = sockets.owner(port, functions)
        if pid is not None and not self._stopped.is_set() and self._kill(functions[pid], pid):
            self.killed["in transfer"] += 1

    def _run(self) -> None:
        killed_at = 0
        while not self._stopped.wait(self._chance.uniform(*GAP_SECONDS)):
            if (done := sum(self._aws.carried_out.values())) < killed_at + GAP_REQUESTS:
                continue
            killed_at = done
            name = self._chance.choices(list(WEIGHTS), list(WEIGHTS.values()))[0]
            if pids := self._stack.processes()[name]:
                self._kill(name, self._chance.choice(pids))

    def _kill(self, name: str, pid: int) -> bool:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
            self.killed[name] += 1
            return True
        return False

    @property
    def count(self) -> int:
        """Return the number of killed processes."""
        return sum(number for name, number in self.killed.items() if name != "in transfer")
