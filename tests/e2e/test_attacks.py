"""Attacks over HTTP on the real template, by a limited reader and by a stranger."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

import pytest
import urllib3
from twilio.request_validator import RequestValidator

from callvault.models import Event, State
from callvault.providers import PROVIDERS
from tests import worlds
from tests.e2e import archive
from tools.local.providers import call_apis
from tools.local.providers.call_apis import PASSWORD, Calls
from tools.local.stack import Stack

KEY, CALL = "signing-key", "CA0123456789abcdef0123456789abcdef"
VICTIM = "RE00000000000000000000000000000001"
ROOTS = {"twilio": "/2010-04-01", "signalwire": "/api/laml/2010-04-01"}
ANNOUNCED = Event(time=datetime(2026, 11, 20, 10, tzinfo=UTC), what="callback announced")
MALLORY = worlds.reader("mallory", archive.LIMITED_SECRET, user_id="mallory", can_control=True, can_edit=True)
ADMIN = worlds.reader("admin", archive.ADMIN_SECRET, is_admin=True)

http = urllib3.PoolManager()
each_provider = pytest.mark.parametrize("provider", ROOTS)


@pytest.fixture(scope="module")
def calls() -> Iterator[Calls]:
    with call_apis.Calls() as running:
        running.live = {CALL}
        yield running


@pytest.fixture(scope="module")
def forwards(stack: Stack) -> Iterator[None]:
    """Remove the refused forwards at the end, which would be repeated for days."""
    yield
    worlds.until(lambda: stack.waiting()[f"{stack.name}-forward"])
    stack.client("sqs").purge_queue(QueueUrl=stack.outputs["ForwardQueueUrl"])
    stack.drain()


def other_domain(stack: Stack) -> str:
    """Return another origin of the same API, which the archive does not know as its own."""
    return stack.url.replace("127.0.0.1", "localhost")


def configure(stack: Stack, calls: Calls, provider: str) -> str:
    """Return an account with a recording of alice, and with a recording of Mallory's call."""
    account_id = f"attacked-{provider}"
    stack.put_account(
        account_id,
        {
            "provider": provider,
            "callback": {"signing_keys": [KEY]},
            "api": {"origin": calls.origin, "password": PASSWORD},
            "forward_origins": [other_domain(stack), stack.url, "https://listed.example.com"],
            "readers": [MALLORY, ADMIN, archive.READER],
        },
    )
    for recording_id, owner_id, call_id in ((VICTIM, "alice", "CA1"), ("RE0", "mallory", CALL)):
        known = {"account_id": account_id, "provider": provider, "state": State.ANNOUNCED, "revision": 1}
        listed_at = f"2026-11-20T10:00:00.000000Z#{recording_id}"
        recording = worlds.recording(recording_id, **known, owner_id=owner_id, call_id=call_id, listed_at=listed_at)
        recording = recording.model_copy(update={"history": (ANNOUNCED,)})
        archive.put_row(stack, recording)
    return account_id


def start(stack: Stack, provider: str, call_id: str = CALL, **form: str) -> tuple[int, Any]:
    """Start a recording as Mallory, and return the status and the answer."""
    account_id = f"attacked-{provider}"
    url = f"{stack.url}{ROOTS[provider]}/Accounts/{account_id}/Calls/{call_id}/Recordings.json"
    answer = http.request_encode_body(
        "POST", url, form, encode_multipart=False, headers=worlds.basic_header(account_id, archive.LIMITED_SECRET)
    )
    return answer.status, json.loads(answer.data)


def owner(stack: Stack, account_id: str) -> str | None:
    row = archive.row(stack, account_id, VICTIM)
    assert row is not None
    return row.owner_id


@each_provider
def test_a_reader_cannot_forward_to_the_archive(stack: Stack, calls: Calls, provider: str) -> None:
    account_id = configure(stack, calls, provider)
    status, answer = start(stack, provider, RecordingStatusCallback=f"{stack.url}/callbacks/{provider}/{account_id}")
    assert (status, "archive itself" in answer["message"]) == (400, True)


