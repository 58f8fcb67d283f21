"""Make the files of the cases with ffmpeg, lame and sox."""

import os
import shutil
import subprocess
from collections.abc import Iterable, Iterator
from itertools import groupby
from pathlib import Path

from tools import audio_samples
from tools.audio_cases import edits
from tools.audio_cases.case import Case, Tool

OUTPUTS = 40
"""Maximum number of files that one process of ffmpeg makes, which saves most of the time."""


def find(tool: Tool) -> str | None:
    """Return the path of a tool, or None.

    ffmpeg may also be the binary of the package imageio-ffmpeg, whose path is in the environment
    variable FFMPEG.
    """
    return os.environ.get("FFMPEG") or shutil.which(tool) if tool == "ffmpeg" else shutil.which(tool)


def make(cases: Iterable[Case], tool: Tool, folder: Path) -> Iterator[tuple[Case, bytes]]:
    """Yield each case of the tool with its file; the tool must be installed."""
    own = sorted((case for case in cases if case.tool == tool), key=lambda case: case.source)
    program = str(find(tool))
    for source, group in groupby(own, key=lambda case: case.source):
        members = list(group)
        if tool == "ffmpeg":
            for start in range(0, len(members), OUTPUTS):
                _run_ffmpeg(program, source, members[start : start + OUTPUTS], folder)
        else:
            seconds, rate, channels = source
            given = folder / "source.wav"
            given.write_bytes(audio_samples.wav(seconds, rate=rate, channels=channels))
            for case in members:
                _run([program, *_arguments(case, given, folder)])
        for case in members:
            yield case, edits.apply(_path(case, folder).read_bytes(), case.edits)


def _arguments(case: Case, given: Path, folder: Path) -> list[str]:
    """Return the arguments of lame or sox."""
    path = str(_path(case, folder))
    if case.tool == "lame":
        return ["--quiet", *case.options, str(given), path]
    return ["-D", "-R", str(given), *case.options, path]


def _run_ffmpeg(program: str, source: list[str], cases: list[Case], folder: Path) -> None:
    """Make several files of one input."""
    outputs = [word for case in cases for word in (*case.options, str(_path(case, folder)))]
    _run([program, "-nostdin", "-v", "error", "-y", *source, *outputs])


def _run(command: list[str]) -> None:
    subprocess.run(command, check=True, capture_output=True)


def _path(case: Case, folder: Path) -> Path:
    """Return the path of a case's file."""
    return folder / f"{case.name.replace(' ', '_').replace('/', '_')}.{case.extension}"
