"""The command `status`, against a stack in memory."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from callvault import clients
from callvault.messaging import queues
from callvault.messaging.queues import Queue
from callvault.models import State
from callvault.storage import breaker, breakers, cursors
from callvault.storage.cursors import Cursor
from tests import worlds
from tests.unit.tools.ops import stacks
from tools.ops import cli, commands_status, standing

NOW = datetime(2026, 11, 27, 10, 30, tzinfo=UTC)
API = {"origin": "https://voice.bandwidth.com", "username": "u", "password": "p"}


@pytest.fixture(autouse=True)
def stack(monkeypatch: pytest.MonkeyPatch, template: dict[str, Any], clock: worlds.Clock) -> None:
    """Create a stack in which `a1` waits for its provider and `a2` was reconciled."""
    clock.stop(NOW)
    worlds.put_account("a1", api=API)
    worlds.put_account("a2")
    with clock.ago(days=2):
        put("announced", State.ANNOUNCED)
    with clock.ago(hours=5):
        put("p1", State.PENDING)
    put("p2", State.PENDING, source_expires_time=NOW + timedelta(hours=71))
    put("later", State.FAILED, source_expires_time=NOW + timedelta(days=9))
    put("soon", State.FAILED, source_expires_time=NOW + timedelta(hours=71))
    put("without-clock", State.FAILED)
    put("of-a2", State.STORED, account_id="a2", media=worlds.media())
    put("done", State.VERIFIED, media=worlds.media())
    for _ in range(breaker.MAX_FAILURES):
        breakers.fail("a1", API["origin"], "http_503")
    made = cursors.change(Cursor(account_id="a2", first_seen=NOW))
    assert made is not None
    assert cursors.change(made, last_success=NOW - timedelta(hours=2), reached=NOW - timedelta(hours=3))
    queues.send(Queue.FETCH, "{}")
    queues.send(Queue.FETCH, "{}")
    queues.send(Queue.OBJECTS, "{}", dead_letter=True)
    clients.sqs().receive_message(QueueUrl=Queue.FETCH.url, MaxNumberOfMessages=1, VisibilityTimeout=60)
    stacks.create(monkeypatch, template)


def put(recording_id: str, state: State, *, account_id: str = "a1", **fields: Any) -> None:
    worlds.put(recording_id, account_id=account_id, state=state, **fields)


def status(capsys: pytest.CaptureFixture[str], line: str = "", expected: int = 0) -> dict[str, Any]:
    capsys.readouterr()
    assert cli.main(["status", *line.split(), "--json"]) == expected
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def printed(capsys: pytest.CaptureFixture[str], line: str = "") -> str:
    capsys.readouterr()
    assert cli.main(["status", *line.split()]) == 0
    return capsys.readouterr().out


def test_what_waits_is_counted_by_state(capsys: pytest.CaptureFixture[str]) -> None:
    found = status(capsys)
    assert [(one["state"], one["count"], one["expiring"]) for one in found["states"]] == [
        ("announced", 1, 0),
        ("failed", 2, 1),
        ("pending", 2, 1),
        ("stored", 1, 0),
    ]
    oldest = {one["state"]: one["oldest"] for one in found["states"]}
    assert oldest["announced"] == "2026-11-25T10:30:00.000Z"
    assert oldest["pending"] == "2026-11-27T05:30:00.000Z"
    assert found["waiting"] == [{"account": "a1", "waiting": 5}, {"account": "a2", "waiting": 1}]


def test_the_output_says_what_was_counted(capsys: pytest.CaptureFixture[str]) -> None:
    assert status(capsys)["counted"] == {
        "waiting": 6,
        "all_waiting_counted": True,
        "read": 6,
        "unreadable": 0,
        "breakers_of_accounts": 2,
        "accounts": 2,
    }
    out = printed(capsys)
    assert "Waiting: 6. Read, those that are due first: 6. Unreadable: 0." in out
    assert "The table counts only those that were read." not in out


def test_one_account_alone_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    found = status(capsys, "--account a2")
    assert [(one["state"], one["count"]) for one in found["states"]] == [("stored", 1)]
    assert found["counted"]["waiting"] == 1
    assert [one["account"] for one in found["reconciliations"]] == ["a2"]
    assert found["breakers"] == []


def test_a_limit_reads_the_rows_that_are_due_first(capsys: pytest.CaptureFixture[str]) -> None:
    found = status(capsys, "--limit 2")
    assert (found["counted"]["waiting"], found["counted"]["read"]) == (6, 2)
    assert sum(one["count"] for one in found["states"]) == 2
    assert "The table counts only those that were read. --limit reads more." in printed(capsys, "--limit 2")


def test_no_more_keys_are_counted_than_the_bound(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(standing, "MAX_KEYS", 4)
    counted = status(capsys)["counted"]
    assert (counted["waiting"], counted["all_waiting_counted"]) == (4, False)
    assert "Waiting: 4 or more." in printed(capsys)


def test_the_queues_are_counted(capsys: pytest.CaptureFixture[str]) -> None:
    counted = {one["queue"]: one for one in status(capsys)["queues"]}
    assert counted.keys() == {queue.value for queue in Queue}
    assert counted["fetch"] == {"queue": "fetch", "waiting": 1, "in_flight": 1, "dead_letters": 0}
    assert counted["objects"]["dead_letters"] == 1


def test_an_open_breaker_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    (found,) = status(capsys)["breakers"]
    assert (found["account"], found["origin"], found["reason"]) == ("a1", API["origin"], "http_503")
    assert found["opened_at"] == "2026-11-27T10:30:00.000Z"
    assert found["next_attempt"] > found["opened_at"]
    assert "No breaker is open." in printed(capsys, "--account a2")


def test_a_breaker_that_could_not_be_read_is_named(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    worlds.fail(monkeypatch, clients.ssm(), "get_parameter", "AccessDeniedException")
    found = status(capsys)
    assert found["breakers_unread"] == {"a1": "accounts_unavailable", "a2": "accounts_unavailable"}
    assert "The breaker of a1 could not be read: accounts_unavailable." in printed(capsys)


def test_the_last_reconciliation_of_each_account_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    never, done = status(capsys)["reconciliations"]
    assert never == {"account": "a1", "last_success": None, "reached": None, "failed_reason": None}
    assert done == {
        "account": "a2",
        "last_success": "2026-11-27T08:30:00.000Z",
        "reached": "2026-11-27T07:30:00.000Z",
        "failed_reason": None,
    }
    out = printed(capsys)
    assert "Accounts: 2. Not reconciled for a day, or failed: 1." in out
    assert "Last reconciliation: 2026-11-27T08:30:00.000Z;" in out


def test_an_account_counts_as_not_reconciled_after_a_day(
    capsys: pytest.CaptureFixture[str], clock: worlds.Clock
) -> None:
    clock.forward(hours=23)
    assert "Not reconciled for a day, or failed: 2." in printed(capsys)


def test_a_table_by_account_has_a_bounded_number_of_lines(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(commands_status, "MAX_LINES", 1)
    assert "Not shown: 1. --json has all of them." in printed(capsys)


def test_a_row_that_cannot_be_read_is_counted(capsys: pytest.CaptureFixture[str]) -> None:
    item: Any = {"pk": "a1#odd", "due_shard": "0", "due_time": "2026-11-27T00:00:00.000Z", "state": "unheard-of"}
    clients.dynamodb().put_item(TableName="callvault-recordings", Item=clients.to_item(item))
    counted = status(capsys)["counted"]
    assert (counted["read"], counted["unreadable"]) == (7, 1)


def test_an_archive_without_accounts_has_a_status(capsys: pytest.CaptureFixture[str]) -> None:
    for account_id in ("a1", "a2"):
        clients.ssm().delete_parameter(Name=f"/callvault/accounts/{account_id}")
    assert "Accounts: 0." in printed(capsys)


def test_an_unknown_account_is_a_wrong_command_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["status", "--account", "a9"]) == 2
    assert "There is no account a9" in capsys.readouterr().err
