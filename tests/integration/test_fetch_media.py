"""A queued recording, fetched from its provider: credentials, errors, redirects, messages."""

import base64
import hashlib
import json
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import urllib3

from callvault import accounts, clients, settings, times
from callvault.ingest import media, reopening
from callvault.messaging import fetch_requests, queues
from callvault.messaging.queues import Queue
from callvault.models import Recording, State
from callvault.providers.bandwidth.provider import Bandwidth
from callvault.storage import due, table
from callvault.transport import connections
from callvault.web import Request
from functions.fetch_media import app
from tests import worlds
from tests.integration import events
from tests.integration.fetching import AUDIO, PATH, WAV, assert_fails, assert_waits, fetch, recording, stored
from tests.worlds import Clock
from tools import audio_samples
from tools.local.faults.replies import Reply
from tools.local.providers import standins
from tools.local.providers.standins import Standin

pytestmark = pytest.mark.loopback


def test_a_recording_is_stored_with_its_hash(standin: Standin) -> None:
    standin.audio(PATH, WAV)
    assert fetch(recording())
    assert worlds.row().state is State.STORED
    assert stored().sha256 == hashlib.sha256(WAV).hexdigest()
    assert (stored().size, stored().content_type) == (len(WAV), "audio/x-wav")
    assert worlds.body(worlds.row()) == WAV


def test_a_recording_of_unknown_format_is_stored(standin: Standin) -> None:
    standin.audio(PATH, WAV)
    assert fetch(recording(format=None))
    assert worlds.body(worlds.row()) == WAV
    assert worlds.row().media_key == stored().key


def test_the_object_has_account_recording_and_hash_in_its_metadata(standin: Standin) -> None:
    standin.audio(PATH, WAV)
    fetch(recording())
    head = clients.s3().head_object(Bucket=settings.get().bucket_name, Key=stored().key)
    assert head["Metadata"] == {
        "account-id": "acme",
        "recording-id": "r-1",
        "provider": "bandwidth",
        "partial": "false",
        "sha256": hashlib.sha256(WAV).hexdigest(),
    }


def test_a_long_recording_is_stored_in_parts_and_tagged_with_its_hash(standin: Standin) -> None:
    long = audio_samples.wav(1300, seed=2)
    assert len(long) > 2 * media.PART_BYTES
    standin.audio(PATH, long)
    assert fetch(recording(duration_ms=1_300_000))
    assert worlds.body(worlds.row()) == long
    assert stored().sha256 == hashlib.sha256(long).hexdigest()
    tags = clients.s3().get_object_tagging(Bucket=settings.get().bucket_name, Key=stored().key)["TagSet"]
    assert tags == [{"Key": "sha256", "Value": stored().sha256}]


def test_a_recording_of_exactly_one_part_is_stored(standin: Standin) -> None:
    exact = WAV[:44] + bytes(media.PART_BYTES - 44)
    standin.audio(PATH, exact)
    assert fetch(recording(duration_ms=None))
    assert worlds.body(worlds.row()) == exact


def test_the_row_is_created_from_the_message_if_the_callback_could_not_write_it(standin: Standin) -> None:
    standin.audio(PATH, WAV)
    assert fetch(recording(caller="+15551112222"))
    assert worlds.row().caller == "+15551112222"


def test_a_recording_of_a_conference_is_fetched_below_the_conference(standin: Standin) -> None:
    standin.audio("/api/v2/accounts/9900000/conferences/conf-1/recordings/r-1/media", WAV)
    assert fetch(recording(call_id=None, conference_id="conf-1"))
    assert worlds.row().state is State.STORED


def test_basic_credentials_are_used_without_a_token_endpoint(standin: Standin) -> None:
    worlds.put_account("acme", api=worlds.oauth_api(standin, token_url=None))
    accounts.forget()
    standin.audio(PATH, WAV)
    assert fetch(recording())
    expected = "Basic " + base64.b64encode(":".join(standins.CREDENTIALS).encode()).decode()
    assert [asked.authorization for asked in standin.asked] == [expected]


def test_one_token_serves_many_recordings(standin: Standin) -> None:
    standin.audio(PATH, WAV)
    standin.audio(PATH.replace("r-1", "r-2"), WAV)
    fetch(recording())
    fetch(recording(recording_id="r-2"))
    assert [asked.method for asked in standin.asked] == ["POST", "GET", "GET"]


def test_a_token_about_to_expire_is_not_used_again(standin: Standin) -> None:
    standin.token_seconds = 60
    standin.audio(PATH, WAV)
    standin.audio(PATH.replace("r-1", "r-2"), WAV)
    fetch(recording())
    fetch(recording(recording_id="r-2"))
    assert [asked.method for asked in standin.asked] == ["POST", "GET", "POST", "GET"]


