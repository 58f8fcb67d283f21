"""Files that ffmpeg, lame and sox make, measured by `audio` and decoded by ffmpeg.

tools/audio_cases describes the files; cases.json has ffmpeg's values. Without a tool its files are
left out, but where the environment variable CI is set, at least MIN_FILES must be measured.
"""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from callvault import audio
from callvault.audio.measurement import FORMATS
from callvault.errors import RejectedError
from tests.unit.audio.conftest import MEASURED
from tools.audio_cases import case, descriptions, making
from tools.audio_cases.case import Case, Tool

MIN_FILES = 300
FRAMES_OF_DELAY = 3
"""What a decoder leaves out at both ends of an MP3, because the encoder added it, in frames."""
SAMPLES = {"wav": 0, "mp3": 1152, "mp4": 1024}
"""The number of samples in a frame, by format."""
ROUNDING_MS = 40
CASES = case.load()


def tolerance(generated: Case) -> float:
    """Return the accepted difference of durations, in milliseconds."""
    rate: int = generated.expected["sample_rate"]
    frames = 1 if generated.format == "mp4" else FRAMES_OF_DELAY
    kind = "mp3" if generated.expected["codec"] == "0x0055" else generated.format
    samples = SAMPLES[kind] // 2 if kind == "mp3" and rate < 32000 else SAMPLES[kind]
    return ROUNDING_MS + frames * samples * 1000 / rate


def difference(generated: Case, content: bytes) -> str | None:
    """Return how the measurement differs from ffmpeg's, or None."""
    try:
        found = audio.measure(audio.head(content), len(content))
    except RejectedError as error:
        return f"{generated.name}: {error.reason}"
    expected = dict(generated.expected) | {"format": generated.format}
    actual = found.model_dump(include=set(expected)) | {"format": FORMATS[found.content_type]}
    duration = actual["duration_ms"]
    if duration is not None and abs(duration - expected["duration_ms"]) <= tolerance(generated):
        expected["duration_ms"] = duration
    return f"{generated.name}: {actual} instead of {expected}" if actual != expected else None


@pytest.mark.parametrize("tool", case.TOOLS)
def test_files_are_measured_as_ffmpeg_decodes_them(
    tool: Tool, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    if making.find(tool) is None:
        pytest.skip(f"{tool} is not installed")
    made = list(making.make(CASES, tool, tmp_path))
    record_property(MEASURED, len(made))
    assert [found for generated, content in made if (found := difference(generated, content))] == []


@pytest.mark.skipif("CI" not in os.environ, reason="A machine of a developer need not have the tools.")
def test_enough_files_are_measured_in_ci() -> None:
    assert sum(making.find(generated.tool) is not None for generated in CASES) >= MIN_FILES


def test_the_committed_cases_are_those_of_the_descriptions() -> None:
    described = {
        generated.name: (generated.source, generated.options, generated.edits) for generated in descriptions.cases()
    }
    assert described == {generated.name: (generated.source, generated.options, generated.edits) for generated in CASES}
