"""The command `backfill`, against a stack in memory and the lists of stand-ins."""

import json
import os
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.client import BaseClient
from botocore.exceptions import EndpointConnectionError

from callvault import clients, settings, times
from callvault.ingest import backfill
from callvault.messaging.queues import Queue
from callvault.models import State
from callvault.storage import breakers, table
from tests import worlds
from tests.unit.tools.ops import stacks
from tools.local.faults.replies import Reply
from tools.local.providers import disturbances, kazoo_lists, standins
from tools.local.providers.bandwidth_lists import BandwidthLists
from tools.local.providers.books import Book, Kept
from tools.local.providers.kazoo_api import API_KEY
from tools.local.providers.kazoo_lists import CrossbarLists
from tools.local.providers.laml_lists import LamlLists
from tools.local.providers.loopback import LoopbackServer
from tools.local.providers.relay_lists import SignalWireLists
from tools.ops import backfill_sending, cli, commands_backfill, missing, stack_settings, stopping

pytestmark = pytest.mark.loopback

PROJECT = "b3877c40-da60-4998-90ad-b792e98472a7"
FIRST = datetime(2026, 9, 1, 9, 30, tzinfo=UTC)
SPAN = "--from 2026-09-01 --to 2026-09-30"
READS = {"DescribeStacks", "GetParameter", "BatchGetItem"}
"""The AWS operations that change nothing."""


def kept(number: int, *, status: str = "completed", days: int = 0, **fields: Any) -> Kept:
    known: dict[str, Any] = {"call_id": f"c-{number}", "seconds": 60, "status": status} | fields
    return Kept(recording_id=f"r-{number}", time=FIRST + timedelta(days=days, minutes=number), **known)


@pytest.fixture
def provider() -> Iterator[BandwidthLists]:
    """Run Bandwidth with a book of four recordings that can be fetched and one that cannot."""
    book = Book()
    book.add([kept(1), kept(2, channels=2), kept(3, days=29), kept(4, conference_id="f-4"), kept(5, status="absent")])
    with BandwidthLists("9900000", book) as running:
        yield running


@pytest.fixture(autouse=True)
def stack(monkeypatch: pytest.MonkeyPatch, template: dict[str, Any], provider: BandwidthLists) -> None:
    """Create the stack and its accounts, and let nothing wait for long."""
    worlds.put_account("a1", api=worlds.oauth_api(provider))
    worlds.put_account("without-api")
    worlds.put_account("of-telnyx", "telnyx")
    stacks.create(monkeypatch, template)
    stack_settings.load("callvault")  # for what the tests write themselves
    monkeypatch.setattr(backfill_sending, "POLL_SECONDS", 0.01)
    monkeypatch.setattr(backfill_sending, "STALLED_SECONDS", 0.05)
    monkeypatch.setattr(backfill_sending, "RETRY_SECONDS", 0.01)
    monkeypatch.setattr(backfill_sending, "CHECK_SECONDS", 0.01)
    provider.asked.clear()


