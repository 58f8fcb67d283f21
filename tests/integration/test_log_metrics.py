"""What the metric filters of the template look for, in what the functions write."""

import json
import logging
import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest

from callvault import clients, settings, times
from callvault.errors import UnavailableError
from callvault.ingest import callbacks, kazoo_uploads
from callvault.ingest.parking import ParkedCallback
from callvault.models import State
from callvault.providers.bandwidth.provider import Bandwidth
from callvault.transcript import Transcript, TranscriptState
from callvault.web import Request
from functions.control_recording import app as control_recording
from functions.fetch_media import app as fetch_media
from functions.forward_callbacks import app as forward_callbacks
from functions.ingest_callback import app as ingest_callback
from functions.ingest_parked import app as ingest_parked
from functions.query_recordings import app as query_recordings
from functions.receive_upload import app as receive_upload
from functions.reconcile_accounts import app as reconcile_accounts
from functions.sweep_recordings import app as sweep_recordings
from functions.verify_media import app as verify_media
from tests import filter_patterns, listers, worlds
from tests.captures import AUDIO, document_id
from tests.integration import events
from tools.local.faults.replies import Reply
from tools.local.providers import kazoo_api
from tools.local.providers.kazoo_api import Crossbar
from tools.local.providers.standins import Standin

pytestmark = pytest.mark.loopback

PENDING = {"account_id": "acme", "recording_id": "r-1", "provider": "bandwidth", "state": "pending", "call_id": "c-1"}
KEY = f"incoming/kazoo/acme/{document_id(0x80)}/f00d.mp3"
FORWARD = {"account_id": "acme", "recording_id": "r-1", "url": "https://user.example.com", "method": "POST", "form": ""}
UPLOAD = {"account_id": "acme", "token": "wrong"}


@pytest.fixture
def crossbar() -> Iterator[Crossbar]:
    """Run a stand-in of KAZOO to which acme has a wrong key."""
    with kazoo_api.Crossbar() as running:
        worlds.put_account("acme", provider="kazoo", api={"origin": running.origin, "api_key": "wrong"})
        yield running


def fetch() -> None:
    fetch_media.handler(events.sqs(PENDING), events.context())


def verify(body: bytes = AUDIO) -> None:
    version = clients.s3().put_object(Bucket=settings.get().bucket_name, Key=KEY, Body=body)["VersionId"]
    verify_media.handler(events.sqs(events.object_change(KEY, version)), events.context())


def sweep() -> None:
    """Sweep an announced row."""
    with pytest.MonkeyPatch.context() as monkeypatch, worlds.Clock(monkeypatch).ago(hours=7):
        worlds.put(**PENDING | {"state": State.ANNOUNCED})
    sweep_recordings.handler({}, events.context(300))


def call_back() -> None:
    parameters = {"provider": "bandwidth", "account_id": "acme", "token": "wrong"}
    event = events.http("POST", "/callbacks/bandwidth/acme/wrong", b"{}", parameters=parameters)
    ingest_callback.handler(event, events.context())


def call_back_late() -> None:
    """Process a parked callback with a wrong token."""
    parameters = {"provider": "bandwidth", "account_id": "acme", "token": "wrong"}
    request = Request(method="POST", path="/callbacks/bandwidth/acme/wrong", body=b"{}", parameters=parameters)
    message = ParkedCallback.of(request).model_dump_json()
    ingest_parked.handler(events.sqs(message), events.context())


def unreadable_callback() -> None:
    parameters = {"provider": "bandwidth", "account_id": "acme", "token": "right"}
    body = b'{"eventType": "recordingAvailable"}'
    event = events.http("POST", "/callbacks/bandwidth/acme/right", body, parameters=parameters)
    ingest_callback.handler(event, events.context())


def unreadable_upload() -> None:
    event = events.http("PUT", "/uploads/kazoo/acme/right", b"", parameters=UPLOAD | {"token": "right"})
    receive_upload.handler(event, events.context())


def upload() -> None:
    event = events.http("PUT", "/uploads/kazoo/acme/wrong", AUDIO, parameters=UPLOAD)
    receive_upload.handler(event, events.context())


def query() -> None:
    headers = {"x-auth-token": "acme.secret"}
    query_recordings.handler(events.http("GET", "/v2/accounts/acme/recordings", headers=headers), events.context())


