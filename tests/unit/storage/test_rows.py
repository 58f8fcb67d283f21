"""A recording's row: its attributes, its index keys, and the way back."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from callvault import clients
from callvault.bounds import MAX_EXTRA_BYTES, MAX_KEY_BYTES
from callvault.models import Event, Media, Recording, State
from callvault.providers.bandwidth.recordings import MAX_TRANSCRIPTION_BYTES
from callvault.providers.fields import MAX_ID_BYTES, MAX_TEXT_BYTES
from callvault.readers.edits import MAX_METADATA_BYTES
from callvault.storage import rows, shards
from callvault.storage.history import MAX_EVENTS
from callvault.transcript import Transcript, TranscriptState, TranscriptText
from callvault.values import Attempt
from tools.local.aws import item_rules
from tools.local.aws.item_rules import KeyPart

START = datetime(2026, 6, 30, 23, 59, 59, 999_000, tzinfo=UTC)
UPDATED = datetime(2026, 7, 1, 12, tzinfo=UTC)


def recording(**fields: Any) -> Recording:
    """Return a recording as a row knows it: listed, and updated at a known time."""
    return Recording.model_validate(
        {
            "account_id": "a1",
            "recording_id": "r1",
            "provider": "bandwidth",
            "state": State.PENDING,
            "listed_at": "2026-06-30T23:59:59.999Z#r1",
            "updated_time": UPDATED,
        }
        | fields
    )


def written(**fields: Any) -> dict[str, Any]:
    return clients.from_item(rows.write(recording(**fields)))


def test_every_field_survives_the_table() -> None:
    full = recording(
        reason="no_audio",
        attempt=Attempt(count=3, reason="http_503", next_time=UPDATED),
        partial=True,
        call_id="c1",
        parent_call_id="c0",
        conference_id="f1",
        caller="+15551234567",
        callee="sip:ann@example.com",
        direction="inbound",
        owner_id="u1",
        start_time=START,
        end_time=START + timedelta(seconds=90),
        duration_ms=90_000,
        channels=2,
        format="mp3",
        tag="日本 ✓",
        name="naïve",
        transcription={"id": "t1", "confidence": 0.875, "error": None},
        extra={"engine": {"score": 1.5, "none": None, "list": [1, "two", None]}},
        transcript=Transcript(
            state=TranscriptState.VERIFIED,
            reason="gone",
            attempt=Attempt(count=1, reason="http_404", next_time=UPDATED),
            transcription_id="t1",
            completed_time=UPDATED,
            source_expires_time=UPDATED,
            text=TranscriptText(key="k", version_id="v2", etag='"f"', size=9, sha256="cd" * 32),
        ),
        user_metadata={"stars": 4.5},
        media_key="media/a1/2026/06/30/r1.mp3",
        media=Media(
            key="media/a1/2026/06/30/r1.mp3",
            version_id="v1",
            etag='"e"',
            size=2**40,
            sha256="ab" * 32,
            content_type="audio/mpeg",
            partial=True,
            codec="mp3",
            channels=2,
            sample_rate=8000,
            duration_ms=90_001,
        ),
        upload_sha256="ab" * 32,
        discrepancies=("duration",),
        history=(Event(time=UPDATED, what="callback pending"),),
        created_time=UPDATED,
        source_expires_time=START + timedelta(days=30),
        revision=3,
    )
    unset = {name for name in Recording.model_fields if getattr(full, name) in (None, (), {})}
    assert not unset
    assert rows.read(rows.write(full)) == full


def test_a_recording_with_few_fields_survives_the_table() -> None:
    assert rows.read(rows.write(recording())) == recording()


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
)


@settings(deadline=None)
@given(st.dictionaries(st.text(), values, max_size=4), st.sampled_from(rows.JSON_FIELDS))
def test_any_json_of_a_provider_survives_the_table(content: dict[str, Any], name: str) -> None:
    known = recording(**{name: content})
    assert getattr(rows.read(rows.write(known)), name) == content


def test_extra_is_stored_as_json_text() -> None:
    item = rows.write(recording(extra={"naïve": None, "score": 0.1}))
    assert json.loads(item["extra"]["S"]) == {"naïve": None, "score": 0.1}


def test_a_field_without_a_value_is_not_stored() -> None:
    assert set(written()) == {
        "account_id", "recording_id", "provider", "state", "listed_at", "updated_time",
        "pk", "account_month", "due_shard", "due_time",
    }  # fmt: skip


def test_a_row_is_found_by_its_key() -> None:
    assert rows.write(recording())["pk"] == rows.key("a1", "r1")["pk"] == {"S": "a1#r1"}


def test_the_month_is_that_of_the_listed_time() -> None:
    item = written(start_time=datetime(2025, 1, 1, tzinfo=UTC), owner_id="u1")
    assert item["account_month"] == "a1#202606"
    assert item["owner_month"] == "a1#u1#202606"


@pytest.mark.parametrize(
    ("field", "attribute"),
    [("call_id", "call_key"), ("conference_id", "conference_key"), ("caller", "caller_key"), ("callee", "callee_key")],
)
def test_an_indexed_field_has_a_key_under_its_account(field: str, attribute: str) -> None:
    assert written(**{field: "+1 555#x"})[attribute] == "a1#+1 555#x"
    assert attribute not in written()


@pytest.mark.parametrize("field", ["call_id", "conference_id", "caller", "callee", "owner_id"])
def test_an_empty_value_is_not_keyed(field: str) -> None:
    assert set(written(**{field: ""})) == set(written()) | {field}


@pytest.mark.parametrize("field", ["call_id", "conference_id", "caller", "callee"])
def test_a_value_too_long_for_a_key_is_stored_without_one(field: str) -> None:
    longest = MAX_KEY_BYTES - len("a1#")
    assert set(written(**{field: "ü" * (longest // 2)})) == set(written(**{field: "x"}))
    assert written(**{field: "ü" * (longest // 2 + 1)}) == written() | {field: "ü" * (longest // 2 + 1)}


def test_every_index_of_the_template_has_its_attributes(template: dict[str, Any]) -> None:
    everything = written(call_id="c", conference_id="f", caller="+1", callee="+2", owner_id="u")
    indexes = template["Resources"]["RecordingsTable"]["Properties"]["GlobalSecondaryIndexes"]
    keys = {key["AttributeName"] for index in indexes for key in index["KeySchema"]}
    assert keys <= set(everything)
    assert all(isinstance(everything[key], str) for key in keys)


def test_the_largest_row_fits_into_an_item() -> None:
    account, id_, text = "a" * 128, "é" * (MAX_ID_BYTES // 2), "é" * (MAX_TEXT_BYTES // 2)
    ids = dict.fromkeys(("recording_id", "call_id", "parent_call_id", "conference_id"), id_)
    texts = dict.fromkeys(("caller", "callee", "owner_id", "tag", "name", "reason"), text)
    version, key = "v" * 1024, "k" * 1024
    event = Event(time=UPDATED, what="w" * 200)
    row = recording(
        account_id=account,
        listed_at=f"2026-06-30T23:59:59.999Z#{id_}",
        **ids,
        **texts,
        extra={"x": "é" * (MAX_EXTRA_BYTES // 2)},
        transcription={"x": "é" * (MAX_TRANSCRIPTION_BYTES // 2)},
        user_metadata={"x": "é" * (MAX_METADATA_BYTES // 2)},
        media_key=key,
        media=Media(key=key, version_id=version, etag="e" * 40, size=1, sha256="0" * 64, content_type="audio/mpeg"),
        history=(event,) * MAX_EVENTS,
    )

    assert item_rules.item(rows.write(row), [KeyPart("pk", "HASH"), KeyPart("listed_at", "RANGE")]) is None


def test_an_attribute_that_a_later_version_added_is_ignored() -> None:
    item = rows.write(recording()) | clients.to_item({"legal_hold": True})
    assert rows.read(item) == recording()


def test_a_row_that_is_due_has_its_shard_and_its_time() -> None:
    item = written(state=State.PENDING)
    assert item["due_time"] == "2026-07-01T13:00:00.000Z"
    assert item["due_shard"] == written(state=State.STORED)["due_shard"] == shards.shard_of("a1#r1")


def test_a_row_that_is_never_due_is_in_no_shard() -> None:
    assert not {"due_time", "due_shard"} & set(written(state=State.VERIFIED))
