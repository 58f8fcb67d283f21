"""Tests of the sweep, and of finding silent accounts."""

import json
from datetime import timedelta
from typing import Any

import pytest

from callvault import alarm_messages, clients, settings, times
from callvault.errors import UnavailableError
from callvault.messaging import bucket_events
from callvault.messaging.queues import Queue
from callvault.models import Media, Recording, State
from callvault.readers import edits, transcripts
from callvault.storage import due, queries, rows, table
from callvault.transcript import Transcript, TranscriptState, TranscriptText
from callvault.upkeep import reconciliation
from functions.fetch_media import app as fetch_media
from functions.sweep_recordings import app
from tests import worlds
from tests.integration import events
from tests.worlds import Clock
from tools.local.faults.replies import Reply
from tools.local.providers.standins import Standin

DONE = {"AccountsNotReconciled": 0}
"""The metric of accounts whose reconciliation is not overdue."""


def wait(clock: Clock, recording_id: str, state: State, hours: float, **fields: Any) -> Recording:
    """Write a row that was last changed the given number of hours ago."""
    with clock.ago(hours=hours):
        return worlds.put(recording_id, state=state, **fields)


def sweep(seconds: float = 300) -> dict[str, int]:
    return app.handler({}, events.context(seconds))


def test_a_pending_row_without_a_fetch_is_requeued(clock: Clock) -> None:
    wait(clock, "r-1", State.PENDING, 2, call_id="c-1")
    assert sweep() == {"pending": 1}
    [message] = worlds.queued(Queue.FETCH)
    assert Recording.model_validate_json(message).call_id == "c-1"


def test_the_event_of_an_unverified_object_is_sent_again(clock: Clock) -> None:
    media = worlds.media(key="media/acme/2026/01/01/r 1.wav")
    wait(clock, "r 1", State.STORED, 2, media=media)
    assert sweep() == {"stored": 1}
    [change] = bucket_events.read(events.record(worlds.queued(Queue.OBJECTS)[0]))
    assert (change.kind, change.key, change.version_id) == (bucket_events.ChangeKind.CREATED, media.key, "v1")


def test_a_row_that_is_not_due_yet_is_left_unchanged(clock: Clock) -> None:
    wait(clock, "r-1", State.PENDING, 0.5)
    assert sweep() == {}


@pytest.mark.parametrize("media", [worlds.media(), None], ids=["audio", "text"])
def test_what_a_reader_deleted_but_s3_did_not_is_deleted_later(
    monkeypatch: pytest.MonkeyPatch, clock: Clock, media: Media | None
) -> None:
    described = Transcript(state=TranscriptState.PENDING)
    row = wait(clock, "r-1", State.VERIFIED, 3, media=media, transcript=described)
    keys = [row.transcript_key(), *([media.key] if media else [])]
    for key in keys:
        clients.s3().put_object(Bucket=settings.get().bucket_name, Key=key, Body=b"x")
    with clock.ago(hours=2), monkeypatch.context() as refusing:
        worlds.fail(refusing, clients.s3(), "delete_object")
        with pytest.raises(UnavailableError):
            edits.delete(worlds.principal(can_delete=True), row)
    assert len(worlds.objects()) == len(keys)
    assert sweep() == {"deleted": 1}
    fetch_queued()
    assert worlds.objects() == []
    clock.forward(hours=100)
    assert sweep() == {}


def test_a_text_that_a_reader_deleted_but_s3_did_not_is_deleted_later(
    monkeypatch: pytest.MonkeyPatch, clock: Clock
) -> None:
    text = TranscriptText(key="", size=1, sha256="00")
    described = Transcript(state=TranscriptState.VERIFIED, text=text)
    row = wait(clock, "r-1", State.VERIFIED, 3, media=worlds.media(), transcript=described)
    clients.s3().put_object(Bucket=settings.get().bucket_name, Key=row.transcript_key(), Body=b"x")
    with clock.ago(hours=2), monkeypatch.context() as refusing:
        worlds.fail(refusing, clients.s3(), "delete_object")
        with pytest.raises(UnavailableError):
            transcripts.delete(worlds.principal(can_delete=True), row)
    assert len(worlds.objects()) == 1
    assert sweep() == {"verified": 1}
    fetch_queued()
    assert worlds.objects() == []
    clock.forward(hours=100)
    assert sweep() == {}