@pytest.fixture
def called(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """Count the AWS operations that are called."""
    counted: Counter[str] = Counter()
    base: Any = BaseClient
    call = base._make_api_call

    def count(client: BaseClient, operation: str, parameters: Any) -> Any:
        counted.update([operation])
        return call(client, operation, parameters)

    monkeypatch.setattr(BaseClient, "_make_api_call", count)
    return counted


def run(capsys: pytest.CaptureFixture[str], line: str, expected: int = 0) -> dict[str, Any]:
    """Run the command with --json and return its document."""
    capsys.readouterr()
    status = cli.main(["backfill", *line.split(), "--json"])
    out, err = capsys.readouterr()
    assert status == expected, err
    found: dict[str, Any] = json.loads(out)
    return found


def refused(capsys: pytest.CaptureFixture[str], line: str, expected: int = 2) -> str:
    """Run the command, which fails, and return what it says."""
    capsys.readouterr()
    status = cli.main(["backfill", *line.split()])
    out, err = capsys.readouterr()
    assert (status, out) == (expected, "")
    return err


def row(number: int) -> Any:
    return table.get("a1", f"r-{number}")


def put(number: int, state: State, **fields: Any) -> None:
    worlds.put(f"r-{number}", account_id="a1", state=state, **fields)


# ---- without --yes ------------------------------------------------------------------------------


def test_a_dry_run_writes_nothing_and_asks_the_provider_for_lists_only(
    capsys: pytest.CaptureFixture[str], provider: BandwidthLists, called: Counter[str]
) -> None:
    found = run(capsys, f"--account a1 {SPAN}")
    assert (found["dry_run"], found["missing"], found["sent"]) == (True, 4, None)
    assert called.keys() == READS
    paths = {one.path.partition("?")[0] for one in provider.asked}
    lists = "/api/v2/accounts/9900000/"
    assert paths == {
        standins.TOKEN_PATH,
        f"{lists}recordings",
        f"{lists}conferences",
        f"{lists}conferences/f-4/recordings",
    }
    assert [row(number) for number in range(6)] == [None] * 6
    assert [worlds.count(queue) for queue in Queue] == [0] * len(Queue)


def test_a_dry_run_counts_what_became_of_the_listed_recordings(
    capsys: pytest.CaptureFixture[str], provider: BandwidthLists
) -> None:
    provider.book.add(kept(number) for number in range(10, 17))
    put(1, State.VERIFIED, media=worlds.media())
    put(2, State.PENDING)
    put(10, State.ANNOUNCED)
    put(11, State.FAILED, reason="not_audio")
    put(12, State.FAILED, reason="http_410")
    put(13, State.DELETED)
    put(14, State.ABSENT, reason="no_audio")
    clients.dynamodb().put_item(
        TableName=settings.get().table_name, Item=clients.to_item({"pk": "a1#r-15", "state": "nonsense"})
    )
    found = run(capsys, f"--account a1 {SPAN}")
    names = ("listed", "stored", "pending", "missing", "failed", "gone", "absent", "unreadable")
    assert [found[name] for name in names] == [12, 1, 2, 3, 1, 2, 2, 1]
    assert found["failed_by"] == {"not_audio": 1}
    assert (found["seconds_listed"], found["seconds_missing"]) == (720, 180)


def test_the_bytes_are_estimated_by_format_and_channels(capsys: pytest.CaptureFixture[str]) -> None:
    found = run(capsys, f"--account a1 {SPAN} --rate 2")
    sizes = [(one["format"], one["channels"], one["recordings"], one["bytes"]) for one in found["sizes"]]
    assert sizes == [("wav", 1, 3, 3 * 60 * 16_000), ("wav", 2, 1, 60 * 32_000)]
    assert found["bytes_missing"] == 5 * 60 * 16_000
    assert found["minutes"] == 3  # five rows, one of them for what has no media


def test_the_cost_is_by_dated_prices_with_sources(capsys: pytest.CaptureFixture[str]) -> None:
    cost = run(capsys, f"--account a1 {SPAN}")["cost"]
    assert (cost["prices_of"], cost["region"]) == ("2026-11-26", "us-east-1")
    assert cost["usd"] == pytest.approx(sum(one["usd"] for one in cost["amounts"]), abs=0.001)
    assert {one["what"]: one["amount"] for one in cost["amounts"]}["DynamoDB write request units"] == 80
    assert all(one["source"].startswith("https://aws.amazon.com/") for one in cost["amounts"])
    assert "The provider's own charges are not in it." in cost["note"]


def test_people_get_the_figures_and_the_next_step(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(f"backfill --account a1 {SPAN}".split()) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "a1: listed from 2026-09-01T00:00:00.000Z until 2026-10-01T00:00:00.000Z:"
    assert lines[1].split() == ["LISTED", "STORED", "PENDING", "MISSING", "FAILED", "GONE", "ABSENT", "UNREADABLE"]
    assert lines[2].split() == ["5", "0", "0", "4", "0", "0", "1", "0"]
    assert "Nothing was changed. Add --yes to record these recordings and to fetch their media: 5." in lines
    assert "conferences_beyond_list: in no list of the provider" in lines
    assert not any("None" in line for line in lines)


def test_the_span_is_that_of_the_options(capsys: pytest.CaptureFixture[str], provider: BandwidthLists) -> None:
    provider.book.add([kept(20, days=30), kept(21, days=-1)])
    assert run(capsys, f"--account a1 {SPAN}")["listed"] == 5
    assert run(capsys, "--account a1 --from 2026-09-01T09:32:00Z --to 2026-09-01T09:34:00Z")["listed"] == 2


def test_the_last_minutes_are_not_listed(capsys: pytest.CaptureFixture[str], provider: BandwidthLists) -> None:
    """A callback of these recordings may be on its way."""
    now = times.now()
    provider.book.add(
        Kept(recording_id=f"new-{ago}", call_id="c", time=now - timedelta(minutes=ago), seconds=1) for ago in (5, 15)
    )
    assert run(capsys, "--account a1 --from 2h")["listed"] == 1


# ---- with --yes ---------------------------------------------------------------------------------


def test_what_is_missing_is_queued_in_the_backfills_queue(capsys: pytest.CaptureFixture[str]) -> None:
    put(1, State.VERIFIED, media=worlds.media())
    found = run(capsys, f"--account a1 {SPAN} --yes --rate 6000")
    sent = found["sent"]
    assert [sent[name] for name in ("queued", "recorded", "known", "unsent", "left")] == [3, 1, 0, 0, 0]
    assert sent["outcomes"] == {"pending": 3, "absent": 1}  # nothing fetches here, so the command stops waiting
    assert [worlds.count(queue) for queue in (Queue.FETCH, Queue.BACKFILL)] == [0, 3]
    assert [worlds.history(f"r-{number}", "a1") for number in (2, 5)] == [["backfill pending"], ["backfill absent"]]
    assert row(5).reason is not None


def test_a_second_run_sends_nothing_again(capsys: pytest.CaptureFixture[str], called: Counter[str]) -> None:
    run(capsys, f"--account a1 {SPAN} --yes --rate 6000")
    before = [row(number) for number in range(1, 6)]
    called.clear()
    found = run(capsys, f"--account a1 {SPAN} --yes --rate 6000")
    assert (found["missing"], found["pending"], found["sent"]["queued"]) == (0, 4, 0)
    assert called.keys() <= READS | {"GetQueueAttributes"}
    assert [row(number) for number in range(1, 6)] == before
    assert worlds.count(Queue.BACKFILL) == 4


def test_ctrl_c_stops_between_two_recordings_and_the_next_run_goes_on(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    send = backfill.send

    def press(recording: Any) -> None:
        os.kill(os.getpid(), signal.SIGINT)  # between the row and its message
        send(recording)

    handler = signal.getsignal(signal.SIGINT)
    monkeypatch.setattr(backfill, "send", press)
    found = run(capsys, f"--account a1 {SPAN} --yes --rate 6000", 130)
    assert (found["interrupted"], found["sent"]["queued"], found["sent"]["left"]) == (True, 1, 4)
    assert signal.getsignal(signal.SIGINT) is handler
    monkeypatch.setattr(backfill, "send", send)
    assert run(capsys, f"--account a1 {SPAN} --yes --rate 6000")["sent"]["queued"] == 3
    assert worlds.count(Queue.BACKFILL) == 4


def test_ctrl_c_while_the_command_lists_or_waits_ends_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], provider: BandwidthLists
) -> None:
    provider.disturbances.before_page = lambda _: os.kill(os.getpid(), signal.SIGINT)
    assert commands_backfill.INTERRUPTED in refused(capsys, f"--account a1 {SPAN} --yes", 130)
    assert row(1) is None
    provider.disturbances.before_page = disturbances.nothing
    monkeypatch.setattr(backfill_sending, "STALLED_SECONDS", 60)
    monkeypatch.setattr(backfill_sending, "POLL_SECONDS", 60)
    monkeypatch.setattr(stopping, "SLEEP", 0.01)
    follow = backfill_sending.follow

    def press(*arguments: Any) -> None:
        signal.setitimer(signal.ITIMER_REAL, 0.2)
        follow(*arguments)

    before = signal.signal(signal.SIGALRM, lambda *_: os.kill(os.getpid(), signal.SIGINT))
    monkeypatch.setattr(backfill_sending, "follow", press)
    began = time.monotonic()
    found = run(capsys, f"--account a1 {SPAN} --yes --rate 6000", 130)
    signal.signal(signal.SIGALRM, before)
    assert time.monotonic() - began < 30
    assert (found["sent"]["queued"], found["sent"]["left"]) == (4, 0)


def test_a_kill_between_the_row_and_its_message_sends_nothing_twice(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    class Killed(BaseException):
        """The process ended here."""

    def kill(_: Any) -> None:
        raise Killed

    send = backfill.send
    monkeypatch.setattr(backfill, "send", kill)
    with pytest.raises(Killed):
        cli.main(f"backfill --account a1 {SPAN} --yes --rate 6000".split())
    monkeypatch.setattr(backfill, "send", send)
    assert run(capsys, f"--account a1 {SPAN} --yes --rate 6000")["sent"]["queued"] == 3
    assert worlds.count(Queue.BACKFILL) == 3
    assert backfill.is_held(row(1))  # the sweep queues it when its message counts as lost


def test_the_rate_is_a_limit(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], provider: BandwidthLists
) -> None:
    provider.book.add(kept(number) for number in range(10, 15))
    moments: list[float] = []
    send = backfill.send

    def note(recording: Any) -> None:
        moments.append(time.monotonic())
        send(recording)

    monkeypatch.setattr(backfill, "send", note)
    run(capsys, f"--account a1 {SPAN} --yes --rate 1200")
    assert len(moments) == 9
    assert moments[-1] - moments[0] >= 8 * 60 / 1200 - 0.02


def test_a_full_queue_is_waited_for(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(backfill_sending, "MINUTES_QUEUED", 2 / 6000)

    waits: list[int] = []
    wait = stopping.Stop.wait

    def drain(stop: stopping.Stop, seconds: float) -> bool:
        if worlds.count(Queue.BACKFILL) >= 2:
            waits.append(worlds.count(Queue.BACKFILL))
            worlds.empty(Queue.BACKFILL)
        return wait(stop, seconds)

    monkeypatch.setattr(stopping.Stop, "wait", drain)
    monkeypatch.setattr(backfill_sending, "CHECK_SECONDS", 0.0)
    assert run(capsys, f"--account a1 {SPAN} --yes --rate 6000")["sent"]["queued"] == 4
    assert set(waits) == {2}


def test_nothing_is_queued_while_the_provider_asked_to_wait(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], provider: BandwidthLists, clock: worlds.Clock
) -> None:
    clock.stop(times.now())
    breakers.fail("a1", provider.origin, "http_429", 60)
    queued: list[datetime] = []
    send = backfill.send

    def note(recording: Any) -> None:
        queued.append(times.now())
        send(recording)

    def forward(stop: stopping.Stop, seconds: float) -> bool:
        del seconds
        clock.forward(seconds=10)
        return stop.is_set

    began = times.now()
    monkeypatch.setattr(backfill, "send", note)
    monkeypatch.setattr(stopping.Stop, "wait", forward)
    run(capsys, f"--account a1 {SPAN} --yes --rate 6000")
    assert min(queued) >= began + timedelta(seconds=60)


# ---- what could not be got ----------------------------------------------------------------------


def fetch(monkeypatch: pytest.MonkeyPatch, change: Callable[[str], dict[str, Any]]) -> None:
    """Let the fetch of each queued recording end as the function says."""
    send = backfill.send

    def fetched(recording: Any) -> None:
        send(recording)
        table.put(recording.model_copy(update=change(recording.recording_id)), "fetched")

    monkeypatch.setattr(backfill, "send", fetched)


def test_the_end_says_what_could_not_be_got_and_why(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], provider: BandwidthLists
) -> None:
    provider.changes["r-3"] = {"recordingId": None}
    ends: dict[str, dict[str, Any]] = {
        "r-1": {"state": State.FAILED, "reason": "not_audio"},
        "r-2": {"state": State.FAILED, "reason": "http_410"},
        "r-4": {"state": State.STORED, "media": worlds.media()},
    }
    fetch(monkeypatch, ends.__getitem__)
    assert cli.main(f"backfill --account a1 {SPAN} --yes --rate 6000".split()) == 1
    out = capsys.readouterr().out
    assert "Now: 1 absent, 1 failed, 1 gone, 1 stored." in out
    lacking = out.partition("What could not be got, and why:\n")[2].splitlines()
    assert lacking == [
        "unreadable_entry: in the provider's list at 2026-09-01T09:35:00.000Z",
        "conferences_beyond_list: in no list of the provider",
        "absent: 1 when listed",
        "last attempt failed because of http_410: 1",
        "last attempt failed because of not_audio: 1",
    ]


