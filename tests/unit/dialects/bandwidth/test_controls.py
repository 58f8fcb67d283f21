"""Recordings are paused and resumed as by Bandwidth's API."""

import json
from typing import Any

import pytest

from callvault import dialects
from callvault.errors import UnprocessableError
from callvault.providers.commands import Outcome, Update
from callvault.readers import controls
from callvault.readers.access import Principal
from callvault.web import Request, Response
from tests import worlds


@pytest.fixture(autouse=True)
def account() -> None:
    worlds.put_account("b1", readers=worlds.readers(ops={"can_control": True}, viewer={}))


@pytest.fixture(autouse=True)
def done(monkeypatch: pytest.MonkeyPatch) -> list[Update]:
    commands: list[Update] = []

    def update(principal: Principal, command: Update) -> Outcome:
        if command.call_id == "no":
            raise UnprocessableError("Not recorded.")
        commands.append(command)
        return Outcome(None, command.progress)

    monkeypatch.setattr(controls, "update", update)
    return commands


def ask(body: Any, *, call_id: str = "c-1", reader: str = "ops") -> Response:
    return dialects.answer(
        Request(
            method="PUT",
            path=f"/api/v2/accounts/b1/calls/{call_id}/recording",
            headers={"authorization": f"Bearer b1.{reader}", "content-type": "application/json"},
            body=body if isinstance(body, bytes) else json.dumps(body).encode(),
        )
    )


@pytest.mark.parametrize(("state", "progress"), [("paused", "paused"), ("recording", "in-progress")])
def test_a_state_is_set_and_answered_with_an_empty_body(done: list[Update], state: str, progress: str) -> None:
    response = ask({"state": state, "unknown": 1})
    assert (response.status, response.body) == (200, "")
    [command] = done
    assert (command.call_id, command.progress, command.recording_id) == ("c-1", progress, None)


@pytest.mark.parametrize("body", [{}, {"state": "stopped"}, {"state": ["paused"]}, {"state": None}])
def test_an_invalid_state_is_refused_with_its_name(done: list[Update], body: object) -> None:
    response = ask(body)
    assert response.status == 400
    assert worlds.content(response)["type"] == "validation"
    assert worlds.content(response)["description"].startswith("state must be")
    assert done == []


@pytest.mark.parametrize("body", [b"", b"state=paused", b"[]"])
def test_a_body_that_is_not_a_json_object_is_refused(done: list[Update], body: bytes) -> None:
    assert ask(body).status == 400
    assert done == []


def test_a_refusal_has_bandwidths_form() -> None:
    response = ask({"state": "paused"}, call_id="no")
    assert response.status == 422
    assert worlds.content(response)["description"] == "Not recorded."


def test_a_reader_without_the_right_is_refused_before_parameters_are_read(done: list[Update]) -> None:
    response = ask({"state": "wrong"}, reader="viewer")
    assert response.status == 403
    assert worlds.content(response)["type"] == "authorization-error"
