"""Audio that was sent for a recording that Crossbar announced, against what Crossbar serves."""

import hashlib
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from callvault import accounts, alarm_messages, clients, settings
from callvault.errors import UnavailableError
from callvault.ingest import intake, kazoo_comparison, media, reopening
from callvault.ingest.reopening import RetryOutcome
from callvault.messaging.queues import Queue
from callvault.models import Recording, State
from callvault.readers import edits
from callvault.storage import news, notes, table
from functions.fetch_media import app as fetch_media
from functions.ingest_callback import app as ingest_callback
from functions.receive_upload import app as receive_upload
from functions.sweep_recordings import app as sweep_recordings
from functions.verify_media import app as verify_media
from tests import samples, worlds
from tests.captures import ACCOUNT_ID, AUDIO, OWNER_ID, document_id
from tests.integration import events
from tests.worlds import Clock
from tools import audio_samples
from tools.local.faults.replies import Reply
from tools.local.providers import kazoo_api
from tools.local.providers.kazoo_api import API_KEY, Crossbar

pytestmark = pytest.mark.loopback
FORGED = audio_samples.wav(0.5, seed=3)
RECORDING_ID = document_id(0x80)
APART = f"{RECORDING_ID}-{hashlib.sha256(AUDIO).hexdigest()[:8]}"
DOCUMENT = json.loads((samples.EVENTS / "kazoo" / "crossbar" / "recording.json").read_text())["data"]
SAID = (f"{notes.OTHER_AUDIO}; it is stored as {APART}",)


@pytest.fixture(autouse=True)
def crossbar() -> Iterator[Crossbar]:
    with kazoo_api.Crossbar() as running:
        configure(api={"origin": running.origin, "api_key": API_KEY})
        yield running


def configure(**fields: Any) -> None:
    callback = {"token": "s3cret", "upload_token": "pushed"}
    worlds.put_account(ACCOUNT_ID, provider="kazoo", provider_account_id=ACCOUNT_ID, callback=callback, **fields)


def hook(name: str) -> int:
    body = (samples.EVENTS / "kazoo" / f"object_{name}.json").read_bytes()
    parameters = {"provider": "kazoo", "account_id": ACCOUNT_ID, "token": "s3cret"}
    headers = {"content-type": "application/json"}
    event = events.http("POST", "/callbacks", body, headers=headers, parameters=parameters)
    return int(ingest_callback.handler(event, events.context())["statusCode"])


def push(body: bytes = FORGED) -> int:
    parameters = {"account_id": ACCOUNT_ID, "token": "pushed", "path": f"{RECORDING_ID}/a.wav"}
    event = events.http("PUT", "/uploads", body, parameters=parameters)
    return int(receive_upload.handler(event, events.context())["statusCode"])


def put_object(body: bytes = FORGED) -> bool:
    """Put an object under `incoming/`, as KAZOO's S3 key allows, and say whether it was moved."""
    key = f"incoming/kazoo/{ACCOUNT_ID}/{RECORDING_ID}/a.wav"
    version = clients.s3().put_object(Bucket=settings.get().bucket_name, Key=key, Body=body)["VersionId"]
    event = events.sqs(events.object_change(key, version))
    return not verify_media.handler(event, events.context())["batchItemFailures"]


SENT = {"push": push, "object": put_object}
"""The ways in which somebody can send other audio for a recording of Crossbar's."""


def s3_fault(cause: str | None, status: int = 500, message: str = "datastore_fault") -> list[Reply]:
    """Return Crossbar's answer to a request for audio that its store does not serve."""
    data = {"message": "unknown failure"} | ({"cause": cause} if cause else {})
    return [Reply(status=status, body=json.dumps({"data": data, "message": message, "status": "error"}).encode())]


def fetch(**options: Any) -> bool:
    """Deliver all fetch requests, and say whether each was processed."""
    event = events.sqs(*worlds.queued(Queue.FETCH), **options)
    return not fetch_media.handler(event, events.context())["batchItemFailures"]


def row(recording_id: str = RECORDING_ID) -> Recording:
    return worlds.row(recording_id, ACCOUNT_ID)


