"""Recordings of KAZOO 4.0, 4.1 and master, whose pushes do not name the document."""

import base64
import json
import time
from collections.abc import Iterator
from itertools import permutations
from typing import Any
from urllib.parse import urlencode

import pytest

from callvault import accounts, clients, dialects, settings
from callvault.errors import UnavailableError
from callvault.ingest import kazoo_comparison, naming, unnamed_pushes
from callvault.messaging.queues import Queue
from callvault.models import Recording, State
from callvault.storage import history, listing, notes, table
from callvault.web import Request
from functions.fetch_media import app as fetch_media
from functions.ingest_callback import app as ingest_callback
from functions.receive_upload import app as receive_upload
from functions.sweep_recordings import app as sweep_recordings
from functions.verify_media import app as verify_media
from tests import worlds
from tests.captures import ACCOUNT_ID, document_id
from tests.integration import events
from tests.worlds import Clock
from tools import audio_samples
from tools.local.faults.replies import Reply
from tools.local.providers import kazoo_api
from tools.local.providers.kazoo_api import API_KEY, Crossbar

pytestmark = pytest.mark.loopback
CALL_ID = "0f3c2b1a-9d8e@10.0.0.5"
OWNER = "72855158432d790dfb22d03ff64c033e"
DOCUMENT = {
    "id": document_id(0x80), "call_id": CALL_ID, "cdr_id": f"202401-{CALL_ID}", "interaction_id": "63871672799-1a2b",
    "name": "f00dfeed.wav", "from": "1000@acct", "to": "+1555@acct", "direction": "inbound", "owner_id": OWNER,
    "start": 63_871_672_800, "duration": 2, "duration_ms": 2000, "media_type": "wav",
    "url": f"https://archive.example.com/uploads/kazoo/{ACCOUNT_ID}/pushed/",
}  # fmt: skip
GENUINE, GARBAGE, SHORT = (audio_samples.wav(2, seed=1), audio_samples.wav(2, seed=2), audio_samples.wav(0.5, seed=3))
NAMED = ("call_id", "cdr_id", "interaction_id", "from", "to")
DAY = 25 * 3600


class Kazoo:
    """A KAZOO whose Crossbar serves what it reads back here, once its push succeeded."""

    def __init__(self, crossbar: Crossbar, version: str) -> None:
        self.crossbar, self.version, self.has_audio = crossbar, version, False
        self.crossbar.keep(ACCOUNT_ID, DOCUMENT)

    def push(self, body: bytes = GENUINE) -> None:
        """Push audio, after which Crossbar has it."""
        assert push(body)["statusCode"] == 201
        self.has_audio = True

    def serve(self) -> None:
        """Read the audio back in the way of the version, and let Crossbar serve what came."""
        own = {"id": DOCUMENT["id"]} if self.version == "master" else {}
        answer = send("GET", query=urlencode({name: DOCUMENT[name] for name in NAMED} | own))
        audio = base64.b64decode(answer["body"]) if self.has_audio and answer["statusCode"] == 200 else None
        self.crossbar.keep(ACCOUNT_ID, DOCUMENT, audio)


@pytest.fixture(params=["4.1", "master"])
def kazoo(request: pytest.FixtureRequest) -> Iterator[Kazoo]:
    with kazoo_api.Crossbar() as running:
        configure(api={"origin": running.origin, "api_key": API_KEY})
        yield Kazoo(running, request.param)


def configure(**fields: Any) -> None:
    callback = {"token": "s3cret", "upload_token": "pushed"} | fields.pop("callback", {})
    readers = [worlds.reader("ops", can_delete=True), worlds.reader("mallory", user_id="mallory")]
    readers.append(worlds.reader("owner", user_id=OWNER, can_delete=True))
    own: dict[str, Any] = {
        "provider": "kazoo",
        "provider_account_id": ACCOUNT_ID,
        "callback": callback,
        "readers": readers,
    }
    worlds.put_account(ACCOUNT_ID, **own, **fields)


def send(method: str, body: bytes = b"", query: str = "", path: str = f"call_recording_{CALL_ID}.wav") -> Any:
    parameters = {"account_id": ACCOUNT_ID, "token": "pushed", "path": path}
    event = events.http(method, "/uploads", body, query=query, parameters=parameters)
    return receive_upload.handler(event, events.context())


