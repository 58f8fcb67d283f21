"""A callback over HTTP, into the table and onto the queue."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from callvault import alarm_messages, clients, times
from callvault.messaging.queues import Queue
from callvault.models import Recording, State
from callvault.providers import PROVIDERS
from callvault.providers.kazoo import webhooks
from callvault.storage import table
from functions.ingest_callback import app
from tests import worlds
from tests.captures import ACCOUNT_ID, document_id
from tests.integration import events

SAMPLES = Path(__file__).parents[2] / "events" / "bandwidth"
RECORDING_ID = "r-115da407-e3d9-4ea7-889f-5f4ad7386a80"


@pytest.fixture(autouse=True)
def account() -> None:
    worlds.put_account("acme", callback={"token": "s3cret"})


def send(
    body: bytes | str,
    *,
    account_id: str = "acme",
    provider: str = "bandwidth",
    token: str | None = "s3cret",  # noqa: S107 - made up
    headers: dict[str, str] | None = None,
) -> dict[str, Any]:
    content = (SAMPLES / f"{body}.json").read_bytes() if isinstance(body, str) else body
    parameters = {"provider": provider, "account_id": account_id} | ({"token": token} if token else {})
    path = "/callbacks/" + "/".join(parameters.values())
    return app.handler(events.http("POST", path, content, parameters=parameters, headers=headers), events.context())


def row(recording_id: str = RECORDING_ID) -> Recording | None:
    return table.get("acme", recording_id)


def queued() -> list[Recording]:
    return worlds.queued_recordings()


def test_an_available_recording_is_pending_and_queued() -> None:
    assert send("recording_available") == {"statusCode": 204, "headers": {}, "body": ""}
    stored = row()
    assert stored is not None
    assert stored.state is State.PENDING
    assert [message.recording_id for message in queued()] == [RECORDING_ID]


@pytest.mark.parametrize("name", ["record_complete", "recording_complete"])
def test_an_event_before_the_media_exists_is_announced_and_not_queued(name: str) -> None:
    assert send(name)["statusCode"] == 204
    stored = row()
    assert stored is not None
    assert (stored.state, queued()) == (State.ANNOUNCED, [])


def test_a_late_announcement_does_not_move_a_recording_back() -> None:
    send("recording_available")
    send("record_complete")
    stored = row()
    assert stored is not None
    assert stored.state is State.PENDING
    assert stored.extra["answerTime"] == "2026-06-17T22:19:38.000Z"


@pytest.mark.parametrize("first", ["record_complete", "recording_available_partial", "recording_available"])
def test_a_status_that_is_not_known_is_kept_whenever_it_comes(first: str) -> None:
    send(first)
    send("recording_available_unknown_status")
    assert worlds.row(RECORDING_ID).extra["status"] == "fermenting"
    send("recording_available")
    assert worlds.row(RECORDING_ID).extra["status"] == "fermenting"


def test_the_accounts_own_secrets_are_not_stored_with_the_fields_of_a_callback() -> None:
    fields = {"eventType": "recordingAvailable", "recordingId": "r-9", "callId": "c-1"}
    sent = {"hook": "https://h/callbacks/bandwidth/acme/s3cret", "deep": [{"text": "it is s3cret"}]}
    assert send(json.dumps(fields | sent).encode())["statusCode"] == 204
    assert worlds.row("r-9").extra == {
        "hook": "https://h/callbacks/bandwidth/acme/***",
        "deep": [{"text": "it is ***"}],
    }


@pytest.mark.parametrize("name", ["disconnect", "event_of_next_year"])
def test_an_event_of_another_kind_is_acknowledged_and_changes_nothing(name: str) -> None:
    assert send(name)["statusCode"] == 204
    assert (row(), queued()) == (None, [])


def test_a_get_callback_is_accepted() -> None:
    parameters = {"provider": "bandwidth", "account_id": "acme", "token": "s3cret"}
    query = f"eventType=recordingAvailable&recordingId={RECORDING_ID}&callId=c-1&from=%2B1555&tag="
    event = events.http("GET", "/callbacks/bandwidth/acme/s3cret", query=query, parameters=parameters)
    assert app.handler(event, events.context())["statusCode"] == 204
    stored = row()
    assert stored is not None
    assert stored.caller == "+1555"


@pytest.mark.parametrize("provider", PROVIDERS)
def test_an_unknown_account_and_a_wrong_secret_are_answered_in_the_same_way(
    caplog: pytest.LogCaptureFixture, provider: str
) -> None:
    worlds.put_account("acme", provider, callback={"token": "s3cret"})
    known, unknown = (
        send("recording_available", provider=provider, account_id=account_id, token="wrong")
        for account_id in ("acme", "nobody")
    )
    assert unknown == known
    assert known["statusCode"] == 403
    assert [(vars(one)["status"], vars(one)["code"]) for one in caplog.records if one.levelname == "INFO"] == [
        (403, "forbidden"),
        (403, "not_found"),
    ]


def test_a_callback_of_another_provider_is_parked(caplog: pytest.LogCaptureFixture) -> None:
    """The parameter may name the wrong provider. Nothing is lost until it is corrected."""
    worlds.put_account("acme", "kazoo", callback={"token": "s3cret"})
    assert send("recording_available")["statusCode"] == 204
    assert len(worlds.queued(Queue.PARKED)) == 1
    [invalid] = [one for one in caplog.records if one.message == alarm_messages.ACCOUNT_INVALID]
    assert vars(invalid)["fields"] == ["provider (a callback of another provider came)"]
    assert row() is None


@pytest.mark.parametrize("token", ["made-up", None])
@pytest.mark.parametrize("provider", ["bandwidth", "kazoo", "twilio"])
def test_a_stranger_who_names_another_provider_parks_nothing(provider: str, token: str | None) -> None:
    """The room for parked callbacks is bounded, so a stranger could use it up."""
    worlds.put_account("acme", "signalwire", callback={"token": "s3cret", "signing_keys": ["key"]})
    headers = {"x-twilio-signature": "made-up"}
    known, unknown = (
        send("recording_available", provider=provider, account_id=account_id, token=token, headers=headers)
        for account_id in ("acme", "nobody")
    )
    assert known == unknown
    assert known["statusCode"] == 403
    assert worlds.queued(Queue.PARKED) == []


def test_a_callback_of_another_provider_is_parked_by_right_basic_credentials() -> None:
    worlds.put_account("acme", "kazoo", callback={"username": "bw", "password": "pass"})
    challenged = send("recording_available", token=None)
    assert events.error(challenged) == (401, "unauthenticated")
    wrong, right = (base64.b64encode(text).decode() for text in (b"bw:wrong", b"bw:pass"))
    refused = send("recording_available", token=None, headers={"authorization": f"Basic {wrong}"})
    assert events.error(refused) == (403, "forbidden")
    assert worlds.queued(Queue.PARKED) == []
    assert send("recording_available", token=None, headers={"authorization": f"Basic {right}"})["statusCode"] == 204
    assert len(worlds.queued(Queue.PARKED)) == 1


def test_an_account_without_callback_credentials_accepts_nothing() -> None:
    worlds.put_account("acme")
    assert events.error(send("recording_available", token=None)) == (403, "forbidden")


@pytest.mark.parametrize("token", [None, "wrong"])
def test_a_wrong_token_is_refused(token: str | None) -> None:
    assert events.error(send("recording_available", token=token)) == (403, "forbidden")
    assert (row(), queued()) == (None, [])


def test_missing_basic_credentials_get_a_challenge() -> None:
    worlds.put_account("acme", callback={"username": "bw", "password": "pass"})
    answer = send("recording_available", token=None)
    assert events.error(answer) == (401, "unauthenticated")
    assert answer["headers"]["www-authenticate"] == 'Basic realm="callvault"'
    headers = {"authorization": "Basic " + base64.b64encode(b"bw:pass").decode()}
    assert send("recording_available", token=None, headers=headers)["statusCode"] == 204


def test_the_secret_is_checked_before_the_body_is_parsed() -> None:
    assert events.error(send(b"not json", token="wrong")) == (403, "forbidden")


@pytest.mark.parametrize("body", [b"", b"not json", b"[]", b'{"eventType":"recordingAvailable"}'])
def test_a_malformed_body_is_refused(body: bytes) -> None:
    assert events.error(send(body)) == (400, "invalid_request")
    assert queued() == []


def test_a_refusal_names_the_field() -> None:
    answer = send(b'{"eventType":"recordingAvailable","recordingId":"../x"}')
    assert json.loads(answer["body"])["field"] == "recordingId"


def test_a_body_over_256_kb_is_refused() -> None:
    assert events.error(send(b" " * (256 * 1024 + 1))) == (413, "too_large")


def test_a_body_of_256_kb_is_accepted() -> None:
    payload = json.loads((SAMPLES / "recording_available.json").read_text()) | {"filler": ""}
    payload["filler"] = "é" * ((256 * 1024 - len(json.dumps(payload).encode())) // 2)
    assert send(json.dumps(payload, ensure_ascii=False).encode())["statusCode"] == 204
    stored = row()
    assert stored is not None
    assert stored.extra["filler"] == payload["filler"]


def test_another_accounts_recording_is_refused() -> None:
    worlds.put_account("acme", callback={"token": "s3cret"}, provider_account_id="1")
    assert events.error(send("recording_available")) == (403, "forbidden")


def test_an_invalid_account_is_logged_by_field_and_never_by_value(caplog: pytest.LogCaptureFixture) -> None:
    worlds.put_account("acme", callback={"token": ["hush-hush"]})
    assert send("recording_available")["statusCode"] == 204
    logged = " ".join(str(vars(record)) for record in caplog.records)
    assert "acme" in logged
    assert "callback.token" in logged
    assert "hush-hush" not in logged


def test_an_unknown_provider_is_not_found() -> None:
    worlds.put_account("acme", provider="pigeon", callback={"token": "s3cret"})
    answer = send("recording_available", provider="pigeon")
    assert events.error(answer) == (404, "not_found")
    assert "no such provider" in answer["body"]


def test_without_the_table_the_queue_holds_the_recording(monkeypatch: pytest.MonkeyPatch) -> None:
    worlds.fail(monkeypatch, clients.dynamodb(), "put_item")
    assert send("recording_available")["statusCode"] == 204
    assert [message.caller for message in queued()] == ["+15551112222"]


def test_without_the_queue_the_table_holds_the_recording(monkeypatch: pytest.MonkeyPatch) -> None:
    worlds.fail(monkeypatch, clients.sqs(), "send_message")
    assert send("recording_available")["statusCode"] == 204
    stored = row()
    assert stored is not None
    assert stored.state is State.PENDING


def test_without_table_and_queue_the_callback_is_answered_with_503(monkeypatch: pytest.MonkeyPatch) -> None:
    worlds.fail(monkeypatch, clients.dynamodb(), "put_item")
    worlds.fail(monkeypatch, clients.sqs(), "send_message")
    answer = send("recording_available")
    assert events.error(answer) == (503, "unavailable")
    assert answer["headers"]["retry-after"] == "5"


def test_an_announcement_without_the_table_is_not_acknowledged(monkeypatch: pytest.MonkeyPatch) -> None:
    worlds.fail(monkeypatch, clients.dynamodb(), "put_item")
    assert events.error(send("record_complete")) == (503, "unavailable")


def test_a_repeated_callback_changes_nothing() -> None:
    send("recording_available")
    before = row()
    assert send("recording_available")["statusCode"] == 204
    assert row() == before


def test_a_url_that_no_hmac_covers_names_no_owner() -> None:
    worlds.put_account(ACCOUNT_ID, "kazoo", provider_account_id=ACCOUNT_ID, callback={"hmac_key": "key"})
    data = {"id": document_id(1), "type": "call_recording", "rev": "2-x", "account_id": ACCOUNT_ID}
    seconds = int(times.now().timestamp()) + times.GREGORIAN_EPOCH
    signature = webhooks.sign("key", seconds, webhooks.canonical(data)).decode()
    hook = {"action": "event", "name": "doc_edited", "timestamp": seconds, "hmac": signature, "data": data}
    parameters = {"provider": "kazoo", "account_id": ACCOUNT_ID}
    headers = {"content-type": "application/json"}
    body, query = json.dumps(hook).encode(), "owner_id=mallory&from=%2B1&tag=x"
    event = events.http("POST", "/callbacks", body, query=query, headers=headers, parameters=parameters)
    assert app.handler(event, events.context())["statusCode"] == 200
    row = worlds.row(document_id(1), ACCOUNT_ID)
    assert (row.owner_id, row.caller, row.tag) == (None, None, None)