@each_provider
@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.usefixtures("forwards")
def test_a_forward_to_another_domain_of_the_archive_takes_nothing_over(
    stack: Stack, calls: Calls, provider: str, method: str
) -> None:
    """The archive signs the forward, and its callback route must not believe that signature."""
    account_id = configure(stack, calls, provider)
    forged = {"RecordingSid": VICTIM, "RecordingStatus": "completed", "owner_id": "mallory", "AccountSid": account_id}
    path = f"/callbacks/{provider}/{account_id}"
    _, started = start(
        stack,
        provider,
        RecordingStatusCallback=f"{other_domain(stack)}{path}?{urlencode(forged)}",
        RecordingStatusCallbackMethod=method,
        RecordingStatusCallbackEvent="absent",
    )
    before = stack.log_text("IngestCallback").count("A callback was refused")
    assert calls.announce(started["sid"], "absent", KEY) == 200
    worlds.until(lambda: stack.log_text("IngestCallback").count("A callback was refused") > before)
    assert owner(stack, account_id) == "alice"
    headers = worlds.basic_header(account_id, archive.LIMITED_SECRET)
    assert (
        http.request("GET", f"{stack.url}/v2/accounts/{account_id}/recordings/{VICTIM}", headers=headers).status == 404
    )


@each_provider
def test_a_signed_callback_does_not_replace_the_owner(stack: Stack, calls: Calls, provider: str) -> None:
    account_id = configure(stack, calls, provider)
    fields = {"RecordingSid": VICTIM, "RecordingStatus": "absent", "AccountSid": account_id, "CallSid": "CA1"}
    url = f"{stack.url}/callbacks/{provider}/{account_id}?owner_id=mallory"
    headers = {"x-twilio-signature": RequestValidator(KEY).compute_signature(url, fields)}
    assert http.request_encode_body("POST", url, fields, headers, encode_multipart=False).status == 200
    row = archive.row(stack, account_id, VICTIM)
    assert row is not None
    assert (row.owner_id, row.state) == ("alice", State.ABSENT)
    assert row.discrepancies == ("a later update names another owner",)


def test_only_an_admin_gives_a_recording_to_another_user(stack: Stack, calls: Calls) -> None:
    account_id = configure(stack, calls, "twilio")
    url = f"{stack.url}/v2/accounts/{account_id}/recordings/{VICTIM}"
    body = {"data": {"owner_id": "mallory"}}
    for secret, status in ((archive.LIMITED_SECRET, 404), (archive.SECRET, 400), (archive.ADMIN_SECRET, 200)):
        assert http.request("PATCH", url, headers=worlds.basic_header(account_id, secret), json=body).status == status
        assert owner(stack, account_id) == ("mallory" if status == 200 else "alice")


@each_provider
def test_a_limited_reader_records_no_call_that_is_not_known_to_be_its_users(
    stack: Stack, calls: Calls, provider: str
) -> None:
    configure(stack, calls, provider)
    calls.live = {CALL, "CA-unknown", "CA1"}
    before = len(calls.started)
    for call_id in ("CA-unknown", "CA1"):
        assert start(stack, provider, call_id)[0] == 404
    assert len(calls.started) == before


@each_provider
def test_a_url_with_two_hosts_is_refused(stack: Stack, calls: Calls, provider: str) -> None:
    configure(stack, calls, provider)
    for url in (r"https://127.0.0.1:9\@listed.example.com/", "https://127.0.0.1:9@listed.example.com/"):
        assert start(stack, provider, RecordingStatusCallback=url)[0] == 400


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_stranger_does_not_learn_which_accounts_exist(stack: Stack, provider: str) -> None:
    stack.put_account(f"known-{provider}", {"provider": provider, "callback": {"token": "callback-token"}})
    known, unknown = (
        http.request("POST", f"{stack.url}/callbacks/{provider}/{account_id}/guess", body=b"{}")
        for account_id in (f"known-{provider}", "unknown")
    )
    assert (known.status, known.data, known.headers["content-type"]) == (
        unknown.status,
        unknown.data,
        unknown.headers["content-type"],
    )
    assert known.status == 403