@pytest.mark.parametrize("way", SENT)
@pytest.mark.parametrize(
    "order",
    [
        ["doc_created", "sent", "audio", "doc_edited"],
        ["doc_created", "sent", "audio"],
        ["audio", "doc_edited", "sent"],
        ["sent", "audio", "doc_edited"],
        ["sent", "doc_created", "audio"],
    ],
)
def test_forged_audio_does_not_take_the_place_of_what_crossbar_serves(
    crossbar: Crossbar, order: list[str], way: str
) -> None:
    for step in order:
        if step == "audio":
            crossbar.keep(ACCOUNT_ID, DOCUMENT, AUDIO)
        else:
            assert SENT[way]() if step == "sent" else hook(step) == 200
    assert fetch()
    assert worlds.body(row()) == FORGED
    assert worlds.body(row(APART)) == AUDIO
    assert row().discrepancies == SAID
    assert row(APART).discrepancies == ()
    assert row(APART).call_id == DOCUMENT["call_id"]


def test_a_difference_is_still_said_after_the_verification(crossbar: Crossbar) -> None:
    hook("doc_created")
    push()
    crossbar.keep(ACCOUNT_ID, DOCUMENT, AUDIO)
    assert fetch()
    table.put(row().model_copy(update={"state": State.VERIFIED, "discrepancies": ("measured",)}), "verified")
    assert row().discrepancies == ("measured", *SAID)


def test_the_comparison_is_repeated_until_crossbar_has_the_audio(crossbar: Crossbar) -> None:
    hook("doc_created")
    push()
    crossbar.keep(ACCOUNT_ID, DOCUMENT)
    assert not fetch()
    crossbar.keep(ACCOUNT_ID, DOCUMENT, AUDIO)
    assert fetch()
    assert row().discrepancies == SAID


def test_the_same_audio_is_compared_once_and_kept_once(crossbar: Crossbar) -> None:
    crossbar.keep(ACCOUNT_ID, DOCUMENT, AUDIO)
    hook("doc_created")
    push(AUDIO)
    assert fetch()
    asked = len(crossbar.state.asked)
    hook("doc_edited")
    assert fetch()
    assert len(crossbar.state.asked) == asked
    assert (row().discrepancies, table.get(ACCOUNT_ID, APART)) == ((), None)
    assert worlds.history(RECORDING_ID, ACCOUNT_ID).count("compared with Crossbar") == 1


@pytest.mark.parametrize(
    ("url", "compared"),
    [
        (f"https://api.example.com/uploads/kazoo/{ACCOUNT_ID}/pushed", False),
        (f"https://api.example.com/stage/uploads/kazoo/{ACCOUNT_ID}/pushed/in/?x=y", False),
        (f"https://api.example.com/uploads/kazoo/{ACCOUNT_ID}/a-former-token", False),
        (f"https://api.example.com/uploads/kazoo/{ACCOUNT_ID}-not/pushed", True),
        (f"https://api.example.com/uploads/kazoo/another/pushed?/uploads/kazoo/{ACCOUNT_ID}/pushed", True),
        ("https://storage.example.com/in", True),
        ("https://[", True),
        (None, True),
    ],
)
def test_a_document_whose_audio_is_stored_at_our_own_address_is_not_compared(
    crossbar: Crossbar,
    url: str | None,
    compared: bool,  # noqa: FBT001
) -> None:
    crossbar.keep(ACCOUNT_ID, DOCUMENT | {"url": url}, AUDIO)
    hook("doc_created")
    push()
    assert fetch()
    assert row().discrepancies == (SAID if compared else ())
    assert (table.get(ACCOUNT_ID, APART) is not None) == compared


def give_up(crossbar: Crossbar) -> Recording:
    """Push audio that Crossbar serves nothing to compare with for a day, and return its row."""
    crossbar.keep(ACCOUNT_ID, DOCUMENT)
    hook("doc_created")
    push()
    assert fetch(since=1.0)
    return row()


