"""Recordings are started and updated at SignalWire and Twilio."""

import base64
import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

import pytest

from callvault import times
from callvault.account_parameter import Account
from callvault.errors import NotFoundError, RejectedError, UnavailableError, UnprocessableError
from callvault.models import Recording, State
from callvault.providers import forward_parameter
from callvault.providers.commands import Forward, Outcome, Start, Update
from callvault.providers.laml import controls
from callvault.providers.laml.signalwire import SignalWire
from callvault.providers.laml.twilio import Twilio
from callvault.web import Request
from tests import samples
from tools.local.faults.replies import Reply
from tools.local.providers import call_apis
from tools.local.providers.call_apis import PASSWORD, Calls

pytestmark = pytest.mark.loopback
KINDS: dict[str, type[SignalWire | Twilio]] = {"signalwire": SignalWire, "twilio": Twilio}
BASE = "https://calls.example.com"
CALL = "CA0123456789abcdef0123456789abcdef"
FORWARD = Forward(url="https://user.example.com/")


@pytest.fixture(scope="module")
def server() -> Iterator[Calls]:
    with call_apis.Calls() as running:
        yield running


@pytest.fixture
def calls(server: Calls) -> Calls:
    """Return a stand-in with one live call."""
    server.live = {CALL}
    server.started.clear()
    server.failing.clear()
    server.asked.clear()
    return server


@pytest.fixture(params=list(KINDS))
def provider(request: pytest.FixtureRequest, calls: Calls) -> SignalWire | Twilio:
    return KINDS[request.param](account(request.param, calls))


def account(name: str, calls: Calls, **changes: Any) -> Account:
    return samples.of(name).account(**{"api": {"origin": calls.origin, "password": PASSWORD}, **changes})


def known(outcome: Outcome) -> Recording:
    assert outcome.recording is not None
    return outcome.recording


def test_a_recording_is_started_with_our_callback_and_all_events(provider: SignalWire | Twilio, calls: Calls) -> None:
    outcome = provider.start(Start(call_id=CALL), BASE)
    [(recording_id, started)] = calls.started.items()
    assert started.form == {
        "RecordingStatusCallback": f"{BASE}/callbacks/{provider.name}/acme",
        "RecordingStatusCallbackEvent": "in-progress completed absent",
        "RecordingStatusCallbackMethod": "POST",
    }
    recording = known(outcome)
    assert (recording.recording_id, recording.call_id, recording.state) == (recording_id, CALL, State.ANNOUNCED)
    assert (recording.account_id, recording.provider, recording.format) == ("acme", provider.name, "wav")
    assert recording.start_time == times.read("2026-11-20T09:30:00Z")
    assert recording.channels == 1
    assert outcome.status == "in-progress"


def test_all_options_are_passed_on_or_kept(provider: SignalWire | Twilio, calls: Calls) -> None:
    command = Start(
        call_id=CALL, channels="dual", track="inbound", trim="trim-silence", format="mp3", name="n", label="l",
        origin="o", forward=FORWARD, owner_id="u 1",
    )  # fmt: skip
    recording = known(provider.start(command, BASE))
    [started] = calls.started.values()
    said = {"RecordingChannels": "dual", "RecordingTrack": "inbound", "Trim": "trim-silence"}
    assert said.items() <= started.form.items()
    query = f"format=mp3&forward={forward_parameter.write(FORWARD)}&owner_id=u%201"
    assert started.form["RecordingStatusCallback"] == f"{BASE}/callbacks/{provider.name}/acme?{query}"
    assert (recording.format, recording.name, recording.owner_id, recording.channels) == ("mp3", "n", "u 1", 2)
    kept = {"label": "l", "origin": "o"}
    kept |= {"RecordingTrack": "inbound"} if provider.name == "twilio" else {"Trim": "trim-silence"}
    assert kept.items() <= recording.extra.items()


def test_a_configuration_of_twilios_is_sent_alone_and_kept(calls: Calls) -> None:
    """Twilio wants a configuration or parameters, so our own callback is not requested either."""
    command = Start(call_id=CALL, configuration_id="c-1", name="n", owner_id="u 1")
    recording = known(Twilio(account("twilio", calls)).start(command, BASE))
    [started] = calls.started.values()
    assert started.form == {"RecordingConfigurationId": "c-1"}
    assert recording.extra["RecordingConfigurationId"] == "c-1"
    assert (recording.state, recording.name, recording.owner_id) == (State.ANNOUNCED, "n", "u 1")