def control() -> None:
    headers = {"x-auth-token": "acme.secret"}
    event = events.http("PUT", "/api/v2/accounts/acme/calls/c-1/recording", b"{}", headers=headers)
    control_recording.handler(event, events.context())


def forward() -> None:
    forward_callbacks.handler(events.sqs(FORWARD), events.context())


def reconcile() -> None:
    reconcile_accounts.handler(events.sqs({"account_id": "acme"}), events.context(900))


def unlisted(_: pytest.FixtureRequest) -> None:
    """Reconcile an account whose provider refuses the credentials."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        listers.install(monkeypatch).failures.append(UnavailableError("http_401", "No."))
        reconcile()


def list_document(body: bytes, _: dict[str, str]) -> None:
    """Reconcile an account whose list has the document of a webhook."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        listers.list_one(monkeypatch, "kazoo", json.loads(body)["id"])
        reconcile()


def unanswered(request: pytest.FixtureRequest) -> None:
    """Sweep a transcription that was requested two days ago and never came."""
    with pytest.MonkeyPatch.context() as monkeypatch, worlds.Clock(monkeypatch).ago(hours=48):
        expiry = times.after(times.now(), timedelta(days=1))
        requested = Transcript(state=TranscriptState.REQUESTED, source_expires_time=expiry)
        worlds.put(state=State.VERIFIED, call_id="c-1", media=worlds.media(), transcript=requested)
    resource = {"recordingId": "r-1", "callId": "c-1", "status": "complete", "transcription": None}
    standin: Standin = request.getfixturevalue("standin")
    standin.otherwise = Reply(body=json.dumps(resource).encode(), headers={"content-type": "application/json"})
    sweep_recordings.handler({}, events.context(300))


def not_compared(act: Callable[[bytes, dict[str, str]], None]) -> Callable[[pytest.FixtureRequest], None]:
    """Return what acts on a webhook about pushed audio while the queue does not answer."""

    def run(request: pytest.FixtureRequest) -> None:
        request.getfixturevalue("crossbar")
        worlds.put_account(
            "acme", provider="kazoo", callback={"token": "right"}, api={"origin": "https://x.example", "api_key": "k"}
        )
        document = document_id(0x80)
        parameters = {"account_id": "acme", "token": "right", "path": f"{document}/a.mp3"}
        receive_upload.handler(events.http("PUT", "/uploads", AUDIO, parameters=parameters), events.context())
        hook = {"id": document, "type": "call_recording", "action": "doc_edited", "account_id": "acme"}
        with pytest.MonkeyPatch.context() as broken:
            worlds.fail(broken, clients.sqs(), "send_message")
            act(json.dumps(hook).encode(), {"provider": "kazoo", "account_id": "acme", "token": "right"})

    return run


def hook_now(body: bytes, parameters: dict[str, str]) -> None:
    headers = {"content-type": "application/json"}
    event = events.http("POST", "/callbacks/kazoo/acme/right", body, headers=headers, parameters=parameters)
    ingest_callback.handler(event, events.context())


def hook_late(body: bytes, parameters: dict[str, str]) -> None:
    headers = {"content-type": "application/json"}
    path = "/callbacks/kazoo/acme/right"
    request = Request(method="POST", path=path, headers=headers, body=body, parameters=parameters)
    ingest_parked.handler(events.sqs(ParkedCallback.of(request).model_dump_json()), events.context())


def misconfigured(act: Callable[[], None]) -> Callable[[pytest.FixtureRequest], None]:
    """Return what acts on an account that does not validate."""

    def run(_: pytest.FixtureRequest) -> None:
        worlds.put_account("acme", readers=7)
        act()

    return run


def refused(reply: Reply, act: Callable[[], None]) -> Callable[[pytest.FixtureRequest], None]:
    """Return what acts on an account whose provider answers so."""

    def run(request: pytest.FixtureRequest) -> None:
        standin: Standin = request.getfixturevalue("standin")
        standin.otherwise = reply
        act()

    return run


def with_crossbar(request: pytest.FixtureRequest) -> None:
    request.getfixturevalue("crossbar")
    verify()


def without_api(act: Callable[[], None], **fields: Any) -> Callable[[pytest.FixtureRequest], None]:
    """Return what acts on an account with nothing but these fields."""

    def run(_: pytest.FixtureRequest) -> None:
        worlds.put_account("acme", **fields)
        act()

    return run