def test_a_token_that_is_refused_is_fetched_again_once(standin: Standin) -> None:
    standin.serve(PATH, Reply(status=401), Reply(body=WAV, headers=AUDIO))
    assert fetch(recording())
    assert worlds.row().state is State.STORED
    assert [asked.method for asked in standin.asked] == ["POST", "GET", "POST", "GET"]


def test_refused_credentials_are_retried_for_a_day(standin: Standin) -> None:
    standin.serve(PATH, Reply(status=401))
    assert_waits("http_401")


def test_a_token_endpoint_that_refuses_is_retried_for_a_day(standin: Standin) -> None:
    worlds.put_account("acme", api=worlds.oauth_api(standin, password="wrong"))
    accounts.forget()
    assert_waits("no_token")


def test_a_recording_of_an_account_without_api_is_retried_for_a_day() -> None:
    worlds.put_account("acme")
    assert_waits("not_configured")


@pytest.mark.parametrize("status", [403, 404, 408, 421, 424, 425, 429, 499, 500, 502, 503])
def test_a_temporary_status_is_retried_for_a_day(standin: Standin, status: int) -> None:
    standin.serve(PATH, Reply(status=status))
    assert_waits(f"http_{status}")


@pytest.mark.parametrize("status", [400, 405, 410, 415, 428, 451])
def test_a_permanent_status_fails_at_once(standin: Standin, status: int) -> None:
    standin.serve(PATH, Reply(status=status))
    assert_fails(f"http_{status}")


@pytest.mark.parametrize("status", [300, 301, 302, 303, 304, 307, 308])
def test_a_redirect_to_nowhere_is_retried_for_a_day(standin: Standin, status: int) -> None:
    standin.serve(PATH, Reply(status=status))
    assert_waits(f"http_{status}")


def test_media_that_does_not_exist_yet_is_fetched_later(standin: Standin) -> None:
    standin.serve(PATH, Reply(status=404), Reply(body=WAV, headers=AUDIO))
    assert not fetch(recording())
    assert fetch(recording(), received=2)
    assert worlds.row().state is State.STORED


@pytest.mark.parametrize("year", [1, 1970, 2001, 2099])
def test_a_recording_with_an_implausible_end_is_not_gone_at_its_first_404(standin: Standin, year: int) -> None:
    standin.serve(PATH, Reply(status=404), Reply(body=WAV, headers=AUDIO))
    ids = {"eventType": "recordingAvailable", "accountId": "9900000", "callId": "c-1", "recordingId": "r-1"}
    body = json.dumps(
        {**ids, "startTime": f"{year:04}-01-01T00:00:00Z", "endTime": f"{year:04}-01-01T00:00:02Z"}
    ).encode()
    announced = Bandwidth(worlds.account(provider_account_id="9900000")).read(
        Request(method="POST", path="/callbacks", body=body)
    )
    assert announced is not None
    assert not fetch(announced)
    assert fetch(announced, received=2)
    assert worlds.row().state is State.STORED


def test_a_recording_that_the_provider_has_deleted_is_gone(standin: Standin, clock: Clock) -> None:
    standin.serve(PATH, Reply(status=404))
    with clock.ago(days=31):
        table.put(recording(source_expires_time=times.after(times.now(), timedelta(days=30))), "callback pending")
    assert_fails("gone", worlds.row())


def test_a_failure_is_in_the_history(standin: Standin) -> None:
    standin.serve(PATH, Reply(status=410))
    fetch(recording())
    assert worlds.history() == ["fetch", "failed http_410"]


def test_a_request_to_a_provider_that_hangs_times_out(standin: Standin, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "TIMEOUT", urllib3.Timeout(connect=1, read=0.1))
    connections.forget()
    standin.serve(PATH, Reply(body=WAV, headers=AUDIO), Reply(body=WAV, headers=AUDIO, delay_seconds=0.5))
    assert fetch(recording())
    assert not fetch(recording(recording_id="r-2"))
    connections.forget()


def test_a_fetch_stops_before_the_function_times_out(standin: Standin) -> None:
    standin.audio(PATH, WAV)
    assert not fetch(recording(), seconds=app.SPARE_SECONDS - 1)
    assert worlds.row().state is State.PENDING


def test_a_redirect_to_a_listed_origin_gets_no_credentials(standin: Standin) -> None:
    with standins.Standin() as bucket:
        worlds.put_account("acme", api=worlds.oauth_api(standin), media_origins=[bucket.origin])
        accounts.forget()
        standin.serve(PATH, Reply(status=302, headers={"location": f"{bucket.origin}/x?signature=1"}))
        bucket.serve("/x?signature=1", Reply(body=WAV, headers=AUDIO, public=True))
        assert fetch(recording())
        assert [asked.authorization for asked in bucket.asked] == [None]
    assert worlds.body(worlds.row()) == WAV


