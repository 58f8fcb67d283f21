"""Print tables for people, JSON for programs, and errors.

A terminal gets tables of rich. A file or a pipe gets plain lines, whose form does not change.
"""

import json
import sys
from collections.abc import Mapping, Sequence
from datetime import datetime

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from callvault import times

type Rows = Sequence[Mapping[str, object]]


def table(rows: Rows, nothing: str) -> None:
    """Print rows that have the same columns as a table, or print `nothing` if there are no rows."""
    if not rows:
        print(nothing)
    elif sys.stdout.isatty():
        _framed(rows)
    else:
        _plain(rows)


def _plain(rows: Rows) -> None:
    """Print a table of which each line is a row, for files and pipes."""
    cells = [[_heading(name) for name in rows[0]]]
    cells += [[text(value) for value in row.values()] for row in rows]
    widths = [max(len(line[column]) for line in cells) for column in range(len(rows[0]))]
    for line in cells:
        print("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())


def _framed(rows: Rows) -> None:
    """Print a table for a terminal; a cell that is too wide continues on the next line."""
    framed = Table(box=SIMPLE_HEAD, show_edge=False, pad_edge=False)
    for name, value in rows[0].items():
        framed.add_column(_heading(name), justify="right" if isinstance(value, int) else "left", overflow="fold")
    for row in rows:
        framed.add_row(*(Text(text(value)) for value in row.values()))
    Console().print(framed)


def _heading(name: str) -> str:
    return name.upper().replace("_", " ")


def as_json(content: object) -> None:
    """Print JSON, in which the characters that a terminal does not show are escaped."""
    print("\n".join(map(visible, json.dumps(content, ensure_ascii=False, indent=2, default=text).split("\n"))))


def error(sentence: str, program: str = "callvault") -> None:
    """Print an error on stderr, after the name of the program or of its command."""
    print(f"{program}: {visible(sentence)}", file=sys.stderr)


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
