"""What KAZOO pushes, over HTTP into bucket and table, and back."""

import base64
import hashlib
import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError

from callvault import accounts, clients, settings
from callvault.ingest import intake, kazoo_uploads, media
from callvault.models import Recording, State
from callvault.storage import bucket, table
from functions.receive_upload import app
from functions.verify_media import app as verify_media
from tests import captures, worlds
from tests.captures import ACCOUNT_ID, AUDIO, PROBE, TOKEN, document_id
from tests.integration import events
from tools import audio_samples

WAV = audio_samples.wav(0.5, seed=3)
NAMES = [name for name in captures.names("p[ou][ts]*") if name != "put_url_basic"]


@pytest.fixture(autouse=True)
def account() -> None:
    configure(token=TOKEN)


def configure(account_id: str = ACCOUNT_ID, **callback: Any) -> None:
    worlds.put_account(account_id, provider="kazoo", provider_account_id=ACCOUNT_ID, callback=callback)


def answer(method: str, path: str, body: bytes = b"", *, query: str = "", **headers: str) -> dict[str, Any]:
    """Return the answer to a request under an account's address, routed as the HTTP API does."""
    names = ("account_id", "token", "path")
    parameters = dict(zip(names, path.split("/", 2), strict=False))
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    event = events.http(method, f"/uploads/kazoo/{path}", body, query=query, headers=sent, parameters=parameters)
    return app.handler(event, events.context())


def replay(name: str, audio: bytes = AUDIO) -> dict[str, Any]:
    request, path = captures.request(name, audio)
    path = f"{ACCOUNT_ID}/{path}" if name == "put_url_basic" else f"{ACCOUNT_ID}/{TOKEN}/{path}".rstrip("/")
    headers = {name.replace("-", "_"): value for name, value in request.headers.items()}
    return answer(request.method, path, request.body, query=request.raw_query, **headers)


def push(path: str = f"in/{document_id(1)}/a.wav", body: bytes = WAV, **more: Any) -> dict[str, Any]:
    return answer("PUT", f"{ACCOUNT_ID}/{TOKEN}/{path}", body, **more)


def verify(kept: Recording) -> Recording:
    """Deliver the event of a stored object and return the row."""
    assert kept.media is not None
    verify_media.handler(events.sqs(events.object_change(kept.media.key, kept.media.version_id)), events.context())
    return row(kept.recording_id)


def row(recording_id: str = document_id(1)) -> Recording:
    return worlds.row(recording_id, ACCOUNT_ID)


def objects(prefix: str = "media/") -> list[str]:
    return worlds.keys(prefix)


@pytest.mark.parametrize("name", [name for name in NAMES if name != "probe_put"])
def test_every_capture_is_stored(name: str) -> None:
    given = replay(name)
    assert given["statusCode"] == 201
    kept = row(json.loads(given["body"])["id"])
    assert kept.state is State.STORED
    assert worlds.body(kept) == AUDIO
    assert kept.media is not None
    assert (kept.media.sha256, kept.media.content_type) == (hashlib.sha256(AUDIO).hexdigest(), "audio/mpeg")
    assert [event.what for event in kept.history] == ["upload", "stored"]


def test_the_object_has_the_recording_id_and_the_hash_in_its_metadata() -> None:
    replay("put_url_4_3")
    [key] = objects()
    head = clients.s3().head_object(Bucket=settings.get().bucket_name, Key=key)
    assert key == f"media/{ACCOUNT_ID}/2024/01/05/{document_id(0x43)}.mp3"
    assert head["Metadata"]["recording-id"] == document_id(0x43)
    assert head["Metadata"]["sha256"] == hashlib.sha256(AUDIO).hexdigest()


@pytest.mark.parametrize("name", ["put_url_4_3", "put_url_4_1", "post_multipart"])
def test_thirty_repetitions_store_one_object(name: str) -> None:
    assert {replay(name)["statusCode"] for _ in range(30)} == {201}
    assert len(objects()) == 1


