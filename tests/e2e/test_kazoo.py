"""KAZOO against the real template: wire captures byte for byte, webhooks, the S3 handler."""

import hashlib
import json
import re
import socket
from collections.abc import Iterator
from typing import Any

import pytest
import urllib3

from tests import captures, samples, worlds
from tests.captures import ACCOUNT_ID, AUDIO, PROBE, TOKEN, document_id
from tests.e2e import archive
from tools import audio_samples
from tools.local.providers import kazoo_api
from tools.local.providers.kazoo_api import API_KEY, Crossbar
from tools.local.stack import Stack

CONTRACT = samples.of("kazoo")
DOCUMENT = json.loads((samples.EVENTS / "kazoo" / "crossbar" / "recording.json").read_text())["data"]
UPLOADS = [name for name in captures.names("p[ou][ts]*") if name != "put_url_basic"]

http = urllib3.PoolManager()


@pytest.fixture(scope="module")
def crossbar() -> Iterator[Crossbar]:
    with kazoo_api.Crossbar() as running:
        yield running


@pytest.fixture(autouse=True)
def account(stack: Stack, crossbar: Crossbar) -> None:
    api = {"origin": crossbar.origin, "api_key": API_KEY}
    account = worlds.parameter("kazoo", callback={"token": TOKEN}, api=api, readers=[archive.READER])
    stack.put_account(ACCOUNT_ID, account)


def exchange(stack: Stack, message: bytes) -> tuple[int, dict[str, str], bytes]:
    """Send a request byte for byte and return the answer's status, headers and body."""
    port = int(stack.url.rsplit(":", 1)[1])
    with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
        connection.sendall(message)
        received = connection.makefile("rb")
        status = int(received.readline().split()[1])
        lines = iter(received.readline, b"\r\n")
        headers = dict(line.decode().strip().lower().split(": ", 1) for line in lines)
        return status, headers, received.read(int(headers.get("content-length", "0")))


def document(stack: Stack, recording_id: str) -> dict[str, Any]:
    return archive.document(stack, ACCOUNT_ID, recording_id)


@pytest.mark.parametrize("name", [name for name in UPLOADS if name != "probe_put"])
def test_every_capture_ends_verified(stack: Stack, name: str) -> None:
    status, _, body = exchange(stack, captures.raw(name))
    assert status == 201
    stack.drain()
    found = document(stack, json.loads(body)["id"])
    assert found["archive"]["state"] == "verified"
    assert found["archive"]["sha256"] == hashlib.sha256(AUDIO).hexdigest()
    assert "discrepancies" not in found["archive"]


def test_the_fields_of_an_upload_can_be_read(stack: Stack) -> None:
    exchange(stack, captures.raw("put_raw_utf8"))
    found = document(stack, document_id(0x48))
    assert found["caller_id_name"] == "José Núñez"
    assert (found["from"], found["start"], found["duration_ms"]) == ("1000@acct.example.com", 63871672800, 1440)


def test_basic_credentials_in_the_url_are_accepted(stack: Stack, crossbar: Crossbar) -> None:
    account = worlds.parameter("kazoo", callback={"username": "user", "password": "p4ss"})
    stack.put_account(ACCOUNT_ID.replace("4642", "9999"), account)
    message = captures.raw("put_url_basic").replace(b"/4642", b"/9999").replace(b"account_id=4642", b"account_id=9999")
    assert exchange(stack, message)[0] == 201
    assert exchange(stack, message.replace(b"authorization: Basic ", b"authorization: Basic x"))[0] == 401


def test_repetitions_store_one_object(stack: Stack) -> None:
    message = captures.raw("put_url_5").replace(document_id(0x50).encode(), document_id(0xF0).encode())
    assert {exchange(stack, message)[0] for _ in range(30)} == {201}
    stack.drain()
    assert len([key for key in archive.keys(stack, f"media/{ACCOUNT_ID}/") if document_id(0xF0) in key]) == 1


def test_the_probe_is_read_back(stack: Stack) -> None:
    assert exchange(stack, captures.raw("probe_put"))[0] == 201
    assert exchange(stack, captures.raw("probe_get"))[::2] == (200, PROBE)


