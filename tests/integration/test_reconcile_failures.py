"""Tests of the reconciliation: what cannot be known, and callbacks that never come."""

import json
import time
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from callvault import accounts, clients, times
from callvault.errors import RejectedError, UnavailableError
from callvault.messaging.queues import Queue
from callvault.providers.listings import Gap, Page, Span
from callvault.storage import cursors, reports, table
from callvault.upkeep import overdue
from callvault.upkeep.reconcile import outcomes
from functions.reconcile_accounts import app
from tests import listers, worlds
from tests.integration import events
from tests.integration.reconciling import (
    TODAY,
    YESTERDAY,
    configure,
    cursors_reached,
    every_report,
    numbers,
    of_day,
    reconcile,
)
from tests.listers import NOON, BookLister, arrive, kept
from tests.worlds import Clock


@pytest.fixture(autouse=True)
def noon(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    clock.stop(NOON)
    configure(monkeypatch, days=4)


# ---- what cannot be known -----------------------------------------------------------------------


@pytest.mark.parametrize("reason", ["http_401", "http_403", "no_token", "not_configured"])
def test_wrong_credentials_make_a_day_unknown_and_never_0(
    monkeypatch: pytest.MonkeyPatch, clock: Clock, reason: str
) -> None:
    lister = listers.install(monkeypatch, kept(1))
    lister.failures.append(UnavailableError(reason, "No."))
    assert reconcile() == []
    assert (of_day().unknown, of_day().listed, of_day().unexplained) == (reason, None, None)
    assert {one.unknown for one in every_report()} == {reason}
    cursor = cursors.of("acme")
    assert cursor is not None
    assert (cursor.last_success, cursor.reached, cursor.failed_reason) == (None, None, reason)
    assert not overdue.is_overdue("acme")
    clock.forward(hours=25)
    assert overdue.is_overdue("acme")
    reconcile(message="m-2")
    assert not overdue.is_overdue("acme")
    assert numbers() == {"listed": 1, "pending": 1}


def test_a_finished_day_keeps_its_numbers_when_the_credentials_expire(
    monkeypatch: pytest.MonkeyPatch, clock: Clock
) -> None:
    lister = listers.install(monkeypatch, kept(1, days_ago=1))
    reconcile()
    success = cursors.of("acme")
    lister.failures.append(UnavailableError("http_401", "No."))
    clock.forward(hours=6)
    reconcile(message="m-2")
    assert (of_day(YESTERDAY).listed, of_day(TODAY).unknown) == (1, "http_401")
    failed = cursors.of("acme")
    assert success is not None
    assert failed is not None
    assert (failed.last_success, failed.reached) == (success.last_success, success.reached)


def test_a_provider_that_is_down_is_asked_again_and_then_its_days_are_unknown(
    monkeypatch: pytest.MonkeyPatch, clock: Clock
) -> None:
    lister = listers.install(monkeypatch, kept(1))
    lister.failures += [UnavailableError("http_503", "No.") for _ in range(6)]
    for received in (1, 2, 3):
        assert reconcile(received=received) == [{"itemIdentifier": "m-1"}]
        assert every_report() == []
        clock.forward(minutes=3)
    assert reconcile(received=4) == []
    assert {one.unknown for one in every_report()} == {"http_503"}


def test_a_page_between_two_failures_counts_as_progress(monkeypatch: pytest.MonkeyPatch, clock: Clock) -> None:
    lister = listers.install(monkeypatch, *(kept(number) for number in range(9)), size=1)
    list_page, calls = lister.list_page, iter(range(1000))

    def flaky(self: BookLister, *arguments: Any) -> Any:
        if next(calls) % 2:
            raise UnavailableError("http_503", "No.")
        return list_page(self, *arguments)

    monkeypatch.setattr(lister, "list_page", flaky)
    for received in range(1, 40):
        failed = reconcile(received=min(received, 20))
        clock.forward(minutes=3)
        if cursors_reached():
            break
        assert failed or worlds.queued(Queue.RECONCILE)
    assert numbers() == {"listed": 9, "pending": 9}


def test_retry_after_is_honoured_and_another_message_does_not_ask_earlier(
    monkeypatch: pytest.MonkeyPatch, clock: Clock
) -> None:
    lister = listers.install(monkeypatch, kept(1))
    lister.failures.append(UnavailableError("http_429", "No.", 600))
    hidden: list[int] = []
    monkeypatch.setattr("callvault.messaging.queues.hide", lambda _queue, _handle, seconds: hidden.append(seconds))
    assert reconcile() == [{"itemIdentifier": "m-1"}]
    assert hidden == [600]
    asked = len(lister.asked)
    clock.forward(minutes=5)
    assert reconcile(message="m-2") == []
    assert len(lister.asked) == asked
    assert reconcile(received=2) == [{"itemIdentifier": "m-1"}]  # it was delivered too early
    assert hidden == [600, 300]
    clock.forward(minutes=5)
    assert reconcile(received=3) == []
    assert numbers() == {"listed": 1, "pending": 1}


def test_a_message_is_hidden_until_the_list_is_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    lister = listers.install(monkeypatch)
    lister.failures.append(UnavailableError("http_429", "No.", 60))
    url = Queue.RECONCILE.url
    clients.sqs().send_message(QueueUrl=url, MessageBody='{"account_id": "acme"}')
    message = clients.sqs().receive_message(QueueUrl=url, VisibilityTimeout=1)["Messages"][0]
    event = events.sqs(message["Body"], since=times.now().timestamp())
    event["Records"][0]["receiptHandle"] = message["ReceiptHandle"]
    assert app.handler(event, events.context(900)) == {"batchItemFailures": [{"itemIdentifier": "message-0"}]}
    time.sleep(1.1)  # by then it would be back, had the attempt not hidden it for longer
    assert "Messages" not in clients.sqs().receive_message(QueueUrl=url)


def test_a_list_that_does_not_go_on_ends_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    lister = listers.install(monkeypatch, *(kept(number) for number in range(9)))
    list_page = lister.list_page

    def stuck(self: BookLister, name: str, span: Any, cursor: str | None = None) -> Any:
        page = list_page(self, name, span, cursor)
        return page if page.cursor is None or cursor is None else type(page)(listed=page.listed, cursor=cursor)

    monkeypatch.setattr(lister, "list_page", stuck)
    assert reconcile() == []
    assert of_day().unknown == "endless_list"


@pytest.mark.parametrize("error", [RejectedError("http_400", "No."), UnavailableError("http_500", "No.")])
def test_one_day_whose_list_cannot_be_read_keeps_no_other_from_being_compared(
    monkeypatch: pytest.MonkeyPatch, error: RejectedError | UnavailableError
) -> None:
    lister = listers.install(monkeypatch, kept(1, days_ago=2), kept(2))
    bad, read = TODAY - timedelta(days=2), lister.list_page

    def list_page(self: BookLister, name: str, span: Span, cursor: str | None = None) -> Page:
        if name == "conferences" and span.since.date() == bad:
            raise error
        return read(self, name, span, cursor)

    monkeypatch.setattr(lister, "list_page", list_page)
    assert any(reconcile(received=received) == [] for received in range(1, 5))
    assert numbers()["listed"] == 1
    assert (of_day(bad).unknown, of_day(bad).listed) == (error.reason, None)
    cursor = cursors.of("acme")
    assert cursor is not None
    assert (cursor.last_success, cursor.failed_reason, cursor.skipped, cursor.until) == (None, error.reason, (), None)
    monkeypatch.setattr(lister, "list_page", read)
    reconcile(message="m-2")
    assert of_day(bad).listed == 1
    cursor = cursors.of("acme")
    assert cursor is not None
    assert (cursor.last_success, cursor.failed_reason) == (NOON, None)


def test_an_account_without_a_list_is_unaccountable(monkeypatch: pytest.MonkeyPatch, clock: Clock) -> None:
    worlds.put_account(provider="telnyx", api={"origin": "https://api.example.com", "api_key": "k"})
    reconcile()
    assert {(one.unknown, one.unaccountable, one.listed) for one in every_report()} == {
        ("no_list", ("recordings",), None)
    }
    clock.forward(days=3)
    assert not overdue.is_overdue("acme")


def test_an_account_without_api_is_unaccountable(monkeypatch: pytest.MonkeyPatch) -> None:
    listers.install(monkeypatch)
    worlds.put_account()
    reconcile()
    assert {(one.unknown, one.unaccountable) for one in every_report()} == {("no_api", ("recordings",))}


def reconcile_all() -> None:
    """Let the schedule queue every account, and deliver the messages."""
    app.handler({}, events.context(900))
    for number, body in enumerate(worlds.queued(Queue.RECONCILE)):
        event = events.sqs(body, since=times.now().timestamp())
        event["Records"][0] |= {"messageId": f"scheduled-{number}"}
        assert app.handler(event, events.context(900)) == {"batchItemFailures": []}


@pytest.mark.parametrize("api", [{"origin": "https://other.example.com", "username": "u", "password": "p"}, None])
def test_what_one_account_was_told_is_not_given_to_another_with_the_same_account_at_the_provider(
    monkeypatch: pytest.MonkeyPatch, clock: Clock, api: dict[str, str] | None
) -> None:
    lister = listers.install(monkeypatch, kept(1))
    worlds.put_account("beta", api=api)
    arrive([kept(1)])
    reconcile_all()
    assert lister.asked == []
    assert table.get("beta", "r-1") is None
    assert {(one.unknown, one.unaccountable) for one in every_report()} == {(outcomes.SHARED, ("recordings",))}
    clock.forward(days=2)
    assert not overdue.is_overdue("acme")


def test_other_accounts_are_compared_although_two_share_one(monkeypatch: pytest.MonkeyPatch) -> None:
    listers.install(monkeypatch, kept(1))
    for account_id in ("beta", "gamma"):
        worlds.put_account(account_id, provider_account_id="1", api={"origin": "https://api.example.com"})
    worlds.put_account("delta", provider="kazoo", provider_account_id="9900000")  # another provider's
    worlds.put_parameter("{}", "epsilon")
    reconcile_all()
    assert numbers() == {"listed": 1, "pending": 1}
    assert [table.get(account_id, "r-1") for account_id in ("beta", "gamma")] == [None, None]


def test_an_account_that_ssm_does_not_return_at_first_is_compared_with_the_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    listers.install(monkeypatch, kept(1))
    worlds.put_account("beta")
    read, failures = accounts.get, [UnavailableError("accounts_unavailable", "No.")] * 2
    monkeypatch.setattr(accounts, "PAUSE_SECONDS", 0)

    def flaky(account_id: str, **options: Any) -> Any:
        if account_id == "beta" and failures:
            raise failures.pop()
        return read(account_id, **options)

    monkeypatch.setattr(accounts, "get", flaky)
    reconcile_all()
    assert of_day().unknown == outcomes.SHARED


def test_an_account_that_ssm_never_returns_keeps_no_other_from_being_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    listers.install(monkeypatch, kept(1))
    worlds.put_account("beta", provider_account_id="1")
    read = accounts.get
    monkeypatch.setattr(accounts, "PAUSE_SECONDS", 0)

    def failing(account_id: str, **options: Any) -> Any:
        if account_id == "beta":
            raise UnavailableError("accounts_unavailable", "No.")
        return read(account_id, **options)

    monkeypatch.setattr(accounts, "get", failing)
    assert app.handler({}, events.context(900)) == {"accounts": 2}
    bodies = [json.loads(body) for body in worlds.queued(Queue.RECONCILE)]
    assert bodies == [{"account_id": "acme"}, {"account_id": "beta"}]


def test_what_no_list_has_is_in_the_report(monkeypatch: pytest.MonkeyPatch) -> None:
    lister = listers.install(monkeypatch, kept(1))
    monkeypatch.setattr(lister, "unaccountable", lambda _: ("conferences",))
    reconcile()
    assert (of_day().unaccountable, of_day().listed) == (("conferences",), 1)


def test_what_could_not_be_read_of_a_list_is_in_the_report_even_after_a_new_message(
    monkeypatch: pytest.MonkeyPatch, clock: Clock
) -> None:
    lister = listers.install(monkeypatch, *(kept(number) for number in range(6)))
    configure(monkeypatch, days=1)
    list_page = lister.list_page

    def with_gap(self: BookLister, name: str, span: Span, cursor: str | None = None) -> Page:
        page = list_page(self, name, span, cursor)
        gaps = (Gap(time=span.since, what="unreadable_entry"),) if cursor is None else ()
        if cursor is not None and not lister.failures:
            lister.failures.append(UnavailableError("http_503", "No."))
        return replace(page, gaps=gaps)

    monkeypatch.setattr(lister, "list_page", with_gap)
    assert reconcile() == [{"itemIdentifier": "m-1"}]
    monkeypatch.setattr(lister, "list_page", list_page)
    clock.forward(minutes=1)
    assert reconcile(received=2) == []
    assert (of_day().unaccountable, of_day().listed) == (("unreadable_entry",), 6)


def test_an_invalid_parameter_makes_the_days_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    listers.install(monkeypatch)
    worlds.put_parameter("{}")
    assert reconcile() == []
    assert of_day().unknown == "configuration"


def test_a_message_of_an_account_that_is_gone_is_done_with() -> None:
    assert reconcile("nobody") == []
    assert reports.read("nobody", TODAY - timedelta(days=9), TODAY) == []


# ---- callbacks that never come ------------------------------------------------------------------


def without_callbacks(capsys: pytest.CaptureFixture[str]) -> list[int]:
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    return [line[outcomes.WITHOUT_CALLBACKS][0] for line in lines if outcomes.WITHOUT_CALLBACKS in line]


@pytest.mark.parametrize("day", [(10, 0, 1), (9, 0, 0), (10, 1, 0)])
def test_a_finished_day_without_any_callback_is_reported(
    monkeypatch: pytest.MonkeyPatch, clock: Clock, capsys: pytest.CaptureFixture[str], day: tuple[int, int, int]
) -> None:
    number, came, expected = day
    entries = [kept(one, days_ago=1) for one in range(number)]
    listers.install(monkeypatch, *entries)
    with clock.ago(days=2):
        cursors.of_known("acme")
    arrive(entries[:came])
    reconcile()
    assert without_callbacks(capsys) == [expected]


def test_days_before_the_archive_knew_the_account_need_no_callbacks(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    listers.install(monkeypatch, *(kept(one, days_ago=1) for one in range(20)))
    reconcile()
    assert without_callbacks(capsys) == [0]