def push(body: bytes, **fields: Any) -> Any:
    values = {name: DOCUMENT[name] for name in NAMED}
    return send("PUT", body, urlencode(values | {"account_id": ACCOUNT_ID} | fields))


def hook(action: str) -> None:
    deliver({"id": DOCUMENT["id"], "type": "call_recording", "account_id": ACCOUNT_ID, "action": action})


def deliver(values: dict[str, Any]) -> None:
    """Deliver a webhook."""
    parameters = {"provider": "kazoo", "account_id": ACCOUNT_ID, "token": "s3cret"}
    headers = {"content-type": "application/json"}
    event = events.http("POST", "/callbacks", json.dumps(values).encode(), headers=headers, parameters=parameters)
    assert ingest_callback.handler(event, events.context())["statusCode"] == 200


def verify() -> None:
    """Deliver the event of every object under `media/`."""
    found = clients.s3().list_object_versions(Bucket=settings.get().bucket_name, Prefix="media/").get("Versions", [])
    for version in found:
        event = events.sqs(events.object_change(version["Key"], version["VersionId"]))
        assert not verify_media.handler(event, events.context())["batchItemFailures"]


def fetch(kazoo: Kazoo, **options: Any) -> bool:
    """Deliver all fetch requests, and say whether each was processed."""
    kazoo.serve()
    messages = worlds.queued(Queue.FETCH)
    if not messages:
        return True
    event = events.sqs(*messages, **options)
    return not fetch_media.handler(event, events.context())["batchItemFailures"]


def document() -> Recording:
    return worlds.row(str(DOCUMENT["id"]), ACCOUNT_ID)


def waits_for() -> str:
    """Return the reason of the last failed attempt at the document."""
    attempt = document().attempt
    assert attempt is not None
    return attempt.reason


def others() -> list[Recording]:
    """Return the recordings of the call but that of the document."""
    query = listing.within(ACCOUNT_ID, None, None, call_id=CALL_ID)
    return [one for one in listing.scan(query) if one.recording_id != DOCUMENT["id"] and query.fits(one)]


def pushed() -> Recording:
    [found] = others()
    return found


def ask(reader: str, recording_id: str, method: str = "GET", **headers: str) -> Any:
    path = f"/v2/accounts/{ACCOUNT_ID}/recordings/{recording_id}"
    sent = {"x-auth-token": f"{ACCOUNT_ID}.{reader}"} | headers
    return dialects.answer(Request(method=method, path=path, headers=sent, body=b""))


def link(kazoo: Kazoo) -> None:
    """Let a push and a document become one recording."""
    hook("doc_created")
    kazoo.push()
    verify()
    hook("doc_edited")
    assert fetch(kazoo)
    assert document().reason == naming.PUSHED


def assert_stored_once() -> None:
    assert (document().state, document().reason) == (State.ABSENT, "pushed")
    assert document().extra["recording_id"] == pushed().recording_id
    assert pushed().state is State.VERIFIED
    assert worlds.body(pushed()) == GENUINE
    assert len(worlds.versions("media/")) == 1
    assert worlds.unfinished_uploads() == 0


@pytest.mark.parametrize("order", list(permutations(["doc_created", "push", "doc_edited"])), ids="-".join)
def test_a_recording_is_stored_once_in_every_order(kazoo: Kazoo, order: tuple[str, ...]) -> None:
    """A fetch is tried after each step, and at the end the sweep asks what is left."""
    for step in order:
        if step == "push":
            kazoo.push()
            verify()
        else:
            hook(step)
        fetch(kazoo)
    assert fetch(kazoo)
    assert_stored_once()


def test_a_recording_is_stored_once_if_only_its_creation_was_announced(kazoo: Kazoo, clock: Clock) -> None:
    hook("doc_created")
    kazoo.push()
    verify()
    clock.forward(hours=7)
    kazoo.serve()
    sweep_recordings.handler({}, events.context(300))
    assert fetch(kazoo)
    assert_stored_once()


def test_the_push_gets_what_the_document_says_and_its_owner(kazoo: Kazoo) -> None:
    link(kazoo)
    found = pushed()
    assert (found.owner_id, found.duration_ms, found.direction) == (OWNER, 2000, "inbound")
    assert found.extra["document_id"] == DOCUMENT["id"]
    assert found.discrepancies == ()
    assert history.COMPARED in [event.what for event in found.history]
    assert (
        worlds.content(ask("owner", str(DOCUMENT["id"])))["data"]["archive"]["extra"]["recording_id"]
        == found.recording_id
    )
    assert ask("owner", found.recording_id, accept="audio/mpeg").status in {200, 302}


