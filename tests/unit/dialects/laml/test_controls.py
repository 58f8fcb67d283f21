"""Recordings are started and updated as by the APIs of SignalWire and Twilio."""

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

import pytest

from callvault import dialects
from callvault.errors import NotFoundError, UnavailableError, UnprocessableError
from callvault.models import Recording, State
from callvault.providers.commands import Forward, Outcome, Start, Update
from callvault.readers import controls
from callvault.readers.access import Principal
from callvault.web import Request, Response
from tests import worlds
from tests.worlds import content

ROOTS = {"twilio": "/2010-04-01", "signalwire": "/api/laml/2010-04-01"}
URL = "https://user.example.com/hook?a=b"


class Done:
    """What reached the provider, and what came of it."""

    def __init__(self) -> None:
        self.commands: list[Start | Update] = []
        self.outcome = Outcome(None, "in-progress")
        self.refusal: Exception | None = None

    def note(self, command: Start | Update) -> Outcome:
        """Note a command."""
        if self.refusal:
            raise self.refusal
        self.commands.append(command)
        return self.outcome


@pytest.fixture(autouse=True)
def done(monkeypatch: pytest.MonkeyPatch) -> Done:
    made = Done()

    def start(principal: Principal, request: Request, command: Start) -> Outcome:
        return made.note(command)

    monkeypatch.setattr(controls, "start", start)
    monkeypatch.setattr(controls, "update", lambda _, command: made.note(command))
    return made


@pytest.fixture(autouse=True)
def accounts() -> None:
    readers = worlds.readers(ops={"can_control": True}, alice={"can_control": True, "user_id": "alice"}, viewer={})
    for name in (*ROOTS, "kazoo"):
        worlds.put_account(name, name, readers=readers, forward_origins=["http://127.0.0.1:99"])


def recording(provider: str, **fields: Any) -> Recording:
    known = {"account_id": provider, "provider": provider, "state": State.ANNOUNCED, "call_id": "CA1", "channels": 2}
    return worlds.recording("RE1", **known | fields)


def ask(  # noqa: PLR0917 - a request has so many parts
    path: str,
    form: Mapping[str, Any] | bytes,
    account: str = "twilio",
    reader: str = "ops",
    root: str = ROOTS["twilio"],
    content_type: str = "application/x-www-form-urlencoded",
) -> Response:
    headers = worlds.basic_header(account, reader) | {"content-type": content_type}
    body = form if isinstance(form, bytes) else urlencode(form, doseq=True).encode()
    path = f"{root}/Accounts/{account}/Calls/CA1/{path}"
    return dialects.answer(Request(method="POST", path=path, headers=headers, body=body, origin="https://a.example"))


def refusal(response: Response) -> tuple[int, int]:
    assert set(content(response)) == {"code", "message", "more_info", "status"}
    return response.status, content(response)["code"]


@pytest.mark.parametrize(("account", "status"), [("twilio", 201), ("signalwire", 200)])
@pytest.mark.parametrize("root", ROOTS.values())
@pytest.mark.parametrize("path", ["Recordings", "Recordings.json"])
def test_a_start_is_answered_with_the_types_of_the_accounts_provider(
    done: Done, account: str, status: int, root: str, path: str
) -> None:
    extra = {"RecordingTrack": "both", "Trim": "do-not-trim", "RecordingSource": "StartCallRecordingApi"}
    done.outcome = Outcome(recording(account, extra=extra), "in-progress")
    response = ask(path, {}, account, root=root)
    document = content(response)
    assert response.status == status
    assert done.commands == [Start(call_id="CA1")]
    assert (document["sid"], document["call_sid"], document["status"]) == ("RE1", "CA1", "in-progress")
    assert document["account_sid"] == account
    assert document["source"] == "StartCallRecordingApi"
    assert document["uri"] == f"{root}/Accounts/{account}/Recordings/RE1.json"
    own = {"channels": 2, "track": "both"} if account == "twilio" else {"channels": "2", "trim": "do-not-trim"}
    assert own.items() <= document.items()


