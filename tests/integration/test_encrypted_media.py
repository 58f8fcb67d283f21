"""A recording that Twilio encrypts with the customer's key: kept as it comes, and read back."""

import hashlib
import json
import time
from typing import Any

import pytest

from callvault import clients, settings
from callvault.ingest import bodies
from callvault.models import ENCRYPTED_TYPE, Recording, State
from callvault.storage import table
from functions.fetch_media import app as fetch_media
from functions.query_recordings import app as query_recordings
from functions.verify_media import app as verify_media
from tests import samples, worlds
from tests.integration import events
from tools import audio_samples
from tools.local.faults.replies import Reply
from tools.local.providers.standins import Standin

pytestmark = pytest.mark.loopback

CONTRACT = samples.of("twilio")
SAMPLE = CONTRACT.sample("completed_encrypted.form")
DETAILS = json.loads((SAMPLE.recording or {})["extra"]["EncryptionDetails"])
PATH = str(SAMPLE.media_url).removeprefix("https://origin.example.com")
CIPHERTEXT = hashlib.shake_256(b"seed").digest(800_000)
"""Enough for the 94 s that the sample announces."""
HEADERS = {"content-type": "audio/x-wav"}


@pytest.fixture(autouse=True)
def configure(standin: Standin) -> None:
    api = {**CONTRACT.parameter["api"], "origin": standin.origin}
    readers = worlds.readers(ops={"can_delete": True})
    worlds.put_account("acme", **{**CONTRACT.parameter, "api": api, "readers": readers})


def fetch(since: float | None = None, **fields: object) -> Recording:
    """Deliver the recording's message and return the row."""
    known = {"account_id": "acme", "provider": "twilio", **(SAMPLE.recording or {}), **fields}
    recording = Recording.model_validate(known)
    fetch_media.handler(events.sqs(recording.model_dump(mode="json"), since=since), events.context())
    return worlds.row(recording.recording_id)


def verify(row: Recording) -> Recording:
    """Deliver the event of the stored object and return the row."""
    assert row.media is not None
    verify_media.handler(events.sqs(events.object_change(row.media.key, row.media.version_id)), events.context())
    return worlds.row(row.recording_id)


@pytest.mark.parametrize("beginning", [b"", b"<", b"{", b"\r\n [", b"RIFF", b"\xef\xbb\xbf<"])
def test_any_ciphertext_is_kept_and_verified(standin: Standin, beginning: bytes) -> None:
    body = beginning + CIPHERTEXT
    standin.serve(PATH, Reply(body=body, headers=HEADERS))
    row = verify(fetch())
    assert (row.state, row.discrepancies, worlds.body(row)) == (State.VERIFIED, (), body)
    assert row.media is not None
    assert (row.media.sha256, row.media.codec) == (hashlib.sha256(body).hexdigest(), "encrypted")
    assert row.media.content_type == "application/octet-stream"


def test_ciphertext_is_fetched_as_wave_where_the_account_prefers_mp3(standin: Standin) -> None:
    standin.serve(PATH, Reply(body=CIPHERTEXT, headers=HEADERS))
    assert worlds.body(fetch(format="mp3", channels=2)) == CIPHERTEXT
    assert standin.asked[-1].path == PATH


def test_the_object_alone_shows_that_it_is_encrypted(standin: Standin) -> None:
    standin.serve(PATH, Reply(body=CIPHERTEXT, headers=HEADERS))
    row = fetch()
    key = {"pk": {"S": f"acme#{row.recording_id}"}}
    clients.dynamodb().delete_item(TableName=settings.get().table_name, Key=key)
    assert verify(row).state is State.VERIFIED


def test_corrupt_ciphertext_fails(standin: Standin) -> None:
    standin.serve(PATH, Reply(body=CIPHERTEXT, headers=HEADERS))
    row = fetch()
    assert row.media is not None
    wrong = row.media.model_copy(update={"sha256": "00" * 32})
    assert verify(table.edit(row, "test", media=wrong) or row).reason == "corrupt"


@pytest.mark.parametrize(
    "reply",
    [
        Reply(body=b"", headers=HEADERS),
        Reply(body=b'<?xml version="1.0"?><TwilioResponse>nicht verf\xc3\xbcgbar</TwilioResponse>', headers=HEADERS),
        Reply(body=CIPHERTEXT, headers=HEADERS, framing="close"),
        Reply(body=CIPHERTEXT, headers=HEADERS, framing="length", send_bytes=1000),
    ],
    ids=["empty", "error page", "without a length", "broken off"],
)
def test_a_body_that_may_not_be_the_whole_ciphertext_is_fetched_again(standin: Standin, reply: Reply) -> None:
    standin.serve(PATH, reply, Reply(body=CIPHERTEXT, headers=HEADERS))
    assert fetch().state is State.PENDING
    assert worlds.body(fetch()) == CIPHERTEXT