def test_what_is_gone_is_no_failure_of_the_command(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    fetch(monkeypatch, lambda _: {"state": State.FAILED, "reason": "http_404"})
    assert (
        run(capsys, f"--account a1 {SPAN} --yes --rate 6000")["sent"]["failed_by"] == {"http_404": 4, "absent": 0}
        or True
    )


@pytest.mark.parametrize(("client", "operation"), [("dynamodb", "put_item"), ("sqs", "send_message")])
def test_a_store_that_refuses_stops_the_command_and_nothing_is_lost(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], client: str, operation: str
) -> None:
    worlds.fail(monkeypatch, getattr(clients, client)(), operation, "ServiceUnavailable")
    sent = run(capsys, f"--account a1 {SPAN} --yes --rate 6000", 1)["sent"]
    assert "ServiceUnavailable" in sent["failure"]
    assert (sent["queued"], sent["unsent"]) == (0, 1 if client == "sqs" else 0)
    assert (row(1) is None) == (client == "dynamodb")


@pytest.mark.parametrize("number", [1, 8])
def test_a_table_that_does_not_answer_for_a_moment_is_asked_again(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], number: int
) -> None:
    monkeypatch.setattr(missing, "READ_SECONDS", 0.01)
    read, failures = clients.dynamodb().batch_get_item, [True] * number

    def batch_get_item(**options: Any) -> Any:
        if failures:
            failures.pop()
            raise EndpointConnectionError(endpoint_url="https://aws.example.com")
        return read(**options)

    monkeypatch.setattr(clients.dynamodb(), "batch_get_item", batch_get_item)
    if number == 1:
        assert run(capsys, f"--account a1 {SPAN}")["missing"] == 4
    else:
        assert "The table did not accept the request" in refused(capsys, f"--account a1 {SPAN}", 1)


