"""Print tables for people, JSON for machines, and how far a long command has come."""

import json
import sys
import time
from collections.abc import Mapping, Sequence
from datetime import datetime

from callvault import times

TELL_SECONDS = 5.0
"""How often a log is told of progress; a terminal is told at once."""


def table(rows: Sequence[Mapping[str, object]], nothing: str) -> None:
    """Print rows of the same columns, aligned, or a sentence where there are none."""
    if not rows:
        print(nothing)
        return
    cells = [[name.upper().replace("_", " ") for name in rows[0]]]
    cells += [[text(value) for value in row.values()] for row in rows]
    widths = [max(len(line[column]) for line in cells) for column in range(len(rows[0]))]
    for line in cells:
        print("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())


def machine(content: object) -> None:
    """Print JSON."""
    print(json.dumps(content, ensure_ascii=False, indent=2, default=text))


def text(value: object) -> str:
    """Return a value as people read it."""
    if isinstance(value, datetime):
        return times.write(value)
    return "-" if value is None else str(value)


class Progress:
    """Tells on stderr how far a command has come: one line that changes, or now and then a line where it is a log."""

    def __init__(self, what: str, total: int | None = None) -> None:
        self._what = what
        self._total = "" if total is None else f" of about {total}"
        self.count = 0
        self._told = time.monotonic()

    def step(self) -> None:
        """Count one more."""
        self.count += 1
        if sys.stderr.isatty():
            print(f"\r{self}", end="", file=sys.stderr, flush=True)
        elif time.monotonic() - self._told > TELL_SECONDS:
            self._told = time.monotonic()
            print(self, file=sys.stderr, flush=True)

    def end(self) -> None:
        """Say how far it came."""
        if self.count:
            print(f"\r{self}" if sys.stderr.isatty() else str(self), file=sys.stderr, flush=True)

    def __str__(self) -> str:
        return f"{self._what} {self.count}{self._total}"
