"""A signed callback, forwarded through the queue to the user's own server."""

import json
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl

import pytest
import twilio.request_validator as twilio
import urllib3

from callvault import clients, providers, settings, transport
from callvault.ingest import callbacks, forwarding
from callvault.messaging.queues import Queue
from callvault.models import State
from callvault.providers import forward_parameter
from callvault.providers.commands import Forward
from callvault.storage import table
from callvault.transport import Answer
from functions.forward_callbacks import app
from functions.ingest_callback import app as ingest
from tests import samples, worlds
from tests.integration import events
from tests.samples import Contract

PROVIDERS = ("signalwire", "twilio")
URL = "https://user.example.com/hook"


class Sent:
    """The requests that were sent, and the status that answers them."""

    def __init__(self) -> None:
        self.requests: list[tuple[str, str, dict[str, str], bytes | None]] = []
        self.status = 200

    def send(self, method: str, url: str, headers: dict[str, str], body: bytes | None, **_: Any) -> Answer:
        """Record a request and answer it."""
        self.requests.append((method, url, headers, body))
        return Answer(status=self.status, headers=urllib3.HTTPHeaderDict(), body=b"")


@pytest.fixture(autouse=True)
def sent(monkeypatch: pytest.MonkeyPatch) -> Sent:
    made = Sent()
    monkeypatch.setattr(transport, "send", made.send)
    return made


@pytest.fixture(params=PROVIDERS)
def contract(request: pytest.FixtureRequest) -> Contract:
    found = samples.of(request.param)
    worlds.put_account("acme", **found.parameter)
    return found


def key(contract: Contract) -> str:
    return contract.account().callback.signing_keys[0].secret.get_secret_value()


def call_back(contract: Contract, forward: Forward | None, *, genuine: bool = True) -> dict[str, Any]:
    """Send the provider's callback, signed for the whole URL, or for the URL without its query."""
    sample = contract.sample("completed.form").request
    query = f"forward={forward_parameter.write(forward)}" if forward else ""
    url = sample.origin + sample.path + (f"?{query}" if genuine and query else "")
    fields = dict(parse_qsl(sample.body.decode(), keep_blank_values=True))
    headers = dict(sample.headers) | {
        "x-twilio-signature": twilio.RequestValidator(key(contract)).compute_signature(url, fields)
    }
    headers.pop("x-signalwire-signature", None)
    request = replace(sample, raw_query=query, headers=headers)
    return ingest.handler(events.from_request(request), events.context())


def enqueue(contract: Contract, forward: Forward, content: bytes) -> None:
    """Queue a callback in JSON that was authenticated before."""
    query = f"forward={forward_parameter.write(forward)}"
    headers = {"content-type": "application/json"}
    request = replace(contract.sample("completed.form").request, raw_query=query, headers=headers, body=content)
    forwarding.enqueue(providers.of(contract.account()), request, worlds.recording("r1"))


def queued() -> list[str]:
    return worlds.queued(Queue.FORWARD)


def forward(*bodies: str, received: int = 1) -> dict[str, Any]:
    return dict(app.handler(events.sqs(*bodies, received=received), events.context()))


def known(contract: Contract) -> Any:
    said = contract.sample("completed.form").recording
    assert said is not None
    return table.get("acme", said["recording_id"])


def test_a_forwarded_callback_has_the_providers_fields_and_a_new_signature(contract: Contract, sent: Sent) -> None:
    assert call_back(contract, Forward(url=URL))["statusCode"] == 200
    assert known(contract).state is State.PENDING
    assert forward(*queued()) == {"batchItemFailures": []}
    [(method, url, headers, body)] = sent.requests
    assert (method, url) == ("POST", URL)
    assert body is not None
    fields = dict(parse_qsl(body.decode(), keep_blank_values=True))
    assert fields == dict(parse_qsl(contract.sample("completed.form").request.body.decode(), keep_blank_values=True))
    assert twilio.RequestValidator(key(contract)).validate(URL, fields, headers["x-twilio-signature"])