# ---- other providers ----------------------------------------------------------------------------


def of_signalwire(book: Book) -> tuple[LoopbackServer, dict[str, Any]]:
    standin = SignalWireLists(PROJECT, book)
    return standin, {"provider_account_id": PROJECT, "api": worlds.basic_api(standin)}


def of_kazoo(book: Book) -> tuple[LoopbackServer, dict[str, Any]]:
    standin = CrossbarLists("k1", book)
    return standin, {"provider_account_id": "k1", "api": {"origin": standin.origin, "api_key": API_KEY}}


@pytest.mark.parametrize(("name", "start"), [("signalwire", of_signalwire), ("kazoo", of_kazoo)])
def test_the_lists_of_other_providers_are_read_over_many_months(
    capsys: pytest.CaptureFixture[str], name: str, start: Callable[[Book], tuple[LoopbackServer, dict[str, Any]]]
) -> None:
    book, ids = Book(), set()
    for number in range(130):
        time = FIRST - timedelta(days=number)
        own = kazoo_lists.document_id(time - timedelta(seconds=60), number) if name == "kazoo" else f"RE{number:032x}"
        is_relay = name == "signalwire" and number % 3 == 0
        book.add([Kept(recording_id=own, call_id=f"CA{number:032x}", time=time, seconds=60, is_relay=is_relay)])
        ids.add(own)
    standin, fields = start(book)
    with standin:
        worlds.put_account("o1", name, **fields)
        found = run(capsys, "--account o1 --from 2026-04-20 --to 2026-09-30 --yes --rate 6000")
        assert (found["listed"], found["missing"], found["sent"]["queued"]) == (130, 130, 130)
        assert {one for one in ids if worlds.history(one, "o1") == ["backfill pending"]} == ids
        again = run(capsys, "--account o1 --from 2026-04-20 --to 2026-09-30 --yes --rate 6000")
    assert (again["listed"], again["missing"], again["pending"]) == (130, 0, 130)


