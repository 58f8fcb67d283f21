"""The callbacks of SignalWire and Twilio over HTTP, into the table and onto the queue."""

from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl, urlencode

import pytest
import twilio.request_validator as twilio

from callvault import settings
from callvault.ingest import forwarding
from callvault.messaging.queues import Queue
from callvault.models import Recording, State
from callvault.storage import table
from callvault.web import Request
from functions.ingest_callback import app
from tests import samples, worlds
from tests.integration import events
from tests.samples import Contract

PROVIDERS = {name: samples.of(name) for name in ("signalwire", "twilio")}
HEADER = "x-twilio-signature"
"""SignalWire takes it too."""


@pytest.fixture(params=list(PROVIDERS))
def contract(request: pytest.FixtureRequest) -> Contract:
    found: Contract = PROVIDERS[request.param]
    worlds.put_account("acme", **found.parameter)
    worlds.put_account("other", **found.parameter)
    return found


def send(request: Request) -> dict[str, Any]:
    return app.handler(events.from_request(request), events.context())


def form(contract: Contract, name: str = "completed", *, query: str = "", **changes: str) -> Request:
    """Return a sample with changes, signed anew."""
    request = contract.sample(f"{name}.form").request
    fields = dict(parse_qsl(request.body.decode(), keep_blank_values=True)) | changes
    url = request.origin + request.path + (f"?{query}" if query else "")
    key = contract.account().callback.signing_keys[0].secret.get_secret_value()
    signature = twilio.RequestValidator(key).compute_signature(url, fields)
    return replace(request, raw_query=query, body=urlencode(fields).encode(), headers={HEADER: signature})


def recording_id(contract: Contract) -> str:
    said = contract.sample("completed.form").recording
    assert said is not None
    return str(said["recording_id"])


def row(contract: Contract) -> Recording | None:
    return table.get("acme", recording_id(contract))


def known(contract: Contract) -> Recording:
    return worlds.row(recording_id(contract))


def queued() -> int:
    return len(worlds.queued(Queue.FETCH))


def assert_refused(contract: Contract, answer: dict[str, Any]) -> None:
    assert answer["statusCode"] == 403
    assert answer["headers"]["content-type"] == "text/xml"
    assert answer["body"].startswith("<Response><!-- forbidden: ")
    assert (row(contract), queued()) == (None, 0)


ACKNOWLEDGED = {"statusCode": 200, "headers": {"content-type": "text/xml"}, "body": "<Response/>"}


def test_every_sample_is_acknowledged(contract: Contract) -> None:
    for sample in contract.samples:
        assert send(sample.request) == ACKNOWLEDGED, sample.name


@pytest.mark.parametrize("name", ["completed.form", "completed.query", "completed_body_hash.json"])
def test_a_complete_recording_is_pending_and_queued(contract: Contract, name: str) -> None:
    send(contract.sample(name).request)
    assert known(contract).state is State.PENDING
    assert queued() == 1


def test_late_callbacks_move_no_state_back(contract: Contract) -> None:
    send(form(contract, "completed"))
    send(form(contract, "in_progress"))
    send(form(contract, "absent"))
    assert (known(contract).state, known(contract).reason) == (State.PENDING, None)
    assert known(contract).duration_ms == 94000


def test_an_announced_recording_becomes_absent_with_the_providers_code(contract: Contract) -> None:
    send(form(contract, "in_progress"))
    assert known(contract).state is State.ANNOUNCED
    send(form(contract, "absent", ErrorCode="16102"))
    assert (known(contract).state, known(contract).reason) == (State.ABSENT, "16102")
    assert queued() == 0


def test_an_unknown_status_changes_no_state_and_is_kept(contract: Contract) -> None:
    send(form(contract, "completed"))
    assert send(form(contract, "status_of_next_year")) == ACKNOWLEDGED
    assert known(contract).state is State.PENDING
    assert known(contract).extra["RecordingStatus"] == "levitating"


def test_an_unknown_status_announces_an_unknown_recording(contract: Contract) -> None:
    send(form(contract, "status_of_next_year"))
    assert (known(contract).state, queued()) == (State.ANNOUNCED, 0)


def test_a_callback_of_another_kind_announces_the_recording_that_it_names(contract: Contract) -> None:
    assert send(contract.sample("call_completed.form").request) == ACKNOWLEDGED
    assert (known(contract).state, queued()) == (State.ANNOUNCED, 0)
    send(form(contract, "completed"))
    assert send(contract.sample("call_completed.form").request) == ACKNOWLEDGED
    assert (known(contract).state, queued()) == (State.PENDING, 1)


def test_a_callback_that_names_no_recording_changes_nothing(contract: Contract) -> None:
    assert send(contract.sample("call_not_recorded.form").request) == ACKNOWLEDGED
    assert (row(contract), queued()) == (None, 0)