def crash(handler: Callable[..., Any]) -> Callable[[pytest.FixtureRequest], None]:
    return lambda _: handler(events.sqs("not json"), events.context())


def crash_before_authentication(_: pytest.FixtureRequest) -> None:
    worlds.put_account("acme", callback={"token": "right"})
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setattr(Bandwidth, "authenticate", None)
        call_back()


KAZOO = {"provider": "kazoo", "callback": {"token": "right"}}
SCENES: dict[str, Callable[[pytest.FixtureRequest], Any]] = {
    "FetchRefusals": refused(Reply(status=403, public=True), fetch),
    "VerifyRefusals": with_crossbar,
    "SweepRefusals": refused(Reply(status=401), sweep),
    "ReconcileRefusals": unlisted,
    "IngestCallbackMisconfigured": misconfigured(call_back),
    "IngestParkedMisconfigured": misconfigured(call_back_late),
    "ReceiveUploadMisconfigured": misconfigured(upload),
    "FetchMediaMisconfigured": misconfigured(fetch),
    "VerifyMediaMisconfigured": misconfigured(verify),
    "SweepRecordingsMisconfigured": misconfigured(sweep),
    "ReconcileAccountsMisconfigured": misconfigured(reconcile),
    "QueryRecordingsMisconfigured": misconfigured(query),
    "ControlRecordingMisconfigured": misconfigured(control),
    "ForwardCallbacksMisconfigured": misconfigured(forward),
    "FetchFailures": refused(Reply(status=410, public=True), fetch),
    "SweepFailures": unanswered,
    "ReconcileFailures": not_compared(list_document),
    "IngestCallbackFailures": not_compared(hook_now),
    "IngestParkedFailures": not_compared(hook_late),
    "VerifyFailures": without_api(lambda: verify(b"no audio" * 99), **KAZOO),
    "FetchCrashes": crash(fetch_media.handler),
    "VerifyCrashes": crash(verify_media.handler),
    "ForwardCrashes": crash(forward_callbacks.handler),
    "ParkedCrashes": crash(ingest_parked.handler),
    "ReconcileCrashes": crash(reconcile_accounts.handler),
    "CallbackCrashes": crash_before_authentication,
    "CallbackRefusals": without_api(call_back, callback={"token": "right"}),
    "ParkedRefusals": without_api(call_back_late, callback={"token": "right"}),
    "UploadRefusals": without_api(upload, **KAZOO),
    "IngestCallbackUnreadable": without_api(unreadable_callback, callback={"token": "right"}),
    "ReceiveUploadUnreadable": without_api(unreadable_upload, **KAZOO),
}


ALSO = {"CallbackCrashes": {"RefusedCallbacks"}}
"""Further metrics that a scenario is counted by: a callback that crashes is refused too."""


