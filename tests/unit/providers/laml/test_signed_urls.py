"""The spellings of a request's URL that may have been signed."""

import hmac
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import pytest
from hypothesis import example, given
from hypothesis import settings as hypothesis
from hypothesis import strategies as st

from callvault import settings
from callvault.account_parameter import SigningKey
from callvault.providers.laml import signatures, signed_urls
from callvault.providers.laml.signatures import FORM_SHA1
from callvault.web import Request
from tests import worlds

ORIGIN, PATH = "https://api.example.com", "/callbacks/twilio/acme"
KEY = SigningKey.model_validate({"secret": "12345"})


def request(query: str = "", origin: str = ORIGIN, path: str = PATH, **headers: str) -> Request:
    return Request(method="POST", origin=origin, path=path, raw_query=query, headers=headers)


def with_basic(user: str, password: str) -> Request:
    return replace(request(), headers=worlds.basic_header(user, password))


def is_accepted(signed: str, sent: Request) -> bool:
    """Say whether the signature of a URL is accepted for a request."""
    return signatures.verify(FORM_SHA1, FORM_SHA1.sign(KEY, signed.encode()), [KEY], sent)


def accepts_query(signed: str, sent: str) -> bool:
    return is_accepted(f"{ORIGIN}{PATH}?{signed}", request(sent))


@pytest.mark.parametrize(
    ("signed", "sent"),
    [
        ("tag=support&owner_id=alice", "owner_id=alice&tag=support"),
        ("d=4&c=3&b=2&a=1", "a=1&b=2&c=3&d=4"),
        ("b=1&a=x@y", "a=x%40y&b=1"),
        ("b&a=", "a=&b"),
    ],
)
def test_the_parameters_may_be_signed_in_another_order(signed: str, sent: str) -> None:
    """Source: twilio-php#790 and twilio-node#1079."""
    assert accepts_query(signed, sent)


@pytest.mark.parametrize(
    "sent",
    ["owner_id=bob&tag=support", "owner_id=alice", "owner_id=alice&tag=support&x=1", "owner_id=support&tag=alice"],
)
def test_another_value_in_another_order_is_refused(sent: str) -> None:
    assert not accepts_query("tag=support&owner_id=alice", sent)


def test_the_order_of_a_repeated_name_has_a_meaning() -> None:
    assert accepts_query("owner_id=alice&owner_id=bob", "owner_id=alice&owner_id=bob")
    assert not accepts_query("owner_id=alice&owner_id=bob", "owner_id=bob&owner_id=alice")
    assert not accepts_query("owner_id=alice&x=1&%6Fwner_id=bob", "%6Fwner_id=bob&x=1&owner_id=alice")


def test_the_own_parameters_of_a_get_may_be_signed_in_another_order() -> None:
    """Source: bmlt-enabled/yap#1629 shows the order in which Twilio signs a GET."""
    fields = "AccountSid=AC1&CallSid=CA1&RecordingSid=RE1&RecordingStatus=completed"
    assert accepts_query(f"tag=support&owner_id=alice&{fields}", f"owner_id=alice&tag=support&{fields}")
    assert not accepts_query(f"tag=support&owner_id=alice&{fields}", f"owner_id=bob&tag=support&{fields}")


def test_of_many_parameters_only_the_order_that_was_sent_is_tried() -> None:
    assert accepts_query("a=1&b=2&c=3&d=4&e=5", "a=1&b=2&c=3&d=4&e=5")
    assert not accepts_query("b=2&a=1&c=3&d=4&e=5", "a=1&b=2&c=3&d=4&e=5")


@pytest.mark.parametrize(
    ("signed", "sent"),
    [
        ("from=sip:ann@example.com", "from=sip%3Aann%40example.com"),
        ("from=sip:ann@example.com", "from=sip%3aann%40example.com"),
        ("tag=it's", "tag=it%27s"),
        ("tag=it%27s", "tag=it's"),
        ("tag=it%20is", "tag=it+is"),
        ("tag=%C3%A9&x=", "tag=%c3%a9&x"),
        ("tag=é/1", "tag=%C3%A9%2F1"),
        ("tag=(a)", "tag=%28a%29"),
    ],
)
def test_the_query_may_be_signed_with_other_escapes(signed: str, sent: str) -> None:
    assert accepts_query(signed, sent)