def test_all_parameters_are_read(done: Done) -> None:
    form = {
        "RecordingChannels": "dual", "RecordingStatusCallback": f"{URL}#rc=3", "RecordingStatusCallbackMethod": "GET",
        "RecordingStatusCallbackEvent": "in-progress completed absent", "RecordingTrack": "outbound",
        "Trim": "trim-silence", "Unknown": "x",
    }  # fmt: skip
    assert ask("Recordings.json", form).status == 201
    forward = Forward(url=URL, method="GET", events=("in-progress", "completed", "absent"))
    assert done.commands == [
        Start(call_id="CA1", channels="dual", track="outbound", trim="trim-silence", forward=forward)
    ]


def test_default_values_are_not_passed_on(done: Done) -> None:
    form = {"RecordingChannels": "Mono", "RecordingTrack": "both", "Trim": "do-not-trim", "RecordingStatusCallback": ""}
    form |= {"RecordingStatusCallbackEvent": "", "RecordingStatusCallbackMethod": "POST"}
    assert ask("Recordings", form).status == 201
    assert done.commands == [Start(call_id="CA1")]


def test_by_default_a_callback_is_a_post_after_completion(done: Done) -> None:
    ask("Recordings", {"RecordingStatusCallback": URL})
    ask("Recordings", {"RecordingStatusCallback": "http://127.0.0.1:99/x"})
    assert done.commands == [
        Start(call_id="CA1", forward=Forward(url=URL, method="POST", events=("completed",))),
        Start(call_id="CA1", forward=Forward(url="http://127.0.0.1:99/x", method="POST", events=("completed",))),
    ]


def test_events_may_be_repeated_parameters_as_twilios_sdk_sends_them(done: Done) -> None:
    ask("Recordings", {"RecordingStatusCallback": URL, "RecordingStatusCallbackEvent": ["absent", "completed"]})
    assert done.commands == [Start(call_id="CA1", forward=Forward(url=URL, events=("absent", "completed")))]


def test_parameters_may_be_json(done: Done) -> None:
    given = {"RecordingStatusCallback": URL, "RecordingStatusCallbackEvent": ["absent"], "Trim": None, "Odd": 1}
    assert ask("Recordings", json.dumps(given).encode(), content_type="application/json").status == 201
    assert done.commands == [Start(call_id="CA1", forward=Forward(url=URL, events=("absent",)))]


@pytest.mark.parametrize(
    ("name", "value", "numbers"),
    [
        ("RecordingChannels", "stereo", (20001, 10000)),
        ("RecordingTrack", "left", (20001, 10000)),
        ("Trim", "yes", (13699, 13699)),
        ("RecordingStatusCallback", "https://a.example/callbacks/twilio/acme", (20001, 10000)),
        ("RecordingStatusCallbackMethod", "PUT", (20001, 10000)),
        ("RecordingStatusCallbackEvent", "completed begun", (13621, 13621)),
        ("RecordingStatusCallback", "/hook", (20001, 10000)),
        ("RecordingStatusCallback", "http://user.example.com/", (20001, 10000)),
        ("RecordingStatusCallback", "https://u:p@user.example.com/", (20001, 10000)),
        ("RecordingStatusCallback", "https://user.example.com/" + "x" * 3000, (20001, 10000)),
    ],
)
def test_an_invalid_parameter_is_refused_with_its_name(
    done: Done, name: str, value: str, numbers: tuple[int, int]
) -> None:
    for (account, root), number in zip(ROOTS.items(), numbers, strict=True):
        response = ask("Recordings.json", {name: value}, account, root=root)
        assert refusal(response) == (400, number)
        assert content(response)["message"].startswith(f"{name} must")
    assert done.commands == []


def test_the_id_of_a_recording_configuration_is_passed_on(done: Done) -> None:
    assert ask("Recordings.json", {"RecordingConfigurationId": " c-1 ", "Trim": ""}).status == 201
    assert done.commands == [Start(call_id="CA1", configuration_id="c-1")]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("RecordingChannels", "mono"),
        ("RecordingTrack", "both"),
        ("Trim", "do-not-trim"),
        ("RecordingStatusCallback", URL),
        ("RecordingStatusCallbackEvent", "completed"),
        ("RecordingStatusCallbackMethod", "POST"),
    ],
)
def test_a_configuration_beside_a_parameter_that_it_sets_is_refused(done: Done, name: str, value: str) -> None:
    """Even the default value is refused, because the configuration may have another one."""
    response = ask("Recordings.json", {"RecordingConfigurationId": "c-1", name: value})
    assert refusal(response) == (422, 20001)
    assert name in content(response)["message"]
    assert done.commands == []


