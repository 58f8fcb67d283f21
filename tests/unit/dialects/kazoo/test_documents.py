"""Documents of recordings have Crossbar's fields, and the archive's own apart."""

from datetime import timedelta
from typing import Any

import pytest

from callvault import times
from callvault.dialects.kazoo import documents
from callvault.models import State
from tests.crossbar import LIST, MEDIA, START, TIME, ask, put
from tests.worlds import content

KAZOO: dict[str, Any] = {
    "recording_id": "202401-9d6e7a3f0c1b4e58a2f7c6d5e4b3a291",
    "provider": "kazoo",
    "state": State.VERIFIED,
    "name": "f00dfeedf00dfeedf00dfeedf00dfeed.mp3",
    "format": "mp3",
    "media": MEDIA,
    "caller": "1000@acct.example.com",
    "callee": "+15551234567@acct.example.com",
    "direction": "inbound",
    "duration_ms": 61_240,
    "call_id": "0f3c2b1a-9d8e@10.0.0.5",
    "owner_id": "72855158432d790dfb22d03ff64c033e",
    "extra": {
        "description": "recording f00dfeedf00dfeedf00dfeedf00dfeed.mp3",
        "source_type": "kzc_recording",
        "request": "+15551234567@acct.example.com",
        "caller_id_name": "Alice",
        "caller_id_number": "1000",
        "callee_id_name": "Bob",
        "callee_id_number": "+15551234567",
        "cdr_id": "202401-0f3c2b1a-9d8e@10.0.0.5",
        "interaction_id": "63871672799-1a2b3c4d",
        "origin": "callflow : main",
        "url": "https://user:p4ss@archive.example.com/uploads/kazoo/a1/t0ken",
        "custom_channel_vars": {"account_id": "a1", "authorizing_type": "device"},
        "owner_id": "spoofed",
        "pvt_created": 1,
        "_rev": "1-abc",
    },
}


def test_a_recording_from_kazoo_has_kazoos_document() -> None:
    put(**KAZOO)
    document = content(ask(f"{LIST}/{KAZOO['recording_id']}"))["data"]
    archived = document.pop("archive")
    assert document == {
        "id": "202401-9d6e7a3f0c1b4e58a2f7c6d5e4b3a291",
        "name": "f00dfeedf00dfeedf00dfeedf00dfeed.mp3",
        "description": "recording f00dfeedf00dfeedf00dfeedf00dfeed.mp3",
        "content_type": "audio/mpeg",
        "media_type": "mp3",
        "media_source": "recorded",
        "source_type": "kzc_recording",
        "from": "1000@acct.example.com",
        "to": "+15551234567@acct.example.com",
        "request": "+15551234567@acct.example.com",
        "direction": "inbound",
        "start": START,
        "duration": 61,
        "duration_ms": 61_240,
        "caller_id_name": "Alice",
        "caller_id_number": "1000",
        "callee_id_name": "Bob",
        "callee_id_number": "+15551234567",
        "call_id": "0f3c2b1a-9d8e@10.0.0.5",
        "cdr_id": "202401-0f3c2b1a-9d8e@10.0.0.5",
        "interaction_id": "63871672799-1a2b3c4d",
        "owner_id": "72855158432d790dfb22d03ff64c033e",
        "origin": "callflow : main",
        "custom_channel_vars": {"account_id": "a1", "authorizing_type": "device"},
    }
    assert {name: archived[name] for name in ("provider", "state", "partial", "size", "sha256", "duration_ms")} == {
        "provider": "kazoo",
        "state": "verified",
        "partial": False,
        "size": 244_960,
        "sha256": "ab" * 32,
        "duration_ms": 61_200,
    }
    assert archived["history"][0]["what"] == "callback"


def test_a_recording_of_another_provider_has_only_known_fields() -> None:
    put(
        "r1",
        caller="+15551230001",
        callee="sip:bob@example.com",
        extra={"applicationId": "x", "interaction_id": "not KAZOO's", "mediaUrl": "https://voice.bandwidth.com/x"},
        start_time=None,
    )
    document = content(ask(f"{LIST}/r1"))["data"]
    archived = document.pop("archive")
    assert document == {
        "id": "r1",
        "media_source": "recorded",
        "source_type": "bandwidth",
        "from": "+15551230001",
        "to": "sip:bob@example.com",
        "caller_id_number": "+15551230001",
    }
    assert set(archived) == {"provider", "state", "partial", "created_time", "updated_time", "history", "extra"}


def test_the_archives_own_fields_are_under_archive() -> None:
    put(
        "r1",
        state=State.FAILED,
        reason="not_audio",
        format="wav",
        parent_call_id="c0",
        conference_id="f1",
        tag="sales",
        user_metadata={"case": 7},
        transcription={"id": "t1"},
        discrepancies=("size",),
        source_expires_time=TIME + timedelta(days=30),
        media=MEDIA.model_copy(update={"partial": True, "content_type": "audio/x-wav"}),
    )
    document = content(ask(f"{LIST}/r1"))["data"]
    assert document["name"] == "r1.wav"
    assert document["description"] == "recording r1.wav"
    assert document["conference_id"] == "f1"
    assert document["user_metadata"] == {"case": 7}
    assert (document["duration"], document["duration_ms"]) == (61, 61_200)
    assert document["archive"] == document["archive"] | {
        "reason": "not_audio",
        "partial": True,
        "parent_call_id": "c0",
        "tag": "sales",
        "transcription": {"id": "t1"},
        "discrepancies": ["size"],
        "source_expires_time": "2024-02-04T09:58:20.375Z",
        "codec": "mp3",
    }


@pytest.mark.parametrize(("seconds", "year"), [(0, 1), (10**15, 9999), (START, 2024), (times.GREGORIAN_EPOCH, 1970)])
def test_gregorian_seconds_count_from_the_year_0(seconds: int, year: int) -> None:
    assert documents.from_gregorian(seconds).year == year


@pytest.mark.parametrize(
    "name", ["user_metadata", "content_types", "deleted", "revision", "account_id", "recording_id", "id", "archive"]
)
def test_a_member_that_only_the_archive_writes_is_not_taken_from_a_sender(name: str) -> None:
    put(**KAZOO | {"extra": {name: {"consent": "given"}, "_read_only": {name: 1}, "pvt_deleted": True, "cdr_id": "c"}})
    document = content(ask(f"{LIST}/{KAZOO['recording_id']}"))["data"]
    assert document["cdr_id"] == "c"
    assert document.get(name) != {"consent": "given"}
    assert {"_read_only", "pvt_deleted"}.isdisjoint(document)