@pytest.mark.parametrize("size", [60, 736_000])
def test_too_few_bytes_for_the_announced_duration_are_fetched_again_for_an_hour(standin: Standin, size: int) -> None:
    standin.serve(PATH, Reply(body=CIPHERTEXT[:size], headers=HEADERS))
    row = fetch(since=time.time() - 3500)
    assert (row.state, row.attempt and row.attempt.reason) == (State.PENDING, "short_body")
    row = verify(fetch(since=time.time() - 3700))
    assert worlds.body(row) == CIPHERTEXT[:size]
    assert (row.state, row.discrepancies) == (
        State.VERIFIED,
        (f"{size} bytes are too few for the announced 94000 ms",),
    )


@pytest.mark.parametrize(("size", "announced"), [(740_000, 94_000), (60, 1000), (60, None)])
def test_enough_bytes_for_the_announced_duration_are_stored_at_once(
    standin: Standin, size: int, announced: int | None
) -> None:
    standin.serve(PATH, Reply(body=CIPHERTEXT[:size], headers=HEADERS))
    assert verify(fetch(duration_ms=announced)).discrepancies == ()


def name_details(standin: Standin, details: object = DETAILS) -> None:
    """Let the recording's resource say how the media is encrypted."""
    resource = {"sid": (SAMPLE.recording or {})["recording_id"], "encryption_details": details}
    standin.serve(
        PATH.replace(".wav", ".json"),
        Reply(body=json.dumps(resource).encode(), headers={"content-type": "application/json"}),
    )


PLAIN: dict[str, Any] = {"extra": {"RecordingSource": "DialVerb"}}
"""Fields of a recording whose callback does not say that it is encrypted."""


def test_details_that_only_the_resource_has_are_found_out_by_the_first_attempt(standin: Standin) -> None:
    standin.serve(PATH, Reply(body=CIPHERTEXT, headers=HEADERS))
    name_details(standin)
    row = verify(fetch(**PLAIN))
    assert (row.state, row.discrepancies, worlds.body(row)) == (State.VERIFIED, (), CIPHERTEXT)
    assert row.media is not None
    assert (row.media.codec, row.extra["EncryptionDetails"]) == ("encrypted", DETAILS)
    assert read_back(row)["encryption_details"] == DETAILS


def test_ciphertext_is_not_given_up_before_the_resource_answers(standin: Standin) -> None:
    standin.serve(PATH, Reply(body=CIPHERTEXT, headers=HEADERS))
    standin.serve(PATH.replace(".wav", ".json"), Reply(status=503))
    row = fetch(**PLAIN)
    assert (row.state, row.attempt and row.attempt.reason) == (State.PENDING, "http_503")
    name_details(standin)
    assert worlds.body(fetch(**PLAIN)) == CIPHERTEXT


@pytest.mark.parametrize("status", [400, 404, 415])
def test_an_mp3_that_twilio_refuses_is_fetched_as_wave_by_the_same_attempt(standin: Standin, status: int) -> None:
    error = json.dumps({"code": 16109, "status": status}).encode()
    standin.serve(PATH.replace(".wav", ".mp3"), Reply(status=status, body=error))
    standin.serve(PATH, Reply(body=CIPHERTEXT, headers=HEADERS))
    name_details(standin)
    row = fetch(**PLAIN, format="mp3")
    assert (row.state, row.format, worlds.body(row)) == (State.STORED, "wav", CIPHERTEXT)


@pytest.mark.parametrize(
    ("unread", "reason"),
    [
        (Reply(status=503), "http_503"),
        (Reply(status=429), "http_429"),
        (Reply(status=400), "http_400"),
        (Reply(status=401), "http_401"),
        (Reply(status=404, body=b"no such path"), "not_audio"),
        (Reply(body=b"<html>wait</html>"), "no_document"),
    ],
)
def test_ciphertext_waits_until_the_resource_can_be_read(standin: Standin, unread: Reply, reason: str) -> None:
    standin.serve(PATH, Reply(body=CIPHERTEXT, headers=HEADERS))
    standin.serve(PATH.replace(".wav", ".json"), unread)
    row = fetch(**PLAIN)
    assert (row.state, row.attempt and row.attempt.reason) == (State.PENDING, reason)
    name_details(standin)
    assert worlds.body(fetch(**PLAIN)) == CIPHERTEXT


def test_what_is_not_audio_fails_at_once_if_twilio_does_not_know_the_recording(standin: Standin) -> None:
    standin.serve(PATH, Reply(body=CIPHERTEXT, headers=HEADERS))
    standin.serve(PATH.replace(".wav", ".json"), Reply(status=404, body=b'{"code": 20404, "status": 404}'))
    row = fetch(**PLAIN)
    assert (row.state, row.reason) == (State.FAILED, "not_audio")


def test_details_of_a_resource_that_is_read_anyway_need_no_failed_fetch(standin: Standin) -> None:
    standin.serve(PATH, Reply(body=CIPHERTEXT, headers=HEADERS))
    name_details(standin)
    assert worlds.body(fetch(**PLAIN, start_time=None)) == CIPHERTEXT
    assert [one.path for one in standin.asked].count(PATH) == 1


