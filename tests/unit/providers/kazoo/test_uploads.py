"""Uploads and read-backs of KAZOO's attachment handlers are read; nothing is stored."""

import json
from base64 import b64encode
from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from callvault import times
from callvault.errors import ForbiddenError, InvalidRequestError
from callvault.models import Recording, State
from callvault.providers.kazoo import documents, multipart_body, plan_paths, read_backs, uploads
from callvault.providers.kazoo.uploads import KazooUpload
from callvault.web import Request
from tests import captures, worlds
from tests.captures import ACCOUNT_ID, AUDIO, OWNER_ID, PROBE, document_id

unhurried = settings(deadline=None)
ACCOUNT = worlds.account(ACCOUNT_ID, "kazoo")
SHA256 = "ab" * 32
WHO = {"caller": "1000@acct.example.com", "callee": "+15551234567@acct.example.com"}
START = times.read("2024-01-05T11:20:00Z")


def upload(name: str) -> KazooUpload:
    return uploads.read(*captures.request(name))


def recording(name: str) -> Recording:
    return upload(name).recording(ACCOUNT, SHA256)


def said(name: str) -> dict[str, Any]:
    """Return the fields of a capture's recording, without its ids and state."""
    return recording(name).model_dump(
        exclude_defaults=True, exclude={"account_id", "recording_id", "provider", "state"}
    )


NAMES = {"caller_id_name": "Jose Smith & co", "caller_id_number": "+15550001111"}


def expected(number: int, *, extra: dict[str, Any] | None = None, **fields: Any) -> dict[str, Any]:
    leg = f"abc-{number:02x}@10.0.0.1"
    ids = {"cdr_id": f"202401-{leg}", "interaction_id": "63871672799-deadbeef"}
    return {**WHO, "call_id": leg, "format": "mp3", "extra": NAMES | ids | (extra or {}), **fields}


LATER: dict[str, Any] = {"start_time": START, "duration_ms": 1440}


@pytest.mark.parametrize(
    ("name", "fields"),
    [
        ("put_url_4_3", expected(0x43, owner_id=OWNER_ID, **LATER)),
        ("post_url_4_3", expected(0x53, owner_id=OWNER_ID, **LATER)),
        ("put_url_5", expected(0x50, owner_id=OWNER_ID, **LATER)),
        ("put_url_4_1", expected(0x41)),
        ("put_master_double_dot", expected(0x47)),
        ("put_url_empty_values", expected(0x44, **LATER)),
        ("put_url_query", expected(0x45, tag="claims", **LATER)),
        ("put_url_query_file", expected(0x46, tag="claims", **LATER)),
        ("put_raw_utf8", expected(0x48, owner_id=OWNER_ID, extra={"caller_id_name": "José Núñez"}, **LATER)),
        ("put_url_3_22", {"call_id": "abc-22@10.0.0.1", "format": "mp3"}),
        (
            "put_url_5_conference",
            {"conference_id": "conf-51", "format": "mp3", "extra": {"conference_recording": "true"}, **LATER},
        ),
        (
            "put_plan_default_path",
            {"name": "f00dfeedf00dfeedf00dfeedf00dfe60.mp3", "format": "mp3", "owner_id": OWNER_ID},
        ),
        ("put_plan_no_owner", {"name": "f00dfeedf00dfeedf00dfeedf00dfe61.mp3", "format": "mp3"}),
        (
            "put_plan_field_list",
            {
                **WHO,
                **LATER,
                "call_id": "abc-62@10.0.0.1",
                "direction": "inbound",
                "owner_id": OWNER_ID,
                "name": "f00dfeedf00dfeedf00dfeedf00dfe62.mp3",
                "format": "mp3",
            },
        ),
    ],
)
def test_every_versions_fields_are_read(name: str, fields: dict[str, Any]) -> None:
    assert said(name) == fields


@pytest.mark.parametrize("name", captures.names("p[ou][ts]*"))
def test_every_capture_carries_the_audio(name: str) -> None:
    assert upload(name).body == (b64encode(AUDIO) if "base64" in name else AUDIO)
    head, _, body = captures.raw(name).partition(b"\r\n\r\n")
    assert f"content-length: {len(body)}".encode() in head


