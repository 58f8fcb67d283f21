"""Refused callbacks of accounts that exist are counted, with few writes."""

from dataclasses import replace
from types import SimpleNamespace

import pytest

from callvault import clients, settings
from callvault.ingest import callbacks, tallies
from callvault.storage import daily_counts
from callvault.storage.daily_counts import Kind
from tests import samples, worlds

CALLBACK = samples.of("bandwidth").sample("recording_available.json").request
WRONG = replace(CALLBACK, parameters={**CALLBACK.parameters, "token": "wrong"})


@pytest.fixture(autouse=True)
def account() -> None:
    worlds.put_account("acme", callback={"token": "s3cret"})


@pytest.fixture
def clock_time(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """Return a monotonic clock; a test sets its `now`."""
    clock = SimpleNamespace(now=1000.0)
    monkeypatch.setattr(tallies, "time", SimpleNamespace(monotonic=lambda: clock.now))
    return clock


def test_a_callback_with_a_wrong_secret_is_counted() -> None:
    assert callbacks.answer(WRONG).status == 403
    assert daily_counts.recent(Kind.REFUSED, "acme") == 1


def test_a_callback_that_cannot_be_read_is_counted() -> None:
    assert callbacks.answer(replace(CALLBACK, body=b"not json")).status == 400
    assert daily_counts.recent(Kind.REFUSED, "acme") == 1


def test_an_accepted_callback_is_not_counted() -> None:
    assert callbacks.answer(CALLBACK).status == 204
    assert daily_counts.recent(Kind.REFUSED, "acme") == 0


def test_a_callback_that_is_asked_for_its_credentials_is_not_counted() -> None:
    worlds.put_account("acme", callback={"username": "bw", "password": "right"})
    request = replace(CALLBACK, parameters={"provider": "bandwidth", "account_id": "acme"})
    assert callbacks.answer(request).status == 401
    assert daily_counts.recent(Kind.REFUSED, "acme") == 0


def test_a_callback_of_an_account_that_does_not_exist_leaves_no_row() -> None:
    for account_id in ("nobody", "a b", "#", ""):
        request = replace(WRONG, parameters={**WRONG.parameters, "account_id": account_id})
        assert callbacks.answer(request).status == 403
    assert clients.dynamodb().scan(TableName=settings.get().table_name)["Items"] == []


def test_a_flood_is_counted_with_a_write_every_ten_seconds(clock_time: SimpleNamespace) -> None:
    for _ in range(100):
        tallies.note(Kind.REFUSED, "acme")
    assert daily_counts.recent(Kind.REFUSED, "acme") == tallies.WRITTEN_AT_ONCE
    clock_time.now += tallies.WRITE_SECONDS
    tallies.note(Kind.REFUSED, "acme")
    assert daily_counts.recent(Kind.REFUSED, "acme") == 101


def test_a_callback_is_refused_in_the_same_way_while_the_table_does_not_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    worlds.fail(monkeypatch, clients.dynamodb(), "update_item")
    assert callbacks.answer(WRONG).status == 403
