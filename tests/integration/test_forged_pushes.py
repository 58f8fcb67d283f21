"""What whoever knows an upload address may try: the archive believes little of what was pushed."""

import base64
import hashlib
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import pytest

from callvault import accounts, clients, dialects, settings, times
from callvault.dialects.kazoo.documents import from_gregorian, gregorian
from callvault.ingest import intake, media
from callvault.ingest.media import Stream
from callvault.messaging.queues import Queue
from callvault.models import Media, Recording, State
from callvault.providers.kazoo import documents
from callvault.storage import notes, table
from callvault.web import Request, Response
from functions.fetch_media import app as fetch_media
from functions.ingest_callback import app as ingest_callback
from functions.receive_upload import app as receive_upload
from functions.sweep_recordings import app as sweep_recordings
from functions.verify_media import app as verify_media
from tests import samples, worlds
from tests.captures import ACCOUNT_ID, document_id
from tests.integration import events
from tests.worlds import Clock
from tools import audio_samples
from tools.local.providers import kazoo_api
from tools.local.providers.kazoo_api import API_KEY, Crossbar

GENUINE, FORGED = audio_samples.wav(0.5, seed=3), audio_samples.wav(0.5, seed=4)
RECORDING_ID = document_id(0x80)
APART = f"{RECORDING_ID}-{hashlib.sha256(GENUINE).hexdigest()[:8]}"
NOTE = f"{notes.SENT_OTHER}; it is stored as {APART}"
DOCUMENT = json.loads((samples.EVENTS / "kazoo" / "crossbar" / "recording.json").read_text())["data"]
TOLD = {
    "start": 63_871_667_900, "duration_ms": 60_000, "name": "genuine.wav", "tag": "genuine",
    "cdr_id": "202401-genuine", "interaction_id": "genuine", "call_id": "genuine", "from": "+1555", "to": "+1666",
    "direction": "inbound",
}  # fmt: skip
LIES = (
    "start=63871000000&duration_ms=1&name=forged.wav&tag=forged&cdr_id=202401-forged&interaction_id=forged"
    "&call_id=forged&from=9&to=8&direction=outbound"
)


def configure(**fields: Any) -> None:
    mallory = worlds.reader("mallory", user_id="mallory", can_delete=True)
    owner = worlds.reader("owner", user_id=DOCUMENT["owner_id"], can_control=True)
    callback = {"token": "s3cret", "upload_token": "pushed"}
    readers = [mallory, owner, worlds.reader("admin", is_admin=True)]
    known = {"provider": "kazoo", "provider_account_id": ACCOUNT_ID, "callback": callback, "readers": readers}
    worlds.put_account(ACCOUNT_ID, **known | fields)


@pytest.fixture(autouse=True)
def account() -> None:
    configure()


@contextmanager
def crossbar() -> Iterator[Crossbar]:
    """Run a Crossbar that the account's `api` names."""
    with kazoo_api.Crossbar() as running:
        configure(api={"origin": running.origin, "api_key": API_KEY})
        yield running


def hook(action: str = "doc_edited", **fields: Any) -> None:
    values = {"id": RECORDING_ID, "type": "call_recording", "account_id": ACCOUNT_ID, "action": action, **fields}
    parameters = {"provider": "kazoo", "account_id": ACCOUNT_ID, "token": "s3cret"}
    headers = {"content-type": "application/json"}
    event = events.http("POST", "/callbacks", json.dumps(values).encode(), headers=headers, parameters=parameters)
    assert ingest_callback.handler(event, events.context())["statusCode"] == 200


def send(method: str, body: bytes = b"", query: str = "") -> dict[str, Any]:
    parameters = {"account_id": ACCOUNT_ID, "token": "pushed", "path": f"{RECORDING_ID}/a.wav"}
    return receive_upload.handler(
        events.http(method, "/uploads", body, query=query, parameters=parameters), events.context()
    )