@pytest.mark.parametrize(
    "target",
    [
        "http://127.0.0.1:9/unlisted",
        "http://example.com/plain",
        "https://127.0.0.1/private",
        "https://[::ffff:10.0.0.1]/mapped",
        "https://169.254.169.254/latest/meta-data",
        "ftp://example.com/x",
        "https://user@:x/",
    ],
)
def test_a_redirect_elsewhere_is_not_followed(standin: Standin, target: str) -> None:
    standin.serve(PATH, Reply(status=302, headers={"location": target}))
    assert_fails("forbidden_redirect")


def test_a_redirect_loop_ends(standin: Standin) -> None:
    standin.serve(PATH, Reply(status=307, headers={"location": PATH}))
    assert_waits("redirect_loop")


def test_a_failed_attempt_hides_its_message_by_its_count(standin: Standin) -> None:
    standin.serve(PATH, Reply(status=404))
    url = settings.get().fetch_queue_url
    fetch_requests.send(recording())
    message = clients.sqs().receive_message(QueueUrl=url, VisibilityTimeout=0)["Messages"][0]
    message = clients.sqs().receive_message(QueueUrl=url, VisibilityTimeout=1)["Messages"][0]
    event = events.sqs(message["Body"])
    event["Records"][0]["receiptHandle"] = message["ReceiptHandle"]
    assert app.handler(event, events.context())["batchItemFailures"] == [{"itemIdentifier": "message-0"}]
    time.sleep(1.1)  # by then it would be back, had the attempt not hidden it for longer
    assert "Messages" not in clients.sqs().receive_message(QueueUrl=url)


def of_backfill(event: dict[str, Any]) -> dict[str, Any]:
    """Return an event as the event source of a backfill sends it."""
    event["Records"][0]["eventSourceARN"] = "arn:aws:sqs:us-east-1:123456789012:callvault-backfill"
    return event


def test_a_message_of_a_backfill_is_fetched_as_any_other(standin: Standin) -> None:
    standin.audio(PATH, WAV)
    event = of_backfill(events.sqs(recording().model_dump(mode="json")))
    assert app.handler(event, events.context())["batchItemFailures"] == []
    assert worlds.row().state is State.STORED


def test_a_message_of_a_backfill_is_hidden_in_its_own_queue(
    standin: Standin,
) -> None:
    standin.serve(PATH, Reply(status=404))
    queues.send(Queue.BACKFILL, recording().model_dump_json())
    url = Queue.BACKFILL.url
    message = clients.sqs().receive_message(QueueUrl=url, VisibilityTimeout=1)["Messages"][0]
    event = of_backfill(events.sqs(message["Body"]))
    event["Records"][0]["receiptHandle"] = message["ReceiptHandle"]
    assert app.handler(event, events.context())["batchItemFailures"] == [{"itemIdentifier": "message-0"}]
    time.sleep(1.1)  # by then it would be back, had the attempt not hidden it for longer
    assert "Messages" not in clients.sqs().receive_message(QueueUrl=url)


def test_a_malformed_message_of_a_backfill_is_dead_lettered_in_its_own_queue() -> None:
    event = of_backfill(events.sqs("not a recording"))
    assert app.handler(event, events.context())["batchItemFailures"] == []
    assert [len(worlds.dead_letters_of(queue)) for queue in (Queue.BACKFILL, Queue.FETCH)] == [1, 0]


def test_a_malformed_message_is_dead_lettered_with_its_reason() -> None:
    event = events.sqs("not a recording")
    assert app.handler(event, events.context())["batchItemFailures"] == []
    (letter,) = worlds.dead_letters_of(Queue.FETCH)
    assert (letter.reason, letter.error, letter.body) == ("unreadable", "ValidationError", "not a recording")


def test_bad_messages_do_not_delay_the_others(standin: Standin, monkeypatch: pytest.MonkeyPatch) -> None:
    standin.audio(PATH, WAV)
    describe = Bandwidth.describe
    monkeypatch.setattr(
        Bandwidth,
        "describe",
        lambda self, row: describe(self, row) if row.recording_id == "r-1" else 1 / 0,
    )
    crash = recording(recording_id="crash").model_dump(mode="json")
    event = events.sqs("not a recording", crash, recording().model_dump(mode="json"))
    assert app.handler(event, events.context())["batchItemFailures"] == [{"itemIdentifier": "message-1"}]
    assert worlds.row().state is State.STORED