def test_a_push_that_crossbar_never_serves_says_so_and_does_not_fail(
    crossbar: Crossbar, caplog: pytest.LogCaptureFixture
) -> None:
    given_up = give_up(crossbar)
    assert (given_up.state, given_up.discrepancies) == (State.STORED, (f"{notes.NOT_COMPARED}: http_404",))
    assert alarm_messages.RECORDING_FAILED not in caplog.messages
    assert fetch()


def test_a_comparison_that_is_given_up_is_reported(crossbar: Crossbar, caplog: pytest.LogCaptureFixture) -> None:
    given_up = give_up(crossbar)
    logged = [one for one in caplog.records if one.message == alarm_messages.RECORDING_NOT_COMPARED]
    assert [(vars(one)["recording"], vars(one)["reason"]) for one in logged] == [(given_up.recording_id, "http_404")]


def test_a_retry_compares_a_recording_again_that_was_given_up(crossbar: Crossbar) -> None:
    given_up = give_up(crossbar)
    assert reopening.start(given_up, "alice") is RetryOutcome.QUEUED
    assert len(worlds.queued(Queue.FETCH)) == 2
    assert not fetch()
    crossbar.keep(ACCOUNT_ID, DOCUMENT, AUDIO)
    assert fetch()
    assert (row().state, row().discrepancies) == (State.STORED, SAID)
    assert reopening.start(row(), "alice") is RetryOutcome.LEFT


def test_a_retry_that_fails_for_a_day_again_is_reported_again(
    crossbar: Crossbar, caplog: pytest.LogCaptureFixture, clock: worlds.Clock
) -> None:
    given_up = give_up(crossbar)
    reopening.start(given_up, "alice")
    clock.forward(hours=25)
    assert fetch(since=1.0)
    assert row().discrepancies == given_up.discrepancies
    assert caplog.messages.count(alarm_messages.RECORDING_NOT_COMPARED) == 2


def test_a_message_from_before_a_retry_does_not_end_the_comparison(crossbar: Crossbar) -> None:
    given_up = give_up(crossbar)
    reopening.start(given_up, "alice")
    assert fetch(since=1.0)
    crossbar.keep(ACCOUNT_ID, DOCUMENT, AUDIO)
    assert fetch()
    assert row().discrepancies == SAID


def test_a_retry_that_was_cut_off_is_repeated(crossbar: Crossbar, monkeypatch: pytest.MonkeyPatch) -> None:
    given_up = give_up(crossbar)
    with monkeypatch.context() as broken:
        worlds.fail(broken, clients.sqs(), "send_message")
        with pytest.raises(UnavailableError):
            reopening.start(given_up, "alice")
    queued = len(worlds.queued(Queue.FETCH))
    assert reopening.start(row(), "alice") is RetryOutcome.QUEUED
    assert len(worlds.queued(Queue.FETCH)) == queued + 1


def test_a_retry_sees_what_another_writer_changed(crossbar: Crossbar) -> None:
    given_up = give_up(crossbar)
    table.edit(given_up, "metadata by bob", user_metadata={"note": 1})
    assert reopening.start(given_up, "alice") is RetryOutcome.QUEUED
    assert row().user_metadata == {"note": 1}


def test_a_retry_leaves_what_was_compared_meanwhile(crossbar: Crossbar) -> None:
    given_up = give_up(crossbar)
    table.edit(given_up, "compared with Crossbar", discrepancies=())
    assert reopening.start(given_up, "alice") is RetryOutcome.LEFT


def test_a_comparison_that_others_keep_changing_is_unavailable(
    crossbar: Crossbar, monkeypatch: pytest.MonkeyPatch
) -> None:
    given_up = give_up(crossbar)
    monkeypatch.setattr(table, "edit", lambda *_, **__: None)
    with pytest.raises(UnavailableError):
        reopening.start(given_up, "alice")


NO_LIST = (
    "User: arn:aws:iam::111122223333:user/kazoo is not authorized to perform: s3:ListBucket on resource: "
    '"arn:aws:s3:::{}" because no identity-based policy allows the s3:ListBucket action'
)


