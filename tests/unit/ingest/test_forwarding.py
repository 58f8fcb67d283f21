"""What a provider calls us with is sent on to where the user wanted it."""

import hashlib
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlencode

import pytest
import twilio.request_validator as twilio

from callvault import clients, providers, settings
from callvault.errors import UnavailableError
from callvault.ingest import forwarding
from callvault.ingest.forwarding import QueuedForward
from callvault.messaging.queues import Queue
from callvault.models import Recording, State
from callvault.providers import forward_parameter
from callvault.providers.commands import Forward
from callvault.web import Request
from tests import samples, worlds

URL = "https://user.example.com/hook?a=b"
CONTROL = Request(method="POST", path="/", origin="https://custom.example.com", api_id="abc123")
"""The request that names a forward URL."""
FORM = "RecordingSid=RE1&RecordingStatus=completed&Empty=&Plus=a+b%2B"
KEYS = {"twilio": "auth_token_0123456789abcdef012345", "signalwire": "PSK_test_signing_key_0001"}


@dataclass
class Receiver:
    """A user's server, and what it got."""

    origin: str = ""
    status: int = 204
    headers: dict[str, str] = field(default_factory=dict)
    got: list[tuple[str, str, dict[str, str], bytes]] = field(default_factory=list)
    """Method, path, headers and body of each request."""


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    made = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            made.got.append((self.command, self.path, {k.lower(): v for k, v in self.headers.items()}, body))
            self.send_response(made.status)
            for name, value in made.headers.items():
                self.send_header(name, value)
            self.end_headers()

        def do_GET(self) -> None:
            self.do_POST()

        def log_message(self, *args: object) -> None:
            """Keep quiet."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        made.origin = f"http://127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        yield made
        server.shutdown()
        thread.join()


def configure(provider: str, receiver: Receiver, **changes: Any) -> None:
    origins = {"forward_origins": [receiver.origin]}
    worlds.put_account("acme", **{**samples.of(provider).parameter, **origins, **changes})


def message(receiver: Receiver, path: str = "/hook", **changes: Any) -> QueuedForward:
    known = {"account_id": "acme", "recording_id": "RE1", "url": receiver.origin + path, "method": "POST", "form": FORM}
    return QueuedForward.model_validate(known | changes)


def callback(provider: str, forward: Forward | None, **changes: Any) -> Request:
    query = f"forward={forward_parameter.write(forward)}" if forward else ""
    sample = samples.of(provider).sample("completed.form").request
    return replace(sample, **{"raw_query": query, **changes})


def queued_forwards() -> list[QueuedForward]:
    return [QueuedForward.model_validate_json(text) for text in worlds.queued(Queue.FORWARD)]


def enqueue(provider: str, request: Request) -> None:
    account = samples.of(provider).account()
    recording = Recording(account_id="acme", recording_id="RE1", provider=provider, state=State.PENDING)
    forwarding.enqueue(providers.of(account), request, recording)


@pytest.mark.parametrize(
    ("given", "read"),
    [
        ("https://user.example.com/hook?a=b#rc=5&ct=100", "https://user.example.com/hook?a=b"),
        ("https://USER.example.com", "https://user.example.com/"),
        ("HTTPS://user.example.com:8443/%7e%c3%a9", "https://user.example.com:8443/%7E%C3%A9"),
        ("http://127.0.0.1:99/x", "http://127.0.0.1:99/x"),
        ("https://[2606:4700::1111]/x", "https://[2606:4700::1111]/x"),
    ],
)
def test_a_users_url_is_normalized(given: str, read: str) -> None:
    account = samples.of("twilio").account(forward_origins=["http://127.0.0.1:99"])
    assert forwarding.read_url(account, CONTROL, given) == read
    assert forwarding.read_url(account, CONTROL, read) == read


@pytest.mark.parametrize(
    ("value", "why"),
    [
        ("", "absolute"),
        ("#rc=1", "absolute"),
        ("/hook", "absolute"),
        ("user.example.com/hook", "absolute"),
        ("https:///hook", "absolute"),
        ("https://[::1/hook", "absolute"),
        ("https://user.example.com:99999/", "absolute"),
        ("https://user.example.com/a b", "spaces"),
        (r"https://inside\@user.example.com/", "backslashes"),
        ("https://user.example.com/\r\nx: y", "spaces"),
        ("https://usér.example.com/", "ASCII"),
        ("https://user:pass@user.example.com/", "password"),
        ("http://user.example.com/", "https"),
        ("http://127.0.0.1:98/", "https"),
        ("ftp://user.example.com/", "https"),
        ("https://user.example.com/" + "x" * forwarding.MAX_URL, "longer"),
    ],
)
def test_an_invalid_url_is_refused_with_the_reason(value: str, why: str) -> None:
    account = samples.of("twilio").account(forward_origins=["http://127.0.0.1:99"])
    with pytest.raises(ValueError, match=why):
        forwarding.read_url(account, CONTROL, value)


@pytest.mark.parametrize(
    "value",
    [
        "https://archive.example.com/callbacks/twilio/acme?owner_id=u1",
        "https://ARCHIVE.example.com.:443/elsewhere",
        "http://archive.example.com:443/callbacks/twilio/acme",
        "https://custom.example.com/callbacks/twilio/acme",
        "https://abc123.execute-api.eu-west-1.amazonaws.com/callbacks/twilio/acme",
        "https://abc123.execute-api.eu-west-1.amazonaws.com./callbacks/twilio/acme",
    ],
)
def test_a_url_of_the_archive_itself_is_neither_accepted_nor_forwarded_to(
    monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    monkeypatch.setenv("PUBLIC_URL", "https://archive.example.com/base")
    settings.get.cache_clear()
    with pytest.raises(ValueError, match="archive itself"):
        forwarding.read_url(samples.of("twilio").account(), CONTROL, value)
    enqueue("twilio", callback("twilio", Forward(url=value), origin=CONTROL.origin, api_id=CONTROL.api_id))
    assert queued_forwards() == []


def test_a_url_that_cannot_be_parsed_is_queued_like_any_other() -> None:
    enqueue("twilio", callback("twilio", Forward(url="https://[::1/hook")))
    assert [forward.url for forward in queued_forwards()] == ["https://[::1/hook"]


def test_a_url_beside_the_archive_is_accepted() -> None:
    for value in ("https://custom.example.com:8443/", "https://abc1234.execute-api.eu-west-1.amazonaws.com/"):
        assert forwarding.read_url(samples.of("twilio").account(), CONTROL, value) == value


@pytest.mark.parametrize("provider", KEYS)
def test_a_callback_of_a_requested_event_is_queued_unchanged(provider: str) -> None:
    request = callback(provider, Forward(url=URL, method="GET", events=("absent", "completed")))
    enqueue(provider, request)
    [found] = queued_forwards()
    assert (found.account_id, found.recording_id, found.url, found.method) == ("acme", "RE1", URL, "GET")
    fields = parse_qsl(request.body.decode(), keep_blank_values=True)
    assert parse_qsl(found.form, keep_blank_values=True) == fields


@pytest.mark.parametrize("forward", [None, Forward(url=URL, events=("absent",)), Forward(url=URL, events=())])
def test_a_callback_of_another_event_is_not_queued(forward: Forward | None) -> None:
    enqueue("twilio", callback("twilio", forward))
    assert queued_forwards() == []


def test_callbacks_of_providers_that_do_not_sign_are_not_queued() -> None:
    forward = Forward(url=URL)
    body = json.dumps({"RecordingStatus": "completed"}).encode()
    for provider in ("bandwidth", "kazoo"):
        enqueue(
            provider,
            Request(method="POST", path="/", raw_query=f"forward={forward_parameter.write(forward)}", body=body),
        )
    assert queued_forwards() == []


def test_the_bytes_of_a_form_are_preserved() -> None:
    body = b"RecordingStatus=completed&Odd=%ff%C3%A9&Odd=2&Blank="
    enqueue("twilio", callback("twilio", Forward(url=URL), body=body))
    assert queued_forwards()[0].form == "RecordingStatus=completed&Odd=%FF%C3%A9&Odd=2&Blank="


def test_json_and_a_query_are_forwarded_as_a_form() -> None:
    headers = {"content-type": "application/json"}
    body = json.dumps({"RecordingStatus": "completed", "Channels": 2}).encode()
    enqueue("signalwire", callback("signalwire", Forward(url=URL), headers=headers, body=body))
    query = f"RecordingStatus=completed&B=&forward={forward_parameter.write(Forward(url=URL))}&format=mp3"
    enqueue("signalwire", callback("signalwire", None, method="GET", raw_query=query, body=b""))
    assert {found.form for found in queued_forwards()} == {
        "RecordingStatus=completed&Channels=2",
        "RecordingStatus=completed&B=",
    }


def test_a_missing_forward_queue_is_unavailable() -> None:
    clients.sqs().delete_queue(QueueUrl=Queue.FORWARD.url)
    with pytest.raises(UnavailableError):
        enqueue("twilio", callback("twilio", Forward(url=URL)))


@pytest.mark.loopback
@pytest.mark.parametrize("provider", KEYS)
@pytest.mark.parametrize("path", ["/hook", "/hook?a=b%20c"])
def test_a_post_is_signed_as_the_provider_signs(receiver: Receiver, provider: str, path: str) -> None:
    configure(provider, receiver)
    forwarding.send(message(receiver, path))
    [(method, got, headers, body)] = receiver.got
    assert (method, got, body) == ("POST", path, FORM.encode())
    assert headers["content-type"] == "application/x-www-form-urlencoded"
    fields = dict(parse_qsl(FORM, keep_blank_values=True))
    validator = twilio.RequestValidator(KEYS[provider])
    assert validator.validate(receiver.origin + path, fields, headers["x-twilio-signature"])
    if provider == "signalwire":
        assert headers["x-signalwire-signature"] == headers["x-twilio-signature"]
    assert not {"authorization", "x-auth-token", "cookie"} & headers.keys()
    assert forwarding.FORWARDED in headers


@pytest.mark.loopback
@pytest.mark.parametrize("provider", KEYS)
@pytest.mark.parametrize(("path", "asked"), [("/hook", f"/hook?{FORM}"), ("/hook?a=b", f"/hook?a=b&{FORM}")])
def test_a_get_is_signed_with_its_query(receiver: Receiver, provider: str, path: str, asked: str) -> None:
    configure(provider, receiver)
    forwarding.send(message(receiver, path, method="GET"))
    [(method, got, headers, body)] = receiver.got
    assert (method, got, body) == ("GET", asked, b"")
    assert forwarding.FORWARDED in headers
    assert "content-type" not in headers
    assert twilio.RequestValidator(KEYS[provider]).validate(receiver.origin + asked, {}, headers["x-twilio-signature"])


@pytest.mark.loopback
def test_the_signature_header_names_the_shared_key(receiver: Receiver) -> None:
    configure("twilio", receiver, callback={"signing_keys": [{"id": "webhooks_sharedkey_1", "secret": "s"}]})
    forwarding.send(message(receiver))
    [(_, _, headers, _)] = receiver.got
    named = headers["x-twilio-webhooks-signature-settings"]
    assert named == "key=webhooks_sharedkey_1,algorithm=HMAC_SHA256"
    fields, algorithm = dict(parse_qsl(FORM, keep_blank_values=True)), twilio.get_signature_algorithm(named)
    signature = headers["x-twilio-signature"]
    assert twilio.RequestValidator("s").validate(receiver.origin + "/hook", fields, signature, algorithm)


@pytest.mark.loopback
@pytest.mark.parametrize("status", [429, 500, 503, 404, 401])
def test_a_temporary_failure_is_retried(receiver: Receiver, status: int) -> None:
    configure("twilio", receiver)
    receiver.status, receiver.headers = status, {"retry-after": "7"}
    with pytest.raises(UnavailableError) as caught:
        forwarding.send(message(receiver))
    assert (caught.value.reason, caught.value.retry_after) == (f"http_{status}", 7)


@pytest.mark.loopback
@pytest.mark.parametrize("status", [302, 307, 400, 410])
def test_a_permanent_failure_is_logged_and_not_retried(
    receiver: Receiver, caplog: pytest.LogCaptureFixture, status: int
) -> None:
    configure("twilio", receiver)
    receiver.status, receiver.headers = status, {"location": f"{receiver.origin}/elsewhere"}
    forwarding.send(message(receiver))
    assert len(receiver.got) == 1
    [record] = caplog.records
    facts = vars(record)
    assert (facts["account"], facts["recording"], facts["reason"]) == ("acme", "RE1", f"http_{status}")
    assert receiver.origin not in str(facts)


@pytest.mark.loopback
def test_an_origin_that_is_no_longer_allowed_is_not_called(
    receiver: Receiver, caplog: pytest.LogCaptureFixture
) -> None:
    configure("twilio", receiver, forward_origins=[])
    forwarding.send(message(receiver))
    assert receiver.got == []
    assert vars(caplog.records[0])["reason"] == "forbidden_address"


@pytest.mark.loopback
def test_a_private_address_is_not_called(caplog: pytest.LogCaptureFixture) -> None:
    configure("twilio", Receiver(), forward_origins=[])
    for url in ("https://127.0.0.1/", "https://169.254.169.254/latest", "https://[::1]/", "https://", "gopher://x/"):
        forwarding.send(message(Receiver(), url=url))
    assert {vars(record)["reason"] for record in caplog.records} == {"forbidden_address"}
    assert len(caplog.records) == 5


def test_an_account_that_cannot_sign_sends_nothing(caplog: pytest.LogCaptureFixture) -> None:
    worlds.put_account("acme", provider="bandwidth")
    forwarding.send(message(Receiver(), url=URL))
    worlds.put_account("keyless", **{**samples.of("twilio").parameter, "callback": {}})
    forwarding.send(message(Receiver(), url=URL, account_id="keyless"))
    assert [vars(record)["reason"] for record in caplog.records] == ["not_signed", "not_configured"]


def test_a_body_hash_is_not_forwarded() -> None:
    """A callback that came with `bodySHA256` in our address is signed anew, as a form."""
    body = urlencode({"RecordingStatus": "completed"}).encode()
    digest = hashlib.sha256(body).hexdigest()
    query = f"forward={forward_parameter.write(Forward(url=URL))}&bodySHA256={digest}"
    enqueue("twilio", callback("twilio", None, raw_query=query, body=body))
    assert "bodySHA256" not in queued_forwards()[0].model_dump_json()