def test_query_parameters_of_the_callback_url_fill_missing_fields(contract: Contract) -> None:
    query = urlencode({"owner_id": "u1", "from": "+15551112222", "to": "sip:ann@example.com", "tag": "a b", "x": "y"})
    assert send(form(contract, query=query)) == ACKNOWLEDGED
    found = known(contract)
    assert (found.owner_id, found.caller, found.callee, found.tag) == (
        "u1",
        "+15551112222",
        "sip:ann@example.com",
        "a b",
    )


def test_query_parameters_do_not_replace_fields_of_the_callback(contract: Contract) -> None:
    send(form(contract, query="from=1&to=2", From="+15551112222"))
    assert (known(contract).caller, known(contract).callee) == ("+15551112222", "2")


def test_known_query_parameters_of_a_get_are_not_kept_as_unknown_fields(contract: Contract) -> None:
    fields = dict(parse_qsl(contract.sample("completed.form").request.body.decode()))
    query = urlencode({"owner_id": "u1", "tag": "", "color": "red"} | fields)
    send(replace(form(contract, query=query), method="GET", body=b"", headers={HEADER: sign_url(contract, query)}))
    found = known(contract)
    assert (found.owner_id, found.tag) == ("u1", None)
    assert found.extra["color"] == "red"
    assert not {"owner_id", "tag", "RecordingUrl"} & set(found.extra)


def sign_url(contract: Contract, query: str) -> str:
    request = contract.sample("completed.form").request
    key = contract.account().callback.signing_keys[0].secret.get_secret_value()
    return str(twilio.RequestValidator(key).compute_signature(f"{request.origin}{request.path}?{query}", {}))


def test_a_query_parameter_that_is_too_long_is_left_out(contract: Contract) -> None:
    assert send(form(contract, query=f"owner_id={'u' * 3000}&tag=t")) == ACKNOWLEDGED
    assert (known(contract).owner_id, known(contract).tag) == (None, "t")


def test_an_unsigned_callback_is_refused(contract: Contract) -> None:
    assert_refused(contract, send(replace(form(contract), headers={})))


def test_a_changed_callback_is_refused(contract: Contract) -> None:
    request = form(contract)
    assert_refused(contract, send(replace(request, body=request.body.replace(b"94", b"95"))))
    assert_refused(contract, send(replace(request, raw_query="owner_id=u1")))


def test_a_callback_that_the_archive_forwarded_is_refused(contract: Contract) -> None:
    """A user names the URL of a forward, so its signature proves nothing."""
    request = form(contract)
    assert_refused(contract, send(replace(request, headers={**request.headers, forwarding.FORWARDED: "1"})))


@pytest.mark.parametrize("repeated", ["RecordingSid=REother", "owner_id=u1&owner_id=u2", "Extra=1&Extra=1"])
def test_a_callback_by_get_with_a_repeated_name_is_refused(contract: Contract, repeated: str) -> None:
    """A user may have written the beginning of the URL that the provider signed."""
    fields = contract.sample("completed.form").request.body.decode()
    request = replace(contract.sample("completed.form").request, method="GET", body=b"")
    answer = send(signed(contract, replace(request, raw_query=f"{repeated}&{fields}")))
    assert (answer["statusCode"], row(contract), queued()) == (400, None, 0)
    assert send(signed(contract, replace(request, raw_query=fields)))["statusCode"] == 200


def signed(contract: Contract, request: Request) -> Request:
    """Return a request by GET, signed for its URL."""
    key = contract.account().callback.signing_keys[0].secret.get_secret_value()
    url = f"{request.origin}{request.path}?{request.raw_query}"
    return replace(request, headers={HEADER: twilio.RequestValidator(key).compute_signature(url, {})})


def test_a_callback_for_another_account_is_refused(contract: Contract) -> None:
    """Both have the same key, so that only the address tells them apart."""
    request = form(contract)
    path = request.path.replace("acme", "other")
    answer = send(replace(request, path=path, parameters={**request.parameters, "account_id": "other"}))
    assert_refused(contract, answer)
    assert table.get("other", recording_id(contract)) is None


def test_a_callback_that_is_signed_for_another_url_is_refused(
    contract: Contract, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PUBLIC_URL", "https://calls.example.com")
    settings.get.cache_clear()
    assert_refused(contract, send(form(contract)))


def test_a_callback_is_signed_for_the_public_url(contract: Contract, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PUBLIC_URL", "https://api.example.com")
    settings.get.cache_clear()
    request = form(contract)
    event = events.http("POST", request.path, request.body, headers=dict(request.headers))
    event["pathParameters"] = dict(request.parameters)
    event["requestContext"]["domainName"] = "abc.execute-api.us-east-1.amazonaws.com"
    assert app.handler(event, events.context()) == ACKNOWLEDGED


def test_an_account_without_keys_accepts_nothing(contract: Contract) -> None:
    request = form(contract)
    worlds.put_account("acme", **{**contract.parameter, "callback": {}})
    assert_refused(contract, send(request))


def test_a_malformed_callback_is_refused_with_the_field(contract: Contract) -> None:
    answer = send(form(contract, RecordingSid="../x"))
    assert answer["statusCode"] == 400
    assert "RecordingSid" in answer["body"]
    assert queued() == 0
