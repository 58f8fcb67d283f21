"""Where a download is redirected to, and which credentials go there."""

import contextlib
import socket
from typing import Any

import pytest

from callvault import transport
from callvault.errors import CallvaultError, RejectedError, UnavailableError
from callvault.transport import redirects
from callvault.transport.source import Source
from tests.unit.transport.servers import AUDIO, Answer, Public, Server, Tokens, fetch, redirect, resolve, status

# ---- the account's own origin --------------------------------------------------------------------


@pytest.mark.loopback
def test_the_body_arrives_with_the_credentials_of_the_origin(provider: Server) -> None:
    assert fetch(provider, "/audio") == AUDIO
    assert provider.credentials() == ["old"]


@pytest.mark.loopback
def test_a_body_is_requested_without_compression(provider: Server) -> None:
    fetch(provider, "/audio")
    assert provider.received[0].headers["accept-encoding"] == "identity"


@pytest.mark.loopback
@pytest.mark.parametrize("code", [301, 302, 303, 307, 308])
@pytest.mark.parametrize(
    "location", ["/audio", "audio", "../audio", "//127.0.0.1:{port}/audio", "http://127.0.0.1:{port}/audio"]
)
def test_a_redirect_within_the_origin_keeps_the_credentials(provider: Server, code: int, location: str) -> None:
    provider.answers["/"] = redirect(location.format(port=provider.port), code)
    assert fetch(provider) == AUDIO
    assert provider.credentials() == ["old", "old"]


@pytest.mark.loopback
def test_a_redirect_keeps_the_query_and_drops_the_fragment(provider: Server) -> None:
    provider.answers |= {"/": redirect("?a=%2F&b=#part"), "/?a=%2F&b=": status(200, AUDIO)}
    assert fetch(provider) == AUDIO


@pytest.mark.loopback
def test_a_redirect_without_a_location_is_unavailable(provider: Server) -> None:
    provider.answers["/"] = status(302)
    with pytest.raises(UnavailableError) as caught:
        fetch(provider)
    assert caught.value.reason == "http_302"


@pytest.mark.loopback
@pytest.mark.parametrize("location", ["/", ""])
def test_a_redirect_loop_ends(provider: Server, location: str) -> None:
    provider.answers["/"] = redirect(location)
    with pytest.raises(UnavailableError) as caught:
        fetch(provider)
    assert caught.value.reason == "redirect_loop"
    assert len(provider.received) <= redirects.MAX_REDIRECTS + 2


@pytest.mark.loopback
def test_as_many_redirects_as_are_allowed_are_followed(provider: Server) -> None:
    for number in range(redirects.MAX_REDIRECTS):
        provider.answers[f"/{number}"] = redirect(f"/{number + 1}")
    provider.answers[f"/{redirects.MAX_REDIRECTS}"] = status(200, AUDIO)
    assert fetch(provider, "/0") == AUDIO


@pytest.mark.loopback
def test_credentials_are_sent_in_the_configured_header_only(provider: Server, other: Server) -> None:
    provider.answers["/"] = redirect(f"{other.origin}/audio")
    wanted = Source(
        origin=provider.origin,
        authorization=lambda _: "t1",
        media_origins=(other.origin,),
        credential_header="x-auth-token",
        accept="audio/*",
    )
    with transport.download(wanted, f"{provider.origin}/") as response:
        assert response.read() == AUDIO
    (asked,), (redirected,) = provider.received, other.received
    assert (asked.headers["x-auth-token"], asked.authorization) == ("t1", None)
    assert (redirected.headers.get("x-auth-token"), redirected.authorization) == (None, None)
    assert asked.headers["accept"] == redirected.headers["accept"] == "audio/*"


# ---- another origin ------------------------------------------------------------------------------


@pytest.mark.loopback
def test_a_listed_origin_gets_no_credentials(provider: Server, other: Server) -> None:
    provider.answers["/"] = redirect(f"{other.origin}/audio")
    assert fetch(provider, "/", other.origin) == AUDIO
    assert other.credentials() == [None]


@pytest.mark.loopback
def test_credentials_return_to_the_origin_only(provider: Server, other: Server) -> None:
    provider.answers["/"] = redirect(f"{other.origin}/away")
    other.answers["/away"] = redirect(f"{provider.origin}/audio")
    assert fetch(provider, "/", other.origin) == AUDIO
    assert (provider.credentials(), other.credentials()) == (["old", "old"], [None])


@pytest.mark.loopback
def test_a_listed_origin_that_refuses_is_not_given_credentials(provider: Server, other: Server) -> None:
    provider.answers["/"] = redirect(f"{other.origin}/locked")
    other.answers["/locked"] = status(401)
    with pytest.raises(UnavailableError) as caught:
        fetch(provider, "/", other.origin)
    assert caught.value.reason == "http_401"
    assert other.credentials() == [None]