def test_signalwire_has_no_configurations(calls: Calls) -> None:
    with pytest.raises(UnprocessableError, match=r"with RecordingConfigurationId[.]"):
        SignalWire(account("signalwire", calls)).start(Start(call_id=CALL, configuration_id="c-1"), BASE)
    assert calls.asked == []


def test_our_url_has_the_token(calls: Calls) -> None:
    callback = {"signing_keys": ["k"], "token": "s3cret"}
    Twilio(account("twilio", calls, callback=callback)).start(Start(call_id=CALL), BASE)
    [started] = calls.started.values()
    assert started.form["RecordingStatusCallback"] == f"{BASE}/callbacks/twilio/acme/s3cret"


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ({"min_seconds": 3}, "record_min_sec"),
        ({"max_seconds": 60}, "time_limit"),
        ({"sample_rate": 16000}, "record_sample_rate"),
        ({"on_answer": True}, "record_on_answer"),
        ({"on_bridge": True}, "record_on_bridge"),
        ({"follow_transfer": False}, "should_follow_transfer"),
        ({"upload_url": "https://x"}, "url"),
        ({"upload_method": "post"}, "method"),
    ],
)
def test_unsupported_options_are_refused_without_a_request(
    provider: SignalWire | Twilio, calls: Calls, said: dict[str, Any], name: str
) -> None:
    with pytest.raises(UnprocessableError, match=f"with {name}[.]"):
        provider.start(Start(call_id=CALL, **said), BASE)
    assert calls.asked == []


def test_a_call_that_is_not_in_progress_is_refused_with_the_providers_error_code(provider: SignalWire | Twilio) -> None:
    with pytest.raises(UnprocessableError, match="not in-progress") as caught:
        provider.start(Start(call_id="CA9"), BASE)
    assert caught.value.number == 21220


@pytest.mark.parametrize("call_id", ["", ".", "..", "a/b", "a?b", "a.b", "a b", "é"])
def test_an_id_that_would_change_the_path_is_not_found(
    provider: SignalWire | Twilio, calls: Calls, call_id: str
) -> None:
    with pytest.raises(NotFoundError):
        provider.start(Start(call_id=call_id), BASE)
    for command in (
        Update(call_id=call_id, progress="paused", recording_id="RE1"),
        Update(call_id=CALL, progress="paused", recording_id=call_id or "/"),
    ):
        with pytest.raises(NotFoundError):
            provider.update(command)
    assert calls.asked == []


@pytest.mark.parametrize("progress", ["paused", "in-progress", "stopped"])
def test_a_recording_is_updated(provider: SignalWire | Twilio, calls: Calls, progress: Any) -> None:
    recording_id = known(provider.start(Start(call_id=CALL), BASE)).recording_id
    outcome = provider.update(Update(call_id=CALL, progress=progress, recording_id=recording_id))
    assert calls.started[recording_id].updates == [{"Status": progress}]
    assert (known(outcome).recording_id, outcome.status, known(outcome).format) == (recording_id, progress, None)


def test_a_pause_may_skip_the_silence(provider: SignalWire | Twilio, calls: Calls) -> None:
    recording_id = known(provider.start(Start(call_id=CALL), BASE)).recording_id
    provider.update(Update(call_id=CALL, progress="paused", recording_id=recording_id, pause_behavior="skip"))
    assert calls.started[recording_id].updates == [{"Status": "paused", "PauseBehavior": "skip"}]


def test_twilio_resolves_the_recording_in_progress(calls: Calls) -> None:
    provider = Twilio(account("twilio", calls))
    first, last = (known(provider.start(Start(call_id=CALL), BASE)).recording_id for _ in range(2))
    outcome = provider.update(Update(call_id=CALL, progress="stopped", newest=lambda: first))
    assert known(outcome).recording_id == last
    assert calls.asked[-1].path.endswith("/Recordings/Twilio.CURRENT.json")