def push(query: str = "", body: bytes = GENUINE) -> None:
    assert send("PUT", body, query)["statusCode"] == 201


def flood() -> None:
    for number in range(50):
        push(f"x{number}=1")


def row(recording_id: str = RECORDING_ID) -> Recording:
    return worlds.row(recording_id, ACCOUNT_ID)


def ask(method: str, reader: str, body: bytes = b"", path: str = f"recordings/{RECORDING_ID}") -> Response:
    headers = {"x-auth-token": f"{ACCOUNT_ID}.{reader}"}
    return dialects.answer(Request(method=method, path=f"/v2/accounts/{ACCOUNT_ID}/{path}", headers=headers, body=body))


def test_many_pushes_set_no_owner_of_an_announced_recording() -> None:
    push()
    hook(call_id="genuine")
    flood()
    push("owner_id=mallory")
    assert row().owner_id is None
    assert (ask("GET", "mallory").status, ask("DELETE", "mallory").status) == (404, 404)
    assert row().state is State.STORED


def test_many_pushes_do_not_undo_an_admins_change_of_the_owner() -> None:
    push()
    hook(owner_id="u1")
    assert ask("PATCH", "admin", b'{"data":{"owner_id":"u2"}}').status == 200
    flood()
    hook(owner_id="u1")
    assert row().owner_id == "u2"


def test_who_sends_stored_audio_again_does_not_become_its_owner() -> None:
    push("call_id=c-1")
    read_back = base64.b64decode(send("GET")["body"])
    push("owner_id=mallory", read_back)
    assert (ask("GET", "mallory").status, ask("DELETE", "mallory").status) == (404, 404)
    assert row().state is State.STORED


def test_a_push_replaces_nothing_of_an_announcement_before_it() -> None:
    hook("doc_created", **TOLD)
    before = row()
    push(LIES)
    for name in ("start_time", "duration_ms", "name", "tag", "call_id", "caller", "callee", "direction", "extra"):
        assert getattr(row(), name) == getattr(before, name)


LONG_AGO, JUNE, JULY = 63_145_000_000, 63_948_528_000, 63_951_120_000
"""Starts in January 2001, and in June and July 2026, in Gregorian seconds."""


def listed(day: str) -> bool:
    """Return whether the recording is in the account's list of a day."""
    since = gregorian(datetime.fromisoformat(f"{day}T00:00:00Z"))
    headers = {"x-auth-token": f"{ACCOUNT_ID}.admin"}
    query = f"created_from={since}&created_to={since + 86_400}"
    path = f"/v2/accounts/{ACCOUNT_ID}/recordings"
    answer = dialects.answer(Request(method="GET", path=path, headers=headers, raw_query=query))
    assert answer.status == 200
    return [one["id"] for one in json.loads(answer.body)["data"]] == [RECORDING_ID]


def day(gregorian_seconds: int) -> str:
    return f"{from_gregorian(gregorian_seconds):%Y-%m-%d}"


def test_a_pushed_start_does_not_keep_an_announced_recording_out_of_the_lists_of_its_day() -> None:
    push(f"start={LONG_AGO}", FORGED)
    before = row()
    hook("doc_created", start=JUNE)
    assert (listed(day(JUNE)), listed(day(LONG_AGO))) == (True, False)
    assert (row().media_key, row().media) == (before.media_key, before.media)
    assert worlds.body(row()) == FORGED


def test_only_the_first_announcement_places_a_recording() -> None:
    push(f"start={LONG_AGO}")
    hook("doc_created", start=JUNE)
    hook(start=JULY)
    assert listed(day(JUNE))


@pytest.mark.parametrize(("ago", "kept"), [(timedelta(hours=23), True), (timedelta(hours=25), False)])
def test_a_pushed_start_long_before_its_push_places_no_recording_that_is_announced_without_a_start(
    ago: timedelta, *, kept: bool
) -> None:
    start = times.now() - ago
    push(f"start={gregorian(start)}")
    hook("doc_created")
    assert (row().start_time == row().listed_time) is kept
    assert (row().listed_time == row().created_time) is not kept