@pytest.mark.parametrize("number", [0x43, 0x50, 0x45, 0x46, 0x48, 0x60, 0x61, 0x62, 0x70])
def test_the_recordings_id_is_the_documents_id(number: int) -> None:
    assert document_id(number) in {recording(name).recording_id for name in captures.names("p[ou][ts]*")}


@pytest.mark.parametrize("name", ["put_url_4_1", "put_master_double_dot", "put_url_3_22"])
def test_an_id_is_derived_from_call_and_content(name: str) -> None:
    one = upload(name)
    made = one.recording(ACCOUNT, SHA256).recording_id
    assert documents.GENERATED_ID.fullmatch(made)
    assert made == one.recording(ACCOUNT, SHA256).recording_id
    assert made != one.recording(ACCOUNT, "cd" * 32).recording_id
    assert made != replace(one, file="", values={"call_id": "another"}).recording(ACCOUNT, SHA256).recording_id


def derived(key: str) -> str:
    found = uploads.read_key(f"{uploads.PREFIX}{ACCOUNT.account_id}/{key}")
    assert found is not None
    return found[1].recording(ACCOUNT, SHA256).recording_id


@pytest.mark.parametrize("other", ["in/b.mp3", "out/a.mp3"])
def test_equal_audio_without_a_call_has_an_id_for_each_name(other: str) -> None:
    assert derived("in/a.mp3") == derived("in/a.mp3")
    assert derived("in/a.mp3") != derived(other)
    request = Request(method="PUT", path="/", body=AUDIO)
    pushed = [uploads.read(request, path).recording(ACCOUNT, SHA256).recording_id for path in ("in/a.mp3", other)]
    assert pushed[0] != pushed[1]


def test_the_name_does_not_change_the_id_of_a_known_call() -> None:
    assert derived("call_id=c-1/a.mp3") == derived("call_id=c-1/b.mp3")


@pytest.mark.parametrize(
    ("values", "month"),
    [
        ({"cdr_id": "202312-x"}, "202312"),
        ({"start": "63871672800"}, "202401"),
        ({"interaction_id": "63871672799-deadbeef"}, "202401"),
        ({"call_id": "x"}, "000000"),
        ({"cdr_id": 7, "start": [], "interaction_id": None}, "000000"),
    ],
)
def test_a_derived_id_begins_with_the_month_if_it_is_known(values: dict[str, Any], month: str) -> None:
    assert KazooUpload(values=values).recording(ACCOUNT, SHA256).recording_id.startswith(f"{month}-")


def test_a_multipart_body_has_all_fields_of_the_document() -> None:
    found = recording("post_multipart")
    assert (found.recording_id, found.state) == (document_id(0x70), State.PENDING)
    assert (found.call_id, found.direction) == ("0f3c2b1a-70@10.0.0.5", "inbound")
    assert found.extra["origin"] == "callflow : main"
    assert "p4ss" not in found.model_dump_json()


def test_base64_is_decoded_and_other_bodies_are_not() -> None:
    assert uploads.decoded(b64encode(AUDIO)) == AUDIO
    assert uploads.decoded(b"YWJj\r\nZA==\r\n") == b"abcd"
    assert uploads.decoded(AUDIO) is None
    assert uploads.decoded(PROBE) is None
    assert uploads.decoded(b"some random content 5f2b9c1e") is None


@pytest.mark.parametrize("values", [{"account_id": "f" * 32}, {"account_id": "f" * 32, "recording_id": "202401-1"}])
def test_another_accounts_recording_is_refused(values: dict[str, str]) -> None:
    with pytest.raises(ForbiddenError):
        KazooUpload(values=values).recording(ACCOUNT, SHA256)


def test_kazoos_fields_take_precedence_over_the_users_query() -> None:
    request = Request(method="PUT", path="/", raw_query="owner_id=me&from=x&from=1000&owner_id=")
    assert uploads.parameters(request) == {"owner_id": "me", "from": "1000"}


