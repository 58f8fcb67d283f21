"""Retrying through Crossbar's API."""

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest

from callvault import clients
from callvault.dialects.kazoo import retries
from callvault.messaging.queues import Queue
from callvault.models import State
from callvault.storage import notes
from callvault.web import Response
from tests import crossbar, worlds
from tests.crossbar import LIST, TIME, WINDOW, refusal
from tests.worlds import content

RETRY = {"action": "retry", "data": {}}


def put(recording_id: str = "r1", **fields: Any) -> None:
    crossbar.put(recording_id, **{"state": State.FAILED, "reason": "http_403", **fields})


def states() -> dict[str, State]:
    items = clients.dynamodb().scan(TableName="callvault-recordings")["Items"]
    return {item["recording_id"]["S"]: State(item["state"]["S"]) for item in items}


def queued() -> list[str]:
    found = []
    while messages := clients.sqs().receive_message(QueueUrl=Queue.FETCH.url, MaxNumberOfMessages=10).get("Messages"):
        found += [json.loads(message["Body"])["recording_id"] for message in messages]
    return sorted(found)


def post(path: str = LIST, query: Mapping[str, Any] = WINDOW, body: object = RETRY, reader: str = "admin") -> Response:
    return crossbar.ask(path, query, method="POST", body=body, reader=reader)


def counts(response: Response) -> dict[str, int]:
    assert response.status == 202
    data: dict[str, int] = content(response)["data"]
    return data


def test_a_failed_recording_is_retried() -> None:
    put()
    assert counts(post(f"{LIST}/r1")) == {"queued": 1, "pending": 0, "left": 0}
    assert (states(), queued()) == ({"r1": State.PENDING}, ["r1"])
    assert worlds.history("r1", "a1")[-1] == "retried by admin"


def test_a_recording_that_is_already_pending_is_counted() -> None:
    put()
    post(f"{LIST}/r1")
    assert counts(post(f"{LIST}/r1")) == {"queued": 0, "pending": 1, "left": 0}
    assert queued() == ["r1"]


def test_a_recording_that_has_not_failed_is_left_unchanged() -> None:
    put(state=State.VERIFIED)
    assert counts(post(f"{LIST}/r1")) == {"queued": 0, "pending": 0, "left": 1}
    assert states() == {"r1": State.VERIFIED}


@pytest.mark.parametrize("path", [f"{LIST}/r1", LIST])
def test_a_recording_that_was_not_compared_with_crossbar_is_compared_again(path: str) -> None:
    found = (f"{notes.NOT_COMPARED}: http_503",)
    put(provider="kazoo", state=State.VERIFIED, reason=None, media=worlds.media(), discrepancies=found)
    assert counts(post(path)) == {"queued": 1, "pending": 0, "left": 0}
    assert (states(), queued()) == ({"r1": State.VERIFIED}, ["r1"])


def test_only_the_failed_recordings_of_a_list_are_retried() -> None:
    put("r1")
    put("r2", state=State.ABSENT)
    put("r3", state=State.PENDING)
    put("r4", start_time=TIME - timedelta(days=1))
    assert counts(post()) == {"queued": 1, "pending": 0, "left": 0}
    assert states() == {"r1": State.PENDING, "r2": State.ABSENT, "r3": State.PENDING, "r4": State.FAILED}
    assert "next_start_key" not in content(post())


@pytest.mark.parametrize(
    ("filters", "retried"),
    [
        ({"filter_archive.reason": "gone"}, ["r2"]),
        ({"filter_call_id": "c1"}, ["r1"]),
        ({"filter_not_owner_id": "u1"}, ["r2"]),
    ],
)
def test_the_filters_of_the_list_choose_the_recordings(filters: dict[str, str], retried: list[str]) -> None:
    put("r1", call_id="c1", owner_id="u1")
    put("r2", call_id="c2", reason="gone")
    assert counts(post(query=WINDOW | filters))["queued"] == 1
    assert queued() == retried


def test_the_answer_says_which_span_was_retried() -> None:
    put("r1", start_time=TIME - timedelta(days=40))
    response = post(query={"created_to": "2024-01-05"})
    assert counts(response)["queued"] == 0
    span = {"created_from": "2023-12-05T22:59:59.000Z", "created_to": "2024-01-05T23:59:59.999Z"}
    assert content(response)["archive"] == span


def test_the_list_of_a_user_retries_only_recordings_of_that_user() -> None:
    put("r1", owner_id="u1")
    put("r2", owner_id="u2")
    assert counts(post("/v2/accounts/a1/users/u2/recordings"))["queued"] == 1
    assert queued() == ["r2"]


def test_a_request_ends_with_a_start_key_for_the_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retries, "PAGE_SIZE", 2)
    monkeypatch.setattr(retries, "MAX_RECORDINGS", 4)
    for number in range(7):
        put(f"r{number}", start_time=TIME + timedelta(seconds=number))
    first = post()
    assert counts(first)["queued"] == 4
    token = content(first)["next_start_key"]
    rest = post(query=WINDOW | {"start_key": token})
    assert counts(rest)["queued"] == 3
    assert "next_start_key" not in content(rest)
    assert len(queued()) == 7


def test_a_request_that_has_no_time_ends_after_its_first_chunk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retries, "PAGE_SIZE", 2)
    monkeypatch.setattr(retries, "MAX_SECONDS", -1.0)
    for number in range(3):
        put(f"r{number}", start_time=TIME + timedelta(seconds=number))
    first = post()
    assert counts(first)["queued"] == 1
    assert "next_start_key" in content(first)


@pytest.mark.parametrize("path", [LIST, f"{LIST}/r1"])
def test_only_an_admin_may_retry(path: str) -> None:
    put()
    assert refusal(post(path, reader="ops")) == (403, "forbidden", {"message": "forbidden"})
    assert states() == {"r1": State.FAILED}


def test_a_limited_reader_retries_only_recordings_of_its_user() -> None:
    put("mine", owner_id="u1")
    put("theirs", owner_id="u2")
    assert counts(post(reader="u1"))["queued"] == 1
    assert post(f"{LIST}/theirs", reader="u1").status == 404
    assert states() == {"mine": State.PENDING, "theirs": State.FAILED}


@pytest.mark.parametrize("path", [LIST, f"{LIST}/r1"])
@pytest.mark.parametrize(("body", "rule"), [({}, "required"), ({"action": "explode"}, "enum"), ({"action": 7}, "enum")])
def test_another_action_is_refused(path: str, body: dict[str, Any], rule: str) -> None:
    put()
    status, message, data = refusal(post(path, body=body))
    assert (status, message, list(data), list(data["action"])) == (400, "validation error", ["action"], [rule])
    assert states() == {"r1": State.FAILED}


def test_an_unknown_recording_is_not_found() -> None:
    assert post(f"{LIST}/nobody").status == 404


@pytest.mark.parametrize(("query", "body"), [({"verb": "GET"}, RETRY), ({}, RETRY | {"verb": "get"})])
def test_a_post_that_overrides_its_method_does_not_retry(query: dict[str, str], body: dict[str, Any]) -> None:
    put()
    assert post(f"{LIST}/r1", query, body).status == 200
    assert states() == {"r1": State.FAILED}