@pytest.mark.parametrize("cause", ["Access Denied", "The specified key does not exist.", NO_LIST])
def test_an_object_of_an_account_that_stores_by_the_s3_handler_costs_one_attempt_and_no_alarm(
    crossbar: Crossbar, caplog: pytest.LogCaptureFixture, cause: str
) -> None:
    hook("doc_created")
    assert put_object(AUDIO)
    crossbar.keep(ACCOUNT_ID, DOCUMENT)
    crossbar.state.audio[RECORDING_ID] = s3_fault(cause.format(settings.get().bucket_name))
    hook("doc_edited")
    assert fetch()
    assert (row().state, row().discrepancies) == (State.STORED, ())
    assert worlds.history(RECORDING_ID, ACCOUNT_ID).count("compared with Crossbar") == 1
    queued = len(worlds.queued(Queue.FETCH))
    hook("doc_edited")
    assert len(worlds.queued(Queue.FETCH)) == queued
    assert [record for record in caplog.records if record.levelname == "ERROR"] == []


@pytest.mark.parametrize("reply", [s3_fault(None), None], ids=["an unknown fault", "no audio"])
@pytest.mark.parametrize("source", ["reconcile", "looked up"])
def test_an_object_that_no_webhook_announced_costs_one_attempt_and_no_alarm(
    crossbar: Crossbar, caplog: pytest.LogCaptureFixture, source: str, reply: list[Reply] | None
) -> None:
    """KAZOO 4.0 and 4.1 do not quote S3. The list announced the recording."""
    crossbar.keep(ACCOUNT_ID, DOCUMENT)
    assert put_object(AUDIO)
    if reply:
        crossbar.state.audio[RECORDING_ID] = reply
    intake.record(row().model_copy(update={"state": State.PENDING, "media": None}), source)
    assert fetch()
    assert (row().state, row().discrepancies) == (State.STORED, ())
    assert not kazoo_comparison.is_due(row())
    assert [record for record in caplog.records if record.levelname == "ERROR"] == []


@pytest.mark.parametrize("status", [None, 503])
def test_an_object_that_no_webhook_announced_is_compared_with_what_crossbar_serves(
    crossbar: Crossbar, status: int | None
) -> None:
    crossbar.keep(ACCOUNT_ID, DOCUMENT, AUDIO)
    assert put_object()
    intake.record(row().model_copy(update={"state": State.PENDING, "media": None}), "reconcile")
    if status:
        crossbar.state.audio[RECORDING_ID] = [Reply(status=status)]
        assert not fetch()
        del crossbar.state.audio[RECORDING_ID]
    assert fetch()
    assert row().discrepancies == SAID


@pytest.mark.parametrize(
    "replies",
    [
        s3_fault(None),
        s3_fault(None, 503),
        s3_fault("Socket error: timeout"),
        s3_fault(NO_LIST.format("another-bucket")),
        s3_fault("Access Denied", message="timeout"),
        [Reply(status=500, body=b"Access Denied")],
        [Reply(status=500, body=b'{"message": "datastore_fault", "data": []}')],
    ],
)
def test_any_other_fault_of_crossbar_is_not_taken_for_a_store_in_this_bucket(
    crossbar: Crossbar, replies: list[Reply]
) -> None:
    hook("doc_created")
    put_object()
    crossbar.keep(ACCOUNT_ID, DOCUMENT, AUDIO)
    crossbar.state.audio[RECORDING_ID] = replies
    assert not fetch()
    del crossbar.state.audio[RECORDING_ID]
    hook("doc_edited")
    assert fetch()
    assert row().discrepancies == SAID


def test_a_push_is_not_taken_for_what_the_s3_handler_stores(crossbar: Crossbar) -> None:
    hook("doc_created")
    push()
    crossbar.keep(ACCOUNT_ID, DOCUMENT)
    crossbar.state.audio[RECORDING_ID] = s3_fault("Access Denied")
    assert not fetch()


