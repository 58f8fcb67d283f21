"""Rows move only forward, whoever writes them and in whatever order."""

import json
from datetime import UTC, datetime, timedelta
from functools import reduce
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from callvault import clients, settings
from callvault.bounds import MAX_EXTRA_BYTES
from callvault.errors import UnavailableError
from callvault.models import TOMBSTONES, Event, Media, Recording, State
from callvault.storage import due, history, ownership, rows, table
from callvault.transcript import Transcript, TranscriptState
from tests import worlds

NOW = datetime(2026, 7, 1, 12, tzinfo=UTC)
START = datetime(2026, 6, 30, 23, tzinfo=UTC)
LIVE = sorted(set(State) - TOMBSTONES)


def update(state: State = State.PENDING, **fields: Any) -> Recording:
    return Recording.model_validate(
        {"account_id": "a1", "recording_id": "r1", "provider": "bandwidth", "state": state} | fields
    )


def media(version: str, **fields: Any) -> Media:
    return worlds.media(version_id=version, **fields)


def known() -> Recording:
    """Return the stored row, which must exist."""
    return worlds.row("r1", "a1")


def item() -> dict[str, Any]:
    """Return the row's attributes as DynamoDB has them."""
    answer = clients.dynamodb().get_item(TableName=settings.get().table_name, Key=rows.key("a1", "r1"))
    return clients.from_item(answer["Item"])


def lines(row: Recording) -> list[str]:
    return [event.what for event in row.history]


def rival() -> None:
    """Change the row as another writer does."""
    clients.dynamodb().update_item(
        TableName=settings.get().table_name,
        Key=rows.key("a1", "r1"),
        UpdateExpression="SET revision = revision + :one",
        ExpressionAttributeValues=clients.to_item({":one": 1}),
    )


def test_a_recording_without_a_row_is_none() -> None:
    assert table.get("a1", "r1") is None


def test_the_first_update_creates_the_row(clock: worlds.Clock) -> None:
    clock.stop(NOW)
    row = table.put(update(start_time=START, caller="+1555", format="mp3"), "callback pending")
    assert row == known()
    assert row.created_time == row.updated_time == NOW
    assert row.history == (Event(time=NOW, what="callback pending"),)
    assert row.listed_at == "2026-06-30T23:00:00.000Z#r1"
    assert row.media_key == "media/a1/2026/06/30/r1.mp3"
    assert row.revision == 1


def test_a_recording_without_a_start_is_listed_under_its_first_announcement(clock: worlds.Clock) -> None:
    clock.stop(NOW)
    row = table.put(update(format="wav"), "callback pending")
    assert row.listed_at == "2026-07-01T12:00:00.000Z#r1"
    assert row.media_key == "media/a1/2026/07/01/r1.wav"


def test_the_s3_key_is_chosen_when_the_format_is_known() -> None:
    assert table.put(update(State.ANNOUNCED), "callback announced").media_key is None
    key = table.put(update(format="mp3", start_time=START), "callback pending").media_key
    assert key is not None
    assert key.endswith("/r1.mp3")


def test_position_in_lists_and_s3_key_never_change() -> None:
    first = table.put(update(State.ANNOUNCED, format="wav"), "callback announced")
    later = table.put(update(start_time=START, format="mp3"), "callback pending")
    assert (later.start_time, later.format) == (START, "mp3")
    assert (later.listed_at, later.media_key) == (first.listed_at, first.media_key)


def test_a_row_created_from_a_message_keeps_the_key_and_has_a_new_history() -> None:
    message = update(history=({"time": NOW, "what": "old"},), revision=7, media_key="media/a1/2026/01/01/r1.wav")
    row = table.put(message, "fetch")
    assert (lines(row), row.revision, row.media_key) == (["fetch"], 1, "media/a1/2026/01/01/r1.wav")
    assert row == known()


