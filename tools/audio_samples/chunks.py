"""Generate WAVE files, which consist of chunks, with a tone in each channel."""

import struct

from tools.audio_samples import tones
from tools.audio_samples.tones import Codec

TAGS: dict[Codec, int] = {"pcm": 1, "float": 3, "alaw": 6, "mulaw": 7}
"""The format tag of each codec in a WAVE file."""
EXTENSIBLE = 0xFFFE
SUBFORMAT = bytes.fromhex("000000001000800000aa00389b71")
"""The bytes after the format tag in the GUID of a WAVE_FORMAT_EXTENSIBLE subformat."""


def wav(
    seconds: float,
    *,
    channels: int = 1,
    rate: int = 8000,
    codec: Codec = "pcm",
    bits: int = 16,
    seed: int = 0,
    extensible: bool = False,
    chunks: bytes = b"",
    data_length: int | None = None,
) -> bytes:
    """Return a WAVE file of a tone in each channel.

    `bits` is 8, 16 or 24, for pcm only. `chunks` come before the data. `data_length` is a false
    length in the header, such as the 0 or 0xFFFFFFFF of a writer that cannot seek back.
    """
    bits = {"pcm": bits, "float": 32}.get(codec, 8)
    frames = round(seconds * rate)
    second = tones.second(codec, bits, channels, rate, seed)
    return wave(
        (second * (frames // rate + 1))[: frames * channels * bits // 8],
        channels=channels,
        rate=rate,
        codec=codec,
        bits=bits,
        extensible=extensible,
        chunks=chunks,
        data_length=data_length,
    )


def wave(
    data: bytes,
    *,
    channels: int,
    rate: int,
    codec: Codec,
    bits: int,
    extensible: bool = False,
    chunks: bytes = b"",
    data_length: int | None = None,
) -> bytes:
    """Return a WAVE file of this data; the other arguments are those of `wav`."""
    block = channels * bits // 8
    description = struct.pack(
        "<HHIIHH", EXTENSIBLE if extensible else TAGS[codec], channels, rate, rate * block, block, bits
    )
    if extensible:
        description += struct.pack("<HHIH", 22, bits, 0, TAGS[codec]) + SUBFORMAT
    elif codec != "pcm":
        description += struct.pack("<H", 0)
        chunks = chunk(b"fact", struct.pack("<I", len(data) // block)) + chunks
    content = b"WAVE" + chunk(b"fmt ", description) + chunks + chunk(b"data", data, data_length)
    return b"RIFF" + struct.pack("<I", 0xFFFFFFFF if data_length is not None else len(content)) + content


def chunk(name: bytes, content: bytes, length: int | None = None) -> bytes:
    """Return a RIFF chunk; `length` is a false length in its header."""
    padding = bytes(len(content) % 2)
    return name + struct.pack("<I", len(content) if length is None else length) + content + padding