def test_an_object_for_a_recording_with_all_its_fields_is_compared_too(crossbar: Crossbar) -> None:
    crossbar.keep(ACCOUNT_ID, DOCUMENT)
    hook("doc_edited")
    assert not fetch()
    before = row()
    assert put_object()
    assert row().model_dump(include={*news.FACTS, "extra"}, exclude={"media"}) == before.model_dump(
        include={*news.FACTS, "extra"}, exclude={"media"}
    )
    crossbar.keep(ACCOUNT_ID, DOCUMENT, AUDIO)
    assert fetch()
    assert row().discrepancies == SAID


def test_an_object_is_moved_only_with_its_comparison(monkeypatch: pytest.MonkeyPatch, crossbar: Crossbar) -> None:
    hook("doc_created")
    with monkeypatch.context() as broken:
        worlds.fail(broken, clients.sqs(), "send_message")
        assert not put_object()
    assert put_object()
    crossbar.keep(ACCOUNT_ID, DOCUMENT, AUDIO)
    assert fetch()
    assert row().discrepancies == SAID


def test_an_object_with_the_audio_that_was_fetched_is_not_compared(crossbar: Crossbar) -> None:
    crossbar.keep(ACCOUNT_ID, DOCUMENT, AUDIO)
    hook("doc_edited")
    assert fetch()
    assert put_object(AUDIO)
    hook("doc_edited")
    assert len(worlds.queued(Queue.FETCH)) == 1


def test_audio_of_crossbar_over_the_limit_is_given_up_at_once(
    crossbar: Crossbar, monkeypatch: pytest.MonkeyPatch
) -> None:
    hook("doc_created")
    push()
    crossbar.keep(ACCOUNT_ID, DOCUMENT, AUDIO)
    monkeypatch.setenv("MAX_MEDIA_BYTES", "1000")
    settings.get.cache_clear()
    assert fetch()
    assert row().discrepancies == (f"{notes.NOT_COMPARED}: too_large",)


def test_an_error_page_of_crossbar_is_not_taken_for_audio(crossbar: Crossbar) -> None:
    crossbar.keep(ACCOUNT_ID, DOCUMENT, b"<html>busy</html>")
    hook("doc_created")
    push()
    assert not fetch()
    assert row().discrepancies == ()


def test_without_crossbar_nothing_is_compared() -> None:
    configure()
    hook("doc_created")
    push()
    assert worlds.queued(Queue.FETCH) == []
    hook("doc_edited")
    assert worlds.queued(Queue.FETCH) == []
    assert row().discrepancies == ()


def test_an_account_that_no_longer_has_crossbar_drops_a_queued_comparison(crossbar: Crossbar) -> None:
    crossbar.keep(ACCOUNT_ID, DOCUMENT, AUDIO)
    hook("doc_created")
    push()
    configure()
    accounts.forget()
    assert fetch()
    assert (row().discrepancies, crossbar.state.asked) == ((), [])


def delete(who: str) -> None:
    """Delete the audio as a reader or an operator does, and deliver the event of the marker."""
    key = str(row().media_key)
    if who == "reader":
        edits.delete(worlds.principal(ACCOUNT_ID, "kazoo", can_delete=True), row())
    else:
        clients.s3().delete_object(Bucket=settings.get().bucket_name, Key=key)
    listed = clients.s3().list_object_versions(Bucket=settings.get().bucket_name, Prefix=key)
    marker = listed["DeleteMarkers"][0]["VersionId"]
    event = events.sqs(events.object_change(key, marker, "ObjectRemoved:DeleteMarkerCreated"))
    assert not verify_media.handler(event, events.context())["batchItemFailures"]
    assert row().state is State.DELETED


@pytest.mark.parametrize("who", ["reader", "operator"])
@pytest.mark.parametrize("way", SENT)
def test_what_crossbar_serves_is_kept_although_the_forged_audio_was_deleted(
    crossbar: Crossbar, way: str, who: str
) -> None:
    assert SENT[way]()
    assert hook("doc_created") == 200
    delete(who)
    assert not fetch()  # Crossbar has no audio yet
    crossbar.keep(ACCOUNT_ID, DOCUMENT, AUDIO)
    assert hook("doc_edited") == 200
    assert fetch()
    assert (row(APART).state, worlds.body(row(APART))) == (State.STORED, AUDIO)
    assert row().state is State.DELETED
    assert not kazoo_comparison.is_due(row())