def test_accounts_do_not_share_rows() -> None:
    table.put(update(caller="+1"), "callback pending")
    table.put(update(account_id="a2", caller="+2"), "callback pending")
    assert known().caller == "+1"


def test_a_recording_moves_through_all_states() -> None:
    path = [State.ANNOUNCED, State.PENDING, State.STORED, State.VERIFIED, State.EXPIRED]
    for state in path:
        assert table.put(update(state), state).state is known().state is state
    assert lines(known()) == [str(state) for state in path]
    assert known().revision == len(path)


@pytest.mark.parametrize("state", State)
def test_a_repeated_callback_changes_nothing(state: State) -> None:
    said = update(state, caller="+1", extra={"a": 0.1, "none": None}, start_time=START, transcription={"id": "t"})
    first = table.put(said, "callback")
    assert table.put(said, "callback again") == first == known()


def test_a_late_callback_never_moves_a_row_back() -> None:
    table.put(update(State.VERIFIED, caller="+1", media=media("v1")), "verified")
    row = table.put(update(State.PENDING, caller="+2", reason="odd"), "callback pending")
    assert (row.state, row.caller, row.reason, row.media) == (State.VERIFIED, "+1", None, media("v1"))
    assert lines(row) == ["verified"]


def test_a_late_callback_adds_missing_fields_and_a_history_entry() -> None:
    table.put(update(State.VERIFIED, caller="+1", extra={"a": 1}), "verified")
    row = table.put(update(State.ANNOUNCED, caller="+2", callee="+3", extra={"a": 2, "b": 3}), "callback announced")
    assert (row.state, row.caller, row.callee, row.extra) == (State.VERIFIED, "+1", "+3", {"a": 1, "b": 3})
    assert lines(row) == ["verified", "callback announced"]
    assert row == known()


def test_an_update_of_a_higher_rank_replaces_known_values() -> None:
    table.put(update(State.ANNOUNCED, caller="+1", callee="+3", extra={"a": 1, "b": 1}), "callback announced")
    row = table.put(update(State.PENDING, caller="+2", extra={"a": 2}), "callback pending")
    assert (row.caller, row.callee, row.extra) == ("+2", "+3", {"a": 2, "b": 1})


def test_a_large_update_displaces_no_other_field_that_was_known() -> None:
    table.put(update(State.ANNOUNCED, extra={"a": 1, "b": "b" * 100_000}), "callback announced")
    row = table.put(update(State.PENDING, extra={"a": "a" * 200_000, "c": 1}), "callback pending")
    assert row.extra == {"a": 1, "b": "b" * 100_000, "c": 1}


def test_zero_and_empty_are_known_values() -> None:
    table.put(update(duration_ms=0, tag=""), "callback pending")
    row = table.put(update(duration_ms=5, tag="late"), "callback pending")
    assert (row.duration_ms, row.tag) == (0, "")


def test_no_update_changes_the_metadata_of_readers() -> None:
    table.put(update(State.ANNOUNCED, user_metadata={"stars": 5}), "callback announced")
    assert table.put(update(user_metadata={"stars": 1}), "callback pending").user_metadata == {"stars": 5}


@pytest.mark.parametrize("tombstone", sorted(TOMBSTONES))
@pytest.mark.parametrize("backward", [True, False])
def test_a_tombstone_is_never_changed(tombstone: State, *, backward: bool) -> None:
    tombstone_row = table.put(update(tombstone), "removed")
    for state in State:
        assert table.put(update(state, caller="+1", extra={"a": 1}), "late", backward=backward) == tombstone_row
    assert known() == tombstone_row


def test_a_partial_recording_is_fetched_again_once_it_is_complete() -> None:
    table.put(update(partial=True), "callback pending")
    table.put(update(State.VERIFIED, partial=True, media=media("v1"), discrepancies=["shorter"]), "verified")
    pending = table.put(update(), "callback pending")
    assert (pending.state, pending.partial) == (State.PENDING, False)
    assert (pending.media, pending.discrepancies) == (media("v1"), ("shorter",))
    stored = table.put(update(State.STORED, media=media("v2")), "stored")
    assert (stored.state, stored.media, stored.discrepancies) == (State.STORED, media("v2"), ())


