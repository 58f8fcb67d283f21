"""Audio is a redirect to the stored version, with a safe file name."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callvault.dialects import shared_fields
from callvault.dialects.kazoo import requests, routes
from callvault.models import Recording, State
from callvault.web import Request
from tests.crossbar import LIST, MEDIA, ask, put, refusal


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        ("audio/mpeg", "audio"),
        ("audio/mp3", "audio"),
        ("audio/wav", "audio"),
        ("audio/*", "audio"),
        ("AUDIO/MPEG", "audio"),
        ("text/html, audio/mpeg;q=0.1", "audio"),
        ("audio/mpeg, */*", "json"),
        ("*/*, audio/mpeg", "audio"),
        ("audio/mpeg, */*;q=0.8", "audio"),
        ("audio/mpeg;q=0.5, application/json;q=0.6", "json"),
        ("audio/mpeg;q=0", None),
        ("audio/mpeg;level=1;q=high", "audio"),
        ("text/html", None),
        ("", None),
    ],
)
def test_the_most_preferred_known_type_is_chosen(accept: str, expected: str | None) -> None:
    request = Request(method="GET", path="/", headers={"accept": accept})
    assert requests.preferred(request, routes.AUDIO_TYPES) == expected


def test_the_query_takes_precedence_over_the_header() -> None:
    def wanted(query: str) -> str | None:
        request = Request(method="GET", path="/", raw_query=query, headers={"accept": "application/json"})
        return requests.preferred(request, routes.AUDIO_TYPES)

    assert wanted("accept=audio/mpeg") == "audio"
    assert wanted("accept=garbage") == "json"


@pytest.mark.parametrize(
    ("path", "query"),
    [
        (f"{LIST}/r1", {"accept": "audio/mpeg"}),
        (f"{LIST}/r1/attachment", {}),
        ("/v2/account/recordings/r1/attachment", {}),
    ],
)
def test_audio_is_a_redirect_to_the_stored_version(path: str, query: dict[str, str]) -> None:
    put(state=State.STORED, media=MEDIA.model_copy(update={"content_type": "audio/x-wav"}))
    response = ask(path, query)
    target = urlsplit(response.headers["location"])
    values = parse_qs(target.query)
    assert response.status == 302
    assert response.headers["cache-control"] == "no-store"
    assert target.path.endswith("/media/a1/2024/01/05/r1.mp3")
    assert values["response-content-type"] == ["audio/x-wav"]
    assert values["response-content-disposition"] == ['attachment; filename="r1.wav"']
    assert "x-auth-token" not in target.query.lower()


def test_a_player_gets_audio_by_the_url_alone() -> None:
    put(state=State.VERIFIED, media=MEDIA)
    query = {"accept": "audio/mpeg", "inline": "true", "auth_token": "a1.viewer"}
    response = ask(f"{LIST}/r1", query, headers={"accept": "*/*"}, reader=None)
    disposition = parse_qs(urlsplit(response.headers["location"]).query)["response-content-disposition"]
    assert disposition == ['inline; filename="r1.mp3"']


def test_audio_of_a_recording_without_audio_is_not_found() -> None:
    put()
    data = {"message": "bad identifier", "details": "r1"}
    for path, query in ((f"{LIST}/r1", {"accept": "audio/mpeg"}), (f"{LIST}/r1/attachment", {})):
        assert refusal(ask(path, query)) == (404, "bad_identifier", data)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("call.mp3", 'attachment; filename="call.mp3"'),
        ('a"; x="b.mp3', 'attachment; filename="a_; x=_b.mp3"'),
        ("a\r\nset-cookie: x", 'attachment; filename="a__set-cookie: x"'),
        ("../../etc/passwd", 'attachment; filename=".._.._etc_passwd"'),
        ("Anruf für José", "attachment; filename=\"Anruf f_r Jos_\"; filename*=UTF-8''Anruf%20f%C3%BCr%20Jos%C3%A9"),
        ("100%?", "attachment; filename=\"100__\"; filename*=UTF-8''100%25%3F"),
        ("\u202egpj.exe\ud800", 'attachment; filename="_gpj.exe_"'),
    ],
)
def test_a_name_cannot_inject_into_its_header(name: str, expected: str) -> None:
    assert shared_fields.disposition(name) == expected


@given(name=st.text(max_size=300), inline=st.booleans())
def test_a_disposition_is_always_one_line_of_ascii(name: str, inline: bool) -> None:  # noqa: FBT001
    value = shared_fields.disposition(name, inline=inline)
    assert value.isascii()
    assert value.isprintable()
    assert value.count('"') == 2
    assert len(value) < 4_000


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, "r1.bin"),
        ({"format": "wav"}, "r1.wav"),
        ({"media": MEDIA}, "r1.mp3"),
        ({"media": MEDIA, "name": "Sales call"}, "Sales call.mp3"),
        ({"media": MEDIA, "name": "call.MP3"}, "call.MP3"),
        ({"media": MEDIA, "name": "call.wav"}, "call.wav.mp3"),
    ],
)
def test_a_file_name_has_the_extension_of_its_type(fields: dict[str, Any], expected: str) -> None:
    recording = Recording(account_id="a1", recording_id="r1", provider="kazoo", state=State.STORED, **fields)
    assert shared_fields.file_name(recording) == expected
