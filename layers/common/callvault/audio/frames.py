"""Read the headers of MPEG audio frames of layer III, and find frames among other bytes.

Source: ISO/IEC 11172-3 and 13818-3, 2.4.1.3.
"""

from collections.abc import Iterator
from typing import NamedTuple

from callvault.audio import tags

SYNC, LAYER_3, MONO = 0x7FF, 1, 3
VERSIONS = {
    3: (1152, (44100, 48000, 32000, 0), (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 0)),
    2: (576, (22050, 24000, 16000, 0), (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160, 0)),
    1: (0, (0, 0, 0, 0), (0,) * 16),
    0: (576, (11025, 12000, 8000, 0), (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160, 0)),
}
"""By the version bits of a frame header: samples per frame, sample rates in Hertz, and bitrates of
layer III in kbit/s. 0 stands for a reserved value, or for the free format, which is not read."""
HEADER = 4
"""Length of a frame's header, in bytes."""


class Frame(NamedTuple):
    """The header of one frame."""

    bitrate: int
    sample_rate: int
    channels: int
    samples: int
    length: int
    """Length of the frame in bytes, with its header."""


def read(content: bytes, offset: int) -> Frame | None:
    """Read the frame header at the offset; return None if there is none of layer III."""
    bits = int.from_bytes(content[offset : offset + HEADER])
    samples, rates, bitrates = VERSIONS[bits >> 19 & 3]
    bitrate, rate = bitrates[bits >> 12 & 15], rates[bits >> 10 & 3]
    if bits >> 21 != SYNC or bits >> 17 & 3 != LAYER_3 or not (bitrate and rate):
        return None
    length = samples // 8 * bitrate * 1000 // rate + (bits >> 9 & 1)
    return Frame(bitrate, rate, 1 if bits >> 6 & 3 == MONO else 2, samples, length)


def begin(content: bytes, offset: int, *, visible: int, wanted: int) -> bool:
    """Return whether frames of one sample rate follow each other from the offset on.

    `wanted` frames must do so. If the content ends earlier, `visible` frames are enough.
    """
    first = read(content, offset)
    for number in range(wanted):
        if offset + HEADER > len(content):
            return number >= visible
        frame = read(content, offset)
        if first is None or frame is None or frame.sample_rate != first.sample_rate:
            return False
        offset += frame.length
    return True


def search(content: bytes, offset: int, end: int | None = None, *, visible: int = 2, wanted: int = 3) -> int | None:
    """Return the offset of the first frames from `offset` on and before `end`; None without any.

    In random bytes, one of 20,000 offsets looks like a frame. A second frame of the same sample
    rate exactly behind it is an accident in one of 130,000 of these cases.
    """
    while not begin(content, offset, visible=visible, wanted=wanted):
        offset = content.find(b"\xff", offset + 1, end)
        if offset < 0:
            return None
    return offset


def walk(content: bytes, offset: int | None) -> Iterator[tuple[int, Frame]]:
    """Yield each frame whose header is in the content, with its offset.

    `offset` is that of a frame. Tags and other bytes between frames are skipped: files that were
    joined have them.
    """
    while offset is not None:
        while frame := read(content, offset):
            yield offset, frame
            offset += frame.length
        offset = search(content, tags.end(content, offset))