@pytest.mark.parametrize("state", [State.PENDING, State.FAILED, State.STORED, State.VERIFIED])
def test_a_partial_recording_never_replaces_a_complete_one(state: State) -> None:
    table.put(update(State.VERIFIED, media=media("v1")), "verified")
    row = table.put(update(state, partial=True, media=media("v2", partial=True)), "late")
    assert (row.state, row.partial, row.media) == (State.VERIFIED, False, media("v1"))


def test_a_failure_has_its_reason_and_a_redrive_removes_it() -> None:
    table.put(update(State.FAILED, reason="gone"), "failed gone")
    assert table.put(update(), "callback pending").reason == "gone"
    redriven = table.put(update(), "redrive", backward=True)
    assert (redriven.state, redriven.reason) == (State.PENDING, None)
    assert lines(redriven) == ["failed gone", "redrive"]
    assert "due_time" in item()


def test_a_stale_writer_loses_nothing() -> None:
    stale = table.put(update(State.ANNOUNCED), "callback announced")
    table.put(update(State.PENDING, caller="+1"), "callback pending")
    row = table.put(update(State.STORED, callee="+2", media=media("v1")), "stored", known=stale)
    assert (row.state, row.caller, row.callee) == (State.STORED, "+1", "+2")
    assert lines(row) == ["callback announced", "callback pending", "stored"]
    assert row == known()


def test_a_stale_writer_does_not_undo_a_higher_rank() -> None:
    stale = table.put(update(State.ANNOUNCED), "callback announced")
    verified = table.put(update(State.VERIFIED, media=media("v1")), "verified")
    assert table.put(update(State.PENDING), "callback pending", known=stale) == verified == known()


def test_a_stale_writer_respects_a_tombstone() -> None:
    stale = table.put(update(State.STORED), "stored")
    tombstone_row = table.put(update(State.DELETED), "deleted")
    assert table.put(update(State.VERIFIED), "verified", known=stale) == tombstone_row == known()


def test_a_row_as_last_read_does_not_change_the_result() -> None:
    first = table.put(update(), "callback pending")
    row = table.put(update(State.STORED), "stored", known=first)
    assert row == known()
    assert lines(row) == ["callback pending", "stored"]


def test_two_first_writers_create_one_row() -> None:
    rivals = [update(State.ANNOUNCED, caller="+1")]

    def hurry() -> None:
        if rivals:
            table.put(rivals.pop(), "callback announced")

    with worlds.before_each(clients.dynamodb(), "PutItem", hurry):
        row = table.put(update(callee="+2"), "callback pending")
    assert (row.state, row.caller, row.callee, row.revision) == (State.PENDING, "+1", "+2", 2)
    assert row == known()


def test_a_writer_that_is_always_late_raises_unavailable() -> None:
    table.put(update(State.ANNOUNCED), "callback announced")
    rivals = worlds.before_each(clients.dynamodb(), "PutItem", rival)
    with rivals, pytest.raises(UnavailableError) as caught:
        table.put(update(), "callback pending")
    assert caught.value.reason == "table_conflict"
    assert known().state is State.ANNOUNCED


def vanish() -> Recording:
    """Return a row as read just before it vanished, as when a table is restored."""
    row = table.put(update(State.STORED), "stored")
    clients.dynamodb().delete_item(TableName=settings.get().table_name, Key=rows.key("a1", "r1"))
    return row


def test_a_row_that_was_deleted_is_written_again() -> None:
    table.put(update(State.VERIFIED), "verified", known=vanish())
    assert known().state is State.VERIFIED


def test_an_edit_of_a_deleted_row_fails() -> None:
    assert table.edit(vanish(), "metadata", user_metadata={"a": 1}) is None


