"""Waiting in the table: what a failed fetch leaves behind, and how the sweep goes on with it."""

import functools
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from callvault import clients, times
from callvault.ingest import intake, outages, reopening
from callvault.messaging import fetch_requests, next_attempts
from callvault.messaging.queues import Queue
from callvault.models import Recording, State
from callvault.storage import breaker, breakers, due, pace, paces, table
from callvault.storage.breaker import Breaker
from callvault.transcript import Transcript, TranscriptState
from callvault.upkeep import plan
from callvault.upkeep.reconcile import intake as reconciled
from callvault.upkeep.reconcile.steps import Step
from callvault.values import Attempt
from functions.fetch_media import app
from functions.sweep_recordings import app as sweep_app
from tests import worlds
from tests.integration import events
from tests.integration.fetching import AUDIO, PATH, WAV, fetch, recording
from tests.worlds import Clock
from tools.local.faults.replies import Reply
from tools.local.providers.standins import Standin

pytestmark = pytest.mark.loopback

MINUTE = timedelta(minutes=1)
DOWN = Reply(status=503)
OK = Reply(body=WAV, headers=AUDIO)


@pytest.fixture(autouse=True)
def uncached(monkeypatch: pytest.MonkeyPatch) -> None:
    """Read every breaker and pace from the table, because the tests move the clock."""
    monkeypatch.setattr(breakers, "CACHE_SECONDS", 0)
    monkeypatch.setattr(paces, "CACHE_SECONDS", 0)


def sweep() -> dict[str, int]:
    return sweep_app.handler({}, events.context(300))


def attempt(recording_id: str = "r-1") -> Attempt:
    found = worlds.row(recording_id).attempt
    assert found is not None
    return found


def fetch_queued() -> list[bool]:
    """Process each queued message once, and say whether it is done with."""
    done = []
    for body in worlds.queued(Queue.FETCH):
        since = times.now().timestamp()
        answer = app.handler(events.sqs(body, since=since), events.context(60))
        done.append(not answer["batchItemFailures"])
    worlds.empty(Queue.FETCH)
    return done


def use_up(received: int = 4) -> Attempt:
    """Make the attempts of one message fail, and return what the row says."""
    assert fetch(recording(), received=received, since=times.now().timestamp())
    return attempt()


# ---- the table waits -----------------------------------------------------------------------------


def test_after_the_short_gaps_the_message_is_done_with_and_the_row_waits(standin: Standin, clock: Clock) -> None:
    clock.stop(times.now())
    standin.serve(PATH, Reply(status=404))
    assert [fetch(recording(), received=number) for number in (1, 2, 3)] == [False, False, False]
    waits = use_up()
    assert (waits.count, waits.reason, waits.in_table) == (4, "http_404", True)
    assert waits.next_time is not None
    assert times.now() + 10 * MINUTE <= waits.next_time <= times.now() + 12 * MINUTE
    assert due.due_time(worlds.row()) == waits.next_time


def test_a_row_that_cannot_be_written_leaves_the_message_in_the_queue(
    standin: Standin, monkeypatch: pytest.MonkeyPatch
) -> None:
    update = worlds.put(call_id="c-1", format="wav", duration_ms=2000)
    standin.serve(PATH, DOWN)
    worlds.fail(monkeypatch, clients.dynamodb(), "put_item")
    assert not fetch(update, received=4)


def test_the_sweep_queues_the_attempt_when_it_is_due_and_not_before(standin: Standin, clock: Clock) -> None:
    clock.stop(times.now())
    standin.serve(PATH, Reply(status=404))
    waits = use_up()
    assert waits.next_time is not None
    clock.stop(waits.next_time - timedelta(seconds=1))
    assert sweep() == {}
    clock.stop(waits.next_time)
    assert sweep() == {"pending": 1}
    assert sweep() == {}
    [body] = worlds.queued(Queue.FETCH)
    assert fetch_requests.is_single(events.record(body))
    assert fetch_queued() == [True]
    assert (attempt().count, attempt().in_table, attempt().first_time) == (5, True, waits.first_time)
    assert timedelta(hours=1) <= (attempt().next_time or times.now()) - times.now() <= timedelta(hours=1.2)


def test_a_message_of_the_sweep_that_was_lost_is_sent_again_after_an_hour(standin: Standin, clock: Clock) -> None:
    clock.stop(times.now())
    standin.serve(PATH, Reply(status=404))
    clock.stop(use_up().next_time or times.now())
    assert sweep() == {"pending": 1}
    worlds.empty(Queue.FETCH)
    clock.forward(minutes=59)
    assert sweep() == {}
    clock.forward(minutes=2)
    assert sweep() == {"pending": 1}