def test_who_pushed_the_genuine_audio_does_not_own_it(kazoo: Kazoo) -> None:
    push(GENUINE, owner_id="mallory")
    assert ask("mallory", pushed().recording_id).status == 200
    link(kazoo)
    assert pushed().owner_id == OWNER
    assert (ask("mallory", pushed().recording_id).status, ask("owner", pushed().recording_id).status) == (404, 200)


def test_repetitions_change_nothing(kazoo: Kazoo) -> None:
    link(kazoo)
    asked = len(kazoo.crossbar.state.asked)
    for _ in range(2):
        kazoo.push()
        hook("doc_created")
        hook("doc_edited")
        assert fetch(kazoo)
        assert_stored_once()
    audio = [one for one in kazoo.crossbar.state.asked[asked:] if one.accept == "audio/mpeg"]
    assert audio == []


def test_a_fetch_that_is_cut_off_at_any_write_is_repeated(kazoo: Kazoo, monkeypatch: pytest.MonkeyPatch) -> None:
    hook("doc_edited")
    kazoo.push()
    verify()
    messages = worlds.queued(Queue.FETCH)
    write, written = table._replace, 0
    for allowed in range(5):
        written = 0

        def limited(recording: Recording, allowed: int = allowed) -> Any:
            nonlocal written
            written += 1
            if written > allowed:
                raise UnavailableError("table_unavailable", "cut off")
            return write(recording)

        monkeypatch.setattr(table, "_replace", limited)
        kazoo.serve()
        fetch_media.handler(events.sqs(*messages), events.context())
    monkeypatch.setattr(table, "_replace", write)
    assert not fetch_media.handler(events.sqs(*messages), events.context())["batchItemFailures"]
    assert_stored_once()
    assert [event.what for event in pushed().history].count(history.COMPARED) == 1


def test_the_push_is_awaited_for_an_hour_and_then_what_crossbar_serves_is_stored(kazoo: Kazoo) -> None:
    hook("doc_edited")
    kazoo.crossbar.state.audio[str(DOCUMENT["id"])] = [Reply(body=GENUINE, headers={"content-type": "audio/mpeg"})]
    messages = worlds.queued(Queue.FETCH)
    waiting = events.sqs(*messages)
    assert fetch_media.handler(waiting, events.context())["batchItemFailures"]
    assert waits_for() == "not_pushed"
    late = events.sqs(*messages, received=6, since=time.time() - 3700)
    assert not fetch_media.handler(late, events.context())["batchItemFailures"]
    assert document().state is State.STORED
    assert worlds.body(document()) == GENUINE


def test_a_push_that_is_not_verified_is_awaited(kazoo: Kazoo) -> None:
    hook("doc_edited")
    kazoo.push()
    kazoo.serve()
    messages = worlds.queued(Queue.FETCH)
    assert fetch_media.handler(events.sqs(*messages), events.context())["batchItemFailures"]
    assert pushed().state is State.STORED
    verify()
    assert not fetch_media.handler(events.sqs(*messages), events.context())["batchItemFailures"]
    assert_stored_once()


@pytest.mark.parametrize("garbage", [GARBAGE, SHORT], ids=["same length", "shorter"])
@pytest.mark.parametrize("is_first", [True, False])
def test_garbage_for_the_call_does_not_take_the_place_of_the_recording(
    kazoo: Kazoo, garbage: bytes, *, is_first: bool
) -> None:
    """Crossbar reads neither back, so the document fails visibly, and both are kept."""
    if is_first:
        push(garbage)
        verify()
    hook("doc_created")
    hook("doc_edited")
    messages = worlds.queued(Queue.FETCH)
    kazoo.serve()
    assert fetch_media.handler(events.sqs(*messages), events.context())["batchItemFailures"]
    kazoo.push()
    if not is_first:
        push(garbage)
    verify()
    kazoo.serve()
    late = events.sqs(*messages, received=20, since=time.time() - DAY)
    assert not fetch_media.handler(late, events.context())["batchItemFailures"]
    assert document().state is State.FAILED
    assert document().discrepancies == (notes.PUSHED_TOO,)
    assert {worlds.body(one) for one in others()} == {GENUINE, garbage}