def test_an_edit_changes_fields_without_merging(clock: worlds.Clock) -> None:
    row = table.put(update(caller="+1"), "callback pending")
    clock.stop(NOW + timedelta(days=9))
    edited = table.edit(row, "metadata by ops", user_metadata={"stars": 4.5, "none": None})
    assert edited == known()
    assert known().user_metadata == {"stars": 4.5, "none": None}
    assert (known().caller, known().updated_time) == ("+1", NOW + timedelta(days=9))
    assert lines(known()) == ["callback pending", "metadata by ops"]


def test_an_edit_of_a_stale_row_fails() -> None:
    stale = table.put(update(State.ANNOUNCED), "callback announced")
    current = table.put(update(), "callback pending")
    assert table.edit(stale, "metadata", user_metadata={"a": 1}) is None
    assert known() == current


def test_history_keeps_its_last_lines() -> None:
    row = reduce(
        lambda row, number: table.merge(row, update(extra={str(number): 1}), f"line {number}"),
        range(history.MAX_EVENTS + 5),
        table.merge(None, update(), "first"),
    )
    assert lines(row) == ["first", *(f"line {number}" for number in range(6, history.MAX_EVENTS + 5))]
    assert row.revision == history.MAX_EVENTS + 6


def test_edits_cannot_push_the_verification_out_of_the_history() -> None:
    row = table.merge(None, update(), "callback pending")
    for number, what in enumerate(("stored", "verified", "owner changed from u1 to u2 by admin")):
        row = table.merge(row, update(extra={what: number}), what)
    for number in range(3 * history.MAX_EVENTS):
        row = table.merge(row, update(extra={str(number): 1}), "metadata by ops")
    kept = ["callback pending", "stored", "verified", "owner changed from u1 to u2 by admin"]
    assert lines(row) == kept + ["metadata by ops"] * (history.MAX_EVENTS - 4)


def test_no_entries_push_out_the_last_verification() -> None:
    row = table.merge(None, update(), "callback pending")
    for number, what in enumerate(("stored", "verified") * 30 + ("paused by ops",) * 50):
        row = table.merge(row, update(extra={str(number): 1}), what)
    assert lines(row) == ["callback pending", "stored", "verified"] + ["paused by ops"] * (history.MAX_EVENTS - 3)


@pytest.mark.parametrize("backward", [False, True])
@pytest.mark.parametrize("state", [*State])
def test_no_update_replaces_a_known_owner(state: State, *, backward: bool) -> None:
    known = table.merge(None, update(owner_id="u1"), "callback pending")
    merged = table.merge(known, update(state=state, owner_id="u2"), "callback", backward=backward)
    assert merged.owner_id == "u1"
    assert merged.discrepancies == (ownership.OTHER_OWNER,)


def test_an_unknown_owner_is_filled_in() -> None:
    merged = table.merge(table.merge(None, update(), "callback pending"), update(owner_id="u1"), "callback")
    assert (merged.owner_id, merged.discrepancies) == ("u1", ())


def test_the_discrepancy_of_the_owner_stays_beside_those_of_the_audio() -> None:
    known = table.merge(None, update(owner_id="u1"), "callback pending")
    known = table.merge(known, update(owner_id="u2"), "described")
    verified = update(state=State.VERIFIED, media=worlds.media(), discrepancies=("channels announced 1, measured 2",))
    merged = table.merge(known, verified, "verified")
    assert merged.discrepancies == ("channels announced 1, measured 2", ownership.OTHER_OWNER)


def test_a_long_wait_does_not_fill_the_history() -> None:
    row: Recording | None = table.put(update(), "first")
    for _ in range(due.MAX_DOUBLINGS + 5):
        assert row is not None
        row = table.edit(row, due.SWEPT)
    assert lines(known()) == ["first", *[due.SWEPT] * due.MAX_DOUBLINGS]
    assert known().history[-1].time == known().updated_time