@pytest.mark.parametrize("account", ROOTS)
@pytest.mark.parametrize("path", ["Recordings/RE1", "Recordings/RE1.json"])
@pytest.mark.parametrize("status", ["paused", "in-progress", "stopped"])
def test_an_update_is_answered_with_the_recording(done: Done, account: str, path: str, status: str) -> None:
    done.outcome = Outcome(recording(account), status)
    response = ask(path, {"Status": status}, account, root=ROOTS[account])
    assert response.status == 200
    assert (content(response)["sid"], content(response)["status"]) == ("RE1", status)
    [command] = done.commands
    assert isinstance(command, Update)
    assert command == Update(call_id="CA1", progress=command.progress, recording_id="RE1", newest=command.newest)
    assert command.progress == status


def test_a_pause_may_skip_the_silence(done: Done) -> None:
    for behavior in ("skip", "silence", ""):
        assert ask("Recordings/RE1.json", {"Status": "paused", "PauseBehavior": behavior}).status == 200
    assert [command.pause_behavior for command in done.commands if isinstance(command, Update)] == ["skip", None, None]


@pytest.mark.parametrize("path", ["Recordings/Twilio.CURRENT", "Recordings/Twilio.CURRENT.json"])
def test_the_current_recording_needs_no_id(done: Done, path: str) -> None:
    ask(path, {"Status": "stopped"})
    [command] = done.commands
    assert isinstance(command, Update)
    assert command.recording_id is None


@pytest.mark.parametrize(
    ("form", "name"),
    [({}, "Status"), ({"Status": ""}, "Status"), ({"Status": "resumed"}, "Status"),
     ({"Status": "paused", "PauseBehavior": "loud"}, "PauseBehavior")],
)  # fmt: skip
def test_an_invalid_update_is_refused_with_the_name(done: Done, form: dict[str, str], name: str) -> None:
    response = ask("Recordings/RE1.json", form)
    assert refusal(response) == (400, 20001)
    assert content(response)["message"].startswith(name)
    assert done.commands == []


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (UnprocessableError("Call is not in-progress", 21220), 422, 21220),
        (UnprocessableError("Say <StopRecording/>"), 422, 20001),
        (NotFoundError("no call"), 404, 20404),
        (UnavailableError("http_429", "busy", 7), 503, 20503),
    ],
)
def test_a_refusal_has_the_providers_error_code(done: Done, error: Exception, status: int, code: int) -> None:
    done.refusal = error
    response = ask("Recordings.json", {})
    assert refusal(response) == (status, code)
    if status == 422:
        assert content(response)["message"] == str(error)
    assert response.headers.get("retry-after") == ("7" if status == 503 else None)


def test_a_start_without_details_from_the_provider_is_in_progress(done: Done) -> None:
    document = content(ask("Recordings.json", {}, "kazoo"))
    assert document == {"sid": None, "account_sid": "kazoo", "call_sid": "CA1", "status": "in-progress"}


def test_an_outcome_without_a_status_is_in_progress(done: Done) -> None:
    done.outcome = Outcome(recording("twilio"), "")
    assert content(ask("Recordings.json", {}))["status"] == "in-progress"


def test_a_reader_without_the_right_is_refused_before_parameters_are_read(done: Done) -> None:
    for path in ("Recordings.json", "Recordings/RE1.json"):
        assert refusal(ask(path, {"Trim": "wrong"}, reader="viewer")) == (403, 20403)


def test_recordings_of_a_conference_cannot_be_controlled() -> None:
    path = "/2010-04-01/Accounts/twilio/Conferences/CF1/Recordings/RE1.json"
    headers = worlds.basic_header("twilio", "ops")
    assert dialects.answer(Request(method="POST", path=path, headers=headers)).status == 405


def test_a_reader_limited_to_a_user_forwards_to_listed_origins_only(done: Done) -> None:
    """The archive signs the URL, so any webhook of the customer's would believe it."""
    refused = ask("Recordings", {"RecordingStatusCallback": URL}, reader="alice")
    assert refusal(refused) == (400, 20001)
    assert "forward_origins" in content(refused)["message"]
    assert done.commands == []
    assert ask("Recordings", {"RecordingStatusCallback": "http://127.0.0.1:99/x"}, reader="alice").status == 201
