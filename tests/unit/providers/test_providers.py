"""The contract of a provider, tested for all PROVIDERS with the samples in `events/<provider>`."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest
import urllib3

from callvault import account_parameter, providers, transport
from callvault.errors import (
    ForbiddenError,
    InvalidRequestError,
    RejectedError,
    UnauthenticatedError,
    UnavailableError,
)
from callvault.models import Recording, State
from callvault.providers import PROVIDERS, callback_secrets
from callvault.providers.base import Provider
from callvault.transport.source import Source
from callvault.web import Request
from tests import samples, worlds
from tests.fuzz import senders
from tests.samples import EVENTS, Contract, LookUp, Sample

CONTRACTS = {name: samples.of(name) for name in PROVIDERS if (EVENTS / name / "contract.json").exists()}
SAMPLES = [
    pytest.param(contract, sample, id=f"{name}-{sample.name}")
    for name, contract in CONTRACTS.items()
    for sample in contract.samples
]
each_sample = pytest.mark.parametrize(("contract", "sample"), SAMPLES)
each_provider = pytest.mark.parametrize("contract", CONTRACTS.values(), ids=CONTRACTS)
each_look_up = pytest.mark.parametrize(
    ("contract", "one"),
    [
        pytest.param(contract, one, id=f"{name}-{one.name}")
        for name, contract in CONTRACTS.items()
        for one in contract.look_ups
    ],
)
UNCHECKED = {"bandwidth"}
"""Providers that send an empty user name and password if their `api` has no credentials."""
REFUSED = (ForbiddenError, UnauthenticatedError)
PLAIN_HEADERS = {"content-type", "content-length", "user-agent"}
"""Headers without a secret or a signature."""


def provider(contract: Contract, **changes: Any) -> Provider:
    return providers.of(contract.account(**changes))


def without_secrets(request: Request) -> Request:
    headers = {name: value for name, value in request.headers.items() if name in PLAIN_HEADERS}
    parameters = {name: value for name, value in request.parameters.items() if name != "token"}
    return replace(request, headers=headers, parameters=parameters)


def other_callback(contract: Contract) -> Any:
    """Return the callback section of another account."""
    return contract.other_callback or other_secrets(contract.parameter["callback"])


def other_secrets(value: Any) -> Any:
    """Return a callback section with other secrets."""
    if isinstance(value, str):
        return value[::-1] + "x"
    if isinstance(value, list):
        return [other_secrets(item) for item in value]
    return {name: item if name == "id" else other_secrets(item) for name, item in value.items()}


@pytest.mark.parametrize("name", PROVIDERS)
def test_every_provider_has_samples_and_a_contract(name: str) -> None:
    assert name in CONTRACTS


def test_every_provider_is_fuzzed() -> None:
    assert {sender.provider for sender in senders.SENDERS.values()} == set(PROVIDERS)


@each_provider
def test_every_sample_is_in_the_contract(contract: Contract) -> None:
    folder = EVENTS / contract.parameter["provider"]
    callbacks_of_the_folder = {path.name for path in folder.iterdir() if path.suffix in {".form", ".json", ".query"}}
    assert {sample.name for sample in contract.samples} | {"contract.json"} == callbacks_of_the_folder


@each_provider
def test_the_samples_have_media_no_media_and_another_event(contract: Contract) -> None:
    states = {sample.recording["state"] for sample in contract.samples if sample.recording}
    assert {State.PENDING, State.ANNOUNCED} <= states
    assert any(sample.recording is None for sample in contract.samples)


@each_sample
def test_a_genuine_callback_is_accepted(contract: Contract, sample: Sample) -> None:
    provider(contract).authenticate(sample.request)


@each_sample
def test_an_unsigned_callback_is_refused(contract: Contract, sample: Sample) -> None:
    with pytest.raises(REFUSED):
        provider(contract).authenticate(without_secrets(sample.request))


@each_sample
def test_an_account_without_secrets_accepts_nothing(contract: Contract, sample: Sample) -> None:
    with pytest.raises(ForbiddenError):
        provider(contract, callback={}).authenticate(sample.request)


@each_sample
def test_another_accounts_callback_is_refused(contract: Contract, sample: Sample) -> None:
    with pytest.raises(REFUSED):
        provider(contract, callback=other_callback(contract)).authenticate(sample.request)


@each_sample
def test_a_callback_is_read_as_in_the_contract(contract: Contract, sample: Sample) -> None:
    recording = provider(contract).read(sample.request)
    if sample.recording is None:
        assert recording is None
        return
    assert recording is not None
    assert (recording.account_id, recording.provider) == (contract.account_id, contract.parameter["provider"])
    fields = recording.model_dump(mode="json", exclude_none=True)
    assert {name: fields.get(name) for name in sample.recording} == sample.recording


@each_sample
def test_the_media_url_is_built_from_ids_and_the_accounts_origin(contract: Contract, sample: Sample) -> None:
    one = provider(contract)
    recording = one.read(sample.request)
    if recording is None or recording.state is not State.PENDING:
        assert sample.media_url is None
        return
    origin = contract.parameter["api"]["origin"]
    assert origin.encode() not in sample.request.body
    assert one.media_url(recording) == sample.media_url
    assert one.media_url(recording).startswith(f"{origin}/")
    assert one.source.origin == origin


@each_provider
def test_a_callback_is_acknowledged_as_documented(contract: Contract) -> None:
    assert provider(contract).acknowledge() == contract.acknowledgement


@each_sample
def test_a_sample_shows_that_it_carries_a_credential(contract: Contract, sample: Sample) -> None:
    assert provider(contract).is_signed(sample.request) or callback_secrets.are_given(sample.request)


@each_provider
def test_a_callback_without_its_signature_shows_that_it_is_not_signed(contract: Contract) -> None:
    request = replace(contract.samples[0].request, headers={}, body=b"")
    assert not provider(contract).is_signed(request)


@each_provider
def test_a_refusal_contains_the_error(contract: Contract) -> None:
    answer = provider(contract).refuse(InvalidRequestError("some_id", "some_id is missing."))
    assert answer.status == 400
    assert "some_id is missing." in answer.body
    assert provider(contract).refuse(ForbiddenError("No.")).status == 403


@each_provider
def test_media_of_an_account_without_api_is_unavailable(contract: Contract) -> None:
    with pytest.raises(UnavailableError, match="no api"):
        _ = provider(contract, api=None).source


def secrets_of(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for name, item in value.items():
            yield from () if name == "id" else secrets_of(item)
    elif isinstance(value, list):
        for item in value:
            yield from secrets_of(item)


@each_sample
def test_no_refusal_echoes_a_secret(contract: Contract, sample: Sample) -> None:
    one = provider(contract)
    try:
        one.authenticate(without_secrets(sample.request))
    except REFUSED as error:
        answer = f"{one.refuse(error)} {error}"
        assert not [secret for secret in secrets_of(contract.parameter["callback"]) if secret in answer]


class Api:
    """A provider's API without a network, which has one answer; `asked` has the requested URLs."""

    def __init__(self, look_up: LookUp, *, status: int | None = None, body: bytes | None = None) -> None:
        self.asked: list[str] = []
        self._look_up = look_up
        self._body = json.dumps(look_up.body).encode() if body is None else body
        self._status = status or look_up.status

    def call(self, method: str, url: str, *, headers: dict[str, str], **_: Any) -> transport.Answer:
        """Answer as transport.call does."""
        none = urllib3.HTTPHeaderDict()
        if method != "GET":
            return transport.Answer(status=201, headers=none, body=b'{"auth_token": "t"}')
        self.asked.append(url)
        if headers.get("accept") == "audio/mpeg":
            body = json.dumps(self._look_up.audio_body).encode()
            return transport.Answer(status=self._look_up.audio or 500, headers=none, body=body)
        return transport.Answer(status=self._status, headers=none, body=self._body)

    @contextmanager
    def download(self, source: Source, url: str) -> Iterator[None]:
        """Answer as transport.download does."""
        assert source.accept == "audio/mpeg"
        assert url == self._look_up.url
        if self._look_up.audio != 200:
            raise transport.failure(self._look_up.audio or 500, urllib3.HTTPHeaderDict())
        yield


