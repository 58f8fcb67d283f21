"""A queued recording, copied from a stand-in of the provider into S3."""

import base64
import gzip
import hashlib
import json
import time
from collections.abc import Iterator
from typing import Any

import pytest
import urllib3

from callvault import accounts, clients, settings, transport
from callvault.ingest import media, reopening
from callvault.messaging import fetch_requests, queues
from callvault.messaging.queues import Queue
from callvault.models import Media, Recording, State
from callvault.providers.bandwidth.provider import Bandwidth
from callvault.storage import table
from functions.fetch_media import app
from tests import worlds
from tests.integration import events
from tools import audio_samples
from tools.local.faults.replies import Reply
from tools.local.providers import standins
from tools.local.providers.standins import Standin

pytestmark = pytest.mark.loopback

PATH = "/api/v2/accounts/9900000/calls/c-1/recordings/r-1/media"
WAV = audio_samples.wav(2, seed=1)
AUDIO = {"content-type": "audio/vnd.wave"}


@pytest.fixture
def standin() -> Iterator[Standin]:
    with standins.Standin() as running:
        worlds.put_account("acme", api=api(running))
        yield running


def api(standin: Standin, **fields: Any) -> dict[str, Any]:
    user, password = standins.CREDENTIALS
    url = standin.origin + standins.TOKEN_PATH
    return {"origin": standin.origin, "token_url": url, "username": user, "password": password} | fields


def recording(**fields: Any) -> Recording:
    known = {"account_id": "acme", "recording_id": "r-1", "provider": "bandwidth", "state": State.PENDING}
    return Recording.model_validate(known | {"call_id": "c-1", "duration_ms": 2000, "format": "wav"} | fields)


def fetch(news: Recording, *, received: int = 1, since: float | None = None, seconds: float = 60) -> bool:
    """Deliver the message of a recording and say whether it was done with."""
    event = events.sqs(news.model_dump(mode="json"), received=received, since=since)
    return not app.handler(event, events.context(seconds))["batchItemFailures"]


def row() -> Recording:
    stored = table.get("acme", "r-1")
    assert stored is not None
    return stored


def stored() -> Media:
    found = row().media
    assert found is not None
    return found


def object_bytes() -> bytes:
    answer = clients.s3().get_object(
        Bucket=settings.get().bucket_name, Key=stored().key, VersionId=str(stored().version_id)
    )
    return answer["Body"].read()


def versions() -> list[str]:
    listed = clients.s3().list_object_versions(Bucket=settings.get().bucket_name)
    return [version["VersionId"] for version in listed.get("Versions", [])]


def unfinished_uploads() -> int:
    return len(clients.s3().list_multipart_uploads(Bucket=settings.get().bucket_name).get("Uploads", []))


def assert_waits(reason: str, news: Recording | None = None) -> None:
    """Assert that the fetch is tried again and leaves nothing behind, then fails with this reason when time is up."""
    news = news or recording()
    assert not fetch(news)
    assert row().state is State.PENDING
    assert fetch(news, received=10, since=time.time() - 25 * 3600)
    assert (row().state, row().reason) == (State.FAILED, reason)
    assert (versions(), unfinished_uploads()) == ([], 0)


def assert_fails(reason: str, news: Recording | None = None) -> None:
    """Assert that the fetch is given up at once and leaves nothing behind."""
    assert fetch(news or recording())
    assert (row().state, row().reason) == (State.FAILED, reason)
    assert (versions(), unfinished_uploads()) == ([], 0)


def test_a_recording_is_stored_with_its_hash(standin: Standin) -> None:
    standin.audio(PATH, WAV)
    assert fetch(recording())
    assert row().state is State.STORED
    assert stored().sha256 == hashlib.sha256(WAV).hexdigest()
    assert (stored().size, stored().content_type) == (len(WAV), "audio/x-wav")
    assert object_bytes() == WAV


def test_a_recording_whose_format_nobody_told_is_stored_all_the_same(standin: Standin) -> None:
    standin.audio(PATH, WAV)
    assert fetch(recording(format=None))
    assert object_bytes() == WAV
    assert row().media_key == stored().key


def test_the_object_says_whose_it_is(standin: Standin) -> None:
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
    assert object_bytes() == long
    assert stored().sha256 == hashlib.sha256(long).hexdigest()
    tags = clients.s3().get_object_tagging(Bucket=settings.get().bucket_name, Key=stored().key)["TagSet"]
    assert tags == [{"Key": "sha256", "Value": stored().sha256}]