def test_the_format_of_the_file_name_takes_precedence_over_the_content_type() -> None:
    assert KazooUpload(file="a.wav", content_type="audio/mpeg").recording(ACCOUNT, SHA256).format == "wav"
    assert KazooUpload(file="a", content_type="audio/x-wav").recording(ACCOUNT, SHA256).format == "wav"
    assert KazooUpload().recording(ACCOUNT, SHA256).format is None


def test_a_probe_is_recognized_by_its_name() -> None:
    one = upload("probe_put")
    assert (one.probe, one.body) == ("0123456789abcdef0123456789abcdef_test_credentials_file.txt", PROBE)
    assert read_backs.probe(*captures.request("probe_get")) == one.probe
    assert upload("put_url_4_3").probe is None


def test_the_probes_name_may_be_in_the_query() -> None:
    name = f"{'0' * 32}_test_credentials_file.txt"
    request = Request(method="PUT", path="/", raw_query=f"file={name}", body=PROBE)
    assert uploads.read(request, "").probe == name
    assert read_backs.probe(replace(request, raw_query=f"file={name}{ACCOUNT_ID}/{name}"), "") == name
    assert read_backs.probe(replace(request, raw_query="file=x"), "y") is None


@pytest.mark.parametrize(
    ("name", "found"), [("readback_get", 0x60), ("readback_get_url", 0x43), ("readback_get_plain", None)]
)
def test_a_read_back_names_the_document(name: str, found: int | None) -> None:
    wanted = read_backs.document_id(*captures.request(name))
    assert wanted == (document_id(found) if found else None)


@pytest.mark.parametrize(
    ("query", "path", "found"),
    [
        ("", f"{ACCOUNT_ID}/{document_id(1)}/x.mp3", document_id(1)),
        (f"id={document_id(1)}", f"{document_id(2)}/x.mp3", document_id(1)),
        (f"id=x&recording_id={document_id(3)}{ACCOUNT_ID}/x", "x", document_id(3)),
        ("recording_id=x", "call_recording_x.mp3", None),
    ],
)
def test_the_documents_id_is_found_in_query_and_path(query: str, path: str, found: str | None) -> None:
    assert read_backs.document_id(Request(method="GET", path="/", raw_query=query), path) == found


@pytest.mark.parametrize(
    ("query", "path", "found"),
    [
        ("call_id=c-1", "call_recording_c-2.mp3", "c-1"),
        ("", "in/call_recording_c-2.mp3", "c-2"),
        ("file=call_recording_c-3..wav", "", "c-3"),
        ("", "x.mp3", None),
    ],
)
def test_older_versions_name_only_the_call(query: str, path: str, found: str | None) -> None:
    assert read_backs.call_id(Request(method="GET", path="/", raw_query=query), path) == found


KEY = f"incoming/kazoo/{ACCOUNT_ID}"


@pytest.mark.parametrize(
    ("key", "values", "file"),
    [
        (f"{document_id(1)}/a.mp3", {"id": document_id(1)}, "a.mp3"),
        (
            f"{document_id(1)}/call_id=c%401/from=1000%40x/to=/owner_id={OWNER_ID}/start=63871672800/a.mp3",
            {"id": document_id(1), "call_id": "c@1", "from": "1000@x", "owner_id": OWNER_ID, "start": "63871672800"},
            "a.mp3",
        ),
        (f"account%2F46%2F42%2F{'f' * 28}-202401/{document_id(1)}_a.mp3", {"id": document_id(1)}, "a.mp3"),
        (f"{ACCOUNT_ID}/{OWNER_ID}/{document_id(1)}/a%20b.mp3", {"id": document_id(1)}, "a b.mp3"),
        ("a.mp3", {}, "a.mp3"),
        (f"{document_id(1)}.mp3", {}, f"{document_id(1)}.mp3"),
    ],
)
def test_a_key_has_account_and_fields(key: str, values: dict[str, str], file: str) -> None:
    found = uploads.read_key(f"{KEY}/{key}")
    assert found is not None
    account_id, one = found
    assert (account_id, one.file) == (ACCOUNT_ID, file)
    assert {name: one.values[name] for name in values} == values
    assert (one.document_id is None) == ("id" not in values)


