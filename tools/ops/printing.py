"""Print tables for people, JSON for programs, and the progress of a long command."""

import json
import sys
import time
from collections.abc import Mapping, Sequence
from datetime import datetime

from callvault import times

LOG_SECONDS = 5.0
"""Minimum number of seconds between two lines of progress if stderr is not a terminal."""


def table(rows: Sequence[Mapping[str, object]], nothing: str) -> None:
    """Print rows that have the same columns as a table, or print `nothing` if there are no rows."""
    if not rows:
        print(nothing)
        return
    cells = [[name.upper().replace("_", " ") for name in rows[0]]]
    cells += [[text(value) for value in row.values()] for row in rows]
    widths = [max(len(line[column]) for line in cells) for column in range(len(rows[0]))]
    for line in cells:
        print("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())


def as_json(content: object) -> None:
    """Print JSON, in which the characters that a terminal does not show are escaped."""
    print("\n".join(map(visible, json.dumps(content, ensure_ascii=False, indent=2, default=text).split("\n"))))


def text(value: object) -> str:
    """Return a value as text for people, in one line."""
    if isinstance(value, datetime):
        return times.write(value)
    return "-" if value is None else visible(str(value))


def visible(value: str) -> str:
    r"""Return text in which what a terminal does not show is escaped as in JSON (`\u009b`).

    Dead letters hold what strangers sent, and control characters in it could rewrite the screen,
    or make the terminal send input to the shell.
    """
    return "".join(char if char.isprintable() else _escaped(char) for char in value)


def _escaped(char: str) -> str:
    """Return the escape sequence of a character in JSON (RFC 8259, section 7)."""
    units = char.encode("utf-16-be", "surrogatepass").hex()
    return "".join(f"\\u{units[start : start + 4]}" for start in range(0, len(units), 4))


class Progress:
    """A counter that prints itself on stderr.

    A terminal shows one line that changes; any other stderr gets a line every LOG_SECONDS.
    """

    def __init__(self, what: str, total: int | None = None) -> None:
        self._what = what
        self._total = "" if total is None else f" of about {total}"
        self.count = 0
        self._printed = time.monotonic()

    def step(self) -> None:
        """Count one more."""
        self.count += 1
        if sys.stderr.isatty():
            print(f"\r{self}", end="", file=sys.stderr, flush=True)
        elif time.monotonic() - self._printed > LOG_SECONDS:
            self._printed = time.monotonic()
            print(self, file=sys.stderr, flush=True)

    def end(self) -> None:
        """Print the final count."""
        if self.count:
            print(f"\r{self}" if sys.stderr.isatty() else str(self), file=sys.stderr, flush=True)

    def __str__(self) -> str:
        return f"{self._what} {self.count}{self._total}"
