"""The log of a refused callback or upload says whose it was and which check it failed."""

import json
from typing import Any

import pytest

from callvault import alarm_messages
from callvault.providers import PROVIDERS
from callvault.storage import daily_counts
from callvault.storage.daily_counts import Kind
from functions.ingest_callback import app as ingest
from functions.receive_upload import app as uploads
from tests import worlds
from tests.integration import events

SECRET, GUESS = "the-right-secret", "the-wrong-guess"
KAZOO_ID = "202606-" + "0123456789abcdef" * 2
BANDWIDTH = {"eventType": "recordingAvailable", "accountId": "acme", "recordingId": "r-1", "callId": "c-1"}
LAML = b"AccountSid=acme&RecordingSid=RE1&RecordingStatus=completed"
KAZOO = {"action": "event", "name": "doc_edited", "timestamp": 1, "hmac": GUESS, "data": {"id": KAZOO_ID}}


def basic(password: str) -> dict[str, str]:
    return worlds.basic_header("user", password)


def call(
    provider: str, body: object, headers: dict[str, str] | None = None, token: str | None = None, function: Any = ingest
) -> int:
    parameters = {"provider": provider, "account_id": "acme"} | ({"token": token} if token else {})
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    path = "/callbacks/" + "/".join(parameters.values())
    event = events.http("POST", path, content, parameters=parameters, headers=headers)
    return int(function.handler(event, events.context())["statusCode"])


def refusal(caplog: pytest.LogCaptureFixture, message: str = "A callback was refused") -> dict[str, Any]:
    """Return the fields of the one line about a refusal, which has neither secret nor guess."""
    (line,) = [record for record in caplog.records if record.message == message]
    assert SECRET not in str(vars(line))
    assert GUESS not in str(vars(line))
    wanted = ("account", "provider", "recording", "check", "status")
    return {name: getattr(line, name) for name in wanted if hasattr(line, name)}


@pytest.mark.parametrize(
    ("provider", "callback", "body", "headers", "token", "recording", "check", "status"),
    [
        ("bandwidth", {"token": SECRET}, BANDWIDTH, {}, GUESS, "r-1", "token", 403),
        ("bandwidth", {"token": SECRET}, BANDWIDTH, {}, None, "r-1", "token", 403),
        ("bandwidth", {"username": "user", "password": SECRET}, BANDWIDTH, {}, None, "r-1", "basic", 401),
        ("bandwidth", {"username": "user", "password": SECRET}, BANDWIDTH, basic(GUESS), None, "r-1", "basic", 403),
        ("bandwidth", {}, BANDWIDTH, {}, None, "r-1", "configured", 403),
        ("bandwidth", {"token": SECRET}, BANDWIDTH | {"accountId": "b"}, {}, SECRET, "r-1", "account", 403),
        ("twilio", {"signing_keys": [SECRET]}, LAML, {"x-twilio-signature": GUESS}, None, "RE1", "signature", 403),
        ("twilio", {"signing_keys": [SECRET], "token": SECRET}, LAML, {}, GUESS, "RE1", "token", 403),
        ("signalwire", {"signing_keys": [SECRET]}, LAML, {}, None, "RE1", "signature", 403),
        ("kazoo", {"hmac_key": SECRET}, KAZOO, {}, None, KAZOO_ID, "hmac", 403),
        ("kazoo", {"hmac_key": SECRET}, b"id=" + KAZOO_ID.encode(), {}, None, KAZOO_ID, "hmac", 403),
        ("kazoo", {"token": SECRET}, b"id=x", {}, GUESS, None, "token", 403),
    ],
)
def test_a_refused_callback_is_logged_with_its_names_and_the_check(
    caplog: pytest.LogCaptureFixture,
    *,
    provider: str,
    callback: dict[str, Any],
    body: object,
    headers: dict[str, str],
    token: str | None,
    recording: str | None,
    check: str,
    status: int,
) -> None:
    worlds.put_account("acme", provider, callback=callback)
    assert call(provider, body, headers, token) == status
    named = {"account": "acme", "provider": provider, "check": check, "status": status}
    assert refusal(caplog) == named | ({"recording": recording} if recording else {})


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-be", "utf-32-le"])
@pytest.mark.parametrize("provider", ["twilio", "signalwire"])
def test_half_a_surrogate_pair_does_not_tell_whether_an_account_exists(provider: str, encoding: str) -> None:
    worlds.put_account("acme", provider, callback={"signing_keys": [SECRET]})
    headers = {"content-type": "application/json", f"x-{provider}-signature": "A" * 27 + "="}
    assert call(provider, r'{"RecordingSid": "RE1", "a": "\ud800"}'.encode(encoding), headers) == 403