@pytest.mark.parametrize(
    ("folders", "account_id", "owner_id"),
    [
        ([], None, None),
        ([ACCOUNT_ID], ACCOUNT_ID, None),
        ([ACCOUNT_ID, OWNER_ID], ACCOUNT_ID, OWNER_ID),
        ([OWNER_ID, ACCOUNT_ID], ACCOUNT_ID, OWNER_ID),
        ([ACCOUNT_ID, ACCOUNT_ID, OWNER_ID], ACCOUNT_ID, OWNER_ID),
        (["f" * 32], "f" * 32, None),
        (["f" * 32, OWNER_ID], "f" * 32, OWNER_ID),
    ],
)
def test_the_account_is_found_in_any_folder_of_a_path(
    folders: list[str], account_id: str | None, owner_id: str | None
) -> None:
    """Otherwise the first folder is another account, whose recordings are refused."""
    found = plan_paths.ids([*folders, document_id(1)], ACCOUNT_ID)
    assert (found.get("id"), found.get("account_id"), found.get("owner_id")) == (document_id(1), account_id, owner_id)


@pytest.mark.parametrize("key", ["incoming/kazoo/", f"{KEY}/", KEY, "incoming/other/a/b.mp3", "incoming/kazoo//b.mp3"])
def test_a_key_without_account_or_file_name_is_ignored(key: str) -> None:
    assert uploads.read_key(key) is None


BOUNDARY = "kz1f0e2d3c4b5a69788796a5b4c3d2e1f0"
MULTIPART = f"multipart/form-data; boundary={BOUNDARY}"


def body(*parts: tuple[str, str, bytes]) -> bytes:
    written = b""
    for name, content_type, content in parts:
        head = f"content-disposition: form-data; name={name}\r\ncontent-type: {content_type}\r\n\r\n"
        written += f"\r\n--{BOUNDARY}\r\n{head}".encode() + content
    return written + f"\r\n--{BOUNDARY}--".encode()


def send(content: bytes, content_type: str = MULTIPART) -> KazooUpload:
    request = Request(method="POST", path="/", headers={"content-type": content_type}, body=content)
    return uploads.read(request, f"{ACCOUNT_ID}/{document_id(1)}/a.mp3")


@unhurried
@given(st.binary(max_size=2000), st.text(alphabet="abcdef0123456789.-_", min_size=1, max_size=40))
def test_a_part_is_read_as_it_was_written(content: bytes, name: str) -> None:
    if f"\r\n--{BOUNDARY}".encode() not in content:
        written = body((document_id(1), "application/json", b"{}"), (name, "audio/mpeg", content))
        found = list(multipart_body.parts(MULTIPART, written))
        assert [(part.name, part.body) for part in found] == [(document_id(1), b"{}"), (name, content)]


@unhurried
@given(st.binary(max_size=300), st.sampled_from([b"", body(), body(("a", "audio/mpeg", b"x"))[:-4]]), st.booleans())
def test_any_body_is_parsed_or_refused(tail: bytes, head: bytes, swapped: bool) -> None:  # noqa: FBT001 - drawn
    content = tail + head if swapped else head + tail
    with suppress(InvalidRequestError):
        assert send(content).body in content


@pytest.mark.parametrize(
    ("content", "content_type"),
    [
        (b"", MULTIPART),
        (b"audio", MULTIPART),
        (body(), MULTIPART),
        (body(("a", "audio/mpeg", b"x"))[:-4], MULTIPART),
        (body(("a", "application/json", b"{}")), MULTIPART),
        (body(("a", "application/json", b"no json"), ("b", "audio/mpeg", b"x")), MULTIPART),
        (body(*[("a", "audio/mpeg", b"x")] * 9), MULTIPART),
        (body(("a", "audio/mpeg", b"x")), "multipart/form-data"),
        (body(("a", "audio/mpeg", b"x")), "multipart/form-data; boundary="),
        (b"--\xe9", "multipart/form-data; boundary=\xe9"),
    ],
)
def test_a_malformed_multipart_body_is_refused(content: bytes, content_type: str) -> None:
    with pytest.raises(InvalidRequestError) as caught:
        send(content, content_type)
    assert caught.value.field == "body"


