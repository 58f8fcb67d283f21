r"""The address that is checked is the address that is connected to, wherever a user names a URL.

Parsers find different hosts in these URLs: in `http://inside\@trusted/`, urllib finds `trusted` and
urllib3 finds `inside`.
"""

from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from urllib3.util import Url

from callvault import transport, urls
from callvault.errors import CallvaultError, ConfigurationError
from callvault.ingest import forwarding
from callvault.transport.source import Source
from callvault.web import Request
from tests import worlds
from tests.unit.transport import servers
from tests.unit.transport.servers import Server

TRUSTED = "http://trusted.example"
ODD = (
    r"http://{inside}\@trusted.example/",
    r"http://{inside}\\@trusted.example/",
    r"http://{inside}\.trusted.example/",
    r"http://{inside}#@trusted.example/",
    r"http://{inside}?@trusted.example/",
    r"http://{inside}/@trusted.example/",
    r"http://{inside};@trusted.example/",
    "http://{inside}\t@trusted.example/",
    "http://trusted.example\\@{inside}/",
    "http://trusted.example@{inside}/",
    "http://trusted.example:80@{inside}/",
    "http://trusted.example#@{inside}/",
    r"http:\\{inside}\@trusted.example/",
)
"""URLs that name an address inside and a trusted one."""


@pytest.fixture
def inside() -> Iterator[Server]:
    """Return a server that nobody may reach, and that would answer any request."""
    with servers.serving() as server:
        yield server


def host(server: Server) -> str:
    return server.origin.removeprefix("http://")


@pytest.mark.loopback
@pytest.mark.parametrize("odd", ODD)
def test_a_forward_reaches_no_address_that_was_not_checked(inside: Server, odd: str) -> None:
    with pytest.raises(CallvaultError):
        transport.send("POST", odd.format(inside=host(inside)), {}, b"", trusted=[TRUSTED])
    assert inside.received == []


@pytest.mark.loopback
@pytest.mark.parametrize("odd", ODD)
def test_a_redirect_reaches_no_address_that_was_not_checked(inside: Server, odd: str) -> None:
    with servers.serving() as provider:
        provider.answers["/"] = servers.redirect(odd.format(inside=host(inside)))
        source = Source(origin=provider.origin, authorization=lambda _: "secret", media_origins=(TRUSTED,))
        with pytest.raises(CallvaultError), transport.download(source, provider.origin + "/"):
            pass
    assert inside.received == []


@pytest.mark.parametrize("odd", ODD)
def test_a_user_cannot_name_a_url_with_two_hosts_for_a_forward(odd: str) -> None:
    account = worlds.account(provider="twilio", forward_origins=["https://trusted.example"])
    url = odd.format(inside="10.0.0.1").replace("http:", "https:")
    try:
        read = forwarding.read_url(account, Request(method="POST", path="/"), url)
    except ValueError:
        return
    assert urlsplit(read).netloc == urls.parse_url(read).netloc


@pytest.mark.parametrize("odd", ODD)
@pytest.mark.parametrize("name", ["origin", "token_url"])
def test_the_urls_of_an_account_are_kept_as_they_will_be_connected_to(odd: str, name: str) -> None:
    url = odd.format(inside="inside.example").replace("http:", "https:")
    try:
        api = worlds.account(api={"origin": "https://a.example", name: url}).api
    except ConfigurationError:
        return
    assert api is not None
    kept = urls.parse_url(getattr(api, name))
    assert (kept.host, kept.auth) == (urls.parse_url(url).host, None)


@pytest.mark.parametrize("odd", ODD)
def test_a_parsed_url_is_parsed_in_the_same_way_again(odd: str) -> None:
    try:
        parts: Url = urls.parse_url(odd.format(inside="inside.example"))
    except ValueError:
        return
    assert urls.parse_url(parts.url) == parts