@pytest.mark.loopback
@pytest.mark.parametrize(
    "location",
    [
        "http://example.com/",
        "http://127.0.0.1:{other}/audio",
        "//127.0.0.1:{other}/audio",
        "http://localhost:{port}/audio",
        "http://[::ffff:127.0.0.1]:{port}/audio",
        "https://127.0.0.1:{port}/audio",
        "ftp://127.0.0.1:{port}/audio",
        "file:///etc/passwd",
        "https://localhost/",
        "https://127.0.0.1:{other}/",
        "https://127.1/",
        "https://0177.0.0.1/",
        "https://0x7f000001/",
        "https://%31%30.0.0.1/",
        "HTTPS://10.0.0.1/",
        "https:\t//10.0.0.1/",
        "https://192.0.2.1/",
        "https://240.0.0.1/",
        "https://255.255.255.255/",
        "gopher://127.0.0.1:{port}/audio",
        "data:audio/mpeg;base64,AAAA",
        "https://[::7f00:1]/",
        "https://[::ffff:0:7f00:1]/",
        "https://2130706433/",
        "https://0x7f.1/",
        "https://0.0.0.0/",
        "https://10.0.0.1/",
        "https://172.16.0.1/",
        "https://192.168.0.1/",
        "https://100.64.0.1/",
        "https://169.254.169.254/latest/meta-data/",
        "https://[::1]/",
        "https://[::]/",
        "https://[fe80::1]/",
        "https://[fd00:ec2::254]/",
        "https://[::ffff:10.0.0.1]/",
        "https://[::ffff:169.254.169.254]/",
        "https://[64:ff9b::a00:1]/",
        "https://[2002:a00:1::]/",
        "https://user:pass@10.0.0.1/",
        "https://8.8.8.8@10.0.0.1/",
        "http://127.0.0.1:{port}@127.0.0.1:{other}/audio",
        "http://127.0.0.1:{port}%2F@127.0.0.1:{other}/audio",
    ],
)
def test_a_redirect_to_anything_but_public_https_is_not_followed(
    provider: Server, other: Server, location: str
) -> None:
    provider.answers["/"] = redirect(location.format(port=provider.port, other=other.port))
    with pytest.raises(RejectedError) as caught:
        fetch(provider)
    assert caught.value.reason == "forbidden_redirect"
    assert (provider.paths(), other.received) == (["/"], [])


@pytest.mark.loopback
@pytest.mark.parametrize(
    "location",
    [
        r"http://127.0.0.1:{other}\@127.0.0.1:{port}/audio",
        r"http://127.0.0.1:{other}\.example.com:{port}/audio",
        "http://127.0.0.1:{other}/@127.0.0.1:{port}/audio",
        "http://127.0.0.1:{other}?@127.0.0.1:{port}/audio",
        "http://127.0.0.1:{other}#@127.0.0.1:{port}/audio",
        "http:\\\\127.0.0.1:{other}/audio",
        "\\\\127.0.0.1:{other}/audio",
        "http://127.0.0.1:{other}\t@127.0.0.1:{port}/audio",
    ],
)
def test_no_spelling_of_a_url_leads_to_another_origin(provider: Server, other: Server, location: str) -> None:
    provider.answers["/"] = redirect(location.format(port=provider.port, other=other.port))
    with contextlib.suppress(RejectedError, UnavailableError):
        fetch(provider)
    assert other.received == []


@pytest.mark.loopback
@pytest.mark.parametrize(
    "location",
    ["http://[::1", "https://[", "http://[foo]/", "https://a:b/", "https://a:99999/", "http://", "https://:443/",
     "https://a\u00a0b/", "https://[::1%25eth0]/", "http://\x7f/", "https:audio", "://",
     "https://" + "a" * 64 + ".example/", "https://.../", "https://127.0.0.1./"],
)  # fmt: skip
def test_a_redirect_to_an_invalid_url_raises_an_error_of_the_package(
    provider: Server, names: dict[str, list[str]], location: str
) -> None:
    provider.answers["/"] = redirect(location)
    with pytest.raises(CallvaultError) as caught:
        fetch(provider)
    assert isinstance(caught.value, RejectedError | UnavailableError)
    assert caught.value.reason in {"forbidden_redirect", "unreachable", "redirect_loop", "http_404"}


@pytest.mark.loopback
@pytest.mark.parametrize("answer", ["10.0.0.1", "8.8.8.8 10.0.0.1", "169.254.169.254", ""])
def test_a_name_must_resolve_to_public_addresses_only(
    provider: Server, names: dict[str, list[str]], answer: str
) -> None:
    names["media.example"] = [answer]
    provider.answers["/"] = redirect("https://media.example/audio")
    with pytest.raises(RejectedError) as caught:
        fetch(provider)
    assert caught.value.reason == "forbidden_redirect"