def test_multipart_mixed_is_accepted_too() -> None:
    written = body((document_id(2), "application/json", b'{"from":"1000"}'), ("b.mp3", "audio/mpeg", AUDIO))
    one = send(written, MULTIPART.replace("form-data", "mixed"))
    assert (one.document_id, one.values["from"], one.file, one.body) == (document_id(2), "1000", "b.mp3", AUDIO)


@unhurried
@given(st.text(max_size=300), st.text(max_size=60), st.sampled_from(["", "audio/mpeg", "text/plain"]))
def test_any_url_of_an_upload_is_read(query: str, path: str, content_type: str) -> None:
    request = Request(method="PUT", path="/", raw_query=query, headers={"content-type": content_type}, body=AUDIO)
    made = replace(uploads.read(request, path), values={**uploads.parameters(request), "account_id": ""})
    assert Recording.model_validate_json(made.recording(ACCOUNT, SHA256).model_dump_json())
    read_backs.document_id(request, path)
    read_backs.call_id(request, path)
    read_backs.probe(request, path)


@unhurried
@given(st.dictionaries(st.sampled_from(["start", "duration_ms", "recording_id", "id", "cdr_id", "from"]), st.text()))
def test_any_values_give_a_recording(values: dict[str, str]) -> None:
    made = KazooUpload(values=values).recording(ACCOUNT, SHA256)
    json.dumps(made.model_dump(mode="json"))


CHOSEN = "202401-my_call-7"
"""Id of a document that a callflow of KAZOO 5 chose."""


@pytest.mark.parametrize(
    ("key", "document"),
    [
        (f"{CHOSEN}/a.mp3", CHOSEN),
        (f"{CHOSEN}/call_id=c-1/a.mp3", CHOSEN),
        (f"{ACCOUNT_ID}/{CHOSEN}/a.mp3", CHOSEN),
        (f"{ACCOUNT_ID}/{OWNER_ID}/{CHOSEN}/a.mp3", CHOSEN),
        (f"account%2F46-202401/{CHOSEN}_{'f' * 32}.mp3", CHOSEN),
        (f"{CHOSEN}_{'f' * 32}.mp3", CHOSEN),
        (f"{CHOSEN}/{document_id(1)}/a.mp3", document_id(1)),
        (f"in/{CHOSEN}/a.mp3", None),
        (f"{'0' * 32}/{CHOSEN}/a.mp3", None),
        (f"{ACCOUNT_ID}/users/{CHOSEN}/a.mp3", None),
        (f"call_id=c-1/{CHOSEN}/a.mp3", None),
        (f"{CHOSEN}/in/a.mp3", None),
        (f"{CHOSEN}_a.mp3", None),
        ("202401-c-1/call_id=c-1/a.mp3", None),
        ("202401-0f3c2b1a-9d8e-4b58-a2f7-c6d5e4b3a291/a.mp3", None),
    ],
)
def test_a_chosen_id_is_found_where_a_storage_plan_has_it(key: str, document: str | None) -> None:
    found = uploads.read_key(f"{KEY}/{key}")
    assert found is not None
    assert found[1].document_id == document


@pytest.mark.parametrize(
    ("path", "document"),
    [
        (f"{ACCOUNT_ID}/{CHOSEN}/a.mp3", CHOSEN),
        (f"{ACCOUNT_ID}/{OWNER_ID}/{CHOSEN}/a.mp3", CHOSEN),
        (f"{CHOSEN}/a.mp3", None),
        (f"{'0' * 32}/{CHOSEN}/a.mp3", None),
    ],
)
def test_a_chosen_id_is_found_in_the_default_path_of_a_push(path: str, document: str | None) -> None:
    request = Request(method="PUT", path="/", body=AUDIO, parameters={"account_id": ACCOUNT_ID})
    assert uploads.read(request, path).document_id == document