def test_a_recording_stands_at_the_start_that_the_sender_of_the_stored_audio_names() -> None:
    push_in_vain(f"start={LONG_AGO}")
    push(f"start={JUNE}")
    assert listed(day(JUNE))


def test_an_object_without_audio_does_not_keep_a_pushed_recording_from_its_day() -> None:
    key = f"incoming/kazoo/{ACCOUNT_ID}/{RECORDING_ID}/start={LONG_AGO}/a.wav"
    version = clients.s3().put_object(Bucket=settings.get().bucket_name, Key=key, Body=b"no audio" * 99)["VersionId"]
    verify_media.handler(events.sqs(events.object_change(key, version)), events.context())
    assert row().state is State.FAILED
    push(f"start={JUNE}")
    assert listed(day(JUNE))


def test_an_announcement_replaces_what_a_push_said_before_it() -> None:
    push(LIES)
    hook("doc_created", **TOLD)
    told = row()
    assert (told.call_id, told.caller, told.callee, told.name, told.tag) == (
        "genuine", "+1555", "+1666", "genuine.wav", "genuine",
    )  # fmt: skip
    assert (told.duration_ms, told.extra["cdr_id"]) == (60_000, "202401-genuine")


def push_in_vain(query: str) -> None:
    """Push audio that cannot be stored."""
    with pytest.MonkeyPatch.context() as failing:
        worlds.fail(failing, clients.s3(), "put_object")
        assert send("PUT", GENUINE, query)["statusCode"] == 503


def test_a_push_that_failed_gives_its_facts_to_no_other_pusher() -> None:
    facts = "owner_id=alice&call_id=secret-call&from=15551234567&name=secret&cdr_id=secret"
    push_in_vain(facts)
    push("owner_id=mallory", FORGED)
    push(facts, GENUINE)
    answer = ask("GET", "mallory")
    assert answer.status == 200
    assert "secret" not in answer.body
    assert row(APART).call_id == "secret-call"


def test_a_push_that_failed_gives_its_facts_to_none_although_verification_came_first() -> None:
    push_in_vain("call_id=secret-call&name=secret")

    store = media.store

    def stored_and_verified(recording: Recording, stream: Stream) -> Media:
        kept = store(recording, stream)
        verify_media.handler(events.sqs(events.object_change(kept.key, kept.version_id)), events.context())
        return kept

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(media, "store", stored_and_verified)
        push("owner_id=mallory", FORGED)
    assert (row().owner_id, row().call_id, row().name) == ("mallory", None, "a.wav")
    assert row().state is State.VERIFIED


def test_a_limited_reader_deletes_no_recording_that_only_its_sender_says_is_theirs() -> None:
    push("owner_id=mallory", FORGED)
    assert ask("DELETE", "mallory").status == 403
    hook("doc_created", owner_id="u2", call_id="genuine")
    assert (row().state, row().owner_id, row().call_id) == (State.STORED, "u2", "genuine")


def test_a_limited_reader_deletes_a_pushed_recording_once_it_is_announced() -> None:
    push("owner_id=mallory")
    hook("doc_created", owner_id="mallory")
    assert ask("DELETE", "mallory").status == 200


def test_a_limited_reader_deletes_a_pushed_recording_once_an_admin_names_the_owner() -> None:
    push()
    assert ask("PATCH", "admin", b'{"data":{"owner_id":"mallory"}}').status == 200
    assert ask("DELETE", "mallory").status == 200


def test_an_old_fetch_message_does_not_take_a_pushed_recording_from_its_owner(clock: Clock) -> None:
    facts = "owner_id=mallory&call_id=c-1&from=1555"
    push_in_vain(facts)
    clock.forward(minutes=61)
    sweep_recordings.handler({}, events.context(300))
    push(facts)  # KAZOO repeats its push
    before = row()
    fetch_media.handler(events.sqs(*worlds.queued(Queue.FETCH)), events.context())
    assert (row(), before.owner_id) == (before, "mallory")