def test_signalwire_gets_the_id_of_the_newest_recording_in_the_archive(calls: Calls) -> None:
    provider = SignalWire(account("signalwire", calls))
    recording_id = known(provider.start(Start(call_id=CALL), BASE)).recording_id
    provider.update(Update(call_id=CALL, progress="stopped", newest=lambda: recording_id))
    assert calls.started[recording_id].status == "stopped"
    with pytest.raises(NotFoundError):
        provider.update(Update(call_id=CALL, progress="stopped"))


def test_an_unknown_recording_is_not_found(provider: SignalWire | Twilio) -> None:
    with pytest.raises(NotFoundError):
        provider.update(Update(call_id=CALL, progress="paused", recording_id="RE404"))


@pytest.mark.parametrize("status", [401, 403, 429, 500, 503])
def test_an_unreachable_provider_is_unavailable(provider: SignalWire | Twilio, calls: Calls, status: int) -> None:
    calls.failing = [Reply(status=status, body=b"<html>", public=True)]
    with pytest.raises(UnavailableError) as caught:
        provider.start(Start(call_id=CALL), BASE)
    assert caught.value.reason == f"http_{status}"


def test_wrong_credentials_are_not_the_callers_fault(calls: Calls) -> None:
    with pytest.raises(UnavailableError, match="401"):
        Twilio(account("twilio", calls, api={"origin": calls.origin, "password": "wrong"})).start(
            Start(call_id=CALL), BASE
        )


def test_an_account_without_api_is_unavailable(calls: Calls) -> None:
    with pytest.raises(UnavailableError, match="no api"):
        Twilio(account("twilio", calls, api=None)).start(Start(call_id=CALL), BASE)


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b"{}", b'{"sid":"../x"}', b'{"sid":"RE1","call_sid":7}'])
def test_a_success_without_a_recording_is_unavailable(provider: SignalWire | Twilio, calls: Calls, body: bytes) -> None:
    calls.failing = [Reply(status=201, body=body, public=True)]
    with pytest.raises(UnavailableError) as caught:
        provider.start(Start(call_id=CALL), BASE)
    assert caught.value.reason == "no_resource"


def test_a_resource_may_name_the_first_leg_of_the_call(provider: SignalWire | Twilio, calls: Calls) -> None:
    body = json.dumps({"sid": "RE1", "call_sid": "CA0"}).encode()
    calls.failing = [Reply(status=201, body=body, public=True)]
    outcome = provider.start(Start(call_id=CALL), BASE)
    assert (known(outcome).call_id, outcome.status) == ("CA0", "")


def test_the_requested_format_is_fetched(provider: SignalWire | Twilio) -> None:
    completed = samples.of(provider.name).sample("completed.form").request
    recording = provider.read(replace(completed, raw_query="format=mp3"))
    assert recording is not None
    assert provider.media_url(recording).partition("?")[0].endswith(".mp3")


def test_parameters_of_our_url_are_not_fields_of_the_recording(provider: SignalWire | Twilio) -> None:
    fields = {"RecordingSid": "RE1", "RecordingStatus": "completed", "Odd": "1", "format": "mp3", "forward": "x"}
    recording = provider.read(Request(method="GET", path="/", raw_query=urlencode(fields)))
    assert recording is not None
    assert (recording.extra, recording.format) == ({"Odd": "1"}, "mp3")


def test_a_forward_is_read_from_the_url(provider: SignalWire | Twilio) -> None:
    request = Request(method="POST", path="/", raw_query=f"forward={forward_parameter.write(FORWARD)}")
    assert provider.forward(request) == FORWARD


def test_nothing_is_signed_without_a_key(provider: SignalWire | Twilio, calls: Calls) -> None:
    bare = type(provider)(account(provider.name, calls, callback={}))
    with pytest.raises(RejectedError):
        bare.sign("https://user.example.com/", b"")


def test_the_accounts_credentials_are_used(provider: SignalWire | Twilio, calls: Calls) -> None:
    controls.post(f"{calls.origin}/elsewhere", "Basic " + base64.b64encode(b"a:b").decode(), {})
    provider.start(Start(call_id=CALL), BASE)
    user = provider.account.provider_account_id
    assert calls.asked[-1].authorization == "Basic " + base64.b64encode(f"{user}:{PASSWORD}".encode()).decode()