def look_up(monkeypatch: pytest.MonkeyPatch, contract: Contract, api: Api, one: LookUp) -> Recording:
    monkeypatch.setattr(transport, "call", api.call)
    monkeypatch.setattr(transport, "download", api.download)
    fields = {"account_id": contract.account_id, "provider": contract.parameter["provider"], "state": State.ANNOUNCED}
    return provider(contract).look_up(Recording.model_validate({**fields, **one.recording}))


@each_look_up
def test_a_look_up_is_read_as_in_the_contract(monkeypatch: pytest.MonkeyPatch, contract: Contract, one: LookUp) -> None:
    api = Api(one)
    if isinstance(one.expected, str):
        with pytest.raises(UnavailableError) as caught:
            look_up(monkeypatch, contract, api, one)
        assert caught.value.reason == one.expected
    else:
        found = look_up(monkeypatch, contract, api, one)
        assert (found.account_id, found.recording_id) == (contract.account_id, one.recording["recording_id"])
        fields = found.model_dump(mode="json")
        assert {name: fields[name] for name in one.expected} == one.expected
    assert set(api.asked) == {one.url}


@each_provider
@pytest.mark.parametrize("status", [202, 401, 403, 429, 500, 503])
def test_a_look_up_that_the_api_does_not_answer_is_retried(
    monkeypatch: pytest.MonkeyPatch, contract: Contract, status: int
) -> None:
    one = contract.look_ups[0]
    api = Api(one, status=status)
    with pytest.raises(UnavailableError) as caught:
        look_up(monkeypatch, contract, api, one)
    assert caught.value.reason == f"http_{status}"
    assert len(api.asked) == (2 if status == 401 else 1)


