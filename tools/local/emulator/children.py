"""Start processes that do not outlive this one, and end them."""

import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import IO

CHILD = Path(__file__).with_name("child.py")

type Process = subprocess.Popen[bytes]


class Children:
    """The processes that one stack started."""

    def __init__(self) -> None:
        # Linux sends the death signal when the starting thread ends, so one thread that lives as long starts them all.
        self._starter = ThreadPoolExecutor(max_workers=1, thread_name_prefix="start")
        self._processes: list[Process] = []

    def start(
        self,
        module: str,
        arguments: Sequence[str],
        *,
        cwd: Path,
        environment: Mapping[str, str],
        stdout: IO[bytes] | int,
        stderr: IO[bytes] | int,
    ) -> Process:
        """Run a module in a process of its own; raise RuntimeError when this is closed."""

        def start() -> Process:
            process = subprocess.Popen(
                [sys.executable, str(CHILD), str(os.getpid()), module, *arguments],
                cwd=cwd,
                env=dict(environment),
                stdin=subprocess.DEVNULL,
                stdout=stdout,
                stderr=stderr,
                # Ctrl-C is for us alone: we end them.
                process_group=0,
            )
            self._processes = [known for known in self._processes if known.returncode is None] + [process]
            return process

        return self._starter.submit(start).result()

    def close(self) -> None:
        """End every process that still runs."""
        # Its thread first: what it is starting is then among the processes, and nothing starts any more.
        self._starter.shutdown()
        for process in self._processes:
            end(process)


def end(process: Process) -> None:
    """Kill a process and what it started, and wait for it."""
    if process.poll() is None:
        # Its group: a function may have started processes too.
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    if process.stdout:
        process.stdout.close()