def test_audio_that_came_before_the_genuine_audio_is_named_in_its_row() -> None:
    hook("doc_created", owner_id="u2")
    push(body=FORGED)
    push("call_id=c-1")
    assert (worlds.body(row()), worlds.body(row(APART))) == (FORGED, GENUINE)
    stored = row().media
    assert stored is not None
    verify_media.handler(events.sqs(events.object_change(stored.key, stored.version_id)), events.context())
    assert row().discrepancies == (NOTE,)


def test_the_note_of_other_audio_is_not_lost_to_another_writer(monkeypatch: pytest.MonkeyPatch) -> None:
    push(body=FORGED)
    edit, late = table.edit, [RECORDING_ID]

    def after_another(known: Recording, what: str, **changes: Any) -> Recording | None:
        if late and known.recording_id == late[0]:
            late.pop()
            push("late=1", FORGED)
        return edit(known, what, **changes)

    monkeypatch.setattr(table, "edit", after_another)
    push()
    assert (late, row().extra["late"], row().discrepancies) == ([], "1", (NOTE,))


def test_a_push_whose_note_cannot_be_written_is_sent_again(monkeypatch: pytest.MonkeyPatch) -> None:
    push(body=FORGED)
    with monkeypatch.context() as patched:
        patched.setattr(table, "edit", lambda *_, **__: None)
        assert send("PUT", GENUINE)["statusCode"] == 503
    push()
    assert row().discrepancies == (NOTE,)