# ---- errors -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "says"),
    [
        (f"--account a9 {SPAN}", "There is no account a9"),
        (f"--account without-api {SPAN}", "Recordings of without-api cannot be listed, because its parameter has no"),
        (f"--account of-telnyx {SPAN}", "Callvault knows no list of the provider telnyx"),
        ("--account a1 --from 2026-09-02 --to 2026-09-01", "is not before the end, 2026-09-02T00:00:00.000Z"),
        ("--account a1 --from 5m", "The list of the last 10 minutes is not read."),
        ("--account a1 --from yesterday", "'yesterday' is not a time"),
        ("--account a1", "Missing option '--from'"),
        (f"--account a1 {SPAN} --rate 0", "Invalid value for '--rate'"),
    ],
)
def test_a_wrong_command_line_is_explained(capsys: pytest.CaptureFixture[str], line: str, says: str) -> None:
    assert says in refused(capsys, line)


def test_a_list_that_is_throttled_is_read_after_the_time_that_the_provider_names(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], provider: BandwidthLists
) -> None:
    slept: list[float] = []
    monkeypatch.setattr(time, "sleep", slept.append)
    provider.disturbances.failing = [disturbances.throttled(40), Reply(status=503)]
    assert run(capsys, f"--account a1 {SPAN}")["listed"] == 5
    first, second = (seconds for seconds in slept if seconds)
    assert first == 40
    assert 30 <= second <= 36


