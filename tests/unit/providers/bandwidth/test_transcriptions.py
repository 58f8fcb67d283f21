"""What Bandwidth says of a transcription, and which body is a text."""

from typing import Any

import pytest

from callvault import times
from callvault.errors import RejectedError, UnavailableError
from callvault.providers.bandwidth import transcriptions
from callvault.providers.bandwidth.provider import Bandwidth
from tests import worlds

HAPPENED = times.read("2026-06-17T22:20:03.375Z")
COMPLETED = "2026-06-17T22:21:00.000Z"


@pytest.mark.parametrize(
    ("status", "state", "reason"),
    [
        ("available", "pending", None),
        ("Available", "pending", None),
        ("processing", "announced", None),
        ("a word of next year", "announced", None),
        ("error", "absent", "error"),
        ("timeout", "absent", "timeout"),
        ("file-size-too-big", "absent", "file-size-too-big"),
        ("file-size-too-small", "absent", "file-size-too-small"),
    ],
)
def test_a_resource_says_how_far_the_transcription_is(status: str, state: str, reason: str | None) -> None:
    found = transcriptions.read("recordingAvailable", {"id": "t-1", "status": status}, HAPPENED)
    assert found is not None
    assert (found.state, found.reason, found.transcription_id, found.completed_time) == (state, reason, "t-1", None)


@pytest.mark.parametrize("description", [None, {}, {"status": "none"}, {"status": None}, {"id": "t-1"}])
def test_a_resource_without_transcription_has_no_transcript(description: dict[str, Any] | None) -> None:
    assert transcriptions.read("recordingAvailable", description, HAPPENED) is None


@pytest.mark.parametrize(
    "description", [None, {}, {"status": "none"}, {"status": "processing"}, {"status": 7, "id": []}]
)
def test_the_event_says_that_the_text_is_there_if_its_status_does_not(description: dict[str, Any] | None) -> None:
    found = transcriptions.read("transcriptionAvailable", description, HAPPENED)
    assert found is not None
    assert (found.state, found.transcription_id, found.completed_time) == ("pending", None, HAPPENED)


def test_a_text_expires_30_days_after_it_was_there() -> None:
    description = {"id": "t-1", "status": "available", "completedTime": COMPLETED}
    found = transcriptions.read("transcriptionAvailable", description, HAPPENED)
    assert found is not None
    assert (found.completed_time, found.source_expires_time) == (
        times.read(COMPLETED),
        times.read("2026-07-17T22:21:00.000Z"),
    )


IMPOSSIBLE = ["0001-01-01T00:00:00Z", "1970-01-01T00:00:00Z", "2099-01-01T00:00:00Z", "9999-12-31T23:59:59Z"]


@pytest.mark.parametrize("wrong", IMPOSSIBLE)
def test_the_events_time_stands_for_an_impossible_one(wrong: str) -> None:
    description = {"id": "t-1", "status": "available", "completedTime": wrong}
    found = transcriptions.read("transcriptionAvailable", description, HAPPENED)
    assert found is not None
    assert (found.completed_time, found.source_expires_time) == (HAPPENED, times.read("2026-07-17T22:20:03.375Z"))
    for kind, happened in (("transcriptionAvailable", times.read(wrong)), ("recordingAvailable", HAPPENED)):
        found = transcriptions.read(kind, description, happened)
        assert found is not None
        assert (found.state, found.completed_time, found.source_expires_time) == ("pending", None, None)


@pytest.mark.parametrize("body", [b'{"transcripts": [{}]}', b'{"clips": [{}], "transcripts": null}'])
def test_a_list_of_entries_is_a_text(body: bytes) -> None:
    transcriptions.check(body, doubt=True)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "not_transcript"),
        (b"<html>", "not_transcript"),
        (b"[]", "not_transcript"),
        (b'{"transcripts": {}}', "not_transcript"),
        (b'{"transcripts": []}', "empty"),
        (b'{"transcripts": [], "clips": []}', "empty"),
    ],
)
def test_any_other_body_is_no_text_yet(body: bytes, reason: str) -> None:
    with pytest.raises(UnavailableError) as raised:
        transcriptions.check(body, doubt=True)
    assert raised.value.reason == reason


def test_an_empty_text_is_accepted_without_doubt() -> None:
    transcriptions.check(b'{"transcripts": []}', doubt=False)


@pytest.mark.parametrize("fields", [{"conference_id": "conf-1", "call_id": "c-1"}, {}, {"call_id": "../c"}])
def test_a_recording_without_a_call_of_its_own_has_no_text(fields: dict[str, Any]) -> None:
    provider = Bandwidth(worlds.account(provider_account_id="9900000", api={"origin": "https://voice.bandwidth.com"}))
    with pytest.raises(RejectedError):
        provider.transcript_url(worlds.recording(**fields))