@pytest.mark.parametrize(
    ("sent", "asked"), [("put_plan_default_path", "readback_get"), ("put_url_4_3", "readback_get_url")]
)
def test_kazoo_reads_its_recording_back(stack: Stack, sent: str, asked: str) -> None:
    exchange(stack, captures.raw(sent))
    assert exchange(stack, captures.raw(asked))[::2] == (200, AUDIO)


@pytest.mark.parametrize(
    ("change", "body", "status"),
    [
        ((TOKEN, "wrong"), AUDIO, 403),
        ((ACCOUNT_ID, "nobody"), AUDIO, 403),
        (("PUT", "PUT"), b"", 400),
        (("PUT", "PUT"), b"<html>no audio</html>", 415),
        (("PUT", "PUT"), bytes(4_550_000), 413),
        (("PUT", "PUT"), bytes(5_500_000), 413),
        (("PUT", "PUT"), bytes(11_000_000), 413),
    ],
)
def test_bad_uploads_are_refused(stack: Stack, change: tuple[str, str], body: bytes, status: int) -> None:
    message = captures.raw("put_url_4_3", b"").replace(change[0].encode(), change[1].encode())
    message = re.sub(rb"content-length: \d+", f"content-length: {len(body)}".encode(), message)
    message = message.replace(document_id(0x43).encode(), document_id(0xF1).encode())
    assert exchange(stack, message + body)[0] == status
    assert not [key for key in archive.keys(stack, "media/") if document_id(0xF1) in key]


def test_a_refused_long_upload_logs_what_to_configure(stack: Stack) -> None:
    message = captures.raw("put_url_4_3", bytes(4_550_000)).replace(b"length: 3000", b"length: 4550000")
    assert exchange(stack, message)[0] == 413
    assert "configure KAZOO's own S3 handler" in stack.log_text("ReceiveUpload")


def hook(stack: Stack, name: str, recording_id: str = DOCUMENT["id"], method: str | None = None) -> int:
    """Send a webhook, of another recording than the sample's."""
    request = CONTRACT.sample(name).request
    query = request.raw_query.replace(DOCUMENT["id"], recording_id)
    url = f"{stack.url}/callbacks/kazoo/{ACCOUNT_ID}/{TOKEN}" + (f"?{query}" if query else "")
    body = request.body.replace(DOCUMENT["id"].encode(), recording_id.encode())
    return http.request(method or request.method, url, body=body, headers=dict(request.headers)).status


@pytest.mark.parametrize(
    ("number", "name", "method"),
    [
        (0xA0, "object_doc_edited.form", "POST"),
        (0xA1, "object_doc_edited.form", "PUT"),
        (0xA2, "object_doc_edited.json", "POST"),
        (0xA3, "object_doc_edited.query", "GET"),
        (0xA4, "object_v2_doc_edited.json", "POST"),
    ],
)
def test_every_webhook_ends_verified(stack: Stack, crossbar: Crossbar, number: int, name: str, method: str) -> None:
    recording_id = document_id(number)
    crossbar.keep(ACCOUNT_ID, DOCUMENT | {"id": recording_id}, AUDIO)
    assert hook(stack, "object_doc_created.json", recording_id) == 200
    assert document(stack, recording_id)["archive"]["state"] == "announced"
    crossbar.expire()
    assert hook(stack, name, recording_id, method) == 200
    stack.drain()
    found = document(stack, recording_id)
    assert (found["archive"]["state"], found["call_id"]) == ("verified", DOCUMENT["call_id"])
    assert "p4ss" not in json.dumps(found)


def test_a_webhook_of_another_kind_changes_nothing(stack: Stack) -> None:
    assert hook(stack, "object_user_edited.json") == 200
    assert hook(stack, "object_doc_deleted.json") == 200


