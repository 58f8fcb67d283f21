"""A recording that Twilio stores in the customer's own bucket: found out by the first attempt."""

import json
from typing import Any

import pytest

from callvault import clients
from callvault.ingest import reopening
from callvault.models import Recording, State
from callvault.storage import table
from functions.fetch_media import app as fetch_media
from functions.ingest_callback import app as ingest
from functions.query_recordings import app as query_recordings
from tests import samples, worlds
from tests.integration import events
from tools import audio_samples
from tools.local.faults.replies import Reply
from tools.local.providers.standins import Standin

pytestmark = pytest.mark.loopback

CONTRACT = samples.of("twilio")
SAMPLE = CONTRACT.sample("completed_stored_elsewhere.form")
ID = str((SAMPLE.recording or {})["recording_id"])
PATH = str(SAMPLE.media_url).removeprefix("https://origin.example.com")
RESOURCE = PATH.replace(".wav", ".json")
BUCKET = "https://acme-calls.s3.us-east-1.amazonaws.com/voice/RE1"
WAV = audio_samples.wav(94, seed=4)
DIALECTS = {
    "kazoo": f"/v2/accounts/acme/recordings/{ID}",
    "kazoo list": "/v2/accounts/acme/recordings?filter_call_id=CA53b9e9679a8ea25880376080b76f98ad",
    "twilio": f"/2010-04-01/Accounts/acme/Recordings/{ID}.json",
    "twilio list": "/2010-04-01/Accounts/acme/Recordings.json",
    "signalwire": f"/api/laml/2010-04-01/Accounts/acme/Recordings/{ID}.json",
    "relay": f"/api/relay/rest/recordings/{ID}",
    "relay list": "/api/relay/rest/recordings",
    "bandwidth": f"/api/v2/accounts/acme/recordings/{ID}",
    "bandwidth list": "/api/v2/accounts/acme/recordings",
}


@pytest.fixture(autouse=True)
def configure(standin: Standin) -> None:
    api = {**CONTRACT.parameter["api"], "origin": standin.origin}
    readers = worlds.readers(ops={"can_delete": True}, admin={"is_admin": True})
    worlds.put_account("acme", **{**CONTRACT.parameter, "api": api, "readers": readers})


def name_place(standin: Standin, url: str | None = BUCKET, status: int = 200, **more: Any) -> None:
    """Let the resource name the place of the media."""
    resource = {"sid": ID, "status": "completed", "media_url": url, "encryption_details": None, **more}
    reply = Reply(status=status, body=json.dumps(resource).encode(), headers={"content-type": "application/json"})
    standin.serve(RESOURCE, reply)


def fetch(**fields: Any) -> Recording:
    """Deliver the recording's message once and return the row."""
    known = {"account_id": "acme", "provider": "twilio", **(SAMPLE.recording or {}), **fields}
    message = Recording.model_validate(known).model_dump(mode="json")
    fetch_media.handler(events.sqs(message), events.context())
    return worlds.row(ID)


def asked(standin: Standin) -> list[str]:
    return [one.path for one in standin.asked if "/Calls/" not in one.path]


def read(path: str, reader: str) -> dict[str, Any]:
    """Return the recording's document, as a reader of the account gets it."""
    path, _, query = path.partition("?")
    headers = worlds.basic_header("acme", reader) | {"accept": "application/json"}
    answer = query_recordings.handler(events.http("GET", path, query=query, headers=headers), events.context())
    assert answer["statusCode"] == 200
    content: Any = json.loads(answer["body"])
    if isinstance(content, dict):
        content = content.get("data", content.get("recordings", content))
    found: dict[str, Any] = content[0] if isinstance(content, list) else content
    return found