def test_the_item_has_its_index_keys_and_when_it_is_due(clock: worlds.Clock) -> None:
    clock.stop(NOW)
    table.put(update(start_time=START, caller="+1", callee="+2", call_id="c1", owner_id="u1"), "callback pending")
    kept = item()
    assert kept["account_month"] == "a1#202606"
    assert kept["owner_month"] == "a1#u1#202606"
    assert (kept["caller_key"], kept["callee_key"], kept["call_key"]) == ("a1#+1", "a1#+2", "a1#c1")
    assert kept["due_time"] == "2026-07-01T13:00:00.000Z"


def test_a_row_that_is_no_longer_due_leaves_the_index() -> None:
    table.put(update(), "callback pending")
    table.put(update(State.VERIFIED), "verified")
    due = clients.dynamodb().scan(TableName=settings.get().table_name, IndexName="by_due")
    assert due["Items"] == []


def test_a_row_is_found_by_every_index() -> None:
    table.put(update(caller="+1", callee="+2", call_id="c1", conference_id="f1", owner_id="u1"), "callback pending")
    for index in ("by_month", "by_owner", "by_call", "by_conference", "by_caller", "by_callee", "by_due"):
        found = clients.dynamodb().scan(TableName=settings.get().table_name, IndexName=index)["Items"]
        assert [entry["pk"] for entry in found] == [{"S": "a1#r1"}], index


def test_the_json_of_providers_and_readers_survives_the_table() -> None:
    said = {
        "float": 0.1,
        "none": None,
        "text": "日本 ✓ \N{GRINNING FACE}",
        "deep": [{"a": [1, None, 2.5]}],
        "big": 2**70,
    }
    table.put(update(extra=said, transcription=said, user_metadata=said), "callback pending")
    assert (known().extra, known().transcription, known().user_metadata) == (said, said, said)
    assert json.loads(item()["extra"]) == said


def test_a_table_that_does_not_answer_is_unavailable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TABLE_NAME", "nobody-made-this-one")
    settings.get.cache_clear()
    with pytest.raises(UnavailableError) as caught:
        table.put(update(), "callback pending")
    assert caught.value.reason == "table_unavailable"
    with pytest.raises(UnavailableError):
        table.get("a1", "r1")


facts = st.fixed_dictionaries(
    {},
    optional={
        "caller": st.sampled_from(["+1", "+2"]),
        "duration_ms": st.sampled_from([0, 5]),
        "extra": st.dictionaries(st.sampled_from("ab"), st.integers(0, 2)),
        "media": st.sampled_from([media("v1"), media("v2", partial=True)]),
    },
)


def stories(states: list[State]) -> st.SearchStrategy[list[Recording]]:
    """Return lists of what may be said about one recording."""
    one = st.builds(
        lambda state, partial, facts: update(state, partial=partial, **facts),
        st.sampled_from(states),
        st.booleans(),
        facts,
    )
    return st.lists(one, min_size=1, max_size=6)


def tell(story: list[Recording]) -> list[Recording]:
    """Return the row after each update."""
    told: list[Recording] = []
    for number, said in enumerate(story):
        told.append(table.merge(told[-1] if told else None, said, f"line {number}"))
    return told


@hypothesis_settings(deadline=None)
@given(stories(list(State)))
def test_no_order_of_updates_moves_a_row_back(story: list[Recording]) -> None:
    told = tell(story)
    for before, after in pairwise(told):
        assert after.rank >= before.rank
        assert after is before or after.revision == before.revision + 1
        assert after is before or before.state not in TOMBSTONES
    assert told[-1].rank == max(said.rank for said in story)