def test_a_recording_is_given_up_a_day_after_its_first_attempt(standin: Standin, clock: Clock) -> None:
    began = times.now()
    clock.stop(began)
    standin.serve(PATH, Reply(status=404))
    use_up()
    attempts = 4
    while worlds.row().state is State.PENDING:
        clock.stop(attempt().next_time or times.now())
        assert sweep() == {"pending": 1}
        assert fetch_queued() == [True]
        attempts += 1
    assert (worlds.row().state, worlds.row().reason) == (State.FAILED, "http_404")
    assert times.now() - began >= next_attempts.GIVE_UP_AFTER
    assert attempts == 4 + 2 + 4  # after 10 minutes and an hour, then every six hours and some


def test_a_row_of_an_older_release_is_given_up_a_day_after_it_became_pending(standin: Standin, clock: Clock) -> None:
    standin.serve(PATH, Reply(status=404))
    with clock.ago(hours=25):
        row = worlds.put(call_id="c-1", format="wav", duration_ms=2000)
    table.note(row, attempt=Attempt(count=7, reason="http_404", next_time=times.now() - timedelta(hours=2)))
    assert sweep() == {"pending": 1}
    assert fetch_queued() == [True]
    assert (worlds.row().state, worlds.row().reason) == (State.FAILED, "http_404")


def test_a_message_that_an_older_release_left_hidden_ends_in_the_table(standin: Standin, clock: Clock) -> None:
    began = times.now() - timedelta(hours=6)
    row = worlds.put(call_id="c-1", format="wav", duration_ms=2000)
    table.note(row, attempt=Attempt(count=5, reason="http_404", next_time=times.now() + timedelta(hours=1)))
    standin.serve(PATH, Reply(status=404))
    assert sweep() == {}
    assert fetch(worlds.row(), received=6, since=began.timestamp())
    assert (attempt().count, attempt().in_table) == (6, True)
    assert attempt().first_time == began


def test_a_retry_begins_the_day_anew(standin: Standin, clock: Clock) -> None:
    standin.serve(PATH, Reply(status=404))
    with clock.ago(hours=30):
        row = worlds.put(call_id="c-1", format="wav", duration_ms=2000)
    first = times.now() - timedelta(hours=30)
    row = table.note(row, attempt=Attempt(count=9, reason="http_404", first_time=first, in_table=True))
    assert table.edit(row, "hurried by alice") is not None
    assert fetch(recording(), received=4, since=times.now().timestamp())
    assert worlds.row().state is State.PENDING


def test_audio_is_doubted_for_an_hour_after_the_first_attempt_only(standin: Standin, clock: Clock) -> None:
    row = worlds.put(call_id="c-1", format="wav", duration_ms=9000)
    standin.serve(PATH, OK)
    assert not fetch(recording(duration_ms=9000))
    first = times.now() - timedelta(hours=2)
    table.note(worlds.row(), attempt=Attempt(count=4, reason="short_body", first_time=first, in_table=True))
    assert fetch(row, since=times.now().timestamp())
    assert worlds.row().state is State.STORED


@pytest.mark.parametrize("source", ["callback", "looked up", "reconcile"])
def test_nothing_queues_a_recording_whose_last_attempt_is_younger_than_its_gap(
    standin: Standin, clock: Clock, source: str
) -> None:
    clock.stop(times.now())
    standin.serve(PATH, Reply(status=404))
    waits = use_up()
    intake.record(recording(), source)
    assert worlds.queued(Queue.FETCH) == []
    clock.stop(waits.next_time or times.now())
    intake.record(recording(), source)
    assert len(worlds.queued(Queue.FETCH)) == 1


def test_a_reconciliation_queues_no_recording_whose_next_attempt_is_not_due(clock: Clock) -> None:
    clock.stop(times.now())
    soon = times.now() + MINUTE
    row = table.note(worlds.put(), attempt=Attempt(count=4, reason="http_404", next_time=soon, in_table=True))
    reconciled.bring(Step.REQUEUE, row, recording())
    assert worlds.queued(Queue.FETCH) == []
    clock.stop(soon)
    reconciled.bring(Step.REQUEUE, row, recording())
    assert len(worlds.queued(Queue.FETCH)) == 1
    assert sweep() == {}


def test_a_transcript_waits_in_the_table_like_audio(standin: Standin, clock: Clock) -> None:
    clock.stop(times.now())
    wanted = Transcript(state=TranscriptState.PENDING, transcription_id="t-1")
    row = worlds.put(call_id="c-1", state=State.VERIFIED, media=worlds.media(), transcript=wanted)
    standin.otherwise = Reply(status=404)
    fetch_requests.send_transcript(row)
    [body] = worlds.queued(Queue.FETCH)
    worlds.empty(Queue.FETCH)
    assert not app.handler(events.sqs(body, received=4), events.context(60))["batchItemFailures"]
    found = worlds.row().transcript
    assert found is not None
    assert found.attempt is not None
    assert (found.attempt.in_table, found.attempt.reason) == (True, "http_404")
    intake.record(row.model_copy(update={"state": State.ANNOUNCED}))
    assert worlds.queued(Queue.FETCH) == []
    clock.stop(found.attempt.next_time or times.now())
    assert sweep() == {"verified": 1}
    [body] = worlds.queued(Queue.FETCH)
    assert fetch_requests.is_single(events.record(body))
    assert fetch_requests.wants_transcript(events.record(body))


