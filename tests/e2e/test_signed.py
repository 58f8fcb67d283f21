"""SignalWire's and Twilio's recordings through the real template, signed for the stack's URL."""

import hashlib
from collections.abc import Iterator
from urllib.parse import parse_qsl

import pytest
import twilio.request_validator as twilio
import urllib3

from callvault.models import State
from callvault.web import Request
from tests import samples
from tests.e2e import archive
from tests.samples import Contract, Sample
from tools import audio_samples
from tools.local.faults.replies import Reply
from tools.local.providers import standins
from tools.local.providers.standins import Standin
from tools.local.stack import Stack

CONTRACTS = {name: samples.of(name) for name in ("signalwire", "twilio")}
RELAY = "/api/relay/rest/"
"""Part of the URL of a resource that names the media; integration/test_relay_media.py serves it."""
SAMPLES = [
    pytest.param(contract, sample, id=f"{name}-{sample.name}")
    for name, contract in CONTRACTS.items()
    for sample in contract.samples
    if "recording_id" in (sample.recording or {}) and RELAY not in (sample.media_url or "")
]
WAV = audio_samples.wav(94, seed=12)

http = urllib3.PoolManager()


@pytest.fixture(scope="module")
def standin() -> Iterator[Standin]:
    with standins.Standin() as running:
        running.otherwise = Reply(body=WAV, headers={"content-type": "audio/x-wav"})
        yield running


def configure(stack: Stack, standin: Standin, contract: Contract, account_id: str) -> None:
    api = contract.parameter["api"] | {"origin": standin.origin}
    stack.put_account(account_id, {**contract.parameter, "api": api, "readers": [archive.READER]})


def send(stack: Stack, contract: Contract, account_id: str, request: Request) -> urllib3.BaseHTTPResponse:
    """Send a sample's request, signed for the stack, and return the answer."""
    url = f"{stack.url}/callbacks/{contract.parameter['provider']}/{account_id}"
    query, fields = request.raw_query, {}
    if request.headers.get("content-type") == "application/json":
        query = f"bodySHA256={hashlib.sha256(request.body).hexdigest()}"
    else:
        fields = dict(parse_qsl(request.body.decode(), keep_blank_values=True))
    url += f"?{query}" if query else ""
    key = contract.account().callback.signing_keys[0].secret.get_secret_value()
    headers = {"x-twilio-signature": twilio.RequestValidator(key).compute_signature(url, fields)}
    if content_type := request.headers.get("content-type"):
        headers["content-type"] = content_type
    return http.request(request.method, url, body=request.body or None, headers=headers)


@pytest.mark.parametrize(("contract", "sample"), SAMPLES)
def test_every_sample_that_has_media_ends_verified(
    stack: Stack, standin: Standin, contract: Contract, sample: Sample
) -> None:
    account_id = f"{contract.parameter['provider']}-{sample.name.replace('.', '-')}"
    configure(stack, standin, contract, account_id)
    answer = send(stack, contract, account_id, sample.request)
    assert (answer.status, answer.headers["content-type"], answer.data) == (200, "text/xml", b"<Response/>")
    stack.drain()
    assert sample.recording is not None
    found = archive.document(stack, account_id, sample.recording["recording_id"])["archive"]
    if sample.recording["state"] != State.PENDING:
        assert found["state"] == sample.recording["state"]
        return
    assert (found["state"], found["sha256"]) == ("verified", hashlib.sha256(WAV).hexdigest())


@pytest.mark.parametrize("name", CONTRACTS)
def test_a_callback_that_is_not_signed_for_this_url_is_refused(stack: Stack, standin: Standin, name: str) -> None:
    contract = CONTRACTS[name]
    sample = contract.sample("completed.form")
    configure(stack, standin, contract, f"{name}-refused")
    url = f"{stack.url}/callbacks/{name}/{name}-refused"
    for headers in (sample.request.headers, {"content-type": sample.request.headers["content-type"]}):
        answer = http.request("POST", url, body=sample.request.body, headers=headers)
        assert (answer.status, answer.headers["content-type"]) == (403, "text/xml")
    assert sample.recording is not None
    assert archive.row(stack, f"{name}-refused", sample.recording["recording_id"]) is None