def filters(template: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the filters of functions' logs, their patterns written out."""
    found = template["Resources"].items()
    named = {
        name: one["Properties"]
        | {"FilterPattern": filter_patterns.written(template, one["Properties"]["FilterPattern"])}
        for name, one in found
        if one["Type"] == "AWS::Logs::MetricFilter"
    }
    return {name: one for name, one in named.items() if one["LogGroupName"]["Ref"] != "ApiLogs"}


def test_every_filter_has_a_scenario(template: dict[str, Any]) -> None:
    assert set(SCENES) == set(filters(template))


@pytest.mark.parametrize("name", SCENES)
def test_a_scenario_is_counted_by_its_own_metric_only(
    template: dict[str, Any], caplog: pytest.LogCaptureFixture, request: pytest.FixtureRequest, name: str
) -> None:
    SCENES[name](request)
    formatter: Any = fetch_media.logger.registered_formatter
    lines = [formatter.format(record) for record in caplog.records]
    known = filters(template)
    [group] = {known[name]["LogGroupName"]["Ref"]}
    seen = {
        one["MetricTransformations"][0]["MetricName"]: sum(
            filter_patterns.matches(one["FilterPattern"], line) for line in lines
        )
        for one in known.values()
        if one["LogGroupName"]["Ref"] == group
    }
    metric = known[name]["MetricTransformations"][0]["MetricName"]
    assert seen[metric] >= 1
    assert {other for other, count in seen.items() if count} - {metric} == ALSO.get(name, set())


def test_a_genuine_callback_of_another_account_at_the_provider_is_counted_at_once(
    template: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    """The parameter has a typo in `provider_account_id`: the sender knows the secret."""
    worlds.put_account("acme", callback={"token": "right"}, provider_account_id="990000")
    parameters = {"provider": "bandwidth", "account_id": "acme", "token": "right"}
    body = b'{"eventType": "recordingAvailable", "accountId": "9900000", "recordingId": "r-1", "callId": "c-1"}'
    event = events.http("POST", "/callbacks/bandwidth/acme/right", body, parameters=parameters)
    assert ingest_callback.handler(event, events.context())["statusCode"] == 403
    formatter: Any = fetch_media.logger.registered_formatter
    pattern = filters(template)["IngestCallbackUnreadable"]["FilterPattern"]
    assert sum(filter_patterns.matches(pattern, formatter.format(record)) for record in caplog.records) == 1
    assert template["Resources"]["CallbacksUnreadable"]["Properties"]["Threshold"] == 1


def test_a_callback_that_is_too_large_counts_as_refused(
    template: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    worlds.put_account("acme", callback={"token": "right"})
    parameters = {"provider": "bandwidth", "account_id": "acme", "token": "right"}
    body = b" " * (callbacks.MAX_BODY_BYTES + 1)
    event = events.http("POST", "/callbacks/bandwidth/acme/right", body, parameters=parameters)
    assert ingest_callback.handler(event, events.context())["statusCode"] == 413
    formatter: Any = fetch_media.logger.registered_formatter
    pattern = filters(template)["CallbackRefusals"]["FilterPattern"]
    assert sum(filter_patterns.matches(pattern, formatter.format(record)) for record in caplog.records) == 1


@pytest.mark.parametrize(
    ("alarm", "scene"),
    [
        ("CallbacksRefused", "CallbackRefusals"),
        ("ParkedCallbacksRefused", "ParkedRefusals"),
        ("CallbacksRefused", "UploadRefusals"),
        ("ProvidersRefuse", "FetchRefusals"),
        ("ProvidersRefuse", "VerifyRefusals"),
        ("ProvidersRefuse", "SweepRefusals"),
        ("RecordingsFailed", "FetchFailures"),
        ("RecordingsFailed", "VerifyFailures"),
        ("AccountsInvalid", "IngestCallbackMisconfigured"),
        ("AccountsInvalid", "FetchMediaMisconfigured"),
    ],
)
def test_the_command_in_an_alarms_text_shows_the_account(
    template: dict[str, Any], caplog: pytest.LogCaptureFixture, request: pytest.FixtureRequest, alarm: str, scene: str
) -> None:
    SCENES[scene](request)
    text = filter_patterns.written(template, template["Resources"][alarm]["Properties"]["AlarmDescription"])
    [pattern] = re.findall(r"--filter-pattern '([^']+)'", text)
    formatter: Any = fetch_media.logger.registered_formatter
    lines = [line for line in map(formatter.format, caplog.records) if filter_patterns.matches(pattern, line)]
    assert lines
    assert {json.loads(line)["account"] for line in lines} == {"acme"}


def test_the_command_of_the_alarm_about_large_uploads_shows_the_account(
    template: dict[str, Any], caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kazoo_uploads, "MAX_BODY_BYTES", 10)
    worlds.put_account("acme", "kazoo", callback={"token": UPLOAD["token"]})
    upload()
    text = filter_patterns.written(template, template["Resources"]["UploadsRefused"]["Properties"]["AlarmDescription"])
    [pattern] = re.findall(r"--filter-pattern '([^']+)'", text)
    formatter: Any = fetch_media.logger.registered_formatter
    [line] = [line for line in map(formatter.format, caplog.records) if filter_patterns.matches(pattern, line)]
    assert json.loads(line)["account"] == "acme"


def test_logs_without_a_problem_match_no_filter(
    template: dict[str, Any], caplog: pytest.LogCaptureFixture, standin: Standin
) -> None:
    caplog.set_level(logging.DEBUG)
    standin.otherwise = Reply(status=503, public=True)
    fetch()
    sweep()
    formatter: Any = fetch_media.logger.registered_formatter
    lines = [formatter.format(record) for record in caplog.records if record.name.startswith("service")]
    assert lines
    for one in filters(template).values():
        assert not any(filter_patterns.matches(one["FilterPattern"], line) for line in lines)
