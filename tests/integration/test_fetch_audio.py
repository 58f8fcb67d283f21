"""Responses that are not the whole audio of a recording, and those that are nevertheless."""

import gzip
import time

import pytest

from callvault.ingest import media
from callvault.models import State
from tests import worlds
from tests.integration.fetching import AUDIO, PATH, WAV, assert_fails, assert_waits, fetch, recording, stored
from tools import audio_samples
from tools.local.faults.replies import Reply
from tools.local.providers.standins import Standin

pytestmark = pytest.mark.loopback


@pytest.mark.parametrize("framing", ["length", "chunked"])
def test_an_incomplete_body_is_not_stored(standin: Standin, framing: str) -> None:
    standin.serve(PATH, Reply(body=WAV, headers=AUDIO, framing=framing, send_bytes=len(WAV) // 2))
    assert_waits("unreachable")


def test_a_body_without_length_shorter_than_the_announced_duration_is_not_stored(standin: Standin) -> None:
    standin.serve(PATH, Reply(body=WAV, headers=AUDIO, framing="close", send_bytes=len(WAV) // 4))
    assert_waits("short_body")


def test_a_body_without_length_shorter_than_its_header_announces_is_not_stored(standin: Standin) -> None:
    standin.serve(PATH, Reply(body=WAV, headers=AUDIO, framing="close", send_bytes=len(WAV) - 2))
    assert_waits("short_body")


def test_a_body_without_length_that_ends_within_its_header_is_not_stored(standin: Standin) -> None:
    standin.serve(PATH, Reply(body=WAV, headers=AUDIO, framing="close", send_bytes=30))
    assert_waits("short_body")


SHORTENED = Reply(body=WAV, headers=AUDIO, length=len(WAV) - 2)


def test_a_body_shorter_than_its_header_announces_is_fetched_again(standin: Standin) -> None:
    standin.serve(PATH, SHORTENED, Reply(body=WAV, headers=AUDIO))
    assert not fetch(recording())
    assert fetch(recording(), received=2)
    assert worlds.body(worlds.row()) == WAV


def test_a_body_that_is_still_too_short_after_an_hour_is_stored(standin: Standin) -> None:
    standin.serve(PATH, SHORTENED)
    assert not fetch(recording(), since=time.time() - 3500)
    assert fetch(recording(), since=time.time() - 3700)
    assert worlds.body(worlds.row()) == WAV[:-2]


FRAME = bytes.fromhex("ffe318c4") + bytes(68)
UNFINISHED = {
    "header alone": audio_samples.wav(0),
    "length of 0": audio_samples.wav(2, data_length=0),
    "length unknown": audio_samples.wav(2, data_length=0xFFFFFFFF),
    "two seconds of MP3": FRAME * 28,
}


@pytest.mark.parametrize("body", UNFINISHED.values(), ids=UNFINISHED)
def test_a_body_shorter_than_announced_is_fetched_again_for_an_hour(standin: Standin, body: bytes) -> None:
    announced = recording(duration_ms=20_000)
    standin.serve(PATH, Reply(body=body, headers=AUDIO))
    assert not fetch(announced, since=time.time() - 3500)
    assert worlds.row().state is State.PENDING
    assert fetch(announced, since=time.time() - 3700)
    assert worlds.body(worlds.row()) == body


JUNK = b"RIFF" + b"\xff" * 4 + b"WAVE" + audio_samples.chunk(b"JUNK", bytes(600))
TAG = audio_samples.id3(padding=25)
MP4 = audio_samples.mp4(2)
BEGINNINGS = {
    **{f"WAVE {length}": WAV[:length] for length in (1, 4, 7, 10, 12, 20, 36, 43)},
    "JUNK": JUNK,
    "part of JUNK": JUNK[:300],
    **{f"tag {length}": TAG[:length] for length in (2, 3, 9, 10, 20, len(TAG))},
    "frame 1": FRAME[:1],
    "frame 3": FRAME[:3],
    "tag and a part of a frame": TAG + FRAME[:3],
    "APE tag": b"APETAG",
    **{f"MP4 {length}": MP4[:length] for length in (3, 4, 6, 10, 12, 24)},
    "zeros": bytes(4096),
    "zeros for the header": bytes(44) + WAV[44:],
}


@pytest.mark.parametrize("body", BEGINNINGS.values(), ids=BEGINNINGS)
def test_the_beginning_of_a_file_that_is_being_written_is_fetched_again_for_an_hour(
    standin: Standin, body: bytes
) -> None:
    standin.serve(PATH, Reply(body=body, headers=AUDIO))
    assert not fetch(recording(), since=time.time() - 3500)
    attempt = worlds.row().attempt
    assert (worlds.row().state, attempt and attempt.reason) == (State.PENDING, "short_body")
    fetch(recording(), since=time.time() - 3700)
    row = worlds.row()  # the letters at the beginning of a header are a text, which is fetched again for a day
    assert (row.reason or (row.attempt and row.attempt.reason)) == "not_audio"


def test_a_header_without_audio_is_fetched_again_even_if_no_duration_was_announced(standin: Standin) -> None:
    announced = recording(duration_ms=None)
    standin.serve(PATH, Reply(body=audio_samples.wav(0), headers=AUDIO), Reply(body=WAV, headers=AUDIO))
    assert not fetch(announced)
    assert fetch(announced, received=2)
    assert worlds.body(worlds.row()) == WAV


@pytest.mark.parametrize("announced", [1, 1000])
def test_a_header_without_audio_is_fetched_again_although_no_more_than_a_second_was_announced(
    standin: Standin, announced: int
) -> None:
    second = audio_samples.wav(1)
    standin.serve(PATH, Reply(body=audio_samples.wav(0), headers=AUDIO), Reply(body=second, headers=AUDIO))
    assert not fetch(recording(duration_ms=announced))
    assert fetch(recording(duration_ms=announced), received=2)
    assert worlds.body(worlds.row()) == second


def test_a_recording_that_was_announced_without_audio_is_stored_at_once(standin: Standin) -> None:
    standin.serve(PATH, Reply(body=audio_samples.wav(0), headers=AUDIO))
    assert fetch(recording(duration_ms=0))


def test_an_mp4_is_stored_under_its_own_extension_and_type(standin: Standin) -> None:
    body = audio_samples.mp4(2)
    standin.serve(PATH, Reply(body=body, headers=AUDIO))
    assert fetch(recording(format="mp4"))
    assert worlds.body(worlds.row()) == body
    assert (stored().content_type, stored().key[-4:]) == ("audio/mp4", ".mp4")


def test_an_mp3_behind_a_long_tag_is_stored(standin: Standin) -> None:
    body = audio_samples.id3(padding=300_000) + audio_samples.mp3(2)
    standin.serve(PATH, Reply(body=body, headers=AUDIO))
    assert fetch(recording(format="mp3"))
    assert worlds.body(worlds.row()) == body


def test_a_partial_recording_may_be_shorter_than_its_header_announces(standin: Standin) -> None:
    standin.serve(PATH, SHORTENED)
    assert fetch(recording(partial=True))
    assert worlds.body(worlds.row()) == WAV[:-2]


def test_an_incomplete_long_body_leaves_no_upload(standin: Standin) -> None:
    long = audio_samples.wav(600, seed=2)
    standin.serve(PATH, Reply(body=long, headers=AUDIO, framing="close", send_bytes=media.PART_BYTES + 7))
    assert not fetch(recording(duration_ms=600_000))
    assert worlds.unfinished_uploads() == 0  # and not only when the recording fails in the end
    assert_waits("short_body", recording(duration_ms=600_000))


@pytest.mark.parametrize("framing", ["chunked", "close"])
def test_a_complete_body_without_length_is_stored(standin: Standin, framing: str) -> None:
    standin.serve(PATH, Reply(body=WAV, headers=AUDIO, framing=framing))
    assert fetch(recording())
    assert worlds.body(worlds.row()) == WAV


@pytest.mark.parametrize(
    "page",
    [
        b"<!DOCTYPE html><html>Please sign in</html>",
        b'\xef\xbb\xbf <?xml version="1.0"?><TwilioResponse><Code>20404</Code></TwilioResponse>',
        b'{"type":"validation","description":"not found","id":null}',
        b'[{"type":"validation"}]',
    ],
)
@pytest.mark.parametrize("content_type", ["text/html", "audio/vnd.wave"])
def test_an_error_page_with_200_is_not_audio(standin: Standin, page: bytes, content_type: str) -> None:
    standin.serve(PATH, Reply(body=page, headers={"content-type": content_type}))
    assert_waits("not_audio")


@pytest.mark.parametrize(
    "text",
    [
        b"Service temporarily unavailable",
        b"upstream connect error or disconnect/reset before headers. reset reason: connection termination",
        b"\r\nToo many requests\r\n",
        "Служба временно недоступна".encode(),
        "Indisponible jusqu'à nouvel ordre".encode("latin-1"),
        "Not found".encode("utf-16"),
    ],
)
def test_a_text_with_200_is_not_audio(standin: Standin, text: bytes) -> None:
    standin.serve(PATH, Reply(body=text, headers={"content-type": "text/plain"}))
    assert_waits("not_audio")


def test_an_empty_file_is_not_audio(standin: Standin) -> None:
    standin.serve(PATH, Reply(headers=AUDIO))
    assert_waits("empty")


OTHER_TYPES = [
    b"OggS" + bytes(100),
    gzip.compress(WAV),
    b"RIFF" + bytes(4) + b"AVI " + bytes(100),
    b"\0\0\0\x18ftypheic" + bytes(100),
    b"\xff\xd8\xff\xe0" + bytes(100),
]


@pytest.mark.parametrize("body", OTHER_TYPES, ids=["Ogg", "gzip", "AVI", "HEIC", "JPEG"])
def test_a_body_of_another_type_fails_at_once(standin: Standin, body: bytes) -> None:
    standin.serve(PATH, Reply(body=body, headers=AUDIO))
    assert_fails("not_audio")


PAGE = b"<html>Please wait</html>"


@pytest.mark.parametrize("coding", ["gzip", "GZIP", "x-gzip", "deflate", "br", "zstd", "identity, gzip"])
@pytest.mark.parametrize("body", [gzip.compress(WAV), gzip.compress(PAGE)], ids=["audio", "page"])
def test_a_compressed_body_is_fetched_again_for_a_day(standin: Standin, coding: str, body: bytes) -> None:
    standin.serve(PATH, Reply(body=body, headers=AUDIO | {"content-encoding": coding}))
    assert_waits("not_audio")


@pytest.mark.parametrize("coding", ["gzip", "identity", "aws-chunked", "utf-8", ""])
def test_audio_that_is_not_compressed_is_stored_whatever_its_header_says(standin: Standin, coding: str) -> None:
    standin.serve(PATH, Reply(body=WAV, headers=AUDIO | {"content-encoding": coding}))
    assert fetch(recording())
    assert worlds.body(worlds.row()) == WAV


@pytest.mark.parametrize("framing", ["length", "close"])
def test_a_recording_over_the_limit_fails_at_once(
    standin: Standin, monkeypatch: pytest.MonkeyPatch, framing: str
) -> None:
    monkeypatch.setenv("MAX_MEDIA_BYTES", str(len(WAV) - 1))
    standin.serve(PATH, Reply(body=WAV, headers=AUDIO, framing=framing))
    assert_fails("too_large")
