"""Files that ffmpeg, lame and sox make, measured by `audio` and decoded by ffmpeg.

tools/audio_cases describes the files; cases.json has ffmpeg's values. Without a tool its files are
left out, unless the environment variable MIN_GENERATED_FILES says how many must be measured, as in
.ci/run.
"""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from callvault import audio
from callvault.audio.measurement import FORMATS
from callvault.errors import RejectedError
from tests.conftest import MEASURED
from tools.audio_cases import case, descriptions, making
from tools.audio_cases.case import Case, Tool

MIN_FILES = int(os.environ.get("MIN_GENERATED_FILES", "0"))
SAMPLES = {"mp3": 3 * 1152, "0x0055": 3 * 1152, "mp4a": 1024, "0x0002": 2048, "0x0011": 2048}
"""By codec, the number of samples that may be counted or not at both ends of a file.

A decoder of MP3 or AAC leaves out up to three frames or one, because the encoder added them.
Versions of ffmpeg differ in whether they fill up the last block of an ADPCM.
"""
LOW_RATE = 32000
"""Below it, in Hertz, a frame of MP3 has half as many samples."""
ROUNDING_MS = 40
CASES = case.load()


def tolerance(generated: Case) -> float:
    """Return the accepted difference of durations, in milliseconds."""
    codec, rate = generated.expected["codec"], generated.expected["sample_rate"]
    samples = SAMPLES.get(codec, 0) / (2 if rate < LOW_RATE and codec in {"mp3", "0x0055"} else 1)
    return float(ROUNDING_MS + samples * 1000 / rate)


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
        record_property(MEASURED, 0)
        pytest.skip(f"{tool} is not installed")
    made = list(making.make(CASES, tool, tmp_path))
    record_property(MEASURED, len(made))
    assert [found for generated, content in made if (found := difference(generated, content))] == []


@pytest.mark.skipif(not MIN_FILES, reason="MIN_GENERATED_FILES is not set, so the tools may be missing.")
def test_enough_files_are_measured() -> None:
    assert sum(making.find(generated.tool) is not None for generated in CASES) >= MIN_FILES


def test_the_committed_cases_are_those_of_the_descriptions() -> None:
    described = {
        generated.name: (generated.source, generated.options, generated.edits) for generated in descriptions.cases()
    }
    assert described == {generated.name: (generated.source, generated.options, generated.edits) for generated in CASES}