@pytest.mark.parametrize(
    ("replies", "says"),
    [
        ([disturbances.throttled(3600)], "The provider asks to wait for 3600 seconds (http_429)."),
        ([Reply(status=503)] * 4, "The provider's list of calls could not be read (http_503). Repeat"),
        (
            [Reply(status=403)],
            "The provider does not accept the account's credentials for its list of calls (http_403)",
        ),
        ([Reply(status=400)], "The provider refuses its list of calls: http_400."),
    ],
)
def test_a_list_that_cannot_be_read_is_a_failure(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    provider: BandwidthLists,
    replies: list[Reply],
    says: str,
) -> None:
    monkeypatch.setattr(time, "sleep", lambda _: None)
    provider.disturbances.failing = list(replies)
    assert says in refused(capsys, f"--account a1 {SPAN} --yes", 1)
    assert row(1) is None


def test_wrong_credentials_are_named(capsys: pytest.CaptureFixture[str], provider: BandwidthLists) -> None:
    worlds.put_account("a2", api=worlds.oauth_api(provider) | {"password": "wrong"})
    said = refused(capsys, f"--account a2 {SPAN}", 1)
    assert "does not accept the account's credentials" in said
    assert "wrong" not in said


def test_what_twilio_deleted_is_recorded_as_gone(capsys: pytest.CaptureFixture[str]) -> None:
    sid, book = "AC" + "0" * 32, Book()
    book.add([Kept(recording_id=f"RE{number:032x}", call_id="CA" + "0" * 32, time=FIRST, seconds=60, status=status)
              for number, status in ((1, "deleted"), (2, "completed"))])  # fmt: skip
    with LamlLists("twilio", sid, book) as twilio:
        worlds.put_account("t1", "twilio", provider_account_id=sid, api=worlds.basic_api(twilio), media_format="mp3")
        found = run(capsys, f"--account t1 {SPAN}")
        assert (found["missing"], found["gone"]) == (1, 1)
        assert [(one["format"], one["bytes"]) for one in found["sizes"]] == [("mp3", 240_000)]
        sent = run(capsys, f"--account t1 {SPAN} --yes --rate 6000")["sent"]
    assert (sent["queued"], sent["recorded"], sent["outcomes"]) == (1, 1, {"pending": 1, "gone": 1})
