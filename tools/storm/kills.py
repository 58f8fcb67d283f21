"""Kill function processes: at random moments, and whoever holds a connection at the worst one."""

import contextlib
import os
import random
import signal
import threading
from collections import Counter

from tools.local.faults import sockets
from tools.local.faults.aws import AwsFaults
from tools.local.stack import Stack

VICTIMS = {"FetchMedia": 5, "VerifyMedia": 3, "IngestCallback": 2, "ReceiveUpload": 1, "SweepRecordings": 1}
GAP_SECONDS = (0.5, 2.5)
GAP_REQUESTS = 60
"""No sooner than after so many requests to AWS: a slow machine would do nothing but start processes again."""


class Killer:
    """A thread that kills until it is stopped."""

    def __init__(self, stack: Stack, aws: AwsFaults, seed: int) -> None:
        self._stack = stack
        self._aws = aws
        self._chance = random.Random(seed)  # noqa: S311 - guards nothing
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="kill", daemon=True)
        self.killed: Counter[str] = Counter()
        """By function; those in mid-transfer of one connection under `in transfer`, too."""

    def start(self) -> None:
        """Begin to kill."""
        self._thread.start()

    def stop(self) -> None:
        """Kill no more."""
        self._stopped.set()
        self._thread.join()

    def kill_owner(self, port: int) -> None:
        """Kill the process whose connection has that port."""
        of = {pid: name for name, pids in self._stack.processes().items() if name != "aws" for pid in pids}
        pid = sockets.owner(port, of)
        if pid is not None and not self._stopped.is_set() and self._kill(of[pid], pid):
            self.killed["in transfer"] += 1

    def _run(self) -> None:
        killed_at = 0
        while not self._stopped.wait(self._chance.uniform(*GAP_SECONDS)):
            if (done := sum(self._aws.carried_out.values())) < killed_at + GAP_REQUESTS:
                continue
            killed_at = done
            name = self._chance.choices(list(VICTIMS), list(VICTIMS.values()))[0]
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
        """Return how many were killed."""
        return sum(number for name, number in self.killed.items() if name != "in transfer")