@pytest.mark.parametrize(
    ("signed", "sent"),
    [
        ("a=1&b=2", "a=1%26b=2"),
        ("a=1=2", "a%3D1=2"),
        ("a=b c", "a=b%2Bc"),
        ("a=b+c", "a=b%2Bc"),
        ("a=%2541", "a=%41"),
        ("a=1#b", "a=1%23b"),
        ("a=1", "a=1%00"),
        ("a=\ufffd", "a=%FF"),
    ],
)
def test_an_escape_that_changes_a_value_is_refused(signed: str, sent: str) -> None:
    """Java's validator decodes the query, and so accepts the first of these."""
    assert not accepts_query(signed, sent)


@pytest.mark.parametrize(
    "signed",
    [PATH, f"{PATH}/s%20%C3%A9:@", f"{PATH}/s é:@", f"{PATH}/s%20%C3%A9%3A%40"],
)
def test_the_path_may_be_signed_escaped(signed: str) -> None:
    assert is_accepted(ORIGIN + signed, request(path=unquote(signed)))
    assert not is_accepted(ORIGIN + signed + "/", request(path=unquote(signed)))


@pytest.mark.parametrize(
    ("user", "password", "signed"),
    [
        ("user", "pass", "user:pass"),
        ("user", "", "user"),
        ("User", "a:b", "User:a%3Ab"),
        ("ann@example.com", "p/w?#", "ann%40example.com:p%2Fw%3F%23"),
        ("user", "p$w!", "user:p$w!"),
        ("user", "p$w!", "user:p%24w%21"),
        ("user", "p%20w", "user:p%20w"),
    ],
)
def test_the_credentials_of_the_request_may_be_signed(user: str, password: str, signed: str) -> None:
    """Source: the validators of Node, PHP and C#; twilio-php#448 says the contrary."""
    sent = with_basic(user, password)
    assert is_accepted(f"https://{signed}@api.example.com{PATH}", sent)
    assert is_accepted(f"https://{signed}@api.example.com:443{PATH}", sent)
    assert is_accepted(ORIGIN + PATH, sent)


def test_other_credentials_than_the_requests_are_refused() -> None:
    signed = f"https://user:pass@api.example.com{PATH}"
    assert not is_accepted(signed, request())
    assert not is_accepted(signed, with_basic("user", "other"))
    assert not is_accepted(signed, replace(request(), headers={"authorization": "Bearer user:pass"}))


@pytest.mark.parametrize(
    "user", ["evil.example/", "evil.example?", "evil.example#", "evil.example\\", "evil.example/x@"]
)
def test_credentials_cannot_make_the_signature_of_another_host_valid(user: str) -> None:
    """The other host's owner knows the signature, because the provider sent it there."""
    assert not is_accepted(f"https://{user}:@api.example.com{PATH}", with_basic(user, ""))
    assert not is_accepted(f"https://{user}@api.example.com{PATH}", with_basic(user, ""))


@pytest.mark.parametrize(
    "signed",
    ["https://API.example.com", "https://API.example.com:443", "HTTPS://API.example.com", "HTTPS://api.example.com"],
)
def test_host_and_scheme_may_be_signed_in_another_case(signed: str) -> None:
    """Source: the vectors of twilio-csharp. The header Host retains what the provider wrote."""
    assert is_accepted(signed + PATH, request(host="API.example.com"))
    assert is_accepted(signed + PATH, request(host="API.example.com:443"))
    assert not is_accepted(signed + PATH, request(host="other.example.com", origin="https://other.example.com"))


def test_the_header_host_replaces_no_host() -> None:
    assert not is_accepted(f"https://other.example.com{PATH}", request(host="other.example.com"))


@pytest.mark.parametrize(
    ("signed", "asked"),
    [
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
        ("http://127.0.0.1", "http://127.0.0.1:8080"),
        ("http://127.0.0.1:80", "http://127.0.0.1"),
        ("https://[::1]:8443", "https://[::1]:8443"),
        ("https://[::1]", "https://[::1]:8443"),
        ("https://[::1]:443", "https://[::1]"),
    ],
)
def test_the_port_may_be_signed_or_not(signed: str, asked: str) -> None:
    assert is_accepted(f"{signed}{PATH}", request(origin=asked))


@pytest.mark.parametrize("origin", ["https://[::1", "https://host:99999", "https://host:x"])
def test_a_malformed_origin_matches_no_signature(origin: str) -> None:
    assert list(signed_urls.urls(request(origin=origin))) == []