def test_garbage_alone_is_not_the_recording(kazoo: Kazoo) -> None:
    """KAZOO's own push was refused, so Crossbar has no audio."""
    push(GARBAGE)
    verify()
    hook("doc_edited")
    messages = worlds.queued(Queue.FETCH)
    late = events.sqs(*messages, received=20, since=time.time() - DAY)
    assert not fetch_media.handler(late, events.context())["batchItemFailures"]
    assert document().state is State.FAILED


@pytest.mark.parametrize("served", [GENUINE, SHORT], ids=["other bytes", "other length"])
def test_what_crossbar_serves_is_stored_too_if_the_push_is_not_certain(kazoo: Kazoo, served: bytes) -> None:
    push(GARBAGE if served is GENUINE else SHORT)
    verify()
    hook("doc_edited")
    kazoo.crossbar.state.audio[str(DOCUMENT["id"])] = [Reply(body=served, headers={"content-type": "audio/mpeg"})]
    late = {"received": 6, "since": time.time() - 3700}
    assert fetch(kazoo, **late)
    assert document().state is State.STORED
    assert worlds.body(document()) == served
    verify()
    assert notes.PUSHED_TOO in document().discrepancies


@pytest.mark.parametrize("body", [GARBAGE, GENUINE], ids=["other audio", "the same audio"])
@pytest.mark.parametrize("order", list(permutations(["named", "unnamed", "compared"])), ids="-".join)
def test_a_push_with_the_documents_id_before_its_fetch_is_noted_in_both_rows(
    kazoo: Kazoo, order: tuple[str, ...], body: bytes
) -> None:
    """Somebody who read the genuine audio back may send it too."""
    hook("doc_created")
    for step in order:
        if step == "named":
            push(body, recording_id=DOCUMENT["id"])
        elif step == "unnamed":
            kazoo.push()
        else:
            fetch(kazoo)
        verify()
    hook("doc_edited")
    assert fetch(kazoo)
    assert (worlds.body(document()), worlds.body(pushed())) == (body, GENUINE)
    assert document().discrepancies == pushed().discrepancies == (notes.PUSHED_TOO,)


def test_two_recordings_of_a_call_are_both_kept(kazoo: Kazoo) -> None:
    kazoo.push()
    push(SHORT)
    verify()
    hook("doc_edited")
    kazoo.crossbar.state.audio[str(DOCUMENT["id"])] = [Reply(body=GENUINE, headers={"content-type": "audio/mpeg"})]
    assert fetch(kazoo)
    assert document().state is State.STORED
    assert document().discrepancies == (notes.PUSHED_TOO,)
    assert len(others()) == 2


def test_a_deleted_push_of_the_call_makes_the_other_one_uncertain(kazoo: Kazoo) -> None:
    """Crossbar reads back the only push that is left, which may be of another recording."""
    kazoo.push()
    verify()
    assert ask("ops", pushed().recording_id, "DELETE").status == 200
    kazoo.push(GARBAGE)
    verify()
    hook("doc_edited")
    assert fetch(kazoo)
    assert (document().state, document().discrepancies) == (State.STORED, (notes.PUSHED_TOO,))


def test_a_recording_of_another_account_is_not_found(kazoo: Kazoo) -> None:
    hook("doc_edited")
    kazoo.push()
    verify()
    foreign = pushed().model_copy(update={"account_id": "a2", "revision": 0})
    table.put(foreign, "upload")
    assert fetch(kazoo)
    assert_stored_once()
    assert worlds.row(foreign.recording_id, "a2").history[-1].what == "upload"


@pytest.mark.parametrize("garbage", [GARBAGE, SHORT])
def test_a_push_under_the_documents_id_does_not_take_the_place_of_the_recording(kazoo: Kazoo, garbage: bytes) -> None:
    link(kazoo)
    assert push(garbage, recording_id=DOCUMENT["id"], owner_id="mallory")["statusCode"] == 201
    assert (document().state, document().reason) == (State.ABSENT, naming.PUSHED)
    assert document().extra["recording_id"] == next(one.recording_id for one in others() if worlds.body(one) == GENUINE)
    assert any(one.startswith(notes.SENT_OTHER) for one in document().discrepancies)
    assert {worlds.body(one) for one in others()} == {GENUINE, garbage}
    assert [one.recording_id for one in worlds.queued_recordings()] == [DOCUMENT["id"]]


def test_the_same_audio_under_the_documents_id_is_the_pushed_one(kazoo: Kazoo) -> None:
    link(kazoo)
    assert json.loads(push(GENUINE, recording_id=DOCUMENT["id"])["body"]) == {"id": pushed().recording_id}
    assert_stored_once()