@pytest.mark.parametrize("who", ["reader", "operator"])
def test_audio_that_crossbar_serves_and_that_was_deleted_is_not_stored_again(crossbar: Crossbar, who: str) -> None:
    assert push(AUDIO) == 201
    assert hook("doc_created") == 200
    before = row().owner_id, row().extra
    delete(who)
    crossbar.keep(ACCOUNT_ID, DOCUMENT, AUDIO)
    assert hook("doc_edited") == 200
    assert fetch()
    assert (row().state, worlds.objects("media/"), (row().owner_id, row().extra)) == (State.DELETED, [], before)
    assert not kazoo_comparison.is_due(row())


def test_audio_that_was_deleted_and_that_nobody_announced_is_not_compared(crossbar: Crossbar) -> None:
    assert push() == 201
    delete("operator")
    kazoo_comparison.send(row())
    assert fetch()
    assert crossbar.state.asked == []


def test_a_comparison_waits_while_the_parameter_names_another_provider(crossbar: Crossbar) -> None:
    assert push() == 201
    assert hook("doc_created") == 200
    crossbar.keep(ACCOUNT_ID, DOCUMENT, AUDIO)
    worlds.put_account(ACCOUNT_ID, "twilio", provider_account_id="AC1")
    accounts.forget()
    assert not fetch()
    configure(api={"origin": crossbar.origin, "api_key": API_KEY})
    accounts.forget()
    assert hook("doc_edited") == 200
    assert fetch()
    assert worlds.row(APART, ACCOUNT_ID).state is State.STORED


def test_a_comparison_that_cannot_be_recorded_yet_is_repeated(
    crossbar: Crossbar, monkeypatch: pytest.MonkeyPatch
) -> None:
    crossbar.keep(ACCOUNT_ID, DOCUMENT, AUDIO)
    hook("doc_created")
    push()
    with monkeypatch.context() as overtaken:
        overtaken.setattr(table, "edit", lambda *_, **__: None)
        assert not fetch()
    assert row().discrepancies == ()
    assert fetch()
    assert row().discrepancies == SAID


def test_a_push_that_nobody_announced_is_not_compared(crossbar: Crossbar) -> None:
    crossbar.keep(ACCOUNT_ID, DOCUMENT, AUDIO)
    push()
    assert worlds.queued(Queue.FETCH) == []


def test_audio_that_is_pushed_during_the_fetch_is_compared_by_the_next_attempt(
    crossbar: Crossbar, monkeypatch: pytest.MonkeyPatch
) -> None:
    crossbar.keep(ACCOUNT_ID, DOCUMENT, AUDIO)
    hook("doc_edited")
    copy = media.copy

    def overtaken(*arguments: Any, **options: Any) -> Any:
        monkeypatch.setattr(media, "copy", copy)
        push()
        return copy(*arguments, **options)

    monkeypatch.setattr(media, "copy", overtaken)
    event = events.sqs(*worlds.queued(Queue.FETCH))
    assert fetch_media.handler(event, events.context())["batchItemFailures"]
    assert row().discrepancies == ()
    assert not fetch_media.handler(event, events.context())["batchItemFailures"]
    assert (worlds.body(row()), worlds.body(row(APART))) == (FORGED, AUDIO)
    assert row().discrepancies == SAID


