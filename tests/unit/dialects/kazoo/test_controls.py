"""Recordings are started and stopped with the parameters of KAZOO's Call Recording API."""

import json
from typing import Any

import pytest

from callvault import dialects
from callvault.errors import NotFoundError, UnprocessableError
from callvault.models import Recording, State
from callvault.providers.commands import Outcome, Start, Update
from callvault.readers import controls
from callvault.readers.access import Principal
from callvault.web import Request, Response
from tests import worlds
from tests.worlds import content

CALL = "0f3c2b1a-9d8e@10.0.0.5:5060"
DEFAULTS = {
    "action": "start", "method": "put", "record_min_sec": 0, "record_on_answer": False, "record_on_bridge": False,
    "should_follow_transfer": True, "skip_module": False, "time_limit": 3600,
}  # fmt: skip


@pytest.fixture(autouse=True)
def account() -> None:
    worlds.put_account("k1", "signalwire", readers=worlds.readers(ops={"can_control": True}, viewer={}))


@pytest.fixture(autouse=True)
def done(monkeypatch: pytest.MonkeyPatch) -> list[Start | Update]:
    commands: list[Start | Update] = []

    def note(command: Start | Update) -> Outcome:
        commands.append(command)
        if command.call_id == "gone":
            raise NotFoundError("no")
        if command.call_id == "no":
            raise UnprocessableError("Say <StopRecording/>.", 21220)
        known: dict[str, Any] = {"account_id": "k1", "recording_id": "r1", "provider": "signalwire"}
        found = Recording(state=State.ANNOUNCED, call_id=CALL, extra={"origin": "o", "label": "l"}, **known)
        return Outcome(None if isinstance(command, Update) else found, "in-progress")

    def start(principal: Principal, request: Request, command: Start) -> Outcome:
        return note(command)

    monkeypatch.setattr(controls, "start", start)
    monkeypatch.setattr(controls, "update", lambda _, command: note(command))
    return commands


def ask(data: Any, *, call_id: str = CALL, reader: str = "ops", account: str = "accounts/k1") -> Response:
    body = json.dumps({"data": data}).encode()
    headers = {"x-auth-token": f"k1.{reader}", "content-type": "application/json"}
    path = f"/v2/{account}/calls/{call_id}/recordings"
    return dialects.answer(Request(method="POST", path=path, headers=headers, body=body))


@pytest.mark.parametrize("data", [{}, DEFAULTS, dict.fromkeys(DEFAULTS), {"unknown": 1}])
def test_a_recording_is_started_without_parameters(done: list[Start | Update], data: dict[str, Any]) -> None:
    response = ask(data)
    assert response.status == 202
    assert done == [Start(call_id=CALL)]
    envelope = content(response)
    assert (envelope["status"], envelope["message"], envelope["data"]["id"]) == ("success", "recording started", "r1")
    assert (envelope["data"]["origin"], envelope["data"]["label"]) == ("o", "l")


def test_all_parameters_are_read(done: list[Start | Update]) -> None:
    data = {
        "action": "start", "format": "wav", "label": "l", "media_name": "n.wav", "method": "post", "origin": "o",
        "record_min_sec": 3, "record_on_answer": True, "record_on_bridge": True, "record_sample_rate": 16000,
        "should_follow_transfer": False, "skip_module": False, "time_limit": 60, "url": "http://mine.example.com/x",
    }  # fmt: skip
    assert ask(data).status == 202
    assert done == [
        Start(
            call_id=CALL, format="wav", label="l", name="n.wav", upload_method="post", origin="o", min_seconds=3,
            on_answer=True, on_bridge=True, sample_rate=16000, follow_transfer=False, max_seconds=60,
            upload_url="http://mine.example.com/x",
        )
    ]  # fmt: skip


def test_a_recording_is_stopped(done: list[Start | Update]) -> None:
    response = ask({"action": "stop"})
    assert response.status == 202
    [command] = done
    assert isinstance(command, Update)
    assert (command.call_id, command.progress, command.recording_id) == (CALL, "stopped", None)
    assert content(response)["data"] == {"message": "recording stopped"}


@pytest.mark.parametrize("action", ["start", "stop"])
def test_a_skipped_module_is_answered_but_not_executed(done: list[Start | Update], action: str) -> None:
    response = ask({"action": action, "skip_module": True})
    assert (response.status, done) == (202, [])
    assert "nothing was done" in content(response)["message"]


@pytest.mark.parametrize(
    ("name", "value", "rule"),
    [
        *((name, 7, "type") for name in ("action", "format", "label", "media_name", "method", "origin", "url")),
        *((name, "1", "type") for name in ("record_min_sec", "record_sample_rate", "time_limit")),
        *((name, True, "type") for name in ("record_min_sec", "record_sample_rate", "time_limit")),
        *((name, 7.5, "type") for name in ("record_min_sec", "record_sample_rate", "time_limit")),
        *((name, "true", "type") for name in ("record_on_answer", "record_on_bridge")),
        *((name, 1, "type") for name in ("should_follow_transfer", "skip_module")),
        ("label", ["x"], "type"),
        ("action", "toggle", "enum"),
        ("format", "ogg", "enum"),
        ("method", "patch", "enum"),
        ("record_min_sec", -1, "minimum"),
        ("record_min_sec", 10801, "maximum"),
        ("record_sample_rate", 0, "minimum"),
        ("time_limit", 4, "minimum"),
        ("time_limit", 10801, "maximum"),
        ("media_name", "", "minLength"),
        ("label", "x" * 257, "maxLength"),
        ("url", "x", "minLength"),
        ("url", "https://" + "x" * 2048, "maxLength"),
        ("url", "ftp://mine.example.com", "format"),
        ("url", "https:///path", "format"),
        ("url", "http://[::1", "format"),
    ],
)
def test_an_invalid_parameter_is_refused_with_the_violated_rule(
    done: list[Start | Update], name: str, value: object, rule: str
) -> None:
    response = ask({name: value})
    envelope = content(response)
    assert (response.status, envelope["message"]) == (400, "validation error")
    assert list(envelope["data"]) == [name]
    assert list(envelope["data"][name]) == [rule]
    assert done == []


@pytest.mark.parametrize("limit", [5, 10800])
def test_both_ends_of_a_range_are_valid(done: list[Start | Update], limit: int) -> None:
    assert ask({"time_limit": limit}).status == 202
    assert done == [Start(call_id=CALL, max_seconds=limit)]


def test_a_body_without_an_envelope_is_refused(done: list[Start | Update]) -> None:
    assert ask([]).status == 400
    assert done == []


def test_a_refusal_has_crossbars_form() -> None:
    response = ask({}, call_id="no")
    assert response.status == 422
    assert content(response)["data"] == {"message": "Say <StopRecording/>.", "cause": 21220}
    assert (content(response)["error"], content(response)["message"]) == ("422", "unprocessable")
    assert ask({}, call_id="gone").status == 404


def test_a_reader_without_the_right_is_refused_before_parameters_are_read(done: list[Start | Update]) -> None:
    assert ask({"format": "ogg"}, reader="viewer").status == 403
    assert done == []


def test_the_account_id_of_the_path_may_be_that_of_the_token(done: list[Start | Update]) -> None:
    assert ask({}, account="account").status == 202
    assert done == [Start(call_id=CALL)]
