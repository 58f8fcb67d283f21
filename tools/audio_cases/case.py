"""Define the description of a generated file."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

CASES = Path(__file__).parents[2] / "tests" / "unit" / "audio" / "cases.json"

type Tool = Literal["ffmpeg", "lame", "sox"]
TOOLS: tuple[Tool, ...] = ("ffmpeg", "lame", "sox")
type Edit = list[Any]
"""The name of a function of `edits` and its arguments."""


@dataclass(frozen=True, kw_only=True)
class Case:
    """How a file is made, and what ffmpeg reads of it."""

    name: str
    tool: Tool
    source: list[Any]
    """ffmpeg's options for its input; or seconds, sample rate and channels of a WAVE file."""
    options: list[str]
    """The tool's options for its output."""
    extension: str
    edits: list[Edit] = field(default_factory=list)
    """What is changed in the file, in this order."""
    expected: dict[str, Any] = field(default_factory=dict)
    """ffmpeg's `codec`, `channels` and `sample_rate`, and the `duration_ms` that it decodes."""

    @property
    def format(self) -> str:
        """Return the format of the file: wav, mp3 or mp4."""
        return {"m4a": "mp4", "mov": "mp4"}.get(self.extension, self.extension)


def load() -> list[Case]:
    """Return the cases with their expected values."""
    return [Case(**values) for values in json.loads(CASES.read_text())]
