"""Find the fenced blocks of README.md, CONTRIBUTING.md and docs/, and say what becomes of each.

A block that no test runs needs a comment on the line before it: `<!-- needs: aws -->` or
`<!-- needs: provider -->`. A block after `<!-- starts: … -->` is a terminal that stays open: the
tests start the same process.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from xml.etree import ElementTree

from tools.docs import lines

ROOT = Path(__file__).parents[2]
PAGES = (
    "docs/getting-started.md",
    "docs/query.md",
    "docs/find-recordings.md",
    "docs/sdks.md",
    "docs/operate/failures.md",
    "docs/operate/command-line.md",
    "docs/connect/twilio.md",
)
"""The pages whose sh blocks are typed into a shell; the order is that of reading."""
SDKS = "docs/sdks.md"
IMPORTS = {
    "bandwidth": "bandwidth import",
    "twilio": "twilio.rest import",
    "signalwire": "signalwire.rest import Client",
    "signalwire_sdk": "signalwire.rest import RestClient",
}
"""What the block of each SDK on that page imports."""
MAKE = re.compile(r"(?:\w+=\S+ )*make (?P<target>[a-z-]+)(?: \w+=\S+)*(?:\s+#.*)?")


class Fate(StrEnum):
    """What becomes of a block."""

    TYPED = "typed into the page's shell"
    STARTED = "started by the tests"
    MADE = "compared with the Makefile"
    IMPORTED = "run with the SDK"
    PARSED = "parsed"
    SHOWN = "output"
    UNTESTED = "needs AWS or a provider"


BY_LANGUAGE = {"python": Fate.IMPORTED, "json": Fate.PARSED, "xml": Fate.PARSED, "text": Fate.SHOWN}


@dataclass(frozen=True)
class Block:
    """One fenced block."""

    page: str
    line: int
    """Of the opening fence, from 1."""
    language: str
    marker: str | None
    text: str

    def __str__(self) -> str:
        return f"{self.page}:{self.line}"


def every() -> list[Block]:
    """Return every block of the documentation."""
    pages = [path for path in lines.files(ROOT) if path.name != "CHANGELOG.md" and ".github" not in path.parts]
    return [block for path in pages for block in read(str(path.relative_to(ROOT)), path.read_text())]


def read(page: str, text: str) -> Iterator[Block]:
    """Yield the blocks of a page; raises ValueError for one without an end."""
    before, opened = "", None
    for number, line in enumerate(text.splitlines(), 1):
        stripped = line.strip()
        if opened is None and stripped.startswith("```"):
            opened, indent, content = number, len(line) - len(line.lstrip()), list[str]()
            language, comment = stripped.removeprefix("```"), re.fullmatch(r"<!-- (.*) -->", before)
        elif opened is not None and stripped == "```":
            yield Block(page, opened, language, comment and comment[1], "".join(f"{one}\n" for one in content))
            opened = None
        elif opened is not None:
            content.append(line[indent:])
        before = stripped
    if opened is not None:
        raise ValueError(f"{page}:{opened} has no end")


def fate(block: Block) -> Fate | None:
    """Return what becomes of a block; None for one that is neither tested nor marked."""
    match block.marker, block.language:
        case "needs: aws" | "needs: provider", _:
            return Fate.UNTESTED
        case "starts: stack" | "starts: stand-in", "sh":
            return Fate.STARTED
        case None, "sh":
            return Fate.MADE if targets(block) is not None else Fate.TYPED if block.page in PAGES else None
        case None, language:
            return BY_LANGUAGE.get(language) if language != "python" or block.page == SDKS else None
    return None


def targets(block: Block) -> list[str] | None:
    """Return the targets that a block makes; None if any line is another command."""
    found = [MAKE.fullmatch(line) for line in block.text.splitlines()]
    return [one["target"] for one in found if one] if all(found) else None


def parse(block: Block) -> None:
    """Parse a block of JSON or XML; raises ValueError or ParseError."""
    if block.language == "json":
        json.loads(block.text)
    else:
        ElementTree.fromstring(f"<page>{block.text}</page>")  # noqa: S314 - the project's own


def account(page: str) -> str:
    """Return the JSON block of a page that is the parameter of an account."""
    [found] = [
        block.text
        for block in read(page, (ROOT / page).read_text())
        if block.language == "json" and '"readers"' in block.text
    ]
    return found


def snippet(sdk: str) -> str:
    """Return the Python block that reads the archive by an SDK, which is named as in `IMPORTS`."""
    text = (ROOT / SDKS).read_text()
    [found] = [block.text for block in read(SDKS, text) if f"\nfrom {IMPORTS[sdk]}" in block.text]
    return found