def test_a_webhook_is_acknowledged_although_the_comparison_cannot_be_queued(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    push()
    with monkeypatch.context() as broken:
        worlds.fail(broken, clients.sqs(), "send_message")
        assert hook("doc_created") == 200
    assert alarm_messages.RECORDING_NOT_COMPARED in caplog.messages
    assert row().discrepancies == (f"{notes.NOT_COMPARED}: queue_unavailable",)
    hook("doc_edited")
    assert len(worlds.queued(Queue.FETCH)) == 1


def test_a_comparison_that_can_neither_be_queued_nor_noted_is_no_error(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    push()
    hook("doc_created")
    worlds.fail(monkeypatch, clients.sqs(), "send_message")
    worlds.fail(monkeypatch, clients.dynamodb(), "put_item")
    kazoo_comparison.enqueue_or_note(row())
    assert alarm_messages.RECORDING_NOT_COMPARED in caplog.messages


def test_a_retry_queues_a_comparison_that_could_not_be_queued(
    crossbar: Crossbar, monkeypatch: pytest.MonkeyPatch
) -> None:
    push()
    with monkeypatch.context() as broken:
        worlds.fail(broken, clients.sqs(), "send_message")
        hook("doc_created")
    assert reopening.start(row(), "alice") is RetryOutcome.QUEUED
    crossbar.keep(ACCOUNT_ID, DOCUMENT, AUDIO)
    assert fetch()
    assert row().discrepancies == SAID


def test_a_push_is_acknowledged_only_with_its_comparison(monkeypatch: pytest.MonkeyPatch, crossbar: Crossbar) -> None:
    hook("doc_created")
    with monkeypatch.context() as broken:
        worlds.fail(broken, clients.sqs(), "send_message")
        assert push() == 503
    assert push() == 201
    crossbar.keep(ACCOUNT_ID, DOCUMENT, AUDIO)
    assert fetch()
    assert row().discrepancies == SAID


def claim(query: str) -> None:
    parameters = {"account_id": ACCOUNT_ID, "token": "pushed", "path": f"{RECORDING_ID}/a.wav"}
    event = events.http("PUT", "/uploads", FORGED, query=query, parameters=parameters)
    assert receive_upload.handler(event, events.context())["statusCode"] == 201


def test_the_first_announcement_replaces_the_owner_and_the_call_that_a_push_claimed() -> None:
    configure()
    claim("owner_id=mallory&call_id=their-call")
    assert (row().owner_id, row().call_id) == ("mallory", "their-call")
    assert hook("doc_created") == 200
    assert (row().owner_id, row().discrepancies) == (None, ())
    claim("owner_id=mallory")
    assert row().owner_id is None


def test_the_comparison_names_the_owner_of_the_document(crossbar: Crossbar) -> None:
    crossbar.keep(ACCOUNT_ID, DOCUMENT | {"owner_id": OWNER_ID}, AUDIO)
    hook("doc_created")
    push(AUDIO)
    assert row().owner_id is None
    assert fetch()
    assert (row().owner_id, row().call_id) == (OWNER_ID, DOCUMENT["call_id"])


@pytest.mark.parametrize("way", [push, put_object])
def test_audio_whose_event_is_faster_than_its_row_is_compared_too(
    crossbar: Crossbar, monkeypatch: pytest.MonkeyPatch, way: Callable[[], object]
) -> None:
    """S3's event finds the row before it says `stored`, and makes it `verified`."""
    store = media.store

    def store_and_tell(*given: Any) -> Any:
        kept = store(*given)
        change = events.sqs(events.object_change(kept.key, kept.version_id))
        assert not verify_media.handler(change, events.context())["batchItemFailures"]
        return kept

    hook("doc_created")
    monkeypatch.setattr(media, "store", store_and_tell)
    assert way()
    crossbar.keep(ACCOUNT_ID, DOCUMENT, AUDIO)
    hook("doc_edited")
    fetch()
    assert (worlds.body(row()), row().discrepancies) == (FORGED, SAID)
    assert worlds.body(row(APART)) == AUDIO


def test_a_document_that_was_deleted_before_its_audio_was_fetched_fails_at_once(clock: Clock) -> None:
    with clock.ago(hours=7):
        assert hook("doc_created") == 200
        assert table.edit(row(), "duration", duration_ms=1000)
    sweep_recordings.handler({}, events.context(300))
    clock.forward(hours=0.1)
    [message] = worlds.queued(Queue.FETCH)
    fetch_media.handler(events.sqs(message), events.context())
    assert (row().state, row().reason) == (State.FAILED, "gone")