def test_a_recording_of_exactly_one_part_is_stored(standin: Standin) -> None:
    exact = WAV[:44] + bytes(media.PART_BYTES - 44)
    standin.audio(PATH, exact)
    assert fetch(recording(duration_ms=None))
    assert object_bytes() == exact


def test_the_row_is_made_from_the_message_if_the_callback_could_not_write_it(standin: Standin) -> None:
    standin.audio(PATH, WAV)
    assert fetch(recording(caller="+15551112222"))
    assert row().caller == "+15551112222"


def test_a_conferences_recording_is_found_under_the_conference(standin: Standin) -> None:
    standin.audio("/api/v2/accounts/9900000/conferences/conf-1/recordings/r-1/media", WAV)
    assert fetch(recording(call_id=None, conference_id="conf-1"))
    assert row().state is State.STORED


def test_basic_is_used_where_there_is_no_token_endpoint(standin: Standin) -> None:
    worlds.put_account("acme", api=api(standin, token_url=None))
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
    assert row().state is State.STORED
    assert [asked.method for asked in standin.asked] == ["POST", "GET", "POST", "GET"]


def test_credentials_that_stay_refused_wait_for_the_operator(standin: Standin) -> None:
    standin.serve(PATH, Reply(status=401))
    assert_waits("http_401")


def test_a_token_endpoint_that_refuses_is_asked_again_later(standin: Standin) -> None:
    worlds.put_account("acme", api=api(standin, password="wrong"))
    accounts.forget()
    assert_waits("no_token")


def test_an_account_without_api_waits_for_one() -> None:
    worlds.put_account("acme")
    assert_waits("not_configured")


@pytest.mark.parametrize("status", [403, 404, 408, 429, 500, 502, 503])
def test_what_may_pass_is_tried_again(standin: Standin, status: int) -> None:
    standin.serve(PATH, Reply(status=status))
    assert_waits(f"http_{status}")


@pytest.mark.parametrize("status", [400, 405, 410, 415])
def test_what_cannot_pass_is_given_up(standin: Standin, status: int) -> None:
    standin.serve(PATH, Reply(status=status))
    assert_fails(f"http_{status}")


def test_a_recording_that_is_not_there_yet_is_there_later(standin: Standin) -> None:
    standin.serve(PATH, Reply(status=404), Reply(body=WAV, headers=AUDIO))
    assert not fetch(recording())
    assert fetch(recording(), received=2)
    assert row().state is State.STORED


def test_a_recording_that_the_provider_has_deleted_is_gone(standin: Standin) -> None:
    standin.serve(PATH, Reply(status=404))
    assert_fails("gone", recording(source_expires_time="2026-01-01T00:00:00Z"))


def test_a_failure_tells_the_event_bus_and_the_history(standin: Standin) -> None:
    standin.serve(PATH, Reply(status=410))
    fetch(recording())
    assert [event.what for event in row().history] == ["fetch", "failed http_410"]