@pytest.fixture
def public_url(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PUBLIC_URL", "https://calls.example.com/archive/")
    settings.get.cache_clear()


@pytest.mark.usefixtures("public_url")
@pytest.mark.parametrize("path", ["/callbacks/signalwire/acme", "/archive/callbacks/signalwire/acme"])
def test_a_configured_public_url_is_the_signed_one(path: str) -> None:
    sent = request(path=path)
    assert is_accepted("https://calls.example.com/archive/callbacks/signalwire/acme", sent)
    assert not is_accepted(f"{ORIGIN}{path}", sent)


@pytest.fixture
def hashed(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Return the lengths of the messages that are signed from now on."""
    lengths: list[int] = []
    digest = hmac.digest

    def counted(key: bytes, message: bytes, algorithm: Any) -> bytes:
        lengths.append(len(message))
        return digest(key, message, algorithm)

    monkeypatch.setattr(hmac, "digest", counted)
    return lengths


WRONG = "A" * 27 + "="
HARD = replace(
    request("a=%40'%27+&b=%3A%C3%A9&c=%2F%28&d=%2f", path="/callbacks/twilio/a é:", host="API.example.com"),
    headers=worlds.basic_header("a$", "b!") | {"host": "API.example.com"},
)
"""A request whose URL has as many spellings as possible."""


@pytest.mark.parametrize(
    ("sent", "number"),
    [
        (request(), 3),
        (request("owner_id=alice&tag=support"), 6),
        (with_basic("user", "pass"), 6),
        (HARD, signed_urls.MAX_SPELLINGS),
    ],
)
def test_the_number_of_signatures_is_bounded(hashed: list[int], sent: Request, number: int) -> None:
    assert not signatures.verify(FORM_SHA1, WRONG, [KEY], sent)
    assert len(hashed) == number


@pytest.mark.parametrize("signature", ["", "no signature", "0" * 40, WRONG * 2])
def test_nothing_is_signed_for_a_text_that_is_no_signature(hashed: list[int], signature: str) -> None:
    assert not signatures.verify(FORM_SHA1, signature, [KEY], HARD)
    assert hashed == []


@pytest.mark.parametrize("keys", [1, 3])
def test_the_bytes_that_are_signed_are_bounded(hashed: list[int], keys: int) -> None:
    sent = replace(HARD, body=b"a=" + b"x" * 256 * 1024)
    assert not signatures.verify(FORM_SHA1, WRONG, [KEY] * keys, sent)
    assert sum(hashed) <= signatures.MAX_SIGNED
    assert len(hashed) >= 10 * keys


def test_of_a_large_form_the_usual_spellings_are_tried() -> None:
    form = b"a=" + b"x" * 256 * 1024
    sent = replace(request("b=2&a=1"), body=form)
    for url in (f"{ORIGIN}{PATH}?b=2&a=1", f"{ORIGIN}:443{PATH}?b=2&a=1", f"{ORIGIN}{PATH}?a=1&b=2"):
        assert signatures.verify(FORM_SHA1, signatures.sign(FORM_SHA1, KEY, url, form), [KEY], sent)


PIECES = [
    "a",
    "b",
    "41",
    "=",
    "&",
    "+",
    "'",
    "@",
    "%20",
    "%26",
    "%27",
    "%2B",
    "%2b",
    "%25",
    "%3D",
    "%40",
    "%C3%A9",
    "%FF",
    "%",
]


@hypothesis(max_examples=500, deadline=None)
@example("%%41a", "")
@given(st.lists(st.sampled_from(PIECES), max_size=9).map("".join), st.text("/abé :@", max_size=5))
def test_every_spelling_means_what_was_sent(query: str, path: str) -> None:
    """Otherwise a signature would authenticate what the provider did not send."""
    sent = request(query, path=PATH + path)
    for url in signed_urls.urls(sent):
        parts = urlsplit(url)
        assert (parts.hostname, parts.scheme, unquote(parts.path)) == ("api.example.com", "https", sent.path)
        assert meaning(parts.query) == meaning(query)


def meaning(query: str) -> dict[str, list[str]]:
    """Return the values of each parameter."""
    found: dict[str, list[str]] = {}
    for name, value in parse_qsl(query, keep_blank_values=True, errors="surrogateescape"):
        found.setdefault(name, []).append(value)
    return found