@pytest.mark.parametrize("status", [400, 403, 404, 410])
def test_the_first_attempt_makes_the_recording_absent_with_the_place(standin: Standin, status: int) -> None:
    standin.serve(PATH, Reply(status=status))
    name_place(standin)
    row = fetch()
    assert (row.state, row.reason, row.attempt) == (State.ABSENT, "stored_elsewhere", None)
    assert worlds.history(ID)[-1] == "absent stored_elsewhere"
    assert asked(standin) == [PATH, RESOURCE]
    assert worlds.versions() == []


def test_a_callback_with_the_buckets_url_ends_absent_and_no_part_of_its_url_is_kept(standin: Standin) -> None:
    standin.serve(PATH, Reply(status=404))
    name_place(standin, f"{BUCKET}?X-Amz-Signature=0a1b2c")
    assert ingest.handler(events.from_request(SAMPLE.request), events.context())["statusCode"] == 200
    fetch_media.handler(events.sqs(worlds.queued_recordings()[0].model_dump(mode="json")), events.context())
    row = worlds.row(ID)
    assert row.reason == "stored_elsewhere"
    assert not [word for word in ("secret", "X-Amz", "0a1b2c", "RecordingUrl") if word in row.model_dump_json()]


@pytest.mark.parametrize("path", DIALECTS.values(), ids=DIALECTS)
def test_only_an_admin_reads_the_place(standin: Standin, path: str) -> None:
    standin.serve(PATH, Reply(status=404))
    name_place(standin, f"{BUCKET}?X-Amz-Signature=0a1b2c")
    fetch()
    assert read(path, "admin")["archive"]["external_url"] == BUCKET
    document = read(path, "ops")
    assert document["archive"]["reason"] == "stored_elsewhere"
    assert "acme-calls" not in json.dumps(document)


def test_an_edit_of_the_metadata_does_not_lose_the_place(standin: Standin) -> None:
    standin.serve(PATH, Reply(status=404))
    name_place(standin)
    table.edit(fetch(), "metadata by ops", user_metadata={"a": 1})
    assert read(DIALECTS["kazoo"], "admin")["archive"]["external_url"] == BUCKET


def test_twilios_resource_is_absent_without_a_media_url(standin: Standin) -> None:
    standin.serve(PATH, Reply(status=404))
    name_place(standin)
    fetch()
    document = read(DIALECTS["twilio"], "ops")
    assert (document["status"], document["media_url"], document["error_code"]) == ("absent", None, None)


def test_no_request_goes_to_the_place(standin: Standin) -> None:
    """A second stand-in listens at the place, which the account lists among its trusted origins."""
    with Standin() as elsewhere:
        elsewhere.otherwise = Reply(body=WAV, public=True)
        url = f"http://localhost:{elsewhere.origin.rpartition(':')[2]}/voice/RE1"
        standin.serve(PATH, Reply(status=404))
        name_place(standin, url)
        assert fetch().reason == "stored_elsewhere"
        assert elsewhere.asked == []


@pytest.mark.parametrize("place", ["http://169.254.169.254/latest/meta-data", "https://10.0.0.1/x", "https://[::1]/x"])
def test_a_private_place_is_only_text(standin: Standin, place: str) -> None:
    standin.serve(PATH, Reply(status=404))
    name_place(standin, place)
    assert fetch().reason == "stored_elsewhere"
    assert asked(standin) == [PATH, RESOURCE]


def test_media_that_is_served_is_stored_whatever_the_resource_names(standin: Standin) -> None:
    standin.audio(PATH, WAV)
    name_place(standin)
    row = fetch()
    assert (row.state, worlds.body(row)) == (State.STORED, WAV)
    assert asked(standin) == [PATH]


@pytest.mark.parametrize(
    ("url", "status"),
    [
        (f"http://api.twilio.com/2010-04-01/Accounts/AC1/Recordings/{ID}", 200),
        (None, 200),
        (BUCKET, 401),
        (BUCKET, 404),
        (BUCKET, 503),
    ],
)
def test_without_a_place_the_attempt_counts_as_before(standin: Standin, url: str | None, status: int) -> None:
    standin.serve(PATH, Reply(status=404), Reply(body=WAV, headers={"content-type": "audio/x-wav"}))
    name_place(standin, url, status)
    row = fetch()
    assert (row.state, row.attempt and row.attempt.reason) == (State.PENDING, "http_404")
    assert fetch().state is State.STORED