# ---- the circuit breaker -------------------------------------------------------------------------


def known(standin: Standin) -> Breaker | None:
    return breakers.of("acme", standin.origin)


def open_breaker(standin: Standin, number: int = breaker.MAX_FAILURES) -> None:
    """Make fetches of different recordings fail."""
    standin.otherwise = DOWN
    for name in range(number):
        assert fetch(recording(f"down-{name}")) is (name + 1 == breaker.MAX_FAILURES)


def test_five_failures_in_succession_open_the_breaker_and_the_next_fetch_makes_no_request(standin: Standin) -> None:
    open_breaker(standin, 4)
    assert (found := known(standin)) is not None
    assert not found.is_open
    assert fetch(recording("down-4"))  # its row waits for the breaker
    assert attempt("down-4").in_table
    asked = len(standin.asked)
    assert fetch(recording(), since=times.now().timestamp())
    assert len(standin.asked) == asked
    assert (attempt().count, attempt().reason, attempt().in_table) == (0, "http_503", True)
    assert attempt().origin == standin.origin


@pytest.mark.parametrize("reply", [Reply(status=404), Reply(status=410), Reply(body=b"no audio at all", headers=AUDIO)])
def test_failures_of_recordings_are_not_counted(standin: Standin, reply: Reply) -> None:
    standin.otherwise = reply
    for number in range(8):
        fetch(recording(f"r-{number}"))
    assert known(standin) is None


def test_a_success_ends_the_counting(standin: Standin) -> None:
    open_breaker(standin, 4)
    standin.serve(PATH, OK)
    assert fetch(recording())
    assert known(standin) is None
    open_breaker(standin, 4)
    assert (found := known(standin)) is not None
    assert not found.is_open


def test_a_healthy_provider_costs_no_write(standin: Standin, monkeypatch: pytest.MonkeyPatch) -> None:
    standin.serve(PATH, OK)
    for operation in ("delete_item", "update_item"):
        worlds.fail(monkeypatch, clients.dynamodb(), operation)
    assert fetch(recording())
    items = clients.dynamodb().scan(TableName="callvault-recordings")["Items"]
    assert [item["pk"]["S"] for item in items] == ["acme#r-1"]


def test_one_fetch_goes_first_and_its_success_lets_the_others_go(standin: Standin, clock: Clock) -> None:
    clock.stop(times.now())
    open_breaker(standin)
    standin.serve(PATH, DOWN, OK)
    clock.forward(seconds=61)
    asked = len(standin.asked)
    fetch(recording())
    assert len(standin.asked) > asked
    asked = len(standin.asked)
    fetch(recording("other"))
    assert len(standin.asked) == asked
    clock.forward(seconds=61)
    assert fetch(recording())
    assert known(standin) is None
    assert worlds.row().state is State.STORED


def test_the_retry_after_of_one_recording_holds_the_whole_account(standin: Standin, clock: Clock) -> None:
    clock.stop(times.now())
    standin.serve(PATH, Reply(status=429, headers={"retry-after": "900"}))
    assert fetch(recording())
    asked = len(standin.asked)
    assert fetch(recording("other"))
    assert len(standin.asked) == asked
    next_time = attempt("other").next_time
    assert next_time is not None
    assert timedelta(seconds=900) <= next_time - times.now() <= timedelta(seconds=1080)
    worlds.put_account("neighbour", api=worlds.oauth_api(standin))
    fetch(recording("theirs", account_id="neighbour"))
    assert len(standin.asked) > asked


def test_a_recording_that_was_never_attempted_is_not_given_up(standin: Standin) -> None:
    open_breaker(standin)
    assert fetch(recording(), received=10, since=(times.now() - timedelta(hours=30)).timestamp())
    assert (worlds.row().state, attempt().in_table) == (State.PENDING, True)


def test_a_day_after_its_first_attempt_a_recording_is_given_up_although_its_account_is_held(
    standin: Standin, clock: Clock
) -> None:
    clock.stop(times.now())
    standin.otherwise = DOWN
    for received in range(1, breaker.MAX_FAILURES + 1):
        fetch(recording(), received=received, since=times.now().timestamp())
    assert attempt().in_table
    clock.forward(hours=24, minutes=1)
    breakers.fail("acme", standin.origin, "http_503")  # a probe
    asked = len(standin.asked)
    assert sweep() == {"pending": 1}
    assert fetch_queued() == [True]
    assert (worlds.row().state, worlds.row().reason) == (State.FAILED, "http_503")
    assert len(standin.asked) == asked


