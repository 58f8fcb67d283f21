"""Show on stderr how far a long command is."""

import sys
import time

from rich import progress as bars
from rich.console import Console

LOG_SECONDS = 5.0
"""Minimum number of seconds between two lines of progress if stderr is not a terminal."""


class Progress:
    """A counter that prints itself on stderr.

    A terminal shows one line that changes: a bar, and with a total also the time that is left. Any
    other stderr gets a line every LOG_SECONDS.
    """

    def __init__(self, what: str, total: int | None = None) -> None:
        self._what = what
        self._total = total
        self.count = 0
        self._printed = time.monotonic()
        self._bar: bars.Progress | None = None

    def step(self, number: int = 1) -> None:
        """Count one more, or several."""
        self.count += number
        if sys.stderr.isatty():
            self._show()
        elif time.monotonic() - self._printed > LOG_SECONDS:
            self._printed = time.monotonic()
            print(self, file=sys.stderr, flush=True)

    def end(self) -> None:
        """Print the final count."""
        if self._bar:
            self._bar.stop()
        elif self.count:
            print(self, file=sys.stderr, flush=True)

    def __str__(self) -> str:
        return f"{self._what} {self.count}" + ("" if self._total is None else f" of about {self._total}")

    def _show(self) -> None:
        """Show the count on the terminal."""
        if self._bar is None:
            self._bar = _bar(with_end=self._total is not None)
            self._bar.add_task("", total=self._total, line=str(self))
            self._bar.start()
        # The total is an estimate, which the count may exceed.
        total = None if self._total is None else max(self._total, self.count)
        self._bar.update(self._bar.task_ids[0], completed=self.count, total=total, line=str(self))


def _bar(*, with_end: bool) -> bars.Progress:
    """Return the line of a terminal.

    What the command prints on stderr meanwhile appears above the line. Standard output is left
    alone: it may be a file.
    """
    end = (bars.TimeRemainingColumn(),) if with_end else (bars.TimeElapsedColumn(),)
    return bars.Progress(
        bars.TextColumn("{task.fields[line]}", markup=False),
        bars.BarColumn(),
        *end,
        console=Console(stderr=True),
        redirect_stdout=False,
    )