@pytest.mark.loopback
@pytest.mark.parametrize("name", ["unknown.example", "a" * 64 + ".example"])
def test_a_name_that_does_not_resolve_is_unavailable(
    provider: Server, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    def getaddrinfo(host: str, *rest: Any, **more: Any) -> list[Any]:
        if host == "unknown.example":
            raise socket.gaierror(socket.EAI_AGAIN, "no answer")
        return resolve(host, *rest, **more)

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    provider.answers["/"] = redirect(f"https://{name}/audio")
    with pytest.raises(UnavailableError) as caught:
        fetch(provider)
    assert caught.value.reason == "unreachable"


# ---- public https --------------------------------------------------------------------------------


@pytest.mark.loopback
def test_a_public_https_address_is_followed_without_credentials(provider: Server, public: Public) -> None:
    provider.answers["/"] = redirect(public.url(path="/audio?signature=%2F&b=#part"))
    public.server.answers["/audio?signature=%2F&b="] = status(200, AUDIO)
    assert fetch(provider) == AUDIO
    (received,) = public.server.received
    assert received.authorization is None
    assert received.headers["host"] == f"media.example:{public.server.port}"
    assert public.asked_for == ["media.example"]


@pytest.mark.loopback
def test_a_url_without_a_path_requests_the_root(provider: Server, public: Public) -> None:
    provider.answers["/"] = redirect(public.url(path=""))
    public.server.answers["/"] = status(200, AUDIO)
    assert fetch(provider) == AUDIO


@pytest.mark.loopback
def test_user_and_password_of_a_url_are_not_sent(provider: Server, public: Public) -> None:
    provider.answers["/"] = redirect(public.url("user:pass@media.example"))
    assert fetch(provider) == AUDIO
    assert public.server.credentials() == [None]
    assert public.server.received[0].headers["host"] == f"media.example:{public.server.port}"


@pytest.mark.loopback
def test_a_public_address_may_redirect_within_its_origin(provider: Server, public: Public) -> None:
    provider.answers["/"] = redirect(public.url(path="/first"))
    public.server.answers["/first"] = redirect("/audio")
    assert fetch(provider) == AUDIO
    assert public.asked_for == ["media.example", "media.example"]


@pytest.mark.loopback
def test_a_public_address_may_not_redirect_inwards(provider: Server, other: Server, public: Public) -> None:
    provider.answers["/"] = redirect(public.url(path="/first"))
    public.server.answers["/first"] = redirect(f"{other.origin}/audio")
    with pytest.raises(RejectedError) as caught:
        fetch(provider)
    assert caught.value.reason == "forbidden_redirect"
    assert other.received == []


@pytest.mark.loopback
def test_a_certificate_must_match_the_name(provider: Server, public: Public) -> None:
    public.names["wrong.example"] = ["127.0.0.1"]
    provider.answers["/"] = redirect(public.url("wrong.example"))
    with pytest.raises(UnavailableError) as caught:
        fetch(provider)
    assert caught.value.reason == "unreachable"
    assert "'wrong.example' doesn't match 'media.example'" in str(caught.value.__cause__)
    assert public.asked_for == ["wrong.example"]
    assert public.server.received == []


@pytest.mark.loopback
def test_a_certificate_must_be_issued_by_a_trusted_authority(
    provider: Server, public: Public, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")
    provider.answers["/"] = redirect(public.url())
    with pytest.raises(UnavailableError) as caught:
        fetch(provider)
    assert "CERTIFICATE_VERIFY_FAILED" in str(caught.value.__cause__)
    assert public.server.received == []


@pytest.mark.loopback
def test_a_name_cannot_change_its_address_between_check_and_connection(provider: Server, public: Public) -> None:
    public.names["media.example"] = ["127.0.0.1", "127.0.0.2"]
    provider.answers["/"] = redirect(public.url())
    assert fetch(provider) == AUDIO


# ---- credentials that are refused ----------------------------------------------------------------


def locked(*accepted: str) -> Answer:
    """Answer 200 to the accepted credentials and 401 to others."""
    return lambda connection, received: status(
        200 if received.authorization in accepted else 401, AUDIO if received.authorization in accepted else b"who?"
    )(connection, received)


@pytest.mark.loopback
def test_refused_credentials_are_renewed_once(provider: Server) -> None:
    provider.answers["/"] = locked("fresh 1")
    assert fetch(provider) == AUDIO
    assert provider.credentials() == ["old", "fresh 1"]


@pytest.mark.loopback
def test_credentials_that_are_refused_twice_are_not_renewed_again(provider: Server) -> None:
    provider.answers["/"] = locked()
    with pytest.raises(UnavailableError) as caught:
        fetch(provider)
    assert caught.value.reason == "http_401"
    assert provider.credentials() == ["old", "fresh 1"]


@pytest.mark.loopback
def test_renewed_credentials_are_used_for_redirects(provider: Server) -> None:
    provider.answers |= {"/": locked("fresh 1"), "/moved": redirect("/")}
    tokens = Tokens()
    provider.answers["/"] = lambda connection, received: (
        redirect("/audio") if received.authorization == "fresh 1" else status(401)
    )(connection, received)
    assert fetch(provider, tokens=tokens) == AUDIO
    assert tokens.fresh == ["fresh 1"]


@pytest.mark.loopback
def test_credentials_may_expire_on_the_last_redirect(provider: Server) -> None:
    for number in range(redirects.MAX_REDIRECTS):
        provider.answers[f"/{number}"] = redirect(f"/{number + 1}")
    provider.answers[f"/{redirects.MAX_REDIRECTS}"] = locked("fresh 1")
    assert fetch(provider, "/0") == AUDIO
