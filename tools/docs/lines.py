"""Hold the lines of Markdown to 100 columns.

A line may be longer if it cannot be broken: a table's row, a line of a fenced block, or a line with
a URL or a link.
"""

from collections.abc import Iterator
from pathlib import Path

MAX_COLUMNS = 100
UNBREAKABLE = ("|", "://", "](")


def check(root: Path) -> list[str]:
    """Return a complaint for each line that is too long."""
    return [
        f"{path.relative_to(root)}:{number}: the line has {len(line)} columns, more than {MAX_COLUMNS}"
        for path in files(root)
        for number, line in prose(path.read_text())
        if len(line) > MAX_COLUMNS and not any(mark in line for mark in UNBREAKABLE)
    ]


def files(root: Path) -> list[Path]:
    """Return the project's own Markdown files."""
    return sorted([*root.glob("*.md"), *root.glob(".github/**/*.md"), *root.glob("docs/**/*.md")])


def prose(text: str) -> Iterator[tuple[int, str]]:
    """Yield number and text of each line outside fenced blocks."""
    fenced = False
    for number, line in enumerate(text.splitlines(), 1):
        if line.lstrip().startswith("```"):
            fenced = not fenced
        elif not fenced:
            yield number, line
