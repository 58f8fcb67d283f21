"""Generate audio files of any length for the tests and the demo.

The repository therefore needs no audio files. With the same other arguments, the same seed gives
the same file, and another seed gives another file.
"""

import struct
from collections.abc import Iterator
from hashlib import shake_256
from itertools import cycle
from typing import Literal

from tools import tones
from tools.tones import Codec

TAGS: dict[Codec, int] = {"pcm": 1, "float": 3, "alaw": 6, "mulaw": 7}
"""The format tag of each codec in a WAVE file."""
EXTENSIBLE = 0xFFFE
SUBFORMAT = bytes.fromhex("000000001000800000aa00389b71")
"""The bytes after the format tag in the GUID of a WAVE_FORMAT_EXTENSIBLE subformat."""

MP4_TYPE = bytes.fromhex("0000001c667479706d703432000000016d70343169736f6d6d703432")
"""The first box of an MP4 file, as KAZOO writes it."""
AAC = 2
AAC_RATES = (96000, 88200, 64000, 48000, 44100, 32000, 24000, 22050, 16000, 12000, 11025, 8000)

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


def mp4(seconds: float, *, channels: int = 1, rate: int = 8000) -> bytes:
    """Return an MP4 file whose sound is described behind samples that are zeros."""
    configuration = struct.pack(">H", AAC << 11 | AAC_RATES.index(rate) << 7 | channels << 3)
    decoder = b"\x04" + bytes([15 + len(configuration)]) + bytes(13) + b"\x05\x02" + configuration
    stream = b"\x03\x80\x80\x80" + bytes([3 + len(decoder)]) + bytes(3) + decoder
    # As ffmpeg does, say two channels here, whatever the configuration says.
    entry = bytes(16) + struct.pack(">HHI", 2, 16, 0) + struct.pack(">I", rate << 16)
    table = box(b"stsd", bytes(4), struct.pack(">I", 1), box(b"mp4a", entry, box(b"esds", bytes(4), stream)))
    media = (
        box(b"mdhd", bytes(12), struct.pack(">II", rate, round(seconds * rate)), bytes(4)),
        box(b"hdlr", bytes(8), b"soun", bytes(12)),
        box(b"minf", box(b"stbl", table)),
    )
    described = box(b"moov", box(b"mvhd", bytes(100)), box(b"trak", box(b"tkhd", bytes(84)), box(b"mdia", *media)))
    return MP4_TYPE + box(b"mdat", bytes(round(seconds * 1000))) + described


def box(name: bytes, *contents: bytes) -> bytes:
    """Return a box of an MP4 file."""
    content = b"".join(contents)
    return struct.pack(">I4s", 8 + len(content), name) + content


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
