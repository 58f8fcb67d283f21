"""The message that asks for the copy of a recording."""

import functools

import pytest
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord

from callvault import bounds, clients, settings, times
from callvault.errors import RejectedError, UnavailableError
from callvault.messaging import fetch_requests
from callvault.messaging.queues import Queue
from callvault.providers import fields
from callvault.providers.bandwidth import recordings
from callvault.readers import edits
from tests import worlds
from tools.local.aws import sqs_rules

recording = functools.partial(worlds.recording, "r1", account_id="a1")


def received() -> SQSRecord:
    """Return the queue's message as Lambda passes it on."""
    (message,) = clients.sqs().receive_message(QueueUrl=Queue.FETCH.url, MessageSystemAttributeNames=["All"])[
        "Messages"
    ]
    return SQSRecord({"body": message["Body"], "attributes": message["Attributes"]})


def test_a_message_has_the_fields_of_a_row() -> None:
    sent = recording(
        caller="+1",
        start_time="2026-06-17T22:19:40.375Z",
        extra={"score": 0.1, "none": None, "text": "日本"},
        media_key="media/a1/2026/06/17/r1.wav",
        partial=True,
    )
    fetch_requests.send(sent)
    assert fetch_requests.read(received()) == sent


def test_a_message_has_neither_media_nor_history() -> None:
    fetch_requests.send(recording(media=worlds.media(), history=({"time": times.now(), "what": "stored"},)))
    assert fetch_requests.read(received()) == recording()


def test_a_message_says_whether_the_transcript_is_wanted() -> None:
    fetch_requests.send(recording())
    assert not fetch_requests.wants_transcript(received())
    clients.sqs().purge_queue(QueueUrl=Queue.FETCH.url)
    fetch_requests.send_transcript(recording(transcript={"state": "pending", "transcription_id": "t-1"}))
    message = received()
    assert fetch_requests.wants_transcript(message)
    assert fetch_requests.read(message) == recording(
        state="announced", transcript={"state": "pending", "transcription_id": "t-1"}
    )


def test_a_request_for_a_transcript_says_nothing_about_the_audio() -> None:
    fetch_requests.send_transcript(recording(state="failed", reason="not_audio", media=worlds.media()))
    read = fetch_requests.read(received())
    assert (read.state, read.reason, read.media) == ("announced", None, None)


def test_the_account_is_the_message_group_for_a_fair_queue() -> None:
    fetch_requests.send(recording())
    assert received().attributes.message_group_id == "a1"


@pytest.mark.parametrize("character", ["\x01", "\ufffe", "\uffff", "ü", "\U0001f600"])
def test_sqs_accepts_the_message_of_the_largest_recording(character: str) -> None:
    """Each field is as long as the providers' readers allow, and its characters take much space."""
    text = character * (fields.MAX_TEXT_BYTES // len(character.encode()))
    parts = {f"part-{number}": character * 1000 for number in range(500)}
    fetch_requests.send(
        recording(
            **dict.fromkeys(("reason", "caller", "callee", "owner_id", "tag", "name"), text),
            extra=bounds.bounded(parts),
            transcription=bounds.bounded(parts, recordings.MAX_TRANSCRIPTION_BYTES),
            user_metadata=bounds.bounded(parts, edits.MAX_METADATA_BYTES),
        )
    )
    body = received().body
    assert len(body) > bounds.MAX_EXTRA_BYTES / 4
    assert sqs_rules.message(body, {}, group="a" * 128, delay=0, most=1024 * 1024) is None


@pytest.mark.parametrize("body", ["", "{}", "[]", "not json"])
def test_a_message_without_a_recording_is_rejected(body: str) -> None:
    with pytest.raises(RejectedError) as caught:
        fetch_requests.read(SQSRecord({"body": body}))
    assert caught.value.reason == "unreadable"


def test_a_queue_that_does_not_answer_is_unavailable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FETCH_QUEUE_URL", "https://sqs.us-east-1.amazonaws.com/123456789012/nobody-made-this-one")
    settings.get.cache_clear()
    with pytest.raises(UnavailableError) as caught:
        fetch_requests.send(recording())
    assert caught.value.reason == "queue_unavailable"