def test_an_announced_recording_moves_forward() -> None:
    announced = Recording(
        account_id=ACCOUNT_ID, recording_id=document_id(0x43), provider="kazoo", state=State.ANNOUNCED, extra={"a": 1}
    )
    table.put(announced, "callback announced")
    replay("put_url_4_3")
    kept = row(document_id(0x43))
    assert (kept.state, kept.call_id, kept.extra["a"]) == (State.STORED, "abc-43@10.0.0.1", 1)


def test_two_recordings_of_one_call_leg_are_stored_separately() -> None:
    ids = {json.loads(replay("put_url_4_1", audio)["body"])["id"] for audio in (AUDIO, WAV)}
    assert len(ids) == len(objects()) == 2


def test_different_audio_under_the_same_id_is_stored_separately(caplog: pytest.LogCaptureFixture) -> None:
    push()
    given = push(body=AUDIO)
    apart = f"{document_id(1)}-{hashlib.sha256(AUDIO).hexdigest()[:8]}"
    assert (given["statusCode"], json.loads(given["body"])["id"]) == (201, apart)
    assert (worlds.body(row()), worlds.body(row(apart))) == (WAV, AUDIO)
    assert row(apart).history[0].what == f"upload, other audio than {document_id(1)}"
    assert "Different audio arrived for the same recording" in caplog.messages
    assert push(body=AUDIO)["statusCode"] == 201
    assert len(objects()) == 2


@pytest.mark.parametrize("removed", [False, True])
def test_a_push_of_the_same_audio_replaces_a_copy_that_was_found_corrupt(
    monkeypatch: pytest.MonkeyPatch, *, removed: bool
) -> None:
    push()
    corrupt = row().media
    assert corrupt is not None
    worlds.read_corrupt(monkeypatch, str(corrupt.version_id))
    assert verify(row()).state is State.FAILED
    if removed:
        bucket.delete(corrupt.key)
    assert push()["statusCode"] == 201
    assert verify(row()).state is State.VERIFIED
    assert row().served != corrupt
    assert worlds.body(row()) == WAV


def test_different_audio_does_not_replace_a_copy_that_was_found_corrupt(monkeypatch: pytest.MonkeyPatch) -> None:
    push()
    worlds.read_corrupt(monkeypatch, str(row().media.version_id))  # type: ignore[union-attr]
    verify(row())
    given = push(body=AUDIO)
    apart = f"{document_id(1)}-{hashlib.sha256(AUDIO).hexdigest()[:8]}"
    assert (given["statusCode"], json.loads(given["body"])["id"]) == (201, apart)
    assert row().state is State.FAILED


def test_different_audio_changes_nothing_of_the_recording_that_is_stored() -> None:
    push()
    before = row()
    push(body=AUDIO, query="owner_id=mallory&call_id=their-call&from=%2B1555")
    changed = {"history", "revision", "updated_time", "discrepancies"}
    assert row().model_dump(exclude=changed) == before.model_dump(exclude=changed)
    apart = row(f"{document_id(1)}-{hashlib.sha256(AUDIO).hexdigest()[:8]}")
    assert (apart.owner_id, apart.call_id, apart.caller) == ("mallory", "their-call", "+1555")