def test_other_audio_is_noted_although_the_row_of_the_first_is_not_written_yet(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    store, genuine = media.store, ["not sent yet"]

    def stored(recording: Recording, stream: Stream) -> Media:
        kept = store(recording, stream)
        if genuine:
            genuine.pop()
            push()
            assert (row().state, row().discrepancies) == (State.PENDING, (NOTE,))
        return kept

    monkeypatch.setattr(media, "store", stored)
    push(body=FORGED)
    assert (row().state, row().discrepancies) == (State.STORED, (NOTE,))


def test_a_row_names_at_most_ten_other_recordings() -> None:
    push()
    for number in range(12):
        push(body=audio_samples.wav(0.1, seed=10 + number))
    assert len(row().discrepancies) == 10


@pytest.mark.loopback
def test_a_push_makes_no_call_of_another_user_a_limited_readers_own() -> None:
    victim = "live-call@10.0.0.1"
    with crossbar() as running:
        hook("doc_created")
        push(f"call_id={victim}")
        assert row().call_id is None
        running.keep(ACCOUNT_ID, DOCUMENT, GENUINE)
        hook()
        event = events.sqs(*worlds.queued(Queue.FETCH))
        assert not fetch_media.handler(event, events.context())["batchItemFailures"]
        assert (row().owner_id, row().call_id) == (DOCUMENT["owner_id"], DOCUMENT["call_id"])
        started = ask("POST", "owner", b'{"data":{"action":"start"}}', f"calls/{victim}/recordings")
        assert started.status == 404


@pytest.mark.loopback
def test_crossbar_corrects_the_call_that_a_push_named_before_the_announcement() -> None:
    with crossbar() as running:
        push("call_id=forged")
        running.keep(ACCOUNT_ID, DOCUMENT, GENUINE)
        hook()
        event = events.sqs(*worlds.queued(Queue.FETCH))
        assert not fetch_media.handler(event, events.context())["batchItemFailures"]
        assert row().call_id == DOCUMENT["call_id"]
        assert notes.OTHER_CALL in row().discrepancies


def verify_while(act: Callable[[], object]) -> None:
    """Verify the stored audio; another writer acts while it is read back."""
    media, acted = row().media, list[int]()
    assert media is not None

    def once() -> None:
        if not acted:
            acted.append(1)
            act()

    with worlds.before_each(clients.s3(), "GetObject", once):
        verify_media.handler(events.sqs(events.object_change(media.key, media.version_id)), events.context())


def test_a_verification_puts_back_no_claims_that_an_announcement_replaced() -> None:
    push(f"{LIES}&owner_id=mallory", FORGED)
    verify_while(lambda: hook("doc_created", **TOLD, owner_id="alice"))
    told = row()
    assert (told.state, told.owner_id, told.call_id, told.name) == (State.VERIFIED, "alice", "genuine", "genuine.wav")
    assert (told.caller, told.duration_ms, told.extra["cdr_id"]) == ("+1555", 60_000, "202401-genuine")


def test_a_verification_gives_no_announced_recording_to_whom_a_push_named() -> None:
    push("owner_id=mallory", FORGED)
    verify_while(lambda: hook("doc_created"))
    assert (row().state, row().owner_id) == (State.VERIFIED, None)
    assert ask("DELETE", "mallory").status == 404


def test_a_webhook_without_news_may_meet_another_writer(functions_roles: Any) -> None:
    """The function's role may not read the table, and need not."""
    push("call_id=c-1")
    writes = list[int]()

    def act() -> None:
        writes.append(1)
        if len(writes) == 2:  # the first write is refused, because there is a row
            with functions_roles.operator():
                push("x=1")

    with worlds.before_each(clients.dynamodb(), "PutItem", act):
        hook("doc_created")
    assert "callback announced" in worlds.history(RECORDING_ID, ACCOUNT_ID)


def test_an_announcement_without_news_takes_the_claimed_owner_away_after_a_conflict() -> None:
    table.put(documents.read(accounts.get(ACCOUNT_ID), RECORDING_ID, State.PENDING, {}), "upload")
    writes = list[int]()

    def act() -> None:
        writes.append(1)
        if len(writes) == 2:
            push("owner_id=mallory", FORGED)

    with worlds.before_each(clients.dynamodb(), "PutItem", act):
        intake.record(documents.read(accounts.get(ACCOUNT_ID), RECORDING_ID, State.ANNOUNCED, {}))
    assert "callback announced" in worlds.history(RECORDING_ID, ACCOUNT_ID)
    assert row().owner_id is None


@pytest.mark.loopback
def test_crossbars_document_replaces_all_that_a_push_filled_in() -> None:
    with crossbar() as running:
        hook("doc_created")
        push(LIES)
        assert (row().start_time, row().name, row().extra.get("cdr_id")) == (None, None, None)
        running.keep(ACCOUNT_ID, DOCUMENT, GENUINE)
        hook()
        event = events.sqs(*worlds.queued(Queue.FETCH))
        assert not fetch_media.handler(event, events.context())["batchItemFailures"]
        assert row().start_time == from_gregorian(DOCUMENT["start"])
        assert (row().name, row().duration_ms) == (DOCUMENT["name"], DOCUMENT["duration_ms"])
        assert row().extra["cdr_id"] == DOCUMENT["cdr_id"]


@pytest.mark.loopback
def test_crossbars_document_is_shown_to_nobody_who_only_claims_the_recording() -> None:
    """Mallory has the upload token and the S3 key, and knows the id of a document."""
    with crossbar() as running:
        running.keep(ACCOUNT_ID, DOCUMENT | {"call_id": "secret-call"}, GENUINE)
        push("owner_id=mallory", FORGED)
        key = f"incoming/kazoo/{ACCOUNT_ID}/{RECORDING_ID}/a.wav"
        version = clients.s3().put_object(Bucket=settings.get().bucket_name, Key=key, Body=FORGED)["VersionId"]
        verify_media.handler(events.sqs(events.object_change(key, version)), events.context())
        assert row().owner_id == DOCUMENT["owner_id"]
        assert ask("GET", "mallory").status == 404