def fetch_queued() -> None:
    """Process the queued messages, each of which must succeed."""
    messages = worlds.queued(Queue.FETCH)
    assert messages
    for message in messages:
        assert not fetch_media.handler(events.sqs(message), events.context(60))["batchItemFailures"]


@pytest.mark.parametrize("state", [State.ABSENT, State.FAILED, State.VERIFIED, State.DELETED])
def test_a_row_in_a_final_state_is_left_unchanged(clock: Clock, state: State) -> None:
    wait(clock, "r-1", state, 1000)
    assert sweep() == {}


def test_a_row_that_has_changed_since_is_left_to_its_new_state(monkeypatch: pytest.MonkeyPatch, clock: Clock) -> None:
    waits = wait(clock, "r-1", State.PENDING, 2)
    item = rows.write(waits.model_copy(update={"state": State.VERIFIED}))
    monkeypatch.setattr(queries, "items", lambda keys: [item] * len(keys))
    assert sweep() == {}


def test_the_gaps_between_sweeps_of_a_row_grow(clock: Clock) -> None:
    wait(clock, "r-1", State.PENDING, 2)
    sweep()
    assert sweep() == {}
    now = times.now()
    found = []
    for hours in (1, 2, 5, 6, 13, 14, 29, 30, 61, 62, 93, 94):
        clock.stop(now + timedelta(hours=hours, minutes=1))
        found += [hours] if sweep() else []
    assert found == [2, 6, 14, 30, 62, 94]


def test_two_concurrent_runs_requeue_a_row_once(monkeypatch: pytest.MonkeyPatch, clock: Clock) -> None:
    wait(clock, "r-1", State.PENDING, 2)
    at_once(monkeypatch)
    assert sweep() == {}
    assert len(worlds.queued(Queue.FETCH)) == 1