@pytest.mark.parametrize("framing", ["length", "chunked"])
def test_a_body_that_breaks_off_is_not_stored(standin: Standin, framing: str) -> None:
    standin.serve(PATH, Reply(body=WAV, headers=AUDIO, framing=framing, send_bytes=len(WAV) // 2))
    assert_waits("unreachable")


def test_a_body_without_length_that_falls_short_of_the_announced_duration_is_not_stored(standin: Standin) -> None:
    standin.serve(PATH, Reply(body=WAV, headers=AUDIO, framing="close", send_bytes=len(WAV) // 4))
    assert_waits("short_body")


def test_a_body_without_length_that_lacks_what_its_header_promises_is_not_stored(standin: Standin) -> None:
    standin.serve(PATH, Reply(body=WAV, headers=AUDIO, framing="close", send_bytes=len(WAV) - 2))
    assert_waits("short_body")


def test_an_attempt_that_another_overtakes_while_it_asks_the_provider_stores_nothing(
    standin: Standin, monkeypatch: pytest.MonkeyPatch
) -> None:
    standin.audio(PATH, WAV)

    def describe_while_stored(provider: Bandwidth, known: Recording) -> Recording:
        monkeypatch.undo()
        assert fetch(recording())
        return known.model_copy(update={"caller": "+15551112222"})

    monkeypatch.setattr(Bandwidth, "describe", describe_while_stored)
    assert fetch(recording(), received=2)
    assert (row().state, row().caller) == (State.STORED, "+15551112222")
    assert len(versions()) == 1


SHORTENED = Reply(body=WAV, headers=AUDIO, length=len(WAV) - 2)


def test_a_length_that_is_less_than_the_header_promises_is_doubted(standin: Standin) -> None:
    standin.serve(PATH, SHORTENED, Reply(body=WAV, headers=AUDIO))
    assert not fetch(recording())
    assert fetch(recording(), received=2)
    assert object_bytes() == WAV


def test_what_lacks_something_for_an_hour_is_what_there_is(standin: Standin) -> None:
    standin.serve(PATH, SHORTENED)
    assert not fetch(recording(), since=time.time() - 3500)
    assert fetch(recording(), since=time.time() - 3700)
    assert object_bytes() == WAV[:-2]


def test_a_partial_recording_may_lack_something(standin: Standin) -> None:
    standin.serve(PATH, SHORTENED)
    assert fetch(recording(partial=True))
    assert object_bytes() == WAV[:-2]


def test_a_long_body_that_breaks_off_leaves_no_upload(standin: Standin) -> None:
    long = audio_samples.wav(600, seed=2)
    standin.serve(PATH, Reply(body=long, headers=AUDIO, framing="close", send_bytes=media.PART_BYTES + 7))
    assert not fetch(recording(duration_ms=600_000))
    assert unfinished_uploads() == 0  # and not only when the recording fails in the end
    assert_waits("short_body", recording(duration_ms=600_000))


@pytest.mark.parametrize("framing", ["chunked", "close"])
def test_a_whole_body_without_length_is_stored(standin: Standin, framing: str) -> None:
    standin.serve(PATH, Reply(body=WAV, headers=AUDIO, framing=framing))
    assert fetch(recording())
    assert object_bytes() == WAV


@pytest.mark.parametrize(
    "page",
    [
        b"<!DOCTYPE html><html>Please sign in</html>",
        b'\xef\xbb\xbf <?xml version="1.0"?><TwilioResponse><Code>20404</Code></TwilioResponse>',
        b'{"type":"validation","description":"not found","id":null}',
        b'[{"type":"validation"}]',
    ],
)
@pytest.mark.parametrize("content_type", ["text/html", "audio/vnd.wave"])
def test_an_error_page_with_200_is_not_audio(standin: Standin, page: bytes, content_type: str) -> None:
    standin.serve(PATH, Reply(body=page, headers={"content-type": content_type}))
    assert_waits("not_audio")


def test_an_empty_file_is_not_audio(standin: Standin) -> None:
    standin.serve(PATH, Reply(headers=AUDIO))
    assert_waits("empty")


@pytest.mark.parametrize("body", [b"OggS" + bytes(100), gzip.compress(WAV)])
def test_another_type_is_given_up(standin: Standin, body: bytes) -> None:
    standin.serve(PATH, Reply(body=body, headers=AUDIO | {"content-encoding": "gzip"}))
    assert_fails("not_audio")


@pytest.mark.parametrize("framing", ["length", "close"])
def test_a_recording_over_the_limit_is_given_up(
    standin: Standin, monkeypatch: pytest.MonkeyPatch, framing: str
) -> None:
    monkeypatch.setenv("MAX_MEDIA_BYTES", str(len(WAV) - 1))
    standin.serve(PATH, Reply(body=WAV, headers=AUDIO, framing=framing))
    assert_fails("too_large")


def test_a_provider_that_hangs_is_left(standin: Standin, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "TIMEOUT", urllib3.Timeout(connect=1, read=0.1))
    transport._pool.cache_clear()
    standin.serve(PATH, Reply(body=WAV, headers=AUDIO), Reply(body=WAV, headers=AUDIO, delay_seconds=0.5))
    assert fetch(recording())
    assert not fetch(recording(recording_id="r-2"))
    transport._pool.cache_clear()


def test_a_provider_that_is_too_slow_is_left_before_the_function_ends(standin: Standin) -> None:
    standin.audio(PATH, WAV)
    assert not fetch(recording(), seconds=app.SPARE_SECONDS - 1)
    assert row().state is State.PENDING


def test_a_redirect_to_a_listed_origin_gets_no_credentials(standin: Standin) -> None:
    with standins.Standin() as bucket:
        worlds.put_account("acme", api=api(standin), media_origins=[bucket.origin])
        accounts.forget()
        standin.serve(PATH, Reply(status=302, headers={"location": f"{bucket.origin}/x?signature=1"}))
        bucket.serve("/x?signature=1", Reply(body=WAV, headers=AUDIO, public=True))
        assert fetch(recording())
        assert [asked.authorization for asked in bucket.asked] == [None]
    assert object_bytes() == WAV


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


def test_a_redirect_without_end_is_left(standin: Standin) -> None:
    standin.serve(PATH, Reply(status=307, headers={"location": PATH}))
    assert_waits("redirect_loop")


def test_a_repeated_message_stores_one_object(standin: Standin) -> None:
    standin.audio(PATH, WAV)
    assert fetch(recording())
    assert fetch(recording())
    assert len(versions()) == 1


def test_a_copy_whose_row_was_not_written_is_recognised(standin: Standin) -> None:
    """A function may die between the object and its row."""
    standin.audio(PATH, WAV)
    fetch(recording())
    forget_row()
    assert fetch(recording())
    assert row().state is State.STORED
    assert len(versions()) == 1


def test_a_long_copy_whose_row_was_not_written_is_recognised(standin: Standin) -> None:
    standin.audio(PATH, audio_samples.wav(600, seed=2))
    fetch(recording(duration_ms=600_000))
    forget_row()
    assert fetch(recording(duration_ms=600_000))
    assert row().state is State.STORED
    assert (len(versions()), unfinished_uploads()) == (1, 0)


def abandon_upload(key: str | None) -> None:
    """Begin an upload as an attempt does that dies then."""
    clients.s3().create_multipart_upload(Bucket=settings.get().bucket_name, Key=str(key))


def test_a_long_copy_frees_what_attempts_that_died_have_left(standin: Standin) -> None:
    standin.audio(PATH, audio_samples.wav(600, seed=2))
    known = table.put(recording(duration_ms=600_000), "callback")
    abandon_upload(known.media_key)
    abandon_upload(f"{known.media_key}-another")
    assert fetch(recording(duration_ms=600_000))
    assert unfinished_uploads() == 1


def test_a_repeated_message_frees_what_an_attempt_left_that_died_after_the_copy(standin: Standin) -> None:
    standin.audio(PATH, audio_samples.wav(600, seed=2))
    assert fetch(recording(duration_ms=600_000))
    abandon_upload(stored().key)
    assert fetch(recording(duration_ms=600_000), received=2)
    assert unfinished_uploads() == 0


def test_a_failed_recording_leaves_no_upload(standin: Standin) -> None:
    standin.serve(PATH, Reply(status=410))
    abandon_upload(table.put(recording(), "callback").media_key)
    assert_fails("http_410")
    assert unfinished_uploads() == 0


def test_an_upload_that_another_attempt_has_aborted_meanwhile_is_none(
    standin: Standin, monkeypatch: pytest.MonkeyPatch
) -> None:
    standin.audio(PATH, audio_samples.wav(600, seed=2))
    key = table.put(recording(), "callback").media_key
    listed = {"Uploads": [{"Key": key, "UploadId": "gone"}]}
    monkeypatch.setattr(clients.s3(), "list_multipart_uploads", lambda **_: listed)
    assert fetch(recording())
    assert row().state == State.STORED


def forget_row() -> None:
    """Put the row back to what it was before the copy, with the same key."""
    key = stored().key
    clients.dynamodb().delete_item(TableName=settings.get().table_name, Key={"pk": {"S": "acme#r-1"}})
    table.put(recording(media_key=key), "callback")


def test_another_object_under_the_key_is_not_overwritten(standin: Standin) -> None:
    standin.audio(PATH, WAV)
    fetch(recording())
    forget_row()
    standin.audio(PATH, audio_samples.wav(2, seed=9))
    assert fetch(recording())
    assert (row().state, row().reason) == (State.FAILED, "conflict")
    assert len(versions()) == 1


def test_a_complete_recording_becomes_a_newer_version_of_the_partial_one(standin: Standin) -> None:
    part = audio_samples.wav(1, seed=1)
    standin.serve(PATH, Reply(body=part, headers=AUDIO), Reply(body=WAV, headers=AUDIO))
    assert fetch(recording(partial=True))
    assert (row().state, stored().partial) == (State.STORED, True)
    assert fetch(recording())
    assert (row().state, stored().partial) == (State.STORED, False)
    assert object_bytes() == WAV
    assert len(versions()) == 2


def test_a_complete_recording_replaces_a_partial_one_that_no_row_knows(standin: Standin) -> None:
    part = audio_samples.wav(1, seed=1)
    standin.serve(PATH, Reply(body=part, headers=AUDIO), Reply(body=WAV, headers=AUDIO))
    fetch(recording(partial=True))
    forget_row()
    assert fetch(recording())
    assert object_bytes() == WAV
    assert len(versions()) == 2


def test_a_recording_deleted_during_the_copy_stays_deleted(standin: Standin, monkeypatch: pytest.MonkeyPatch) -> None:
    standin.audio(PATH, WAV)
    copy = media.copy

    def copy_while_deleted(*arguments: Any, **named: Any) -> Media:
        copied = copy(*arguments, **named)
        table.put(recording(state=State.DELETED), "deleted by ops")
        return copied

    monkeypatch.setattr(media, "copy", copy_while_deleted)
    assert fetch(recording())
    assert row().state is State.DELETED
    markers = clients.s3().list_object_versions(Bucket=settings.get().bucket_name)["DeleteMarkers"]
    assert [marker["IsLatest"] for marker in markers] == [True]


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


def test_a_message_that_is_no_recording_is_buried_with_its_reason() -> None:
    event = events.sqs("not a recording")
    assert app.handler(event, events.context())["batchItemFailures"] == []
    (letter,) = worlds.dead_letters_of(Queue.FETCH)
    assert (letter.reason, letter.error, letter.body) == ("unreadable", "ValidationError", "not a recording")


def test_bad_messages_do_not_hold_up_the_others(standin: Standin, monkeypatch: pytest.MonkeyPatch) -> None:
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
    assert row().state is State.STORED


def test_what_crashes_to_the_last_is_buried_with_its_reason(standin: Standin, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Bandwidth, "describe", lambda *_: 1 / 0)
    assert not fetch(recording())
    assert fetch(recording(), received=queues.MAX_RECEIVES - 1)
    (letter,) = worlds.dead_letters_of(Queue.FETCH)
    assert (letter.reason, letter.error) == ("crashed", "ZeroDivisionError")
    assert (letter.account_id, letter.recording_id) == ("acme", "r-1")


@pytest.mark.parametrize(("parameter", "reason"), [('{"provider": 7}', "configuration"), (None, "no_account")])
def test_an_account_that_cannot_be_used_is_waited_for(parameter: str | None, reason: str) -> None:
    if parameter is not None:
        clients.ssm().put_parameter(Name="/callvault/accounts/acme", Value=parameter, Type="SecureString")
    assert_waits(reason)


def test_a_message_that_comes_again_finds_a_failed_row_and_leaves_it(standin: Standin) -> None:
    standin.serve(PATH, Reply(status=410), Reply(body=WAV, headers=AUDIO))
    fetch(recording())
    assert fetch(recording())
    assert (row().state, row().reason) == (State.FAILED, "http_410")


def test_a_message_that_comes_again_after_its_row_was_reopened_is_fetched(standin: Standin) -> None:
    standin.serve(PATH, Reply(status=410), Reply(body=WAV, headers=AUDIO))
    fetch(recording())
    reopening.reopen(row(), "alice")
    assert fetch(recording())
    assert (row().state, row().reason) == (State.STORED, None)
    assert [event.what for event in row().history] == ["fetch", "failed http_410", "retried by alice", "stored"]


def test_a_message_that_comes_again_brings_nothing_back_that_was_removed(standin: Standin) -> None:
    standin.audio(PATH, WAV)
    table.put(recording(state=State.DELETED), "deleted by ops")
    assert fetch(recording())
    assert (row().state, versions()) == (State.DELETED, [])


def test_an_object_that_was_found_corrupt_is_replaced_when_its_recording_is_retried(standin: Standin) -> None:
    standin.audio(PATH, WAV)
    fetch(recording())
    clients.s3().put_object(Bucket=settings.get().bucket_name, Key=stored().key, Body=b"rotten")
    rotten = row().model_copy(update={"state": State.FAILED, "reason": "corrupt"})
    head = clients.s3().head_object(Bucket=settings.get().bucket_name, Key=stored().key)
    media = stored().model_copy(update={"etag": head["ETag"], "version_id": head["VersionId"]})
    table.put(rotten.model_copy(update={"media": media}), "failed corrupt", backward=True)
    reopening.start(row(), "alice")
    assert fetch(recording())
    assert row().state is State.STORED
    assert object_bytes() == WAV


def test_a_failing_table_keeps_the_message(standin: Standin, monkeypatch: pytest.MonkeyPatch) -> None:
    standin.audio(PATH, WAV)
    monkeypatch.setenv("TABLE_NAME", "another")
    settings.get.cache_clear()
    assert not fetch(recording())
    assert json.dumps(standin.asked, default=str) == "[]"