def test_the_row_does_not_contain_the_forwarding_url(contract: Contract) -> None:
    call_back(contract, Forward(url=URL))
    assert "user.example.com" not in known(contract).model_dump_json()
    assert "forward" not in known(contract).extra


def test_a_callback_whose_event_was_not_requested_is_not_forwarded(contract: Contract) -> None:
    for wish in (None, Forward(url=URL, events=("absent",))):
        assert call_back(contract, wish)["statusCode"] == 200
    assert queued() == []


def test_an_unsigned_callback_with_a_forwarding_url_is_refused(contract: Contract) -> None:
    assert call_back(contract, Forward(url=URL), genuine=False)["statusCode"] == 403
    assert (known(contract), queued()) == (None, [])


def test_a_callback_is_answered_with_503_while_the_forward_queue_fails(contract: Contract) -> None:
    """The recording is safe by then; the provider's repetition is what may still tell the user."""
    clients.sqs().delete_queue(QueueUrl=settings.get().forward_queue_url)
    assert call_back(contract, Forward(url=URL))["statusCode"] == 503
    assert known(contract).state is State.PENDING
    assert call_back(contract, None)["statusCode"] == 200
    clients.sqs().create_queue(QueueName="callvault-forward")
    assert call_back(contract, Forward(url=URL))["statusCode"] == 200
    assert len(queued()) == 1


def test_the_largest_json_callback_fits_into_a_message(contract: Contract) -> None:
    start, end = b'{"RecordingStatus": "completed", "Deep": ["', b'"]}'
    letters = "ü".encode() * ((callbacks.MAX_BODY_BYTES - len(start) - len(end)) // 2)

    enqueue(contract, Forward(url=URL.ljust(forwarding.MAX_URL, "x")), start + letters + end)

    (body,) = queued()
    fields = dict(parse_qsl(json.loads(body)["form"]))
    assert json.loads(fields["Deep"]) == [letters.decode()]


@pytest.mark.parametrize("url", [f"{URL}/\ufffe", f"{URL}/\ud800", f"{URL}/ü", f"{URL}/ x"])
def test_a_callback_is_not_forwarded_to_an_illegal_url(
    contract: Contract, url: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Only a user who writes the parameter by hand can name such a URL."""
    assert call_back(contract, Forward(url=url))["statusCode"] == 200
    assert known(contract).state is State.PENDING
    assert queued() == []
    assert "A callback is not forwarded to an illegal URL" in caplog.messages


def test_a_server_that_is_down_is_retried(contract: Contract, sent: Sent) -> None:
    sent.status = 503
    call_back(contract, Forward(url=URL))
    assert forward(*queued(), received=3) == {"batchItemFailures": [{"itemIdentifier": "message-0"}]}
    sent.status = 200
    assert forward(*queued()) == {"batchItemFailures": []}
    assert len(sent.requests) == 2


def test_a_server_that_answers_410_is_not_retried_and_is_logged(
    contract: Contract, sent: Sent, caplog: pytest.LogCaptureFixture
) -> None:
    sent.status = 410
    call_back(contract, Forward(url=URL))
    assert forward(*queued()) == {"batchItemFailures": []}
    [refused] = [record for record in caplog.records if record.levelname == "ERROR"]
    assert vars(refused)["reason"] == "http_410"


def test_a_malformed_message_is_dead_lettered_and_one_without_its_account_is_retried(contract: Contract) -> None:
    call_back(contract, Forward(url=URL))
    [message] = queued()
    gone = json.dumps(json.loads(message) | {"account_id": "gone"})
    failures = forward("garbage", gone)["batchItemFailures"]
    assert [failure["itemIdentifier"] for failure in failures] == ["message-1"]
    buried = clients.sqs().receive_message(QueueUrl=Queue.FORWARD.dead_letters_url)["Messages"]
    assert [message["Body"] for message in buried] == ["garbage"]
