"""MP4 files: the container is checked, and read where it describes the sound."""

import struct

import pytest

from callvault import audio
from callvault.errors import RejectedError
from callvault.models import Recording, State

TYPE = bytes.fromhex("0000001c667479706d703432000000016d70343169736f6d") + b"mp42"
"""The beginning of a file that KAZOO recorded."""


def box(name: bytes, *content: bytes) -> bytes:
    joined = b"".join(content)
    return struct.pack(">I4s", 8 + len(joined), name) + joined


def moov(*, milliseconds: int = 20_000, channels: int = 1, handler: bytes = b"soun", version: int = 0) -> bytes:
    """Return a description of sound at 8 kHz; as ffmpeg writes it, the table says two channels."""
    numbers = struct.pack(">QQIQ" if version else ">IIII", 0, 0, 1000, milliseconds)
    configuration = struct.pack(">H", 2 << 11 | 11 << 7 | channels << 3)
    decoder = b"\x04" + bytes([15 + len(configuration)]) + bytes(13) + b"\x05\x02" + configuration
    stream = b"\x03\x80\x80\x80" + bytes([3 + len(decoder)]) + bytes(3) + decoder
    entry = bytes(16) + struct.pack(">HHI", 2, 16, 0) + struct.pack(">I", 8000 << 16)
    table = box(b"stsd", bytes(4), struct.pack(">I", 1), box(b"mp4a", entry, box(b"esds", bytes(4), stream)))
    media = (
        box(b"mdhd", bytes([version, 0, 0, 0]), numbers),
        box(b"hdlr", bytes(8), handler, bytes(12)),
        box(b"minf", box(b"stbl", table)),
    )
    return box(b"moov", box(b"mvhd", bytes(100)), box(b"trak", box(b"tkhd", bytes(84)), box(b"mdia", *media)))


def measure(content: bytes) -> audio.Measurement:
    return audio.measure(audio.head(content), len(content))


@pytest.mark.parametrize("version", [0, 1])
@pytest.mark.parametrize("channels", [1, 2])
def test_the_description_of_the_sound_is_read(version: int, channels: int) -> None:
    content = TYPE + box(b"free") + box(b"mdat", bytes(500)) + moov(channels=channels, version=version)
    assert measure(content) == audio.Measurement(
        content_type=audio.MP4, codec="mp4a", channels=channels, sample_rate=8000, duration_ms=20_000
    )


def test_a_description_beyond_the_head_leaves_the_duration_unknown() -> None:
    measured = measure(TYPE + box(b"mdat", bytes(audio.HEAD_BYTES)) + moov())
    assert (measured.duration_ms, measured.codec, measured.missing) == (None, None, 0)
    recording = Recording(
        account_id="a", recording_id="r", provider="kazoo", state=State.PENDING, duration_ms=9, channels=2, format="mp4"
    )
    assert audio.differences(recording, measured) == ()
    assert not audio.too_short(recording, measured)


@pytest.mark.parametrize(
    ("content", "missing"),
    [
        (TYPE + box(b"mdat", bytes(500))[:-100], 108),
        (TYPE + box(b"mdat", bytes(500)), 8),
        (TYPE + moov() + box(b"mdat", bytes(500))[:-100], 100),
        (TYPE + box(b"mdat", bytes(500)) + moov()[:-100], 100),
        (TYPE + struct.pack(">I4sQ", 1, b"mdat", 1_000_000) + bytes(84), 999_908),
        (TYPE + struct.pack(">I4s", 0, b"mdat") + bytes(500), 8),
    ],
    ids=["samples", "no description", "samples behind", "description", "long box", "unfinished"],
)
def test_a_truncated_container_lacks_bytes(content: bytes, missing: int) -> None:
    assert measure(content).missing == missing


@pytest.mark.parametrize(
    "content",
    [TYPE, TYPE + box(b"free", bytes(100)), TYPE + b"<html>" * 100, TYPE + bytes(100)],
    ids=["type alone", "no samples", "text", "zeros"],
)
def test_a_container_whose_boxes_are_not_those_of_mp4_is_rejected(content: bytes) -> None:
    with pytest.raises(RejectedError):
        measure(content)


@pytest.mark.parametrize("brand", [b"heic", b"avif", b"mif1", b"jp2 "])
def test_a_picture_is_not_audio(brand: bytes) -> None:
    with pytest.raises(RejectedError):
        audio.check(TYPE.replace(b"mp42", brand, 1) + box(b"mdat", bytes(100)))


def test_a_track_of_pictures_says_nothing_of_the_sound() -> None:
    measured = measure(TYPE + moov(handler=b"vide") + box(b"mdat", bytes(100)))
    assert (measured.codec, measured.duration_ms) == (None, None)


def test_any_beginning_of_a_file_is_measured_or_rejected() -> None:
    content = TYPE + moov() + box(b"mdat", bytes(20))
    for end in range(1, len(content)):
        try:
            assert audio.measure(content[:end], len(content)).missing == 0
        except RejectedError as error:
            assert error.reason == "not_audio"  # noqa: PT017 - either outcome is right