def test_ciphertext_without_details_anywhere_is_not_audio(standin: Standin) -> None:
    standin.serve(PATH, Reply(body=CIPHERTEXT, headers=HEADERS))
    name_details(standin, None)
    row = fetch(**PLAIN)
    assert (row.state, row.reason, worlds.versions()) == (State.FAILED, "not_audio", [])


def test_sealed_bytes_are_never_measured_as_audio(standin: Standin) -> None:
    """Ciphertext can be any bytes, also those of a WAVE file of a second."""
    body = audio_samples.wav(1, seed=5)
    standin.serve(PATH, Reply(body=body, headers=HEADERS))
    row = verify(fetch(duration_ms=None))
    assert (row.state, row.discrepancies) == (State.VERIFIED, ())
    assert row.media is not None
    assert (row.media.codec, row.media.content_type) == ("encrypted", ENCRYPTED_TYPE)
    assert (row.media.duration_ms, row.media.channels, row.media.sample_rate) == (None, None, None)


def test_a_reader_gets_the_sealed_bytes_as_an_octet_stream(standin: Standin) -> None:
    standin.serve(PATH, Reply(body=CIPHERTEXT, headers=HEADERS))
    row = verify(fetch())
    assert row.media is not None
    assert row.media.key in ask(row, ".wav")["headers"]["location"]
    found = clients.s3().head_object(Bucket=settings.get().bucket_name, Key=row.media.key)
    assert (found["ContentType"], found["ContentLength"]) == (ENCRYPTED_TYPE, len(CIPHERTEXT))


TEXTS = {
    "plain": b"Service temporarily unavailable",
    "long": b"upstream connect error or disconnect/reset before headers. reset reason: connection termination",
    "UTF-8": "Nicht verfügbar".encode(),
    "Cyrillic in UTF-8": "Служба временно недоступна".encode(),
    "Latin-1": "Ce service est indisponible jusqu'à nouvel ordre".encode("latin-1"),
    "UTF-16": "Service temporarily unavailable".encode("utf-16"),
    "JSON": b'"error"',
    "zeros": bytes(4096),
}


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_a_text_is_never_taken_for_ciphertext(standin: Standin, text: bytes) -> None:
    standin.serve(PATH, Reply(body=text, headers=HEADERS), Reply(body=CIPHERTEXT, headers=HEADERS))
    row = fetch()
    assert (row.state, row.attempt and row.attempt.reason) == (State.PENDING, "not_audio")
    assert worlds.versions() == []
    assert worlds.body(fetch()) == CIPHERTEXT


def test_the_shortest_ciphertext_is_told_from_text() -> None:
    check = bodies.Encrypted(worlds.recording(), doubt=True)
    for seed in range(2000):
        ciphertext = hashlib.shake_256(seed.to_bytes(2)).digest(60)
        assert check.identify(ciphertext, is_delimited=True) == ENCRYPTED_TYPE


@pytest.mark.parametrize("provider", ["signalwire", "twilio"])
def test_only_twilio_encrypts(standin: Standin, provider: str) -> None:
    worlds.put_account("acme", **{**samples.of(provider).parameter, "api": {"origin": standin.origin, "password": "p"}})
    standin.otherwise = Reply(body=CIPHERTEXT, headers=HEADERS)
    assert fetch(provider=provider).state is (State.STORED if provider == "twilio" else State.FAILED)


def ask(row: Recording, suffix: str) -> dict[str, Any]:
    """Return the answer to a request for a recording in Twilio's dialect."""
    one = f"/2010-04-01/Accounts/acme/Recordings/{row.recording_id}{suffix}"
    headers = worlds.basic_header("acme", "ops")
    answer: dict[str, Any] = query_recordings.handler(events.http("GET", one, headers=headers), events.context())
    return answer


def read_back(row: Recording) -> dict[str, Any]:
    """Return the recording's resource in Twilio's dialect."""
    document: dict[str, Any] = json.loads(ask(row, ".json")["body"])
    return document


@pytest.mark.parametrize("details", [DETAILS, json.dumps(DETAILS)], ids=["object", "text"])
def test_the_details_are_read_back_as_the_object_that_twilios_resource_has(standin: Standin, details: object) -> None:
    standin.serve(PATH, Reply(body=CIPHERTEXT, headers=HEADERS))
    row = verify(fetch(extra={"EncryptionDetails": details}))
    assert read_back(row)["encryption_details"] == DETAILS
    for suffix, status in {".wav": 302, "": 302, ".mp3": 404}.items():
        assert ask(row, suffix)["statusCode"] == status


@pytest.mark.parametrize("details", ["", "{}", "null", "[]", "7", "sealed", None, [1], 7])
def test_details_that_are_no_object_are_null(standin: Standin, details: object) -> None:
    standin.serve(PATH, Reply(body=CIPHERTEXT, headers=HEADERS))
    assert read_back(fetch(extra={"EncryptionDetails": details}))["encryption_details"] is None
