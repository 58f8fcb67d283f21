"""Start and end child processes, which do not outlive this process."""

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
    """The child processes of one stack."""

    def __init__(self) -> None:
        # Linux sends a child its death signal when the thread that started it ends. So one thread,
        # which runs until the end, starts all of them.
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
        """Run a module in a new process; raises RuntimeError after `close`."""

        def start() -> Process:
            process = subprocess.Popen(
                [sys.executable, str(CHILD), str(os.getpid()), module, *arguments],
                cwd=cwd,
                env=dict(environment),
                stdin=subprocess.DEVNULL,
                stdout=stdout,
                stderr=stderr,
                # Ctrl-C goes to this process alone, which then ends its children.
                process_group=0,
            )
            self._processes = [known for known in self._processes if known.returncode is None] + [process]
            return process

        return self._starter.submit(start).result()

    def close(self) -> None:
        """End every process that is still running."""
        # The starting thread ends first, so that the list of processes is complete.
        self._starter.shutdown()
        for process in self._processes:
            end(process)


def end(process: Process) -> None:
    """Kill a process and its own children, and wait for it."""
    if process.poll() is None:
        # The whole process group, because a function may have started processes.
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    if process.stdout:
        process.stdout.close()