def test_a_push_with_the_id_of_its_document_is_no_candidate_for_another(kazoo: Kazoo) -> None:
    push(GENUINE, recording_id=document_id(0x81))
    verify()
    hook("doc_edited")
    assert not fetch(kazoo)
    assert waits_for() == "not_pushed"


def test_a_document_without_the_upload_address_is_fetched_at_once(kazoo: Kazoo) -> None:
    other = {name: value for name, value in DOCUMENT.items() if name != "url"}
    hook("doc_edited")
    kazoo.crossbar.keep(ACCOUNT_ID, other, GENUINE)
    messages = worlds.queued(Queue.FETCH)
    assert not fetch_media.handler(events.sqs(*messages), events.context())["batchItemFailures"]
    assert document().state is State.STORED


def test_kazoo_plays_the_recording_of_a_document_that_is_linked(kazoo: Kazoo) -> None:
    link(kazoo)
    answer = send("GET", query=urlencode({"id": DOCUMENT["id"]}))
    assert base64.b64decode(answer["body"]) == GENUINE


def test_a_call_with_very_many_recordings_is_not_decided(kazoo: Kazoo, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unnamed_pushes, "MAX_ROWS", 1)
    hook("doc_edited")
    kazoo.push()
    verify()
    for number in range(3):
        push(audio_samples.wav(1, seed=10 + number), recording_id=document_id(0x90 + number))
    kazoo.crossbar.state.audio[str(DOCUMENT["id"])] = [Reply(body=GENUINE, headers={"content-type": "audio/mpeg"})]
    assert fetch(kazoo)
    assert (document().state, document().discrepancies) == (State.STORED, (notes.PUSHED_TOO,))


def test_a_linked_push_is_not_compared_again(kazoo: Kazoo) -> None:
    link(kazoo)
    kazoo.push()
    assert not kazoo_comparison.is_due(pushed())
    assert [one.recording_id for one in worlds.queued_recordings()] == [DOCUMENT["id"]]


# ---- pushes that KAZOO may not read back --------------------------------------------------------


def no_more_read_backs(kazoo: Kazoo, callback: dict[str, Any]) -> None:
    """Let the archive refuse that KAZOO reads back what it pushed."""
    configure(api={"origin": kazoo.crossbar.origin, "api_key": API_KEY}, callback=callback)
    accounts.forget()
    kazoo.has_audio = False


LATE = {"received": 20, "since": time.time() - DAY}
UNREADABLE: list[dict[str, Any]] = [{"read_back_minutes": 0}, {"upload_token": "fresh"}]


@pytest.mark.parametrize("callback", UNREADABLE, ids=["read_back_minutes", "a former token"])
def test_a_push_that_may_not_be_read_back_is_the_recording(kazoo: Kazoo, callback: dict[str, Any]) -> None:
    kazoo.push()
    verify()
    no_more_read_backs(kazoo, callback)
    hook("doc_edited")
    assert fetch(kazoo, **LATE)
    assert_stored_once()
    assert document().discrepancies == (notes.PUSHED_TOO,)
    assert pushed().owner_id == OWNER
    assert not kazoo_comparison.is_due(pushed())


@pytest.mark.parametrize("callback", UNREADABLE, ids=["read_back_minutes", "a former token"])
def test_a_push_that_may_not_be_read_back_is_not_decided_in_the_first_hour(
    kazoo: Kazoo, callback: dict[str, Any]
) -> None:
    """KAZOO may still push the recording itself."""
    push(GARBAGE)
    verify()
    no_more_read_backs(kazoo, callback)
    hook("doc_edited")
    assert not fetch(kazoo)
    assert document().state is State.PENDING


def test_one_push_that_may_not_be_read_back_is_not_the_audio_of_two_documents(kazoo: Kazoo) -> None:
    """The push of the other document was refused, for example because it was too large."""
    kazoo.push()
    verify()
    no_more_read_backs(kazoo, {"read_back_minutes": 0})
    other = {**DOCUMENT, "id": document_id(0x81)}
    kazoo.crossbar.keep(ACCOUNT_ID, other)
    for found in (DOCUMENT, other):
        values = {"id": found["id"], "type": "call_recording", "account_id": ACCOUNT_ID, "action": "doc_edited"}
        deliver(values)
    assert fetch(kazoo, **LATE)
    ended = [worlds.row(str(found["id"]), ACCOUNT_ID) for found in (DOCUMENT, other)]
    assert {(one.state, one.reason) for one in ended} == {(State.ABSENT, "pushed"), (State.FAILED, "http_404")}


