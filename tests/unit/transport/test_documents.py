"""A document of the provider's API that names the media, instead of a redirect."""

import json

import pytest

from callvault import transport
from callvault.errors import RejectedError, UnavailableError
from callvault.transport.source import Source
from tests.unit.transport.servers import AUDIO, Answer, Public, Server, redirect, status

pytestmark = pytest.mark.loopback


def located(document: bytes) -> str:
    if url := json.loads(document).get("url"):
        return str(url)
    raise UnavailableError("not_audio", "The document names no media.")


def naming(url: str | None, kind: str = "application/json; charset=utf-8") -> Answer:
    return status(200, json.dumps({"url": url}).encode(), content_type=kind)


def fetch(server: Server, *media_origins: str) -> bytes:
    source = Source(origin=server.origin, authorization=lambda _: "old", media_origins=media_origins, locate=located)
    with transport.download(source, f"{server.origin}/r") as response:
        return response.read()


def test_the_media_is_fetched_where_the_document_says_without_credentials(provider: Server, other: Server) -> None:
    provider.answers["/r"] = naming(f"{other.origin}/audio")
    assert fetch(provider, other.origin) == AUDIO
    assert other.credentials() == [None]


def test_media_at_the_origin_itself_is_fetched_with_credentials(provider: Server) -> None:
    provider.answers["/r"] = naming("/audio")
    assert fetch(provider) == AUDIO
    assert provider.credentials() == ["old", "old"]


def test_media_at_a_public_address_is_fetched(provider: Server, public: Public) -> None:
    provider.answers["/r"] = naming(public.url())
    assert fetch(provider) == AUDIO


@pytest.mark.parametrize("url", ["http://media.example/audio", "https://10.0.0.5/audio", "file:///etc/passwd"])
def test_a_document_leads_nowhere_that_a_redirect_may_not_lead(provider: Server, public: Public, url: str) -> None:
    provider.answers["/r"] = naming(url)
    with pytest.raises(RejectedError) as caught:
        fetch(provider)
    assert caught.value.reason == "forbidden_redirect"


def test_a_document_that_names_itself_ends(provider: Server) -> None:
    provider.answers["/r"] = naming("/r")
    with pytest.raises(UnavailableError) as caught:
        fetch(provider)
    assert caught.value.reason == "redirect_loop"


def test_a_document_without_media_is_retried(provider: Server) -> None:
    provider.answers["/r"] = naming(None)
    with pytest.raises(UnavailableError) as caught:
        fetch(provider)
    assert caught.value.reason == "not_audio"


def test_a_document_of_another_origin_is_not_followed(provider: Server, other: Server) -> None:
    provider.answers["/r"] = redirect(f"{other.origin}/document")
    other.answers["/document"] = naming("/audio")
    assert json.loads(fetch(provider, other.origin)) == {"url": "/audio"}


def test_audio_is_not_read_as_a_document(provider: Server) -> None:
    provider.answers["/r"] = status(200, AUDIO, content_type="audio/wav")
    assert fetch(provider) == AUDIO