@hypothesis_settings(deadline=None)
@given(st.data())
def test_the_order_of_updates_does_not_matter_in_the_end(data: st.DataObject) -> None:
    story = data.draw(stories(LIVE))
    one, other = tell(story)[-1], tell(data.draw(st.permutations(story)))[-1]
    assert (one.state, one.rank) == (other.state, other.rank)
    furthest = [said for said in story if said.rank == one.rank]
    for name in ("caller", "duration_ms", "media"):
        said = {getattr(news, name) for news in story} - {None}
        assert (getattr(one, name) is None) == (getattr(other, name) is None) == (not said)
        if len(furthest) == 1 and getattr(furthest[0], name) is not None:
            assert getattr(one, name) == getattr(other, name) == getattr(furthest[0], name)
    assert set(one.extra) == set(other.extra) == {name for news in story for name in news.extra}


@hypothesis_settings(deadline=None)
@given(stories(list(State)))
def test_repeating_every_update_changes_nothing(story: list[Recording]) -> None:
    told = tell(story)[-1]
    assert reduce(lambda row, said: table.merge(row, said, "again"), story, told) is told


def test_a_row_does_not_grow_without_end() -> None:
    def heard(state: State, **extra: str) -> Recording:
        said = {"account_id": "acme", "recording_id": "r-1", "provider": "bandwidth", "state": state, "extra": extra}
        return table.put(Recording.model_validate(said), "callback")

    for number in range(60):
        row = heard(State.PENDING, **{f"unknown-{number}": "x" * 10_000})
    assert len(json.dumps(row.extra)) <= MAX_EXTRA_BYTES
    assert "unknown-0" in row.extra
    assert heard(State.STORED, more="y" * 200_000).state is State.STORED


def test_a_stale_transcript_replaces_no_later_state_of_it() -> None:
    failed = Transcript(state=TranscriptState.FAILED, completed_time=NOW)
    row = table.put(update(transcript=failed), "callback pending")
    retried = failed.model_copy(update={"state": TranscriptState.PENDING})
    table.edit(row, "last attempt at the transcript", transcript=retried)
    table.put(row.model_copy(update={"state": State.STORED, "media": media("v1")}), "stored", known=row)
    assert (known().state, known().transcript) == (State.STORED, retried)


def test_a_full_history_keeps_what_decisions_rest_on() -> None:
    entries = ["upload", "callback announced", "owner changed from u1 to u2 by ops", "compared with Crossbar"]
    for place, what in enumerate(entries):
        table.put(update(extra={f"at{place}": 1}), what, known=table.get("a1", "r1"))
    for number in range(2 * history.MAX_EVENTS):
        table.put(update(extra={f"x{number}": 1}), f"upload {number}", known=known())
    assert lines(known())[:4] == entries
    assert len(lines(known())) == history.MAX_EVENTS


def test_an_entry_is_added_once_although_there_is_no_other_news() -> None:
    table.put(update(), "callback pending")
    for _ in range(2):
        table.put(update(), "incoming", entry=True)
    assert lines(known()) == ["callback pending", "incoming"]


def test_a_tombstone_gets_no_entry() -> None:
    row = table.put(update(State.DELETED), "deleted by ops")
    assert table.put(update(), "incoming", entry=True) == row == known()


def test_an_entry_is_added_to_what_another_writer_changed() -> None:
    row = table.put(update(), "callback pending")
    table.edit(row, "metadata by bob", user_metadata={"note": 1})
    assert table.put(update(), "incoming", known=row, entry=True).user_metadata == {"note": 1}
    assert lines(known()) == ["callback pending", "metadata by bob", "incoming"]


def test_a_copy_of_a_row_puts_back_nothing_that_was_changed_meanwhile() -> None:
    row = table.put(update(call_id="claimed", tag="claimed", extra={"a": 1, "b": 1}), "upload")
    table.edit(row, "callback announced", call_id="genuine", tag="genuine", extra={"a": 2, "b": 1})
    verified = row.model_copy(update={"state": State.VERIFIED, "media": media("v1"), "name": "new"})
    table.put(verified, "verified", known=row)
    assert (known().call_id, known().tag, known().name) == ("genuine", "genuine", "new")
    assert (known().extra, known().state) == ({"a": 2, "b": 1}, State.VERIFIED)
