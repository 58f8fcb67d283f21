"""Say what ffmpeg reads of a file."""

import json
import subprocess
from pathlib import Path
from typing import Any

CODECS = {
    "mp3": "mp3", "pcm_mulaw": "mulaw", "pcm_alaw": "alaw", "pcm_f32le": "float", "pcm_f64le": "float",
    "mp3float": "mp3", "adpcm_ms": "0x0002", "adpcm_ima_wav": "0x0011", "gsm_ms": "0x0031", "aac": "mp4a",
}  # fmt: skip
"""Our names of codecs, by ffmpeg's."""


def decode(path: Path, extension: str) -> dict[str, Any]:
    """Return codec, channels, sample rate, and the duration of the decoded samples in ms."""
    about = json.loads(_run("ffprobe", "-v", "error", "-select_streams", "a:0", "-show_streams", "-of", "json", path))
    stream = about["streams"][0]
    channels, rate = int(stream["channels"]), int(stream["sample_rate"])
    samples = _run("ffmpeg", "-nostdin", "-v", "quiet", "-i", path, "-map", "0:a:0", "-f", "s16le", "-")
    codec = stream["codec_name"]
    if codec == "mp3" and extension == "wav":
        codec = "0x0055"
    return {
        "codec": CODECS.get(codec) or ("pcm" if codec.startswith("pcm_") else codec),
        "channels": channels,
        "sample_rate": rate,
        "duration_ms": round(len(samples) / 2 / channels * 1000 / rate),
    }


def _run(*command: str | Path) -> bytes:
    return subprocess.run(command, check=False, capture_output=True).stdout