def test_while_the_breaker_is_open_the_sweep_lets_one_row_go_first_and_the_others_wait(
    standin: Standin, clock: Clock
) -> None:
    clock.stop(times.now())
    open_breaker(standin)
    for number in range(3):
        fetch(recording(f"r-{number}"), received=4, since=times.now().timestamp())
    worlds.empty(Queue.FETCH)
    clock.forward(minutes=13)
    answer = sweep()
    assert (answer["pending"], answer["held"]) == (1, 3)
    held = [row for number in range(3) if (row := worlds.row(f"r-{number}").attempt) and row.in_table]
    assert len(held) in {2, 3}
    assert all(one.next_time and one.next_time >= times.now() + breaker.MIN_HOLD for one in held)


def test_an_origin_that_comes_back_is_fetched_from_at_its_pace(
    standin: Standin, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    slept: list[float] = []
    monkeypatch.setattr(outages, "time", SimpleNamespace(sleep=slept.append))
    clock.stop(times.now())
    open_breaker(standin)
    clock.forward(seconds=61)
    standin.otherwise = OK
    assert fetch(recording())
    assert paces.recovers(standin.origin)
    for number in range(3):
        assert fetch(recording(f"later-{number}"))
    assert slept == [0.0, 0.02, 0.04, 0.06]  # the first one is the probe's
    monkeypatch.setattr(paces, "take", lambda _: None)
    assert not fetch(recording("refused"), since=times.now().timestamp())
    row = worlds.row("refused")
    assert (row.state, row.attempt and row.attempt.reason) == (State.PENDING, "paced")


def test_an_operator_who_hurries_a_recording_does_not_wait_for_the_breaker(standin: Standin, clock: Clock) -> None:
    clock.stop(times.now())
    open_breaker(standin)
    fetch(recording())
    fetch(recording("r-2"))
    standin.otherwise = OK
    for name in ("r-1", "r-2"):
        assert reopening.hurry(worlds.row(name), "alice")
    assert fetch_queued() == [True, True]
    assert {worlds.row(name).state for name in ("r-1", "r-2")} == {State.STORED}


def test_wrong_credentials_that_were_corrected_slow_nobody_down(standin: Standin, clock: Clock) -> None:
    clock.stop(times.now())
    standin.otherwise = Reply(status=403)
    for number in range(breaker.MAX_FAILURES):
        fetch(recording(f"down-{number}"))
    clock.forward(seconds=61)
    standin.otherwise = OK
    assert fetch(recording())
    assert not paces.recovers(standin.origin)


def test_the_sweep_spreads_what_has_waited_and_leaves_the_rest_to_the_next_run(
    clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pace, "PERIOD", timedelta(seconds=3))
    monkeypatch.setattr(plan, "MANY_SECONDS", 3)
    monkeypatch.setenv("RECOVERY_PER_SECOND", "2")
    origin = "https://api.example.com"
    paces.recover(origin)
    put = functools.partial(worlds.put, call_id="c-1", format="wav")
    for number in range(8):
        waits = {"count": 4, "reason": "http_503", "origin": origin, "in_table": True}
        table.note(put(f"r-{number}"), attempt=Attempt(**waits, next_time=times.now()))
    clock.forward(seconds=1)
    sent: list[Any] = []
    send = clients.sqs().send_message_batch

    def noted(**fields: Any) -> Any:
        sent.extend(fields["Entries"])
        return send(**fields)

    monkeypatch.setattr(clients.sqs(), "send_message_batch", noted)
    assert sweep() == {"pending": 6, "left": 2}
    assert sorted(entry["DelaySeconds"] for entry in sent) == [0, 0, 1, 1, 2, 2]
    clock.forward(minutes=14)
    assert paces.recovers(origin)


def test_a_row_is_counted_once_although_its_queue_refuses_a_part_of_a_batch(
    clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    with clock.ago(hours=2):
        for number in range(3):
            worlds.put(f"r-{number}")
    answer = {"Successful": [], "Failed": [{"Id": "1", "Code": "InternalError", "SenderFault": False}]}
    monkeypatch.setattr(clients.sqs(), "send_message_batch", lambda **_: answer)
    assert sweep() == {"pending": 2, "unavailable": 1}


def rows_of(count: int) -> list[Recording]:
    return [worlds.row(f"r-{number}") for number in range(count)]


def test_many_rows_are_requeued_in_one_run(clock: Clock) -> None:
    with clock.ago(hours=2):
        for number in range(230):
            worlds.put(f"r-{number}")
    assert sweep() == {"pending": 230}
    assert worlds.count(Queue.FETCH) == 230
    assert all(row.history[-1].what == due.SWEPT for row in rows_of(230))