@pytest.mark.parametrize("status", [429, 500, 503])
def test_media_that_is_refused_for_good_does_not_fail_before_the_resource_answers(
    standin: Standin, status: int
) -> None:
    standin.serve(PATH, Reply(status=410))
    name_place(standin, status=status)
    row = fetch()
    assert (row.state, row.attempt and row.attempt.reason) == (State.PENDING, f"http_{status}")
    name_place(standin)
    assert fetch().reason == "stored_elsewhere"


@pytest.mark.parametrize(("status", "reason"), [(401, "http_401"), (404, "http_410")])
def test_a_resource_that_twilio_refuses_to_show_is_asked_for_again(standin: Standin, status: int, reason: str) -> None:
    """A 404 of the resource says nothing, so the reason is that of the media."""
    standin.serve(PATH, Reply(status=410))
    name_place(standin, status=status)
    row = fetch()
    assert (row.state, row.attempt and row.attempt.reason) == (State.PENDING, reason)
    name_place(standin)
    assert fetch().state is State.ABSENT


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_busy_twilio_gets_no_second_request(standin: Standin, status: int) -> None:
    standin.serve(PATH, Reply(status=status))
    name_place(standin)
    assert fetch().state is State.PENDING
    assert asked(standin) == [PATH]


def test_a_later_announcement_is_fetched_again(standin: Standin) -> None:
    standin.serve(PATH, Reply(status=404), Reply(body=WAV, headers={"content-type": "audio/x-wav"}))
    name_place(standin)
    assert fetch().state is State.ABSENT
    row = fetch()
    assert (row.state, row.reason) == (State.STORED, None)
    assert "external_url" not in read(DIALECTS["twilio"], "admin")["archive"]


def test_a_recording_that_another_attempt_stored_meanwhile_stays_stored(standin: Standin) -> None:
    standin.serve(PATH, Reply(status=404))
    name_place(standin)
    done: list[Recording] = []

    def overtake() -> None:
        if RESOURCE in asked(standin) and not done:
            done.append(worlds.row(ID).model_copy(update={"state": State.STORED, "media": worlds.media()}))
            table.put(done[0], "stored")

    with worlds.before_each(clients.dynamodb(), "PutItem", overtake):
        row = fetch()
    assert done
    assert (row.state, row.reason) == (State.STORED, None)


AUDIO = {"content-type": "audio/x-wav"}
PASSING = {
    "a cut body": Reply(body=WAV, headers=AUDIO, send_bytes=len(WAV) // 2),
    "408": Reply(status=408),
    "409": Reply(status=409),
    "425": Reply(status=425),
    "a page": Reply(body=b"<html>wait</html>", headers={"content-type": "text/html"}),
    "empty": Reply(headers=AUDIO),
}


@pytest.mark.parametrize("error", PASSING.values(), ids=PASSING)
def test_an_error_that_may_pass_does_not_mean_stored_elsewhere(standin: Standin, error: Reply) -> None:
    standin.serve(PATH, error, Reply(body=WAV, headers=AUDIO))
    name_place(standin)
    assert fetch().state is State.PENDING
    assert fetch().state is State.STORED


def test_a_recording_that_is_stored_elsewhere_can_be_retried(standin: Standin) -> None:
    standin.serve(PATH, Reply(status=404), Reply(body=WAV, headers=AUDIO))
    name_place(standin)
    assert fetch().state is State.ABSENT
    assert reopening.may_be_retried(worlds.row(ID))
    assert reopening.reopen(worlds.row(ID), "ops") is reopening.RetryOutcome.QUEUED
    assert fetch().state is State.STORED
