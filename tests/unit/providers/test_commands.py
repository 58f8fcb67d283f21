"""Commands for live calls, refusals of them, and the callback URLs that carry their forwards."""

import json
from base64 import b64encode, urlsafe_b64encode
from dataclasses import fields

import pytest
import urllib3
from hypothesis import given
from hypothesis import strategies as st

from callvault.errors import NotFoundError, UnavailableError, UnprocessableError
from callvault.providers import callback_urls, commands, forward_parameter
from callvault.providers.commands import Forward, Start
from callvault.transport import Answer
from callvault.web import Request
from tests import samples

BASE = "https://calls.example.com/prod"
SECRETS = {
    "token": "s3cret /+é",
    "upload_token": "upl0ad",
    "username": "bw",
    "password": "passw0rd",
    "hmac_key": "hmac_k3y",
    "signing_keys": ["PSK_old", {"id": "SK1", "secret": "shar3d"}],
}
API = {"origin": "https://api.example.com", "username": "me", "password": "api_passw0rd", "api_key": "api_k3y"}
ACCOUNT = samples.of("twilio").account(callback=SECRETS, api=API)
FORWARD = Forward(url="https://user.example.com/hook?a=b", method="GET", events=("completed", "absent"))


def answer(status: int, **headers: str) -> Answer:
    return Answer(status=status, headers=urllib3.HTTPHeaderDict(headers), body=b"")


def request(forward: str) -> Request:
    return Request(method="POST", path="/", raw_query=f"owner_id=u1&forward={forward}")


def encoded(content: object) -> str:
    return urlsafe_b64encode(json.dumps(content).encode()).decode()


def test_options_are_the_fields_that_the_caller_set() -> None:
    assert Start(call_id="c1", owner_id="u1").options == {}
    command = Start(call_id="c1", follow_transfer=False, min_seconds=0, forward=FORWARD)
    assert command.options == {"follow_transfer": False, "min_seconds": 0, "forward": FORWARD}


def test_an_unsupported_option_has_the_callers_name_in_the_refusal() -> None:
    command = Start(call_id="c1", track="inbound", format="mp3", upload_url="https://x", follow_transfer=False)
    with pytest.raises(UnprocessableError, match="RecordingTrack, should_follow_transfer, url"):
        commands.refuse_unsupported(command, frozenset({"format"}))
    commands.refuse_unsupported(command, frozenset(command.options))


def test_every_parameter_name_is_of_a_field() -> None:
    assert commands.PARAMETER_NAMES.keys() <= {field.name for field in fields(Start)}


def test_a_refusal_has_the_providers_message() -> None:
    with pytest.raises(UnprocessableError) as caught:
        commands.raise_refusal(ACCOUNT, answer(400), "Call is\nnot \x07 in-progress", 21220)
    assert (str(caught.value), caught.value.number) == ("The provider refused: Call is not in-progress", 21220)
    with pytest.raises(UnprocessableError) as caught:
        commands.raise_refusal(ACCOUNT, answer(409), "x" * 5000, True)
    assert len(str(caught.value)) < 400
    assert caught.value.number is None
    with pytest.raises(UnprocessableError, match="status 422"):
        commands.raise_refusal(ACCOUNT, answer(422))


@pytest.mark.parametrize(
    "secret",
    [
        "s3cret /+é",
        "s3cret%20%2F%2B%C3%A9",
        "s3cret%20%2f%2b%c3%a9",
        "s3cret+%2F%2B%C3%A9",
        "%73%33cret%2520%252F%252B%25C3%25A9",
        "upl0ad",
        "passw0rd",
        "hmac_k3y",
        "PSK_old",
        "shar3d",
        "api_passw0rd",
        "api_k3y",
        b64encode(b"bw:passw0rd").decode(),
        b64encode(b"me:api_passw0rd").decode(),
    ],
)
def test_a_providers_message_shows_no_secret_of_the_account(secret: str) -> None:
    with pytest.raises(UnprocessableError) as caught:
        commands.raise_refusal(ACCOUNT, answer(400), f"Url '{secret}' is not valid")
    assert str(caught.value) == "The provider refused: Url '***' is not valid"


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        (f"{BASE}/callbacks/twilio/acme/former?a=b", f"{BASE}/callbacks/twilio/acme/***?a=b"),
        (f"{BASE}/uploads/kazoo/acme/former/x.mp3 now", f"{BASE}/uploads/kazoo/acme/*** now"),
        ("x%2Fcallbacks%2Ftwilio%2Facme%2Fs3cre", "x%2Fcallbacks%2Ftwilio%2Facme%2F***"),
        (f"{BASE}/callbacks/twilio/acme", f"{BASE}/callbacks/twilio/acme"),
    ],
)
def test_a_providers_message_shows_no_token_that_was_cut_off_or_is_out_of_use(url: str, shown: str) -> None:
    with pytest.raises(UnprocessableError) as caught:
        commands.raise_refusal(ACCOUNT, answer(400), f"Bad: {url}")
    assert str(caught.value) == f"The provider refused: Bad: {shown}"


