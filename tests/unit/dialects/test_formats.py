"""What each dialect says of a recording in MP4, a format that only KAZOO records, or encrypted."""

from typing import Any

import pytest

from callvault import dialects, models
from callvault.models import Media, State
from callvault.web import Request, Response
from tests import worlds
from tests.worlds import content

MP4 = worlds.media(content_type="audio/mp4", codec="mp4a", key="media/acme/2026/11/26/r-1.mp4")
ENCRYPTED = worlds.media(content_type=models.ENCRYPTED_TYPE, codec="encrypted", channels=None, duration_ms=None)
BANDWIDTH = "/api/v2/accounts/acme/calls/c-1/recordings/r-1"
LAML = "/2010-04-01/Accounts/acme/Recordings/r-1"
KAZOO = "/v2/accounts/acme/recordings/r-1"


def ask(media: Media, path: str, **headers: str) -> Response:
    worlds.put_account("acme", readers=worlds.readers(ops={"can_delete": True}))
    file_format = "mp4" if media is MP4 else "wav"
    worlds.put("r-1", call_id="c-1", state=State.VERIFIED, media=media, format=file_format)
    sent = worlds.basic_header("acme", "ops") | headers
    return dialects.answer(Request(method="GET", path=path, headers=sent, origin="https://archive.example.com"))


@pytest.mark.parametrize("media", [MP4, ENCRYPTED], ids=["mp4", "encrypted"])
def test_bandwidths_sdk_never_gets_a_format_that_it_does_not_know(media: Media) -> None:
    document: dict[str, Any] = content(ask(media, BANDWIDTH))
    assert document.get("fileFormat") is None
    assert document["mediaUrl"].endswith("/media")


def test_kazoo_gets_the_extension_and_the_type_of_an_mp4() -> None:
    document = content(ask(MP4, KAZOO))["data"]
    assert (document["media_type"], document["content_type"], document["name"]) == ("mp4", "audio/mp4", "r-1.mp4")


@pytest.mark.parametrize("accept", ["audio/mp4", "video/mp4", "audio/*"])
def test_kazoo_serves_an_mp4_by_its_types(accept: str) -> None:
    assert ask(MP4, KAZOO, accept=accept).status == 302


@pytest.mark.parametrize(("suffix", "status"), [("", 302), (".wav", 404), (".mp3", 404)])
def test_laml_serves_an_mp4_without_an_extension(suffix: str, status: int) -> None:
    assert ask(MP4, LAML + suffix).status == status


def test_kazoo_gets_no_extension_of_encrypted_media() -> None:
    document = content(ask(ENCRYPTED, KAZOO))["data"]
    assert (document.get("media_type"), document["content_type"]) == (None, models.ENCRYPTED_TYPE)
