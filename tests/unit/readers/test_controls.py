"""Only readers with the right control recordings, and the row of each is updated."""

import functools
from typing import Any

import pytest

from callvault import clients, settings
from callvault.account_parameter import Account
from callvault.bounds import MAX_KEY_BYTES
from callvault.errors import ForbiddenError, NotFoundError, UnavailableError, UnprocessableError
from callvault.models import Recording, State
from callvault.providers import PROVIDERS
from callvault.providers.commands import Outcome, Start, Update
from callvault.readers import controls
from callvault.readers.access import Principal
from callvault.storage import table
from callvault.web import Request
from tests import worlds

row = functools.partial(worlds.row, "r1", "a1")
history = functools.partial(worlds.history, "r1", "a1")

REQUEST = Request(method="POST", path="/", origin="https://api.example.com/prod")


class Recorder:
    """A provider that does everything, as it is told, and remembers it."""

    def __init__(self, account: Account) -> None:
        self.account = account

    done: list[Any]
    bases: list[str]
    refusal: Exception | None
    tells: bool
    needs_newest: bool

    @classmethod
    def forget(cls) -> None:
        """Begin anew."""
        cls.done, cls.bases, cls.refusal, cls.tells, cls.needs_newest = [], [], None, True, True

    def start(self, command: Start, base: str) -> Outcome:
        """Start."""
        self.bases.append(base)
        return self._do(command, "r1", "in-progress", owner_id=command.owner_id)

    def update(self, command: Update) -> Outcome:
        """Update."""
        newest = command.newest() if self.needs_newest and not command.recording_id else None
        return self._do(command, command.recording_id or newest or "current", command.progress)

    def _do(self, command: Start | Update, recording_id: str, status: str, **fields: Any) -> Outcome:
        if self.refusal:
            raise self.refusal
        self.done.append(command)
        if not self.tells:
            return Outcome(None, status)
        known: dict[str, Any] = {"account_id": "a1", "provider": "twilio", "state": State.ANNOUNCED}
        recording = Recording(recording_id=recording_id, call_id=command.call_id, **known | fields)
        return Outcome(recording, status)


@pytest.fixture(autouse=True)
def provider(monkeypatch: pytest.MonkeyPatch) -> type[Recorder]:
    Recorder.forget()
    monkeypatch.setitem(PROVIDERS, "twilio", Recorder)
    return Recorder


def principal(**rights: Any) -> Principal:
    return worlds.principal("a1", "twilio", **{"can_control": True, **rights})


def put(recording_id: str, **fields: Any) -> Recording:
    known: dict[str, Any] = {"account_id": "a1", "provider": "twilio", "state": State.ANNOUNCED, "call_id": "c1"}
    return worlds.put(recording_id, **{"what": "callback announced"} | known | fields)


def update(principal: Principal, progress: Any = "paused", recording_id: str | None = None) -> Outcome:
    return controls.update(principal, Update(call_id="c1", progress=progress, recording_id=recording_id))


def break_table() -> None:
    clients.dynamodb().delete_table(TableName=settings.get().table_name)


def test_a_limited_reader_controls_no_recording_of_another_call_than_the_path_names() -> None:
    put("r1", owner_id="u1", call_id="c1")
    with pytest.raises(NotFoundError):
        controls.update(principal(user_id="u1"), Update(call_id="c2", recording_id="r1", progress="paused"))
    assert Recorder.done == []


def test_a_reader_without_the_right_controls_nothing() -> None:
    reader = principal(can_control=False, can_delete=True)
    with pytest.raises(ForbiddenError):
        controls.start(reader, REQUEST, Start(call_id="c1"))
    with pytest.raises(ForbiddenError):
        update(reader)
    assert Recorder.done == []


def test_a_started_recording_is_announced_with_the_reader_in_its_history() -> None:
    outcome = controls.start(principal(), REQUEST, Start(call_id="c1"))
    assert outcome == Outcome(row(), "in-progress")
    assert (row().state, row().call_id, history()) == (State.ANNOUNCED, "c1", ["started by ops"])
    assert Recorder.bases == ["https://api.example.com/prod"]


