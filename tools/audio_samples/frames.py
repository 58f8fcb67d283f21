"""Generate MP3 files, which consist of frames, and the ID3 tag that may stand before them."""

import struct
from collections.abc import Iterator
from hashlib import shake_256
from itertools import cycle
from typing import Literal

MONO = 0xC0
MPEG_RATES = {
    rate: (version, index)
    for version, rates in {3: (44100, 48000, 32000), 2: (22050, 24000, 16000), 0: (11025, 12000, 8000)}.items()
    for index, rate in enumerate(rates)
}
MPEG_1 = 3
BITRATES = {
    1152: (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    576: (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
"""The bitrates in kbit/s, in the order of their index, by the number of samples of a frame."""


def mp3(
    seconds: float, *, channels: int = 1, rate: int = 8000, bitrate: int = 16, seed: int = 0, tag: bytes = b""
) -> bytes:
    """Return a silent MP3 of one bitrate, in kbit/s, without an index; `tag` comes first."""
    return tag + b"".join(_frames(seconds, channels, rate, (bitrate,), seed))


def mp3_vbr(
    seconds: float,
    *,
    channels: int = 1,
    rate: int = 8000,
    bitrates: tuple[int, ...] = (8, 32, 16, 64),
    index: Literal["Xing", "Info", "VBRI"] | None = "Xing",
    seed: int = 0,
    tag: bytes = b"",
) -> bytes:
    """Return an MP3 whose frames alternate between the bitrates, in kbit/s.

    If `index` is not None, a frame with this index comes first.
    """
    frames = list(_frames(seconds, channels, rate, bitrates, seed))
    if index is None:
        return tag + b"".join(frames)
    first = _frame(channels, rate, max(bitrates), b"")
    length = len(first) + sum(map(len, frames))
    if index == "VBRI":
        header = bytes(32) + struct.pack(">4sHHHIIHHHH", b"VBRI", 1, 0, 75, length, len(frames), 0, 1, 2, 1)
    else:
        header = bytes(_side_information(channels, rate)) + struct.pack(
            ">4sIII", index.encode(), 3, len(frames), length
        )
    return tag + first[:4] + header + first[4 + len(header) :] + b"".join(frames)


def id3(title: str = "", padding: int = 0) -> bytes:
    """Return an ID3v2.3 tag."""
    text = b"\x00" + title.encode("latin-1")
    content = b"TIT2" + struct.pack(">IH", len(text), 0) + text + bytes(padding)
    return b"ID3\x03\x00\x00" + bytes(len(content) >> shift & 0x7F for shift in (21, 14, 7, 0)) + content


def _frames(seconds: float, channels: int, rate: int, bitrates: tuple[int, ...], seed: int) -> Iterator[bytes]:
    """Yield silent frames whose total duration is closest to `seconds`."""
    count = round(seconds * rate / _samples(rate))
    # Decoders skip the bytes that belong to no granule (ancillary data), unless they look like the
    # beginning of a frame.
    noise = shake_256(str(seed).encode()).digest(2048).replace(b"\xff", b"\xfe")
    for _, bitrate in zip(range(count), cycle(bitrates), strict=False):
        yield _frame(channels, rate, bitrate, noise)


def _frame(channels: int, rate: int, bitrate: int, ancillary: bytes) -> bytes:
    """Return a layer III frame without CRC; its side information is zero, so it has no audio."""
    version, rate_index = MPEG_RATES[rate]
    samples = _samples(rate)
    length = samples // 8 * bitrate * 1000 // rate
    header = bytes(
        [
            0xFF,
            0xE3 | version << 3,
            BITRATES[samples].index(bitrate) << 4 | rate_index << 2,
            MONO if channels == 1 else 0,
        ]
    )
    silent = header + bytes(_side_information(channels, rate))
    return (silent + ancillary).ljust(length, b"\0")[:length]


def _samples(rate: int) -> int:
    return 1152 if MPEG_RATES[rate][0] == MPEG_1 else 576


def _side_information(channels: int, rate: int) -> int:
    if MPEG_RATES[rate][0] == MPEG_1:
        return 17 if channels == 1 else 32
    return 9 if channels == 1 else 17
