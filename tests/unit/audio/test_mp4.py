"""MP4 files: the container is checked, and read where it describes the sound."""

import struct

import pytest

from callvault import audio
from callvault.errors import RejectedError
from callvault.models import Recording, State
from tools import audio_samples as samples

TYPE, box = samples.MP4_TYPE, samples.box
MOOV = samples.mp4(20)[samples.mp4(20).index(b"moov") - 4 :]


def measure(content: bytes) -> audio.Measurement:
    return audio.measure(audio.head(content), len(content))


@pytest.mark.parametrize("channels", [1, 2])
def test_the_description_of_the_sound_is_read(channels: int) -> None:
    assert measure(samples.mp4(20, channels=channels)) == audio.Measurement(
        content_type=audio.MP4, codec="mp4a", channels=channels, sample_rate=8000, duration_ms=20_000
    )


def test_a_description_with_long_numbers_is_read() -> None:
    short = MOOV[MOOV.index(b"mdhd") - 4 :][:32]
    assert len(box(b"mdhd", bytes(24))) == len(short)
    long = box(b"mdhd", b"\x01", bytes(19), struct.pack(">IQ", 8000, 160_000), bytes(4))
    grown = MOOV.replace(short, long)
    for name in (b"moov", b"trak", b"mdia"):
        at = grown.index(name) - 4
        length = int.from_bytes(grown[at : at + 4]) + len(long) - len(short)
        grown = grown[:at] + struct.pack(">I", length) + grown[at + 4 :]
    assert measure(TYPE + box(b"mdat", bytes(9)) + grown).duration_ms == 20_000


def test_a_description_beyond_the_head_leaves_the_duration_unknown() -> None:
    measured = measure(TYPE + box(b"mdat", bytes(audio.HEAD_BYTES)) + MOOV)
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
        (TYPE + MOOV + box(b"mdat", bytes(500))[:-100], 100),
        (TYPE + box(b"mdat", bytes(500)) + MOOV[:-100], 100),
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


def test_bytes_after_the_last_box_that_are_no_box_do_not_count_as_missing() -> None:
    too_short = struct.pack(">I", 4)
    assert measure(TYPE + MOOV + box(b"mdat", bytes(500)) + too_short + b"junk" * 5).missing == 0


@pytest.mark.parametrize("brand", [b"heic", b"avif", b"mif1", b"jp2 "])
def test_a_picture_is_not_audio(brand: bytes) -> None:
    with pytest.raises(RejectedError):
        audio.check(TYPE.replace(b"mp42", brand, 1) + box(b"mdat", bytes(100)))


def test_a_track_of_pictures_says_nothing_of_the_sound() -> None:
    measured = measure(TYPE + MOOV.replace(b"soun", b"vide") + box(b"mdat", bytes(100)))
    assert (measured.codec, measured.duration_ms) == (None, None)


def test_any_beginning_of_a_file_is_measured_or_rejected() -> None:
    content = TYPE + MOOV + box(b"mdat", bytes(20))
    for end in range(1, len(content)):
        try:
            assert audio.measure(content[:end], len(content)).missing == 0
        except RejectedError as error:
            assert error.reason == "not_audio"  # noqa: PT017 - either outcome is right