def test_callbacks_are_sent_to_the_public_url(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PUBLIC_URL", "https://calls.example.com/base/")
    settings.get.cache_clear()
    controls.start(principal(), REQUEST, Start(call_id="c1"))
    assert Recorder.bases == ["https://calls.example.com/base"]


def test_a_start_after_its_callback_keeps_the_row() -> None:
    put("r1", state=State.PENDING, duration_ms=5)
    outcome = controls.start(principal(), REQUEST, Start(call_id="c1"))
    assert outcome.recording == row()
    assert (row().state, row().duration_ms, history()) == (State.PENDING, 5, ["callback announced", "started by ops"])


def test_a_start_succeeds_although_its_row_cannot_be_written(caplog: pytest.LogCaptureFixture) -> None:
    break_table()
    outcome = controls.start(principal(), REQUEST, Start(call_id="c1"))
    assert outcome.recording is not None
    assert (outcome.recording.recording_id, outcome.recording.listed_time) == ("r1", outcome.recording.created_time)
    assert [record.levelname for record in caplog.records] == ["ERROR"]


def test_a_start_without_details_from_the_provider_writes_no_row() -> None:
    Recorder.tells = False
    assert controls.start(principal(), REQUEST, Start(call_id="c1")) == Outcome(None, "in-progress")
    assert table.get("a1", "r1") is None


def test_a_refused_start_writes_no_row() -> None:
    Recorder.refusal = UnprocessableError("no")
    with pytest.raises(UnprocessableError):
        controls.start(principal(), REQUEST, Start(call_id="c1"))
    assert table.get("a1", "r1") is None


@pytest.mark.parametrize(
    ("progress", "word"), [("paused", "paused"), ("in-progress", "resumed"), ("stopped", "stopped")]
)
def test_an_update_is_in_the_rows_history(progress: str, word: str) -> None:
    put("r1")
    outcome = update(principal(), progress, "r1")
    assert outcome == Outcome(row(), progress)
    assert (row().state, history()) == (State.ANNOUNCED, ["callback announced", f"{word} by ops"])


def test_an_update_of_a_recording_that_was_started_elsewhere_creates_its_row() -> None:
    update(principal(), recording_id="r1")
    assert (row().state, history()) == (State.ANNOUNCED, ["paused by ops"])


def test_an_update_moves_no_row_back() -> None:
    put("r1", state=State.STORED)
    update(principal(), "stopped", "r1")
    assert (row().state, history()) == (State.STORED, ["callback announced", "stopped by ops"])


def test_an_update_without_an_id_means_the_newest_recording_in_progress() -> None:
    put("r0", start_time="2026-11-20T10:00:00Z")
    put("r1", start_time="2026-11-20T11:00:00Z")
    put("r2", start_time="2026-11-20T12:00:00Z", state=State.PENDING)
    put("r3", start_time="2026-11-20T13:00:00Z", call_id="c2")
    update(principal())
    assert history() == ["callback announced", "paused by ops"]


def test_a_pause_works_while_the_table_does_not_answer() -> None:
    break_table()
    assert update(principal(), recording_id="r1").status == "paused"
    Recorder.needs_newest = False
    assert update(principal()).status == "paused"


def test_an_update_without_an_id_is_unavailable_while_the_table_fails() -> None:
    break_table()
    with pytest.raises(UnavailableError):
        update(principal())


def test_a_recording_may_be_stored_under_another_leg_of_its_call() -> None:
    """Providers name the first leg of a call where the caller may have named another."""
    put("r1", call_id="first-leg")
    assert update(principal(), recording_id="r1").recording == row()
    assert history() == ["callback announced", "paused by ops"]


def test_a_tombstone_is_not_changed() -> None:
    put("r1", state=State.DELETED)
    controls.start(principal(), REQUEST, Start(call_id="c1"))
    assert (row().state, history()) == (State.DELETED, ["callback announced"])


def test_an_update_returns_the_known_row_when_another_writer_is_faster(monkeypatch: pytest.MonkeyPatch) -> None:
    known = put("r1")
    monkeypatch.setattr(table, "edit", lambda *_: None)
    assert update(principal(), recording_id="r1").recording == known


def test_a_limited_reader_updates_recordings_of_its_user() -> None:
    put("r1", owner_id="u1")
    update(principal(user_id="u1"), recording_id="r1")
    update(principal(user_id="u1"), "stopped")
    assert history() == ["callback announced", "paused by ops", "stopped by ops"]


@pytest.mark.parametrize("owner_id", [None, "u2"])
@pytest.mark.parametrize("recording_id", ["r1", None])
def test_a_limited_reader_updates_no_other_recording(owner_id: str | None, recording_id: str | None) -> None:
    put("r1", owner_id=owner_id)
    with pytest.raises(NotFoundError):
        update(principal(user_id="u1"), recording_id=recording_id)
    assert (Recorder.done, history()) == ([], ["callback announced"])


def test_a_limited_reader_updates_no_unknown_recording() -> None:
    for recording_id in ("r1", "x" * MAX_KEY_BYTES, None):
        with pytest.raises(NotFoundError):
            update(principal(user_id="u1"), recording_id=recording_id)
    assert Recorder.done == []


def test_a_recording_started_by_a_limited_reader_belongs_to_its_user() -> None:
    put("r0", owner_id="u1")
    controls.start(principal(user_id="u1"), REQUEST, Start(call_id="c1"))
    assert row().owner_id == "u1"
    controls.start(principal(), REQUEST, Start(call_id="c9"))
    assert Recorder.done[-1].owner_id is None


@pytest.mark.parametrize("what", ["upload", "incoming"])
def test_a_recording_that_was_only_sent_here_makes_no_call_that_of_a_reader(what: str) -> None:
    sent = put("r0", owner_id="u1", what=what)
    with pytest.raises(NotFoundError):
        controls.start(principal(user_id="u1"), REQUEST, Start(call_id="c1"))
    assert Recorder.done == []
    table.put(sent.model_copy(update={"state": State.STORED}), "callback stored")
    with pytest.raises(NotFoundError):
        controls.start(principal(user_id="u1"), REQUEST, Start(call_id="c1"))
    put("r1", owner_id="u1")
    controls.start(principal(user_id="u1"), REQUEST, Start(call_id="c1"))
    assert len(Recorder.done) == 1


@pytest.mark.parametrize("owner_id", [None, "u2"])
def test_a_recording_that_a_reader_paused_first_counts_as_one_of_its_call(owner_id: str | None) -> None:
    put("r0", owner_id="u1")
    put("r1", owner_id=owner_id, what="paused by ops")
    with pytest.raises(NotFoundError):
        controls.start(principal(user_id="u1"), REQUEST, Start(call_id="c1"))
    assert Recorder.done == []


def test_a_limited_reader_cannot_record_a_call_that_is_not_known_to_be_its_users() -> None:
    put("r0", owner_id="u1", call_id="c2")
    with pytest.raises(NotFoundError):
        controls.start(principal(user_id="u1"), REQUEST, Start(call_id="c1"))
    put("r1", owner_id="u1")
    put("r2", owner_id="u2")
    with pytest.raises(NotFoundError):
        controls.start(principal(user_id="u1"), REQUEST, Start(call_id="c1"))
    assert Recorder.done == []


@pytest.mark.parametrize("owner_id", [None, "u2"])
def test_a_limited_reader_cannot_record_a_call_that_has_recordings_of_others(owner_id: str | None) -> None:
    put("r0", owner_id=owner_id, state=State.VERIFIED)
    with pytest.raises(NotFoundError):
        controls.start(principal(user_id="u1"), REQUEST, Start(call_id="c1"))
    assert Recorder.done == []