def test_a_message_that_crashes_in_its_last_attempt_is_dead_lettered(
    standin: Standin, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Bandwidth, "describe", lambda *_: 1 / 0)
    assert not fetch(recording())
    assert fetch(recording(), received=queues.MAX_RECEIVES - 1)
    (letter,) = worlds.dead_letters_of(Queue.FETCH)
    assert (letter.reason, letter.error) == ("crashed", "ZeroDivisionError")
    assert (letter.account_id, letter.recording_id) == ("acme", "r-1")


@pytest.mark.parametrize(("parameter", "reason"), [('{"provider": 7}', "configuration"), (None, "no_account")])
def test_a_recording_of_an_unusable_account_is_retried(parameter: str | None, reason: str) -> None:
    if parameter is not None:
        clients.ssm().put_parameter(Name="/callvault/accounts/acme", Value=parameter, Type="SecureString")
    assert_waits(reason)


def test_a_repeated_message_leaves_a_failed_row_unchanged(standin: Standin) -> None:
    standin.serve(PATH, Reply(status=410), Reply(body=WAV, headers=AUDIO))
    fetch(recording())
    assert fetch(recording())
    assert (worlds.row().state, worlds.row().reason) == (State.FAILED, "http_410")


def test_a_failure_is_published_by_the_next_attempt_if_the_bus_refused_it(
    standin: Standin, monkeypatch: pytest.MonkeyPatch, published: Any
) -> None:
    standin.serve(PATH, Reply(status=410))
    with monkeypatch.context() as broken:
        worlds.fail(broken, clients.events(), "put_events")
        assert not fetch(recording())
    assert worlds.row().state is State.FAILED
    assert fetch(recording(), received=2)
    assert [kind for kind, _ in published()] == ["RecordingFailed"]


def restart_by_retry(row: Recording) -> None:
    reopening.start(table.edit(row, "failed", state=State.FAILED) or row, "alice")


def restart_by_hurrying(row: Recording) -> None:
    reopening.hurry(row, "alice")


def restart_by_sweep(row: Recording) -> None:
    table.edit(row, due.LAST_ATTEMPT)


@pytest.mark.parametrize("restart", [restart_by_retry, restart_by_hurrying, restart_by_sweep])
def test_an_old_message_does_not_end_the_attempts_of_a_fresh_one(
    standin: Standin, clock: worlds.Clock, restart: Callable[[Recording], None]
) -> None:
    """Each repeated callback queues a message, and each message has attempts for a day."""
    standin.serve(PATH, Reply(status=503))
    worlds.put(call_id="c-1", format="wav")
    restart(worlds.row())
    assert fetch(recording(), received=10, since=time.time() - 30 * 3600)
    assert (worlds.row().state, worlds.row().reason) == (State.PENDING, None)
    clock.forward(hours=25)
    assert fetch(recording(), received=10, since=time.time())
    assert (worlds.row().state, worlds.row().reason) == (State.FAILED, "http_503")


def test_an_old_message_that_finds_the_recording_gone_fails_it_although_it_was_retried(standin: Standin) -> None:
    standin.serve(PATH, Reply(status=410))
    worlds.put(call_id="c-1", format="wav")
    restart_by_retry(worlds.row())
    assert fetch(recording(), received=10, since=time.time() - 30 * 3600)
    assert (worlds.row().state, worlds.row().reason) == (State.FAILED, "http_410")


def test_a_repeated_message_is_fetched_after_its_row_was_reopened(standin: Standin) -> None:
    standin.serve(PATH, Reply(status=410), Reply(body=WAV, headers=AUDIO))
    fetch(recording())
    reopening.reopen(worlds.row(), "alice")
    assert fetch(recording())
    assert (worlds.row().state, worlds.row().reason) == (State.STORED, None)
    assert worlds.history() == ["fetch", "failed http_410", "retried by alice", "stored"]


def test_a_repeated_message_restores_no_deleted_recording(standin: Standin) -> None:
    standin.audio(PATH, WAV)
    table.put(recording(state=State.DELETED), "deleted by ops")
    assert fetch(recording())
    assert (worlds.row().state, worlds.versions()) == (State.DELETED, [])


def test_a_recording_is_not_fetched_from_another_provider_that_the_parameter_names(standin: Standin) -> None:
    api = {"origin": standin.origin, "password": "t0ken"}
    worlds.put_account("acme", "twilio", provider_account_id="AC1", api=api)
    standin.otherwise = Reply(body=WAV, headers=AUDIO)
    assert_waits("other_provider")
    assert standin.asked == []


def test_a_failing_table_keeps_the_message(standin: Standin, monkeypatch: pytest.MonkeyPatch) -> None:
    standin.audio(PATH, WAV)
    worlds.fail(monkeypatch, clients.dynamodb(), "get_item")
    assert not fetch(recording())
    assert json.dumps(standin.asked, default=str) == "[]"