def test_what_crossbar_serves_is_stored_although_the_push_may_not_be_read_back(kazoo: Kazoo) -> None:
    push(GARBAGE)
    verify()
    no_more_read_backs(kazoo, {"read_back_minutes": 0})
    hook("doc_edited")
    kazoo.crossbar.state.audio[str(DOCUMENT["id"])] = [Reply(body=GENUINE, headers={"content-type": "audio/mpeg"})]
    assert fetch(kazoo, **LATE)
    assert worlds.body(document()) == GENUINE
    assert document().discrepancies == (notes.PUSHED_TOO,)


@pytest.mark.parametrize("is_linked", [True, False], ids=["linked", "not announced yet"])
def test_a_recording_that_a_reader_deleted_does_not_come_back_under_the_documents_id(
    kazoo: Kazoo, *, is_linked: bool
) -> None:
    if is_linked:
        link(kazoo)
    else:
        kazoo.push()
        verify()
    assert ask("ops", pushed().recording_id, "DELETE").status == 200
    hook("doc_edited")
    assert fetch(kazoo, **LATE)
    assert (document().state, document().reason) == (State.DELETED, None)
    assert worlds.content(ask("ops", ""))["data"] == []
    assert ask("ops", str(DOCUMENT["id"])).status == 404
    assert push(GENUINE, recording_id=DOCUMENT["id"])["statusCode"] == 201
    assert len(others()) == 1
    assert push(GARBAGE, recording_id=DOCUMENT["id"])["statusCode"] == 201
    assert GARBAGE in [worlds.body(one) for one in others() if one.state is State.STORED]


def test_a_recording_that_was_removed_from_the_bucket_leaves_the_lists_under_both_ids(kazoo: Kazoo) -> None:
    link(kazoo)
    found = pushed().media
    assert found is not None
    marker = clients.s3().delete_object(Bucket=settings.get().bucket_name, Key=found.key)["VersionId"]
    change = events.object_change(found.key, marker, "ObjectRemoved:DeleteMarkerCreated")
    assert not verify_media.handler(events.sqs(change), events.context())["batchItemFailures"]
    assert (pushed().state, document().state) == (State.DELETED, State.DELETED)


def test_a_push_that_names_a_document_of_another_does_not_delete_it(kazoo: Kazoo) -> None:
    link(kazoo)
    push(GARBAGE, document_id=DOCUMENT["id"])
    [forged] = [one for one in others() if worlds.body(one) == GARBAGE]
    assert forged.extra["document_id"] == DOCUMENT["id"]
    assert ask("ops", forged.recording_id, "DELETE").status == 200
    assert document().reason == naming.PUSHED


# ---- rows of release 0.2.0, and error pages ------------------------------------------------------


def forget_hash() -> None:
    """Give the row of the push the form of release 0.2.0, which wrote no `upload_sha256`."""
    [row] = others()
    table._replace(row.model_copy(update={"upload_sha256": None, "revision": row.revision + 1}))


def test_a_push_that_0_2_0_stored_is_not_stored_again(kazoo: Kazoo) -> None:
    kazoo.push()
    verify()
    forget_hash()
    hook("doc_edited")
    assert fetch(kazoo)
    assert_stored_once()


@pytest.mark.parametrize(
    "page",
    [
        Reply(body=b"<html><body>maintenance</body></html>", headers={"content-type": "text/html"}),
        Reply(body=b"", headers={"content-type": "audio/mpeg"}),
    ],
)
def test_a_page_instead_of_the_audio_does_not_end_the_attempts(kazoo: Kazoo, page: Reply) -> None:
    hook("doc_created")
    kazoo.push()
    verify()
    hook("doc_edited")
    kazoo.serve()
    kazoo.crossbar.state.audio[str(DOCUMENT["id"])] = [page]
    messages = worlds.queued(Queue.FETCH)
    fetch_media.handler(events.sqs(*messages), events.context())
    assert document().state is State.PENDING
    del kazoo.crossbar.state.audio[str(DOCUMENT["id"])]
    kazoo.serve()
    assert not fetch_media.handler(events.sqs(*messages), events.context())["batchItemFailures"]
    assert_stored_once()
