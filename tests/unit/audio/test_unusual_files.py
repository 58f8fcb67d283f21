"""Files of the field: joined, tagged, without a byte rate, empty, or with an accidental frame."""

import random
import struct

import pytest

from callvault import audio
from callvault.errors import RejectedError
from callvault.models import Recording, State
from tools import audio_samples as samples

FRAME = bytes.fromhex("ffe318c4") + bytes(68)
"""MPEG 2.5 layer III, 8 kbit/s at 8 kHz, mono: 0.072 s."""


def measure(content: bytes) -> audio.Measurement:
    return audio.measure(audio.head(content), len(content))


def compressed(tag: int, data: bytes, *, fact: int | None, byte_rate: int = 0) -> bytes:
    """Return a WAVE file of 8 kHz, mono."""
    description = struct.pack("<HHIIHHH", tag, 1, 8000, byte_rate, 0, 0, 0)
    counted = b"" if fact is None else samples.chunk(b"fact", struct.pack("<I", fact))
    content = b"WAVE" + samples.chunk(b"fmt ", description) + counted + samples.chunk(b"data", data)
    return b"RIFF" + struct.pack("<I", len(content)) + content


@pytest.mark.parametrize("tag", [0x0002, 0x0055, 0x0042])
def test_the_fact_chunk_has_the_duration_if_there_is_no_byte_rate(tag: int) -> None:
    measured = measure(compressed(tag, bytes(5000), fact=20_000))
    assert (measured.duration_ms, measured.estimated) == (2500, False)


def test_the_fact_chunk_of_a_truncated_file_counts_in_part() -> None:
    content = compressed(0x0042, bytes(5000), fact=20_000)
    measured = measure(content[:-2500])
    assert (measured.duration_ms, measured.missing) == (1250, 2500)


def test_a_fact_chunk_that_contradicts_the_byte_rate_is_ignored() -> None:
    measured = measure(compressed(0x0042, bytes(5000), fact=20_000_000, byte_rate=2000))
    assert (measured.duration_ms, measured.estimated) == (2500, True)


def test_mp3_in_a_wave_file_is_measured_by_its_frames() -> None:
    measured = measure(compressed(0x0055, FRAME * 100, fact=None))
    assert (measured.duration_ms, measured.codec) == (7200, "0x0055")


def test_a_compressed_wave_file_that_says_nothing_of_its_duration_is_rejected() -> None:
    with pytest.raises(RejectedError):
        measure(compressed(0x0042, bytes(5000), fact=None))


@pytest.mark.parametrize("lengths", [(300_000,), (1_000, 2_000), (200_000, 200_000), (2_500_000, 300_000)])
def test_an_mp3_behind_any_tags_is_measured(lengths: tuple[int, ...]) -> None:
    content = b"".join(samples.id3(padding=length) for length in lengths) + FRAME * 100
    assert audio.check(audio.head(content)) == audio.MPEG
    assert measure(content).duration_ms == 7200


def test_an_mp3_behind_an_ape_tag_is_measured() -> None:
    items = random.Random(1).randbytes(300_000)  # noqa: S311 - not a secret
    ape = b"APETAGEX" + struct.pack("<IIII8x", 2000, len(items), 1, 0xA0000000) + items
    content = ape + samples.id3(padding=1_000) + FRAME * 100
    assert audio.check(audio.head(content)) == audio.MPEG
    assert measure(content).duration_ms == 7200


def test_a_head_is_no_longer_than_its_limit() -> None:
    content = samples.id3(padding=9_000_000) + FRAME * 100
    assert len(audio.head(content)) == audio.MAX_HEAD_BYTES


def test_joined_files_have_the_duration_of_both() -> None:
    one = samples.mp3_vbr(10, seed=1)
    measured = measure(one + one)
    assert measured.duration_ms == pytest.approx(20_000, abs=100)
    assert not measured.estimated


def test_the_duration_of_long_joined_files_is_estimated() -> None:
    one = samples.mp3_vbr(200, seed=1)
    measured = measure(one + one)
    assert measured.duration_ms == pytest.approx(400_000, rel=0.01)
    assert measured.estimated


def test_a_tag_behind_an_indexed_mp3_is_not_audio() -> None:
    one = samples.mp3_vbr(200, seed=1)
    assert measure(one + b"TAG".ljust(128, b"\0")) == measure(one)


def test_a_constant_bitrate_is_not_concluded_from_the_first_of_two_joined_files() -> None:
    head = samples.mp3(20, bitrate=8) + samples.id3(padding=100)
    assert measure(head + samples.mp3(400, bitrate=64)).estimated


@pytest.mark.parametrize("seed", range(200))
def test_random_bytes_behind_an_empty_tag_are_not_an_mp3(seed: int) -> None:
    content = b"ID3\x04\0\0\0\0\0\0" + random.Random(seed).randbytes(300_000)  # noqa: S311 - not a secret
    with pytest.raises(RejectedError):
        measure(content)


@pytest.mark.parametrize("seed", range(20))
def test_random_bytes_are_not_audio(seed: int) -> None:
    with pytest.raises(RejectedError):
        audio.check(random.Random(seed).randbytes(300_000))  # noqa: S311 - not a secret


def test_an_mp3_that_begins_in_the_middle_of_a_frame_is_measured_from_the_next() -> None:
    assert measure(FRAME[30:] + FRAME * 100).duration_ms == 7200


def test_text_before_frames_is_not_audio() -> None:
    with pytest.raises(RejectedError):
        audio.check(b"--boundary\r\ncontent-type: audio/mpeg\r\n\r\n" + FRAME * 100)


def test_a_header_without_audio_is_a_difference_even_if_nothing_was_announced() -> None:
    recording = Recording(account_id="a1", recording_id="r1", provider="kazoo", state=State.PENDING)
    assert audio.differences(recording, measure(samples.wav(0))) == ("the file has no audio",)


def test_an_rf64_file_states_its_length_in_its_own_chunk() -> None:
    whole = samples.wav(2, data_length=0xFFFFFFFF)
    sizes = struct.pack("<QQQI", 0, 32_000, 16_000, 0)
    content = b"RF64\xff\xff\xff\xffWAVE" + samples.chunk(b"ds64", sizes) + whole[12:]
    assert measure(content).missing == 0
    assert measure(content[:-1000]).missing == 1000