def test_the_upload_address_does_not_read_what_came_by_webhook(stack: Stack, crossbar: Crossbar) -> None:
    recording_id, call_id = document_id(0xB0), "webhook-only@10.0.0.1"
    crossbar.keep(ACCOUNT_ID, DOCUMENT | {"id": recording_id, "call_id": call_id}, AUDIO)
    assert hook(stack, "object_doc_edited.json", recording_id) == 200
    stack.drain()
    assert document(stack, recording_id)["archive"]["state"] == "verified"
    address = f"{stack.url}/uploads/kazoo/{ACCOUNT_ID}/{TOKEN}"
    pushed = f"{address}/call_recording_{call_id}.mp3?recording_id={recording_id}&call_id={call_id}"
    forged = audio_samples.wav(1, seed=9)
    for query in (f"id={recording_id}", f"call_id={call_id}", f"file=call_recording_{call_id}.mp3"):
        assert http.request("GET", f"{address}/x?{query}").status == 404
    apart = json.loads(http.request("PUT", pushed, body=forged).data)["id"]
    assert http.request("GET", f"{address}/x?id={recording_id}").status == 404
    assert http.request("GET", f"{address}/x?id={apart}").data == forged
    assert http.request("GET", f"{address}/x?call_id={call_id}").data == forged


def test_forged_audio_pushed_before_kazoo_stored_its_own_is_kept_beside_it(stack: Stack, crossbar: Crossbar) -> None:
    recording_id, forged = document_id(0xB1), audio_samples.wav(1, seed=9)
    assert hook(stack, "object_doc_created.json", recording_id) == 200
    pushed = f"{stack.url}/uploads/kazoo/{ACCOUNT_ID}/{TOKEN}/in/{recording_id}/a.wav"
    assert http.request("PUT", pushed, body=forged).status == 201
    crossbar.keep(ACCOUNT_ID, DOCUMENT | {"id": recording_id}, AUDIO)
    assert hook(stack, "object_doc_edited.json", recording_id) == 200
    stack.drain()
    genuine = f"{recording_id}-{hashlib.sha256(AUDIO).hexdigest()[:8]}"
    said = f"Crossbar serves other audio than was pushed; it is stored as {genuine}"
    assert said in document(stack, recording_id)["archive"]["discrepancies"]
    assert document(stack, genuine)["archive"]["sha256"] == hashlib.sha256(AUDIO).hexdigest()
    assert document(stack, genuine)["archive"]["state"] == "verified"


def test_what_another_site_could_make_a_browser_send_is_refused(stack: Stack) -> None:
    url = f"{stack.url}/v2/accounts/{ACCOUNT_ID}/recordings"
    secret = urllib3.make_headers(basic_auth=f"{ACCOUNT_ID}:{archive.SECRET}")
    assert http.request("GET", url, headers=secret).status == 200
    assert http.request("GET", f"{url}?jsonp=f", headers=secret).status == 400
    assert http.request("POST", f"{url}/{document_id(0x43)}?verb=DELETE", headers=secret).status == 400


@pytest.mark.parametrize("path", ["/api/v1/oauth2/token", "/v2/api_auth", "/v2/accounts/x/recordings"])
def test_a_large_body_is_refused_before_anybody_is_authenticated(stack: Stack, path: str) -> None:
    method = "PUT" if path == "/v2/api_auth" else "POST"
    assert http.request(method, stack.url + path, body=b"a&" * 2_000_000).status == 413


def test_an_object_of_the_s3_handler_ends_verified(stack: Stack, crossbar: Crossbar) -> None:
    recording_id, long = document_id(0x90), audio_samples.wav(600)
    crossbar.keep(
        ACCOUNT_ID, DOCUMENT | {"id": recording_id, "duration_ms": 600_000, "name": "a.wav", "media_type": "wav"}
    )
    key = f"incoming/kazoo/{ACCOUNT_ID}/{recording_id}/a.wav"
    stack.client("s3").put_object(Bucket=stack.outputs["BucketName"], Key=key, Body=long)
    stack.drain(60)
    found = document(stack, recording_id)
    assert (found["archive"]["state"], found["call_id"]) == ("verified", DOCUMENT["call_id"])
    assert found["archive"]["sha256"] == hashlib.sha256(long).hexdigest()
    assert archive.keys(stack, "incoming/") == []
