"""What a recording is: its rank, its place in lists, its key in the bucket."""

import json
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from callvault.bounds import MAX_EXTRA_BYTES, bounded
from callvault.models import TOMBSTONES, Recording, State, ids_of

unhurried = settings(deadline=None)
"""The machine may be busy with other things."""
NEW_YEAR = datetime(2026, 1, 1, tzinfo=UTC)
PLACE = "2026-01-01T00:00:00.000Z#r1"


def recording(**fields: Any) -> Recording:
    return Recording.model_validate(
        {"account_id": "a1", "recording_id": "r1", "provider": "kazoo", "state": State.PENDING} | fields
    )


def test_the_rank_grows_from_state_to_state() -> None:
    path = [State.ANNOUNCED, State.ABSENT, State.PENDING, State.FAILED, State.STORED, State.VERIFIED, State.DELETED]
    ranks = [recording(state=state).rank for state in path]
    assert all(before < after for before, after in pairwise(ranks))


def test_every_complete_recording_with_media_outranks_every_partial_one() -> None:
    with_media = [State.PENDING, State.FAILED, State.STORED, State.VERIFIED]
    assert min(recording(state=state).rank for state in with_media) > max(
        recording(state=state, partial=True).rank for state in with_media
    )


@pytest.mark.parametrize("state", [State.ANNOUNCED, State.ABSENT])
def test_partial_does_not_change_the_rank_without_media(state: State) -> None:
    assert recording(state=state, partial=True).rank == recording(state=state).rank
    assert recording(state=state).rank < recording(state=State.PENDING, partial=True).rank


def test_nothing_outranks_a_tombstone() -> None:
    ranks = {recording(state=state, partial=partial).rank for state in TOMBSTONES for partial in (True, False)}
    assert len(ranks) == 1
    assert ranks.pop() > max(recording(state=state).rank for state in set(State) - TOMBSTONES)


def test_a_recording_never_changes_in_place() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        recording().state = State.DELETED  # type: ignore[misc]


def test_a_field_that_a_later_version_added_is_ignored() -> None:
    assert recording(legal_hold=True) == recording()


def test_times_are_written_as_sortable_text_in_json_only() -> None:
    known = recording(start_time=NEW_YEAR)
    assert known.model_dump(mode="json")["start_time"] == "2026-01-01T00:00:00.000Z"
    assert known.model_dump()["start_time"] == NEW_YEAR


def test_a_recording_is_listed_under_the_time_that_was_fixed_when_it_was_first_seen() -> None:
    assert (
        recording(listed_at="2026-01-01T00:00:00.000Z#r#1", start_time="2026-02-02T00:00:00Z").listed_time == NEW_YEAR
    )


def test_a_recording_without_a_row_has_no_position_in_a_list() -> None:
    assert recording(start_time=NEW_YEAR).listed_time is None


def test_a_key_has_account_day_and_recording() -> None:
    assert recording(format="mp3", listed_at="2026-03-09T00:00:00.000Z#r1").key_for() == "media/a1/2026/03/09/r1.mp3"


def test_a_recording_of_unknown_format_is_kept_as_wav() -> None:
    assert recording(listed_at=PLACE).key_for().endswith("/r1.wav")


@pytest.mark.parametrize(
    ("recording_id", "name"),
    [
        ("a/b", "a%2Fb.wav"),
        ("~", "%7E.wav"),
        ("a b+c", "a%20b%2Bc.wav"),
        ("ü", "%C3%BC.wav"),
        ("a.b_c-d", "a.b_c-d.wav"),
    ],
)
def test_a_key_percent_encodes_unusual_characters(recording_id: str, name: str) -> None:
    assert recording(recording_id=recording_id, listed_at=PLACE).key_for().rpartition("/")[2] == name


@unhurried
@given(st.text(min_size=1), st.text(min_size=1), st.sampled_from(["wav", "mp3", None]))
def test_account_and_recording_are_read_from_a_key(account_id: str, recording_id: str, kind: str | None) -> None:
    key = recording(account_id=account_id, recording_id=recording_id, format=kind, listed_at=PLACE).key_for()
    assert ids_of(key) == (account_id, recording_id)
    beside = recording(account_id=account_id, recording_id=recording_id, listed_at=PLACE).transcript_key()
    assert (beside, ids_of(beside)) == (
        f"transcripts/{key.removeprefix('media/').rpartition('.')[0]}.json",
        ids_of(key),
    )
    assert key.count("/") == 5


@pytest.mark.parametrize(
    "key",
    [
        "",
        "media",
        "media/a1/r1.wav",
        "media/a1/2026/01/01/r1",
        "incoming/a1/2026/01/01/r1.wav",
        "media/a/b/c/d/e/f.wav",
    ],
)
def test_no_ids_are_read_from_another_key(key: str) -> None:
    assert ids_of(key) is None


def test_extra_fields_beyond_the_maximum_size_are_left_out() -> None:
    extra = {
        "first": "a",
        "long": "\x01" * MAX_EXTRA_BYTES,
        "half": "é" * (MAX_EXTRA_BYTES // 4),
        "other half": "é" * (MAX_EXTRA_BYTES // 4),
    }
    kept = bounded(extra)
    assert list(kept) == ["first", "half"]
    assert bounded(kept) == kept


@pytest.mark.parametrize("letter", ["a", "é", "\x01", '"', "\U0001f4de", "\ud800"])
def test_extra_is_bounded_in_its_written_form(letter: str) -> None:
    extra = {f"{letter * 10}{number}": letter * 100 for number in range(20_000)}
    assert len(json.dumps(bounded(extra), ensure_ascii=False).encode(errors="replace")) <= MAX_EXTRA_BYTES


def test_an_error_about_a_recording_does_not_repeat_its_values() -> None:
    with pytest.raises(ValidationError) as raised:
        Recording.model_validate({"account_id": "a1", "recording_id": "r1", "provider": "kazoo", "state": "+15550100"})
    assert "+15550100" not in str(raised.value)