def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have another run do everything after the next one has read its first rows."""
    items = queries.items

    def items_while_another_sweeps(keys: list[dict[str, Any]]) -> list[dict[str, Any]]:
        found = items(keys)
        if found:
            monkeypatch.setattr(queries, "items", items)
            sweep()
        return found

    monkeypatch.setattr(queries, "items", items_while_another_sweeps)


def test_a_run_ends_in_time_and_the_next_one_continues(clock: Clock) -> None:
    wait(clock, "r-1", State.PENDING, 2)
    assert sweep(seconds=app.SPARE_SECONDS - 1) == {}
    assert sweep() == {"pending": 1}


def test_a_queue_that_fails_leaves_the_row_for_a_later_run(clock: Clock) -> None:
    wait(clock, "r-1", State.PENDING, 2)
    url = settings.get().fetch_queue_url
    clients.sqs().delete_queue(QueueUrl=url)
    assert sweep() == {"unavailable": 1}
    clients.sqs().create_queue(QueueName="callvault-fetch")
    clock.forward(hours=3)
    assert sweep() == {"pending": 1}
    assert len(worlds.queued(Queue.FETCH)) == 1


def test_a_table_that_fails_leaves_all_rows_for_a_later_run(monkeypatch: pytest.MonkeyPatch, clock: Clock) -> None:
    wait(clock, "r-1", State.PENDING, 2)
    with monkeypatch.context() as broken:
        broken.setattr(queries, "MAX_ATTEMPTS", 0)
        assert sweep() == {"unavailable": 1}
    assert sweep() == {"pending": 1}


def test_rows_that_cannot_be_read_do_not_block_those_behind_them(
    monkeypatch: pytest.MonkeyPatch, clock: Clock, capsys: pytest.CaptureFixture[str]
) -> None:
    for number in range(30):
        poison = rows.write(wait(clock, f"p-{number}", State.PENDING, 4)) | {"state": {"S": "of next year"}}
        clients.dynamodb().put_item(TableName=settings.get().table_name, Item=poison)
    wait(clock, "r-1", State.PENDING, 2)
    monkeypatch.setattr(queries, "MAX_KEYS", 2)
    assert sweep() == {"unreadable": 30, "pending": 1}
    assert metrics(capsys)["UnreadableRows"] == 30


def metrics(capsys: pytest.CaptureFixture[str]) -> dict[str, float]:
    """Return the numbers that the last run published."""
    [line] = [json.loads(line) for line in capsys.readouterr().out.splitlines() if '"_aws"' in line]
    [directive] = line["_aws"]["CloudWatchMetrics"]
    assert (directive["Namespace"], directive["Dimensions"]) == ("Callvault/callvault", [["service"]])
    return {metric["Name"]: sum(line[metric["Name"]]) for metric in directive["Metrics"]}


# ---- announced rows ------------------------------------------------------------------------------


NONE = {"refused": 0, "ignored": 0, "unreconciled": 0}


@pytest.fixture
def standin(standin: Standin) -> Standin:
    """Give the account credentials for Basic, so that the stand-in gets no request for a token."""
    worlds.put_account(api=worlds.basic_api(standin))
    return standin


def announce(clock: Clock, recording_id: str = "r-1", hours: float = 7, **fields: Any) -> Recording:
    return wait(clock, recording_id, State.ANNOUNCED, hours, **{"call_id": "c-1"} | fields)


def path(recording_id: str = "r-1") -> str:
    return f"/api/v2/accounts/9900000/calls/c-1/recordings/{recording_id}"


def resource(recording_id: str = "r-1", **changes: Any) -> Reply:
    content = {"recordingId": recording_id, "callId": "c-1", "status": "complete", "duration": "PT2S", **changes}
    return Reply(body=json.dumps(content).encode())


UNKNOWN = Reply(status=404, body=b'{"type":"validation","description":"not found","id":null}')


@pytest.mark.loopback
def test_an_announced_row_whose_media_exists_now_is_queued(
    clock: Clock, standin: Standin, capsys: pytest.CaptureFixture[str]
) -> None:
    announce(clock)
    standin.serve(path(), resource())
    assert sweep() == {"announced": 1, "settled": 1}
    [message] = worlds.queued(Queue.FETCH)
    assert Recording.model_validate_json(message).duration_ms == 2000
    assert (worlds.row().state, worlds.row().duration_ms) == (State.PENDING, 2000)
    assert worlds.history() == ["callback", "swept", "looked up pending"]
    told = metrics(capsys)
    assert (told["AnnouncedWaiting"], told["PendingWaiting"], told["Settled"]) == (1, 0, 1)


@pytest.mark.loopback
def test_an_announced_row_that_its_provider_no_longer_knows_is_absent(clock: Clock, standin: Standin) -> None:
    announce(clock)
    standin.serve(path(), UNKNOWN)
    assert sweep() == {"announced": 1, "settled": 1}
    assert (worlds.row().state, worlds.row().reason) == (State.ABSENT, "unknown")
    assert worlds.queued(Queue.FETCH) == []


@pytest.mark.loopback
@pytest.mark.parametrize("reply", [UNKNOWN, resource(status="deleted", duration=None)], ids=["unknown", "deleted"])
@pytest.mark.parametrize(("duration", "expired"), [(20_000, None), (None, -1), (20_000, 100)])
def test_a_recording_that_its_provider_deleted_before_it_was_fetched_is_failed(
    clock: Clock,
    standin: Standin,
    caplog: pytest.LogCaptureFixture,
    published: Any,
    *,
    reply: Reply,
    duration: int | None,
    expired: int | None,
) -> None:
    expiry = None if expired is None else times.now() + timedelta(hours=expired)
    announce(clock, hours=31 * 24, duration_ms=duration, source_expires_time=expiry)
    standin.serve(path(), reply)
    assert sweep() == {"announced": 1, "settled": 1}
    clock.forward(hours=0.1)
    fetch_queued()
    assert (worlds.row().state, worlds.row().reason) == (State.FAILED, "gone")
    assert [kind for kind, _ in published()] == ["RecordingFailed"]
    assert alarm_messages.RECORDING_FAILED in caplog.messages


@pytest.mark.loopback
def test_a_new_row_that_its_provider_does_not_know_yet_stays_announced(clock: Clock, standin: Standin) -> None:
    announce(clock, hours=2, source_expires_time=times.now() + timedelta(days=1))
    standin.serve(path(), UNKNOWN)
    assert sweep() == {"announced": 1, "expiring": 1}
    assert worlds.row().state is State.ANNOUNCED
    assert len(standin.asked) == 1


@pytest.mark.loopback
def test_a_status_that_is_not_known_is_kept_and_the_next_one_replaces_it(clock: Clock, standin: Standin) -> None:
    announce(clock, extra={"applicationId": "app-1"})
    for status in ("levitating", "hovering"):
        standin.serve(path(), resource(status=status))
        assert sweep() == {"announced": 1}
        assert worlds.row().extra == {"applicationId": "app-1", "status": status}
        clock.forward(hours=49)
    assert worlds.history() == ["callback", "swept", "swept"]


@pytest.mark.loopback
@pytest.mark.parametrize(
    "reply", [resource(status="processing"), Reply(status=503), Reply(status=401), Reply(status=404)]
)
def test_an_announced_row_without_an_update_waits_longer_for_its_next_sweep(
    clock: Clock, standin: Standin, reply: Reply
) -> None:
    announce(clock)
    standin.serve(path(), reply)
    sweep()
    assert worlds.row().state is State.ANNOUNCED
    due_time = due.due_time(worlds.row())
    assert due_time is not None
    assert due_time - times.now() > timedelta(hours=11)


@pytest.mark.loopback
@pytest.mark.parametrize("reply", [resource(status="processing"), Reply(status=503), Reply(status=404)])
def test_a_provider_that_has_not_answered_for_days_is_counted(
    clock: Clock, standin: Standin, capsys: pytest.CaptureFixture[str], reply: Reply
) -> None:
    for name, hours in [("r-1", 71), ("r-2", 73), ("r-3", 239), ("r-4", 241)]:
        announce(clock, name, hours=hours)
        standin.serve(path(name), reply)
    sweep()
    sweep()  # after three failures, an account is left to the next run
    told = [line for line in capsys.readouterr().out.splitlines() if '"_aws"' in line]
    assert sum(json.loads(line)["UnansweredRecordings"][0] for line in told) == 2


@pytest.mark.loopback
def test_a_provider_that_answers_after_days_is_not_counted(clock: Clock, standin: Standin) -> None:
    announce(clock, hours=100)
    standin.serve(path(), resource())
    assert sweep() == {"announced": 1, "settled": 1}


@pytest.mark.parametrize("fields", [{"api": None}, {"provider": "twilio"}], ids=["no api", "other provider"])
def test_a_recording_that_cannot_be_looked_up_is_warned_of_twice_and_then_no_more(
    clock: Clock, caplog: pytest.LogCaptureFixture, fields: dict[str, Any]
) -> None:
    worlds.put_account(**fields)
    announce(clock, "unnamed-1", hours=1)
    start, warned = times.now(), []
    for hours in range(0, 24 * 60, 6):
        clock.stop(start + timedelta(hours=hours, minutes=1))
        caplog.clear()
        sweep()
        warned += [hours] if alarm_messages.RECORDING_UNANSWERED in caplog.messages else []
    assert [hours // 24 for hours in warned] == [3, 7]
    assert worlds.row("unnamed-1").state is State.ANNOUNCED


@pytest.mark.loopback
def test_only_rows_of_the_accounts_provider_are_looked_up(clock: Clock, standin: Standin) -> None:
    for number in range(reconciliation.MAX_FAILURES + 1):
        announce(clock, f"other-{number}", hours=8, provider="twilio")
    announce(clock)
    standin.serve(path(), resource())
    standin.otherwise = Reply(status=404, body=UNKNOWN.body)
    assert sweep() == {"announced": 5, "unavailable": 4, "settled": 1}
    assert (worlds.row("other-0").state, worlds.row().state) == (State.ANNOUNCED, State.PENDING)
    assert len(standin.asked) == 1


@pytest.mark.parametrize(("hours", "unanswered"), [(71, False), (73, True), (241, False)])
def test_a_transcription_that_has_not_come_for_days_is_counted(clock: Clock, hours: float, *, unanswered: bool) -> None:
    worlds.put_account(api=None)
    with clock.ago(hours=1000):
        row = worlds.put(state=State.VERIFIED, call_id="c-1", media=worlds.media())
    with clock.ago(hours=hours):
        requested = Transcript(state=TranscriptState.REQUESTED)
        table.edit(row, "transcription requested by ops", transcript=requested)
    assert ("unanswered" in sweep()) is unanswered


def keep_part(clock: Clock, hours: float = 7) -> Recording:
    """Write the row of a partial recording that was verified the given number of hours ago."""
    expiry = times.now() + timedelta(days=25)
    media = worlds.media(partial=True, codec="pcm")
    return wait(
        clock, "r-1", State.VERIFIED, hours, partial=True, media=media, call_id="c-1", source_expires_time=expiry
    )


@pytest.mark.loopback
def test_the_rest_of_a_partial_recording_is_fetched_although_its_callback_was_lost(
    clock: Clock, standin: Standin
) -> None:
    keep_part(clock)
    standin.serve(path(), resource())
    assert sweep()["settled"] == 1
    [message] = worlds.queued(Queue.FETCH)
    assert not Recording.model_validate_json(message).partial
    assert (worlds.row().state, worlds.row().partial) == (State.PENDING, False)


@pytest.mark.loopback
@pytest.mark.parametrize(
    "reply", [resource(status="partial"), resource(status="processing"), resource(status="error"), UNKNOWN]
)
def test_a_partial_recording_without_a_rest_stays_and_is_asked_about_less_often(
    clock: Clock, standin: Standin, reply: Reply
) -> None:
    kept = keep_part(clock)
    standin.serve(path(), reply)
    for hours in (0, 11, 1, 23, 1):
        clock.forward(hours=hours)
        sweep()
    row = worlds.row()
    assert (row.state, row.partial, row.media) == (State.VERIFIED, True, kept.media)
    assert len(standin.asked) == 3
    assert worlds.queued(Queue.FETCH) == []


@pytest.mark.loopback
@pytest.mark.parametrize(("hours", "unanswered"), [(71, False), (73, True), (241, False)])
def test_a_rest_that_has_not_come_for_days_is_counted(
    clock: Clock, standin: Standin, hours: float, *, unanswered: bool
) -> None:
    keep_part(clock, hours)
    standin.serve(path(), resource(status="partial"))
    assert ("unanswered" in sweep()) is unanswered


@pytest.mark.loopback
def test_two_concurrent_runs_send_one_request_to_the_provider(
    monkeypatch: pytest.MonkeyPatch, clock: Clock, standin: Standin
) -> None:
    announce(clock)
    standin.serve(path(), resource())
    at_once(monkeypatch)
    assert sweep() == {}
    assert len(standin.asked) == 1
    assert len(worlds.queued(Queue.FETCH)) == 1


@pytest.mark.loopback
def test_an_account_that_fails_is_requested_three_times_and_does_not_delay_others(
    clock: Clock, standin: Standin
) -> None:
    standin.otherwise = Reply(status=503)
    for number in range(10):
        announce(clock, f"r-{number}", hours=9)
    worlds.put_account("other", api=worlds.basic_api(standin))
    announce(clock, "x-1", account_id="other")
    standin.serve(path("x-1"), resource("x-1"))
    assert sweep() == {"announced": 4, "unavailable": 3, "settled": 1}
    assert worlds.row("x-1", "other").state is State.PENDING
    assert len(standin.asked) == 4
    assert sweep() == {"announced": 3, "unavailable": 3}


@pytest.mark.loopback
def test_a_slow_account_leaves_the_rest_to_the_next_run(
    monkeypatch: pytest.MonkeyPatch, clock: Clock, standin: Standin
) -> None:
    monkeypatch.setattr(reconciliation, "MAX_SECONDS", 0)
    for number in range(3):
        announce(clock, f"r-{number}")
        standin.serve(path(f"r-{number}"), resource(f"r-{number}"))
    assert [sweep()["settled"] for _ in range(3)] == [1, 1, 1]


@pytest.mark.loopback
def test_a_run_looks_up_a_limited_number_of_rows_of_an_account(
    monkeypatch: pytest.MonkeyPatch, clock: Clock, standin: Standin
) -> None:
    monkeypatch.setattr(reconciliation, "MAX_ROWS", 2)
    for number in range(3):
        announce(clock, f"r-{number}")
        standin.serve(path(f"r-{number}"), resource(f"r-{number}"))
    assert [sweep()["settled"] for _ in range(2)] == [2, 1]


@pytest.mark.loopback
def test_no_provider_is_requested_when_time_is_short(clock: Clock, standin: Standin) -> None:
    announce(clock)
    assert sweep(seconds=reconciliation.MAX_LOOK_UP_SECONDS) == {}
    assert standin.asked == []


@pytest.mark.parametrize(
    ("parameter", "message"),
    [
        (None, "Announced recordings belong to a missing account"),
        ({"readers": 7}, alarm_messages.ACCOUNT_INVALID),
        ({"provider": "pigeon"}, alarm_messages.ACCOUNT_INVALID),
        ({}, "A row could not be reconciled"),
    ],
)
def test_an_unusable_account_is_logged_once_and_its_rows_stay_announced(
    clock: Clock, caplog: pytest.LogCaptureFixture, parameter: dict[str, Any] | None, message: str
) -> None:
    if parameter is not None:
        worlds.put_account("acme", **parameter)
    for number in range(5):
        announce(clock, f"r-{number}")
    assert sweep()["announced"] >= 4
    assert [record.message for record in caplog.records].count(message) == 1
    assert sweep() == {}
    assert {worlds.row(f"r-{number}").state for number in range(5)} == {State.ANNOUNCED}


def test_a_recording_without_a_url_stays_announced(clock: Clock) -> None:
    worlds.put_account("acme", api={"origin": "https://api.example.com", "username": "u", "password": "p"})
    announce(clock, call_id=None)
    assert sweep() == {"announced": 1}


# ---- recordings that expire at the provider ------------------------------------------------------


def test_a_failed_row_is_tried_once_more_before_its_provider_deletes_it(
    clock: Clock, capsys: pytest.CaptureFixture[str]
) -> None:
    expiry = times.now() + timedelta(hours=71)
    wait(clock, "r-1", State.FAILED, 100, reason="http_401", source_expires_time=expiry)
    assert sweep() == {"failed": 1, "expiring": 1}
    assert metrics(capsys)["ExpiringRecordings"] == 1
    assert (worlds.row().state, worlds.row().reason) == (State.PENDING, None)
    assert len(worlds.queued(Queue.FETCH)) == 1
    table.put(worlds.row().model_copy(update={"state": State.FAILED, "reason": "http_401"}), "failed http_401")
    assert sweep() == {}
    now = times.now()
    for hours in (1, 2, 40, 69):
        clock.stop(now + timedelta(hours=hours, minutes=5))
        assert sweep() == {"failed": 1, "expiring": 1}
        assert worlds.row().state is State.FAILED
    assert len(worlds.queued(Queue.FETCH)) == 1
    clock.stop(expiry + timedelta(minutes=1))
    assert sweep() == {"failed": 1}
    assert due.due_time(worlds.row()) is None
    clock.stop(expiry + timedelta(days=30))
    assert sweep() == {}


def test_a_failed_row_is_left_unchanged_before_that(clock: Clock) -> None:
    wait(clock, "r-1", State.FAILED, 100, source_expires_time=times.now() + timedelta(hours=73))
    assert sweep() == {}


def test_a_pending_row_that_expires_soon_is_queued_every_hour(clock: Clock) -> None:
    wait(clock, "r-1", State.PENDING, 2, source_expires_time=times.now() + timedelta(hours=10))
    assert sweep() == {"pending": 1, "expiring": 1}
    now = times.now()
    for hours in range(1, 7):
        clock.stop(now + timedelta(hours=hours, minutes=hours))
        assert sweep() == {"pending": 1, "expiring": 1}
    assert len(worlds.row().history) == 1 + due.MAX_DOUBLINGS


# ---- silent accounts -----------------------------------------------------------------------------


def test_an_account_that_usually_has_recordings_and_has_none_now_is_logged(
    capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    now = times.now()
    for name, newest in {"busy": 0.5, "silent": 5, "idle": 24 * 20}.items():
        worlds.put_account(name)
        for hours in (newest, *(24 * 7 * week + newest - number / 100 for week in (1, 2) for number in range(1, 12))):
            known = {"account_id": name, "recording_id": f"{hours}", "provider": "bandwidth", "state": State.VERIFIED}
            start = now - timedelta(hours=hours)
            table.put(Recording.model_validate(known | {"start_time": start}), "callback")
    worlds.put_account("new", readers=7)
    assert app.handler({"look_at": "accounts"}, events.context()) == {"accounts": 4, "silent": 1} | NONE
    assert metrics(capsys) == {"SilentAccounts": 1, "RefusedAccounts": 0, "IgnoredAccounts": 0, **DONE}
    told = [record for record in caplog.records if record.message == alarm_messages.ACCOUNT_SILENT]
    assert [vars(record)["account"] for record in told] == ["silent"]


def test_accounts_are_checked_until_the_time_is_used_up(
    capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    worlds.put_account("acme")
    seconds = app.SPARE_SECONDS - 1
    assert app.handler({"look_at": "accounts"}, events.context(seconds)) == {"accounts": 0, "silent": 0} | NONE
    assert metrics(capsys) == {"SilentAccounts": 0, "RefusedAccounts": 0, "IgnoredAccounts": 0, **DONE}
    assert "Not every account could be checked in time" in caplog.messages


@pytest.mark.parametrize("waiting", [TranscriptState.REQUESTED, TranscriptState.ANNOUNCED])
def test_a_failed_recording_gets_its_last_attempt_while_its_transcript_waits(waiting: TranscriptState) -> None:
    expires = times.now() + timedelta(hours=70)
    with pytest.MonkeyPatch.context() as monkeypatch, worlds.Clock(monkeypatch).ago(hours=9):
        transcript = Transcript(state=waiting, source_expires_time=expires)
        worlds.put(state=State.FAILED, reason="gone", source_expires_time=expires, transcript=transcript)
    app.handler({}, events.context(300))
    assert (worlds.row().state, worlds.history()[-1]) == (State.PENDING, due.LAST_ATTEMPT)


def test_a_failed_transcript_gets_its_last_attempt_while_its_recording_is_announced() -> None:
    expires = times.now() + timedelta(hours=70)
    with pytest.MonkeyPatch.context() as monkeypatch, worlds.Clock(monkeypatch).ago(hours=9):
        transcript = Transcript(state=TranscriptState.FAILED, reason="gone", source_expires_time=expires)
        worlds.put(state=State.ANNOUNCED, transcript=transcript)
    app.handler({}, events.context(300))
    found = worlds.row().transcript
    assert found is not None
    assert (found.state, worlds.history()[-1]) == (TranscriptState.PENDING, due.LAST_TRANSCRIPT_ATTEMPT)


def test_a_failed_recording_with_an_earlier_copy_gets_its_last_attempt() -> None:
    expires = times.now() + timedelta(hours=70)
    with pytest.MonkeyPatch.context() as monkeypatch, worlds.Clock(monkeypatch).ago(hours=9):
        worlds.put(state=State.FAILED, reason="corrupt", source_expires_time=expires, media=worlds.media())
    app.handler({}, events.context(300))
    assert (worlds.row().state, worlds.history()[-1]) == (State.PENDING, due.LAST_ATTEMPT)