def test_a_push_that_is_not_stored_names_no_owner(monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as broken:
        worlds.fail(broken, clients.s3(), "put_object")
        assert push(body=AUDIO, query="owner_id=mallory")["statusCode"] == 503
    assert row().owner_id is None
    assert push(query="owner_id=u1")["statusCode"] == 201
    assert (row().owner_id, worlds.body(row())) == ("u1", WAV)


def test_a_push_names_no_owner_of_a_recording_that_crossbar_announced() -> None:
    announced = worlds.recording(document_id(1), provider="kazoo", account_id=ACCOUNT_ID, state=State.ANNOUNCED)
    table.put(announced, "callback announced")
    push(query="owner_id=mallory")
    assert (row().state, row().owner_id) == (State.STORED, None)


def test_a_push_moves_no_announced_recording_to_another_call() -> None:
    known = {"account_id": ACCOUNT_ID, "provider": "kazoo", "state": State.ANNOUNCED}
    announced = worlds.recording(document_id(1), **known, call_id="own-call", caller="+1555", owner_id="u1")
    table.put(announced, "callback announced")
    push(query="call_id=their-call&from=%2B1999&to=%2B1777")
    kept = row()
    assert (kept.state, kept.owner_id) == (State.STORED, "u1")
    assert (kept.call_id, kept.caller, kept.callee) == ("own-call", "+1555", "+1777")


def meanwhile(monkeypatch: pytest.MonkeyPatch, module: Any, name: str, step: Callable[[], object]) -> None:
    """Let another writer do a step once, after a function has read and before it returns."""
    function = getattr(module, name)

    def overtaken(*arguments: Any) -> Any:
        monkeypatch.setattr(module, name, function)
        found = function(*arguments)
        step()
        return found

    monkeypatch.setattr(module, name, overtaken)


@pytest.mark.parametrize(("module", "name"), [(table, "get"), (media, "store")])
def test_a_recording_that_is_announced_during_its_push_is_not_believed_about_its_owner(
    monkeypatch: pytest.MonkeyPatch, module: Any, name: str
) -> None:
    announced = worlds.recording(document_id(1), provider="kazoo", account_id=ACCOUNT_ID, state=State.ANNOUNCED)
    meanwhile(monkeypatch, module, name, lambda: intake.record(announced))
    assert push(query="owner_id=mallory")["statusCode"] == 201
    assert (row().state, row().owner_id) == (State.STORED, None)


def test_a_recording_that_is_announced_during_its_push_keeps_its_call(monkeypatch: pytest.MonkeyPatch) -> None:
    known = {"account_id": ACCOUNT_ID, "provider": "kazoo", "state": State.ANNOUNCED, "call_id": "own-call"}
    announced = worlds.recording(document_id(1), **known)
    meanwhile(monkeypatch, table, "get", lambda: intake.record(announced))
    assert push(query="call_id=their-call")["statusCode"] == 201
    assert (row().state, row().call_id) == (State.STORED, "own-call")


def test_an_announcement_without_news_leaves_a_trace_that_a_push_is_judged_by() -> None:
    push()
    announced = worlds.recording(document_id(1), provider="kazoo", account_id=ACCOUNT_ID, state=State.ANNOUNCED)
    for _ in range(2):
        intake.record(announced)
    push(query="owner_id=mallory")
    assert row().owner_id is None
    assert worlds.history(document_id(1), ACCOUNT_ID) == ["upload", "stored", "callback announced"]


def test_a_push_changes_nothing_of_a_recording_that_is_fetched_at_the_same_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    known = {"account_id": ACCOUNT_ID, "provider": "kazoo"}
    pending = table.put(worlds.recording(document_id(1), **known), "callback pending")
    fetched = pending.model_copy(update={"state": State.STORED, "media": worlds.media()})
    meanwhile(monkeypatch, table, "get", lambda: table.put(fetched, "stored", known=pending))
    apart = json.loads(push(query="owner_id=mallory&call_id=their-call")["body"])["id"]
    assert (row().upload_sha256, row().call_id, row().extra) == (None, None, {})
    assert worlds.history(document_id(1), ACCOUNT_ID) == ["callback pending", "stored", "other audio was sent"]
    assert (worlds.body(row(apart)), row(apart).call_id) == (WAV, "their-call")


def test_different_audio_without_a_row_is_stored_separately() -> None:
    push()
    clients.dynamodb().delete_item(
        TableName=settings.get().table_name, Key={"pk": {"S": f"{ACCOUNT_ID}#{document_id(1)}"}}
    )
    assert json.loads(push(body=AUDIO)["body"])["id"].startswith(f"{document_id(1)}-")
    assert len(objects()) == 2


def test_audio_whose_id_was_taken_by_other_audio_is_stored_under_its_whole_hash() -> None:
    """The sender of other audio chooses its id, and may know the genuine audio."""
    push()
    digest = hashlib.sha256(AUDIO).hexdigest()
    taken = f"{document_id(1)}-{digest[:8]}"
    push(body=audio_samples.wav(1, seed=9), query=f"id={taken}")
    whole = json.loads(push(body=AUDIO)["body"])["id"]
    assert (whole, worlds.body(row(whole))) == (f"{taken}-{digest}", AUDIO)
    assert json.loads(push(body=AUDIO)["body"])["id"] == whole
    assert len(objects()) == 3


def test_an_upload_is_a_conflict_if_the_keys_with_its_hash_are_taken_too() -> None:
    push()
    digest = hashlib.sha256(AUDIO).hexdigest()
    for mark in (f"-{digest[:8]}", f"-{digest[:8]}-{digest}"):
        key = f"{row().media_key}".replace(document_id(1), document_id(1) + mark)
        clients.s3().put_object(Bucket=settings.get().bucket_name, Key=key, Body=b"something else")
    assert events.error(push(body=AUDIO)) == (409, "conflict")


def test_a_removed_recording_stays_removed() -> None:
    push()
    table.put(row().model_copy(update={"state": State.DELETED}), "deleted by ops", known=row())
    assert push()["statusCode"] == 201
    assert (row().state, len(objects())) == (State.DELETED, 1)


def test_different_audio_under_the_id_of_a_deleted_recording_is_stored_separately() -> None:
    push()
    table.put(row().model_copy(update={"state": State.DELETED}), "deleted by mallory")
    assert push(body=AUDIO)["statusCode"] == 201
    apart = row(f"{document_id(1)}-{hashlib.sha256(AUDIO).hexdigest()[:8]}")
    assert (row().state, apart.state, worlds.body(apart)) == (State.DELETED, State.STORED, AUDIO)


def test_a_recording_deleted_during_its_upload_is_removed_again(monkeypatch: pytest.MonkeyPatch) -> None:
    keep = media.store

    def store(recording: Recording, stream: media.Stream) -> Any:
        table.put(recording.model_copy(update={"state": State.DELETED}), "deleted by ops", known=recording)
        return keep(recording, stream)

    monkeypatch.setattr(media, "store", store)
    assert push()["statusCode"] == 201
    listed = clients.s3().list_object_versions(Bucket=settings.get().bucket_name)
    assert [marker["IsLatest"] for marker in listed["DeleteMarkers"]] == [True]


def test_audio_in_base64_is_decoded() -> None:
    assert push(body=base64.b64encode(WAV))["statusCode"] == 201
    assert worlds.body(row()) == WAV


def test_a_url_with_a_query_needs_no_path() -> None:
    query = f"file=call_recording_c-1.wav&recording_id={document_id(1)}"
    assert answer("POST", f"{ACCOUNT_ID}/{TOKEN}", WAV, query=query)["statusCode"] == 201
    assert row().call_id == "c-1"


def basic(user: str = "user", password: str = "p4ss") -> str:  # noqa: S107 - made up
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


def test_an_account_without_a_token_uses_basic_and_no_token_in_the_url() -> None:
    configure(username="user", password="p4ss")
    assert replay("put_url_basic")["statusCode"] == 201
    assert row(document_id(0x49)).call_id == "abc-49@10.0.0.1"
    path = f"{ACCOUNT_ID}/in/{document_id(1)}/a.wav"
    assert answer("PUT", path, WAV, authorization=basic())["statusCode"] == 201
    assert events.error(answer("PUT", path, WAV)) == (401, "unauthenticated")
    # As KAZOO mangles credentials on the way back.
    assert events.error(answer("GET", path, authorization=basic("userp4ss", ""))) == (401, "unauthenticated")


def test_a_configured_token_and_basic_credentials_are_both_required() -> None:
    configure(token=TOKEN, username="user", password="p4ss")
    assert push()["statusCode"] == 401
    assert push(authorization=basic())["statusCode"] == 201


@pytest.mark.parametrize("path", [f"{ACCOUNT_ID}/wrong/x.mp3", f"{ACCOUNT_ID}/{TOKEN}x/x.mp3", f"{ACCOUNT_ID}/x.mp3"])
@pytest.mark.parametrize("method", ["PUT", "POST", "GET"])
def test_a_wrong_token_is_refused(method: str, path: str) -> None:
    assert events.error(answer(method, path, WAV, query=f"id={document_id(1)}")) == (403, "forbidden")
    assert (table.get(ACCOUNT_ID, document_id(1)), objects("")) == (None, [])


def test_an_account_without_secrets_accepts_nothing() -> None:
    configure()
    assert events.error(push()) == (403, "forbidden")
    configure(hmac_key="for webhooks only")
    assert events.error(push()) == (403, "forbidden")


def test_unknown_accounts_and_those_of_other_providers_are_answered_like_a_wrong_token() -> None:
    worlds.put_account("acme", callback={"token": TOKEN})
    for method in ("PUT", "GET"):
        wrong = answer(method, f"{ACCOUNT_ID}/wrong/x.mp3", WAV)
        assert events.error(wrong) == (403, "forbidden")
        assert answer(method, f"acme/{TOKEN}/x.mp3", WAV) == wrong
        assert answer(method, f"nobody/{TOKEN}/x.mp3", WAV) == wrong


def test_another_accounts_recording_is_refused() -> None:
    assert events.error(push(query=f"account_id={'f' * 32}")) == (403, "forbidden")
    assert events.error(push(f"{'f' * 32}/{document_id(1)}/a.wav")) == (403, "forbidden")
    assert objects("") == []


def multipart(content: bytes) -> bytes:
    head = b"\r\n--b\r\ncontent-disposition: form-data; name=a.mp3\r\ncontent-type: audio/mpeg\r\n\r\n"
    return head + content + b"\r\n--b--"


@pytest.mark.parametrize(
    ("body", "content_type", "expected"),
    [
        (b"", "audio/mpeg", (400, "invalid_request")),
        (multipart(b""), "multipart/form-data; boundary=b", (400, "invalid_request")),
        (b"no parts", "multipart/form-data; boundary=b", (400, "invalid_request")),
        (b"text", "text/plain", (415, "not_audio")),
        (b"<html>", "audio/mpeg", (415, "not_audio")),
        (base64.b64encode(b"text"), "audio/mpeg", (415, "not_audio")),
        (multipart(b"text"), "multipart/form-data; boundary=b", (415, "not_audio")),
    ],
)
def test_an_upload_that_is_not_audio_is_refused(body: bytes, content_type: str, expected: tuple[int, str]) -> None:
    assert events.error(push(body=body, content_type=content_type)) == expected
    assert (table.get(ACCOUNT_ID, document_id(1)), objects("")) == (None, [])


def test_an_upload_over_the_limit_is_refused_and_the_log_names_the_s3_handler(caplog: pytest.LogCaptureFixture) -> None:
    assert events.error(push(body=WAV.ljust(kazoo_uploads.MAX_BODY_BYTES + 1, b"\0"))) == (413, "too_large")
    assert "configure KAZOO's own S3 handler" in caplog.text
    assert objects("") == []


def test_the_longest_body_is_stored_and_read_back() -> None:
    longest = audio_samples.wav(0.1, data_length=0).ljust(kazoo_uploads.MAX_BODY_BYTES, b"\0")
    assert push(body=longest)["statusCode"] == 201
    given = answer("GET", f"{ACCOUNT_ID}/{TOKEN}/in", query=f"id={document_id(1)}")
    assert (given["statusCode"], len(base64.b64decode(given["body"]))) == (200, kazoo_uploads.MAX_BODY_BYTES)
    assert len(json.dumps(given)) < 6 * 1024 * 1024


def test_an_upload_over_max_media_bytes_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAX_MEDIA_BYTES", "1000")
    settings.get.cache_clear()
    assert events.error(push()) == (413, "too_large")


def test_without_the_table_nothing_is_acknowledged(monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as broken:
        worlds.fail(broken, clients.dynamodb(), "put_item")
        given = push()
    assert events.error(given) == (503, "unavailable")
    assert given["headers"]["retry-after"] == "5"
    assert objects("") == []
    assert push()["statusCode"] == 201


def test_without_the_bucket_the_row_stays_pending_with_all_its_fields(monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as broken:
        worlds.fail(broken, clients.s3(), "put_object")
        assert events.error(replay("put_url_4_3")) == (503, "unavailable")
    assert (row(document_id(0x43)).state, row(document_id(0x43)).call_id) == (State.PENDING, "abc-43@10.0.0.1")
    assert replay("put_url_4_3")["statusCode"] == 201
    assert row(document_id(0x43)).state is State.STORED


def test_a_repeated_upload_stores_the_row_that_could_not_be_written(monkeypatch: pytest.MonkeyPatch) -> None:
    writes, put_item = [], clients.dynamodb().put_item

    def write_once(**arguments: Any) -> Any:
        writes.append(arguments)
        if len(writes) > 1:
            raise EndpointConnectionError(endpoint_url="https://aws.example.com")
        return put_item(**arguments)

    with monkeypatch.context() as broken:
        broken.setattr(clients.dynamodb(), "put_item", write_once)
        assert events.error(push()) == (503, "unavailable")
    assert (row().state, len(objects())) == (State.PENDING, 1)
    assert push()["statusCode"] == 201
    assert (row().state, len(objects())) == (State.STORED, 1)


def test_an_invalid_account_is_a_configuration_error(caplog: pytest.LogCaptureFixture) -> None:
    worlds.put_account(ACCOUNT_ID, provider="kazoo", callback={"token": ["hush-hush"]})
    assert events.error(push()) == (500, "configuration")
    assert "hush-hush" not in caplog.text


def test_the_probe_is_stored_and_read_back_under_the_repeated_path() -> None:
    assert replay("probe_put")["statusCode"] == 201
    given = replay("probe_get")
    assert (given["statusCode"], base64.b64decode(given["body"])) == (200, PROBE)
    assert (objects("media/"), len(objects(f"probes/{ACCOUNT_ID}/"))) == ([], 1)


@pytest.mark.parametrize("content", [PROBE, base64.b64encode(PROBE)])
def test_the_probe_of_a_multipart_plan_is_a_part(content: bytes) -> None:
    name = f"{'a' * 32}_test_credentials_file.txt"
    body = multipart(content).replace(b"a.mp3", name.encode())
    assert push(f"x/{name}", body, content_type="multipart/form-data; boundary=b")["statusCode"] == 201
    given = answer("GET", f"{ACCOUNT_ID}/{TOKEN}/x/{name}/x/{name}")
    assert base64.b64decode(given["body"]) == PROBE


def test_a_binary_probe_is_read_back() -> None:
    name = f"{'a' * 32}_test_credentials_file.txt"
    assert push(name, b"\xff\x00\xfe")["statusCode"] == 201
    given = answer("GET", f"{ACCOUNT_ID}/{TOKEN}/{name}")
    assert (given["statusCode"], base64.b64decode(given["body"])) == (200, b"\xff\x00\xfe")


def test_a_probe_that_was_not_uploaded_is_not_found() -> None:
    assert events.error(replay("probe_get")) == (404, "not_found")


def test_a_read_back_of_audio_whose_version_is_gone_is_unavailable() -> None:
    stored = row(json.loads(replay("put_plan_default_path")["body"])["id"]).media
    assert stored is not None
    bucket.delete(stored.key, stored.version_id)
    assert events.error(replay("readback_get")) == (503, "unavailable")


def test_a_long_probe_is_refused() -> None:
    assert events.error(push(f"{'a' * 32}_test_credentials_file.txt", b"x " * 2500)) == (413, "too_large")


@pytest.mark.parametrize(
    ("sent", "asked"),
    [
        ("put_plan_default_path", "readback_get"),
        ("put_url_4_3", "readback_get_url"),
        ("put_url_4_1", "readback_get_plain"),
    ],
)
def test_a_recording_is_read_back(sent: str, asked: str) -> None:
    replay(sent)
    given = replay(asked)
    assert (given["statusCode"], given["isBase64Encoded"]) == (200, True)
    assert base64.b64decode(given["body"]) == AUDIO
    assert given["headers"]["content-type"] == "audio/mpeg"


def test_a_read_back_by_call_with_two_recordings_is_not_found() -> None:
    replay("put_url_4_1")
    replay("put_url_4_1", WAV)
    assert events.error(replay("readback_get_plain")) == (404, "not_found")


def test_a_recording_without_audio_is_not_found() -> None:
    assert events.error(replay("readback_get")) == (404, "not_found")
    assert events.error(answer("GET", f"{ACCOUNT_ID}/{TOKEN}")) == (404, "not_found")
    announced = {"account_id": ACCOUNT_ID, "recording_id": document_id(0x60), "provider": "kazoo"}
    table.put(Recording.model_validate(announced | {"state": State.ANNOUNCED}), "callback announced")
    assert events.error(replay("readback_get")) == (404, "not_found")


OTHER_WAYS: list[dict[str, Any]] = [
    {"provider": "kazoo"},
    {"provider": "kazoo", "upload_sha256": "0" * 64},
    {"provider": "twilio"},
]


@pytest.mark.parametrize("fields", OTHER_WAYS)
@pytest.mark.parametrize("query", [f"id={document_id(1)}", "call_id=c-1", "file=call_recording_c-1.mp3"])
def test_what_came_another_way_is_not_read_back(fields: dict[str, Any], query: str) -> None:
    ids = {"account_id": ACCOUNT_ID, "recording_id": document_id(1), "call_id": "c-1"}
    for state in (State.PENDING, State.STORED, State.VERIFIED):
        update = ids | fields | {"state": state, "media": None if state is State.PENDING else worlds.media()}
        table.put(Recording.model_validate(update), "callback pending" if state is State.PENDING else str(state))
    assert events.error(answer("GET", f"{ACCOUNT_ID}/{TOKEN}", query=query)) == (404, "not_found")


def test_a_push_does_not_open_what_came_another_way() -> None:
    fetched = {"account_id": ACCOUNT_ID, "recording_id": document_id(1), "provider": "kazoo", "call_id": "c-1"}
    table.put(Recording.model_validate(fetched | {"state": State.PENDING}), "callback pending")
    table.put(Recording.model_validate(fetched | {"state": State.VERIFIED, "media": worlds.media()}), "verified")
    assert push(query="call_id=c-1")["statusCode"] == 201
    assert events.error(answer("GET", f"{ACCOUNT_ID}/{TOKEN}", query=f"id={document_id(1)}")) == (404, "not_found")
    apart = answer("GET", f"{ACCOUNT_ID}/{TOKEN}", query="call_id=c-1")
    assert base64.b64decode(apart["body"]) == WAV


def test_a_push_of_the_release_before_is_read_back() -> None:
    push()
    table.edit(row(), "edited", upload_sha256=None)
    assert answer("GET", f"{ACCOUNT_ID}/{TOKEN}", query=f"id={document_id(1)}")["statusCode"] == 200


def test_a_push_whose_first_attempt_had_other_audio_is_read_back(monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as broken:
        worlds.fail(broken, clients.s3(), "put_object")
        assert push(body=AUDIO)["statusCode"] == 503
    assert push()["statusCode"] == 201
    assert answer("GET", f"{ACCOUNT_ID}/{TOKEN}", query=f"id={document_id(1)}")["statusCode"] == 200


@pytest.mark.parametrize(
    ("minutes", "hours", "status"), [(None, 9999, 200), (60, 0.9, 200), (60, 1.1, 404), (0, 0, 404)]
)
def test_a_read_back_may_be_limited_in_time(
    clock: worlds.Clock, minutes: int | None, hours: float, status: int
) -> None:
    configure(token=TOKEN, read_back_minutes=minutes)
    push()
    clock.forward(hours=hours)
    assert answer("GET", f"{ACCOUNT_ID}/{TOKEN}", query=f"id={document_id(1)}")["statusCode"] == status


@pytest.mark.parametrize("method", ["PUT", "GET"])
def test_with_an_upload_token_only_that_opens_the_uploads(method: str) -> None:
    push()
    configure(token="of-callbacks", upload_token=TOKEN)
    accounts.forget()
    for token, status in ((TOKEN, {"PUT": 201, "GET": 200}[method]), ("of-callbacks", 403), ("", 403)):
        given = answer(method, f"{ACCOUNT_ID}/{token}", WAV, query=f"id={document_id(1)}")
        assert given["statusCode"] == status


def test_an_upload_token_alone_opens_the_uploads() -> None:
    configure(upload_token=TOKEN)
    assert push()["statusCode"] == 201


def test_a_long_recording_is_read_back_by_a_redirect() -> None:
    push()
    assert row().media is not None
    long = row().media.model_copy(update={"size": kazoo_uploads.MAX_BODY_BYTES + 1})  # type: ignore[union-attr]
    table.edit(row(), "made long", media=long)
    given = answer("GET", f"{ACCOUNT_ID}/{TOKEN}/in", query=f"id={document_id(1)}")
    assert given["statusCode"] == 302
    assert given["headers"]["location"].startswith("https://callvault-bucket.s3.")


def test_an_object_of_an_unversioned_bucket_is_read_back() -> None:
    push()
    table.edit(row(), "no version", media=row().media.model_copy(update={"version_id": None}))  # type: ignore[union-attr]
    assert answer("GET", f"{ACCOUNT_ID}/{TOKEN}/in", query=f"id={document_id(1)}")["statusCode"] == 200


def test_a_header_without_audio_is_stored_and_said_to_be_empty() -> None:
    assert push(body=audio_samples.wav(0))["statusCode"] == 201
    verified = verify(row())
    assert (verified.state, verified.discrepancies) == (State.VERIFIED, ("the file has no audio",))


@pytest.mark.parametrize("encoded", [False, True])
def test_an_mp4_is_stored_as_a_format_of_its_own(*, encoded: bool) -> None:
    body = audio_samples.mp4(2)
    given = push(f"in/{document_id(1)}/a.mp4", base64.b64encode(body) if encoded else body, content_type="video/mp4")
    assert given["statusCode"] == 201
    verified = verify(row())
    assert (verified.state, verified.format, worlds.body(verified)) == (State.VERIFIED, "mp4", body)
    assert verified.media is not None
    assert (verified.media.key[-4:], verified.media.content_type) == (".mp4", "audio/mp4")
    assert (verified.media.codec, verified.media.duration_ms) == ("mp4a", 2000)


def test_an_mp4_that_broke_off_is_stored_and_said_to_be_short() -> None:
    assert push(f"in/{document_id(1)}/a.mp4", audio_samples.mp4(2)[:1000])["statusCode"] == 201
    assert verify(row()).discrepancies == ("the header promises 1044 bytes more than there are",)


@pytest.mark.parametrize("body", [audio_samples.MP4_TYPE, b"\0\0\0\x18ftypheic" + bytes(500), b"OggS" + bytes(500)])
def test_a_container_without_sound_or_of_another_format_is_refused(body: bytes) -> None:
    assert push(body=body)["statusCode"] == 415
    assert worlds.versions() == []