def test_an_unexpected_error_before_authentication_is_refused_as_an_unknown_account(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def crash(*_: object) -> None:
        raise RuntimeError(SECRET)

    worlds.put_account("acme", "twilio", callback={"signing_keys": [SECRET]})
    monkeypatch.setattr(PROVIDERS["twilio"], "authenticate", crash)
    assert call("twilio", LAML) == 403
    (crashed,) = [record for record in caplog.records if record.message == alarm_messages.MESSAGE_CRASHED]
    assert (vars(crashed)["error"], vars(crashed)["recording"]) == ("RuntimeError", "RE1")
    assert vars(crashed)["frames"][-1].startswith("crash:")
    assert refusal(caplog)["status"] == 403
    assert daily_counts.recent(Kind.REFUSED, "acme") == 1


def test_a_refused_upload_is_logged_with_its_names_and_the_check(caplog: pytest.LogCaptureFixture) -> None:
    worlds.put_account("acme", "kazoo", callback={"token": SECRET})
    parameters = {"account_id": "acme", "token": GUESS, "path": "a.mp3"}
    query = f"recording_id={KAZOO_ID}"
    event = events.http("PUT", f"/uploads/kazoo/acme/{GUESS}/a.mp3", b"x", query=query, parameters=parameters)
    assert uploads.handler(event, events.context())["statusCode"] == 403
    named = {"account": "acme", "provider": "kazoo", "recording": KAZOO_ID, "check": "token", "status": 403}
    assert refusal(caplog, "An upload was refused") == named


def test_a_refusal_names_nothing_that_may_be_a_secret_in_the_wrong_place(caplog: pytest.LogCaptureFixture) -> None:
    parameters = {"provider": GUESS, "account_id": f"{GUESS} in place of an id"}
    event = events.http("POST", f"/callbacks/{GUESS}/x", b'{"recordingId": "r-1"}', parameters=parameters)
    assert ingest.handler(event, events.context())["statusCode"] == 404
    assert refusal(caplog) == {"status": 404}


@pytest.mark.parametrize(
    "body", [b"RecordingSid=" + b"x" * 200, b"RecordingSid=+15551112222", b"xRecordingSid=RE1", b""]
)
def test_a_refusal_names_no_recording_that_is_not_an_id(caplog: pytest.LogCaptureFixture, body: bytes) -> None:
    worlds.put_account("acme", "twilio", callback={"signing_keys": [SECRET]})
    assert call("twilio", body) == 403
    assert "recording" not in refusal(caplog)


@pytest.mark.parametrize(("headers", "counted"), [({}, 0), (basic(GUESS), 1)])
def test_a_refusal_is_counted_apart_if_no_credentials_came(headers: dict[str, str], counted: int) -> None:
    worlds.put_account("acme", "bandwidth", callback={"username": "user", "password": SECRET})
    assert call("bandwidth", BANDWIDTH, headers) in {401, 403}
    assert daily_counts.recent(Kind.REFUSED, "acme") == counted
    assert daily_counts.recent(Kind.CHALLENGED, "acme") == 1 - counted


def test_a_refusal_of_wrong_credentials_is_counted_where_the_provider_is_challenged_again() -> None:
    worlds.put_account("acme", "kazoo", callback={"username": "user", "password": SECRET})
    assert call("kazoo", KAZOO, basic(GUESS)) in {401, 403}
    assert daily_counts.recent(Kind.REFUSED, "acme") == 1


@pytest.mark.parametrize(
    ("provider", "header"), [("twilio", "x-twilio-signature"), ("signalwire", "x-signalwire-signature")]
)
def test_a_form_of_too_many_fields_does_not_tell_which_accounts_exist(provider: str, header: str) -> None:
    worlds.put_account("acme", provider, callback={"signing_keys": ["secret"]})
    form = b"&".join(b"a%d=" % number for number in range(1001))
    headers = {"content-type": "application/x-www-form-urlencoded", header: "A" * 27 + "="}
    answers = [
        ingest.handler(
            events.http(
                "POST", "/callbacks", form, headers=headers, parameters={"provider": provider, "account_id": account}
            ),
            events.context(),
        )
        for account in ("acme", "nobody")
    ]
    assert answers[0] == answers[1]
    assert answers[0]["statusCode"] == 403
