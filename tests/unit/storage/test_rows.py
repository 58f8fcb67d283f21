"""A recording's row: its attributes, its index keys, and the way back."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from callvault import clients, times
from callvault.models import MAX_KEY_BYTES, Event, Media, Recording, State
from callvault.storage import rows

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


def test_every_field_comes_back() -> None:
    full = recording(
        reason="no_audio",
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
        discrepancies=("duration",),
        history=(Event(time=UPDATED, what="callback pending"),),
        created_time=UPDATED,
        source_expires_time=START + timedelta(days=30),
        revision=3,
    )
    unset = {name for name in Recording.model_fields if getattr(full, name) in (None, (), {})}
    assert not unset
    assert rows.read(rows.write(full)) == full


def test_a_recording_of_which_little_is_known_comes_back() -> None:
    assert rows.read(rows.write(recording())) == recording()


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
)


@settings(deadline=None)
@given(st.dictionaries(st.text(), values, max_size=4), st.sampled_from(rows.JSON_FIELDS))
def test_whatever_a_provider_sends_comes_back_as_it_was(content: dict[str, Any], name: str) -> None:
    known = recording(**{name: content})
    assert getattr(rows.read(rows.write(known)), name) == content


def test_what_is_not_ours_is_one_text() -> None:
    item = rows.write(recording(extra={"naïve": None, "score": 0.1}))
    assert json.loads(item["extra"]["S"]) == {"naïve": None, "score": 0.1}


def test_what_nobody_told_takes_no_room() -> None:
    assert set(written()) == {
        "account_id", "recording_id", "provider", "state", "listed_at", "updated_time",
        "pk", "account_month", "due_shard", "due_time",
    }  # fmt: skip


def test_a_row_is_found_by_its_key() -> None:
    assert rows.write(recording())["pk"] == rows.key("a1", "r1")["pk"] == {"S": "a1#r1"}


def test_the_month_is_that_of_the_place_in_the_lists() -> None:
    item = written(start_time=datetime(2025, 1, 1, tzinfo=UTC), owner_id="u1")
    assert item["account_month"] == "a1#202606"
    assert item["owner_month"] == "a1#u1#202606"


@pytest.mark.parametrize(
    ("field", "attribute"),
    [("call_id", "call_key"), ("conference_id", "conference_key"), ("caller", "caller_key"), ("callee", "callee_key")],
)
def test_what_can_be_searched_for_is_keyed_under_the_account(field: str, attribute: str) -> None:
    assert written(**{field: "+1 555#x"})[attribute] == "a1#+1 555#x"
    assert attribute not in written()


@pytest.mark.parametrize("field", ["call_id", "conference_id", "caller", "callee", "owner_id"])
def test_an_empty_value_is_not_keyed(field: str) -> None:
    assert set(written(**{field: ""})) == set(written()) | {field}


@pytest.mark.parametrize("field", ["call_id", "conference_id", "caller", "callee"])
def test_what_is_too_long_for_a_key_is_kept_and_not_keyed(field: str) -> None:
    longest = MAX_KEY_BYTES - len("a1#")
    assert set(written(**{field: "ü" * (longest // 2)})) == set(written(**{field: "x"}))
    assert written(**{field: "ü" * (longest // 2 + 1)}) == written() | {field: "ü" * (longest // 2 + 1)}


def test_every_index_of_the_template_has_its_attributes(template: dict[str, Any]) -> None:
    everything = written(call_id="c", conference_id="f", caller="+1", callee="+2", owner_id="u")
    indexes = template["Resources"]["RecordingsTable"]["Properties"]["GlobalSecondaryIndexes"]
    keys = {key["AttributeName"] for index in indexes for key in index["KeySchema"]}
    assert keys <= set(everything)
    assert all(isinstance(everything[key], str) for key in keys)


@pytest.mark.parametrize(
    ("state", "due"),
    [
        (State.ANNOUNCED, "2026-07-01T18:00:00.000Z"),
        (State.PENDING, "2026-07-01T13:00:00.000Z"),
        (State.STORED, "2026-07-01T13:00:00.000Z"),
    ],
)
def test_what_waits_is_due_after_its_last_change(state: State, due: str) -> None:
    item = written(state=state)
    assert item["due_time"] == due
    assert item["due_shard"] in {str(shard) for shard in range(rows.SHARDS)}


@pytest.mark.parametrize("state", [State.ABSENT, State.FAILED, State.VERIFIED, State.EXPIRED, State.DELETED])
def test_what_waits_for_nothing_is_never_due(state: State) -> None:
    assert not {"due_time", "due_shard"} & set(written(state=state))


def test_what_was_never_updated_is_due_from_now_on() -> None:
    assert written(updated_time=None)["due_time"] > "2026"


def test_what_is_due_is_spread_over_all_shards() -> None:
    shards = [written(recording_id=f"r{number}")["due_shard"] for number in range(400)]
    assert len(set(shards)) == rows.SHARDS
    assert max(shards.count(shard) for shard in set(shards)) < 100


def test_a_row_stays_in_its_shard() -> None:
    assert written(state=State.PENDING)["due_shard"] == written(state=State.STORED)["due_shard"]


def test_an_attribute_that_a_later_version_added_is_ignored() -> None:
    item = rows.write(recording()) | clients.to_item({"legal_hold": True})
    assert rows.read(item) == recording()


def swept(times_: int, before: str = "callback") -> tuple[Event, ...]:
    return tuple(Event(time=UPDATED, what=what) for what in [before, *[rows.SWEPT] * times_])


@pytest.mark.parametrize(("times_", "hours"), [(0, 1), (1, 2), (2, 4), (5, 32), (6, 32)])
def test_a_row_that_is_swept_in_vain_waits_twice_as_long(times_: int, hours: int) -> None:
    assert rows.due_time(recording(history=swept(times_))) == UPDATED + timedelta(hours=hours)


def test_what_else_happens_to_a_row_lets_it_wait_from_the_beginning() -> None:
    history = (*swept(4), *swept(1, "looked up pending"))
    assert rows.due_time(recording(history=history)) == UPDATED + timedelta(hours=2)


def expires(hours: float, **fields: Any) -> Recording:
    """Return a recording that its provider deletes so many hours after it was changed last."""
    return recording(source_expires_time=UPDATED + timedelta(hours=hours), **fields)


@pytest.mark.parametrize(
    ("state", "hours", "due"),
    [
        (State.FAILED, 100, 28),  # 72 hours before
        (State.FAILED, 73, 1),
        (State.FAILED, 50, 1),  # hourly from then on
        (State.FAILED, 1.5, 1),
        (State.FAILED, 1, None),  # once more would be too late
        (State.FAILED, -5, None),
        (State.ANNOUNCED, 100, 6),
        (State.ANNOUNCED, 74, 2),
        (State.ANNOUNCED, 50, 1),
        (State.ANNOUNCED, 1, 6),
        (State.PENDING, 50, 1),
        (State.STORED, 50, 1),
        (State.ABSENT, 50, None),
        (State.VERIFIED, 50, None),
        (State.DELETED, 50, None),
    ],
)
def test_what_expires_soon_is_due_sooner(state: State, hours: float, due: float | None) -> None:
    expected = None if due is None else UPDATED + timedelta(hours=due)
    assert rows.due_time(expires(hours, state=state)) == expected
    assert ("due_time" in rows.write(expires(hours, state=state))) == (due is not None)


def test_what_was_swept_often_is_due_hourly_before_it_expires() -> None:
    assert rows.due_time(expires(50, history=swept(9))) == UPDATED + timedelta(hours=1)


MEDIA = Media(key="media/a1/2026/06/30/r1.wav", size=1, sha256="ab" * 32, content_type="audio/x-wav")


def test_what_is_stored_in_part_does_not_expire() -> None:
    assert rows.due_time(expires(50, state=State.FAILED, media=MEDIA)) is None


@settings(deadline=None)
@given(st.sampled_from(State), st.integers(-200, 900), st.integers(0, 12))
def test_no_row_is_due_before_its_gap_or_at_its_providers_end(state: State, hours: int, times_: int) -> None:
    row = expires(hours, state=state, history=swept(times_))
    due = rows.due_time(row)
    if due is not None:
        assert due >= UPDATED + timedelta(hours=1)
    if state is State.FAILED and due is not None:
        assert row.source_expires_time is not None
        assert row.source_expires_time - timedelta(hours=72) <= due < row.source_expires_time


@pytest.mark.parametrize(
    ("state", "hours", "expiring"),
    [
        (State.PENDING, 72, True),
        (State.ANNOUNCED, 1, True),
        (State.FAILED, 1, True),
        (State.PENDING, 73, False),
        (State.PENDING, 0, False),
        (State.STORED, 1, False),
        (State.ABSENT, 1, False),
    ],
)
def test_what_expires_within_72_hours_and_is_not_stored_is_expiring(
    monkeypatch: pytest.MonkeyPatch, state: State, hours: float, expiring: object
) -> None:
    monkeypatch.setattr(times, "now", lambda: UPDATED)
    assert rows.is_expiring(expires(hours, state=state)) is expiring
    assert not rows.is_expiring(expires(hours, state=state, media=MEDIA))
    assert not rows.is_expiring(recording(state=state))
