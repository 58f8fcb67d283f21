"""Measure WAVE files.

Sources: Microsoft "Multimedia Programming Interface and Data Specifications 1.0", also for RIFX,
whose numbers are big-endian; RFC 2361 for the format tags; EBU Tech 3306 for RF64; ITU-R BS.2088
for BW64.
"""

import struct
from collections.abc import Iterator
from typing import NamedTuple

from callvault.audio import mpeg
from callvault.audio.measurement import WAVE, Measurement

FORMS = {b"RIFF": "<", b"RF64": "<", b"BW64": "<", b"RIFX": ">"}
"""The first bytes of the file, with the byte order of its numbers."""
EXTENSIBLE = 0xFFFE
"""The format tag of a `fmt ` chunk that has the real tag in its subformat."""
STREAMED = 0x7FFF0000
"""Smallest data length that means "unknown", in bytes.

A writer that cannot seek back to the header leaves a length of 0, or a placeholder of about this
value or more. No call is that long.
"""
IN_DS64 = 0xFFFFFFFF
"""The data length of a file whose chunk `ds64` has the length."""
CODECS = {0x0001: "pcm", 0x0003: "float", 0x0006: "alaw", 0x0007: "mulaw"}
"""Codecs by WAVE format tag. In each of them, a block is one sample of every channel."""
MPEG_TAG = 0x0055
IN_BLOCKS = frozenset({0x0002, 0x0011, 0x0031})
"""Format tags of codecs whose blocks have a fixed number of samples: both ADPCMs and GSM.

ffmpeg writes a wrong byte rate for the ADPCMs.
"""
PLAUSIBLE = 0.1
"""Maximum relative difference between the durations by `fact` chunk and by byte rate."""


class Format(NamedTuple):
    """The content of a `fmt ` chunk; missing fields are 0."""

    tag: int
    channels: int
    sample_rate: int
    byte_rate: int
    block: int
    """Length of a block in bytes."""
    block_samples: int
    """Number of samples of each channel in a block, or 0."""

    @property
    def usable(self) -> bool:
        """Return whether the number of channels and the sample rate are known."""
        return bool(self.channels and self.sample_rate)


class Chunks(NamedTuple):
    """What stands before the samples of a file."""

    audio: Format
    samples: int
    """Number of samples of each channel that the `fact` chunk says, or 0."""
    data_length: int
    """Length of the samples in bytes that the `ds64` chunk says, or 0."""


def is_wave(head: bytes) -> bool:
    """Return whether a file that begins with these bytes is a WAVE file."""
    return head[:4] in FORMS and head[8:12] == b"WAVE"


def data_offset(head: bytes) -> int:
    """Return the offset of the last chunk that is known, which is that of the samples if possible.

    The chunks before it may be longer than the head.
    """
    offset = 0
    for name, start, length in _chunks(head):
        offset = start if name == b"data" else start + length
        if name == b"data":
            break
    return offset


def measure(head: bytes, size: int) -> Measurement | None:
    """Measure the file of `size` bytes that begins with `head`; None if its header is unusable."""
    order = FORMS[head[:4]]
    known = {b"fmt ": b"", b"fact": b"", b"ds64": b""}
    for name, start, length in _chunks(head):
        if name == b"data":
            chunks = Chunks(
                _format(known[b"fmt "], order),
                struct.unpack(f"{order}I", known[b"fact"][:4].ljust(4, b"\0"))[0],
                struct.unpack(f"{order}8xQ", known[b"ds64"][:16].ljust(16, b"\0"))[0],
            )
            return _measure_data(chunks, length, head[start:], size - start)
        if name in known:
            known[name] = head[start : start + length]
    return None


def _format(description: bytes, order: str) -> Format:
    """Read a `fmt ` chunk, which may be cut off."""
    description = description.ljust(26, b"\0")
    tag, channels, rate, byte_rate, block, bits, samples = struct.unpack_from(f"{order}HHIIHH2xH", description)
    if tag == EXTENSIBLE:
        (tag,) = struct.unpack_from(f"{order}H", description, 24)
    if tag in CODECS:
        block, samples = block or channels * ((bits + 7) // 8), 1
    return Format(tag, channels, rate, byte_rate, block, samples if tag in CODECS or tag in IN_BLOCKS else 0)


def _measure_data(chunks: Chunks, length: int, data: bytes, available: int) -> Measurement | None:
    """Measure a `data` chunk, or return None if its format is incomplete.

    The chunk's header says that the chunk has `length` bytes; the file has `available`, of which
    `data` is the beginning.
    """
    audio = chunks.audio
    if length == IN_DS64 and chunks.data_length:
        length = chunks.data_length
    # A writer that cannot seek back to the header leaves a length of 0, or one that is far too
    # large. The file may also be truncated.
    present = min(length or available, available)
    promised = length if length < STREAMED or length == chunks.data_length else 0
    measured = _duration(chunks, data, present, promised) if audio.usable else None
    if measured is None:
        return None
    return Measurement(
        content_type=WAVE,
        codec=CODECS.get(audio.tag, f"0x{audio.tag:04x}"),
        channels=audio.channels,
        sample_rate=audio.sample_rate,
        duration_ms=round(measured[0]),
        missing=max(0, promised - present),
        estimated=measured[1],
    )


def _duration(chunks: Chunks, data: bytes, present: int, promised: int) -> tuple[float, bool] | None:
    """Return the duration of the first `present` bytes in ms, and whether it is estimated.

    The number of blocks shows it best, and for MP3 the frames. Returns None if nothing shows it.
    """
    audio = chunks.audio
    if audio.block and audio.block_samples:
        samples = present / audio.block * audio.block_samples
        # The writer fills up the last block.
        if audio.block_samples > 1 and samples - audio.block_samples <= chunks.samples < samples:
            samples = chunks.samples
        return samples * 1000 / audio.sample_rate, False
    frames = mpeg.measure(data[:present], present) if audio.tag == MPEG_TAG else None
    if frames is not None and frames.duration_ms is not None and not frames.estimated:
        return frames.duration_ms, False
    return _by_header(chunks, present, promised)


def _by_header(chunks: Chunks, present: int, promised: int) -> tuple[float, bool] | None:
    """Return a duration by `fact` chunk or byte rate, as `_duration` does.

    The `fact` chunk counts the samples of all bytes that the header promises. It is used if it
    agrees with the byte rate, or if there is no byte rate.
    """
    byte_rate = chunks.audio.byte_rate
    by_rate = present * 1000 / byte_rate if byte_rate else None
    by_fact = chunks.samples * 1000 / chunks.audio.sample_rate * (min(1, present / promised) if promised else 1)
    if by_fact and (by_rate is None or abs(by_fact - by_rate) <= PLAUSIBLE * by_fact):
        return by_fact, False
    return None if by_rate is None else (by_rate, True)


def _chunks(head: bytes) -> Iterator[tuple[bytes, int, int]]:
    """Yield name, start and length of each chunk whose header is in the head."""
    offset = 12
    while offset + 8 <= len(head):
        name, length = struct.unpack_from(f"{FORMS[head[:4]]}4sI", head, offset)
        yield name, offset + 8, length
        offset += 8 + length + length % 2