@each_provider
@pytest.mark.parametrize("status", [200, 404])
@pytest.mark.parametrize("body", [b"", b"<html>not found</html>", b"[]", b"{}", b"null"])
def test_an_answer_that_is_not_a_document_does_not_change_the_recording(
    monkeypatch: pytest.MonkeyPatch, contract: Contract, status: int, body: bytes
) -> None:
    one = contract.look_ups[0]
    with pytest.raises(UnavailableError):
        look_up(monkeypatch, contract, Api(one, status=status, body=body), one)


@each_provider
def test_the_contract_has_look_ups_with_every_state(contract: Contract) -> None:
    states = {one.expected["state"] for one in contract.look_ups if not isinstance(one.expected, str)}
    in_progress = {State.ANNOUNCED} if contract.shows_progress else set()
    assert states == {State.PENDING, State.ABSENT} | in_progress


@each_provider
@pytest.mark.parametrize("recording_id", ["../r", "r?x", ""])
def test_a_malformed_id_is_not_looked_up(
    monkeypatch: pytest.MonkeyPatch, contract: Contract, recording_id: str
) -> None:
    one = replace(contract.look_ups[0], recording={**contract.look_ups[0].recording, "recording_id": recording_id})
    api = Api(one)
    with pytest.raises(RejectedError):
        look_up(monkeypatch, contract, api, one)
    assert api.asked == []


WITHOUT_API = [
    *((name, None) for name in CONTRACTS),
    *((name, {"origin": "https://o.example.com"}) for name in CONTRACTS if name not in UNCHECKED),
]


@pytest.mark.parametrize(("name", "api"), WITHOUT_API)
def test_an_account_without_credentials_sends_no_look_up(name: str, api: dict[str, str] | None) -> None:
    contract = CONTRACTS[name]
    fields = {"account_id": contract.account_id, "provider": name, "state": State.ANNOUNCED}
    with pytest.raises(UnavailableError) as caught:
        provider(contract, api=api).look_up(Recording.model_validate({**fields, **contract.look_ups[0].recording}))
    assert caught.value.reason == "not_configured"


def test_an_account_names_one_of_the_providers() -> None:
    assert set(account_parameter.PROVIDER_NAMES) == set(PROVIDERS)
    for name in PROVIDERS:
        expected: Any = PROVIDERS[name]
        assert isinstance(providers.of(worlds.account(provider=name)), expected)