def test_a_secret_at_the_end_of_a_long_message_is_masked_before_the_message_is_cut() -> None:
    with pytest.raises(UnprocessableError) as caught:
        commands.raise_refusal(ACCOUNT, answer(400), "x" * (commands.MAX_MESSAGE_CHARACTERS - 3) + "passw0rd")
    assert "pas" not in str(caught.value)


def test_a_404_is_not_found() -> None:
    with pytest.raises(NotFoundError):
        commands.raise_refusal(ACCOUNT, answer(404), "no call")


@pytest.mark.parametrize("status", [301, 401, 403, 408, 421, 424, 425, 429, 499, 500, 503])
def test_a_failure_that_the_caller_did_not_cause_is_unavailable(status: int) -> None:
    with pytest.raises(UnavailableError) as caught:
        commands.raise_refusal(ACCOUNT, answer(status, **{"retry-after": "7"}), "secret words of the provider")
    assert (caught.value.reason, caught.value.retry_after) == (f"http_{status}", 7)
    assert "secret" not in str(caught.value)


def test_our_url_has_the_accounts_token_and_the_parameters() -> None:
    account = samples.of("twilio").account(callback={"token": "s3cret /"})
    assert callback_urls.callback(account, BASE) == f"{BASE}/callbacks/twilio/acme/s3cret%20%2F"
    query = {"owner_id": "a b", "forward": "x-_"}
    assert callback_urls.callback(account, BASE, query).endswith("?forward=x-_&owner_id=a%20b")


def test_a_url_for_a_reader_has_no_token() -> None:
    account = samples.of("twilio").account(callback={"token": "s3cret"})
    assert callback_urls.callback(account, BASE, hide=True) == f"{BASE}/callbacks/twilio/acme/{{token}}"
    assert callback_urls.upload(account, BASE) == f"{BASE}/uploads/twilio/acme/{{token}}"
    assert callback_urls.callback(samples.of("twilio").account(), BASE) == f"{BASE}/callbacks/twilio/acme"


@given(st.text(max_size=300), st.sampled_from(["GET", "POST"]), st.lists(st.text(), max_size=3))
def test_a_forward_is_read_as_it_was_written(url: str, method: commands.Method, events: list[str]) -> None:
    forward = Forward(url=url, method=method, events=tuple(events))
    written = forward_parameter.write(forward)
    assert written.replace("-", "").replace("_", "").isalnum()
    assert forward_parameter.read(request(written)) == forward


@pytest.mark.parametrize(
    "value",
    ["", "!", "bm90IGpzb24", encoded({"url": 1}), encoded([1, "GET", []]), encoded(["u", "PUT", []]), encoded("abc"),
     encoded(["u", "GET", "completed"]), encoded(["u", [], []]), encoded(["u", "GET"]), "W" * 5000],
)  # fmt: skip
def test_a_malformed_forward_is_logged_and_ignored(value: str, caplog: pytest.LogCaptureFixture) -> None:
    assert forward_parameter.read(request(value)) is None
    assert [record.levelname for record in caplog.records] == ["WARNING"]


def test_a_url_without_a_forward_gives_none(caplog: pytest.LogCaptureFixture) -> None:
    assert forward_parameter.read(Request(method="POST", path="/")) is None
    assert caplog.records == []


@pytest.mark.parametrize(
    ("query", "known"), [("format=mp3", "mp3"), ("format=wav", "wav"), ("format=ogg", None), ("", None)]
)
def test_a_url_may_request_a_format(query: str, known: str | None) -> None:
    assert forward_parameter.read_format(Request(method="POST", path="/", raw_query=query)) == known
