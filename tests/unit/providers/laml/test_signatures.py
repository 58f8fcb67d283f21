"""Signatures are compared with published ones and with the vendors' own validators."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import parse_qsl, quote, quote_plus, urlencode

import pytest
import signalwire.request_validator as signalwire
import twilio.request_validator as twilio
from hypothesis import assume, given
from hypothesis import settings as hypothesis
from hypothesis import strategies as st

from callvault.account_parameter import SigningKey
from callvault.providers.laml import signatures
from callvault.providers.laml.signatures import (
    FORM_SHA1,
    FORM_SHA256,
    ORDERED_SHA1,
    ORDERED_SHA256,
    RAW_SHA1,
    RAW_SHA256,
    Scheme,
)
from callvault.web import Request

KEY = "PSK_test_signing_key_0001"
ORIGIN, PATH, QUERY = "https://api.example.com", "/prod/hooks/signalwire", "tenant=acme"
URL = f"{ORIGIN}{PATH}?{QUERY}"
A, R = "b3877c40-da60-4998-90ad-b792e98472af", "19e436af-5688-4307-b03b-bdb2b42b8142"
PARAMETERS = {
    "AccountSid": A,
    "CallSid": "b3877c40-da60-4998-90ad-b792e98472ca",
    "RecordingSid": R,
    "RecordingUrl": f"https://example.signalwire.com/api/laml/2010-04-01/Accounts/{A}/Recordings/{R}",
    "RecordingStatus": "completed",
    "RecordingDuration": "94",
    "RecordingChannels": "1",
    "RecordingSource": "RecordVerb",
}
JSON = b'{"a":1}'
JSON_SHA256 = "015abd7f5cc57a2dd94b7590f04ad8084273905ee33ec5cebeae62276a97f862"
POSTED = "LTrbKbSpvXLKQ+HXGOxuuDemA3k="
POSTED_TO_PORT = "RCh60q4LNcYaRgRfYW0Q83lBQaQ="
POSTED_SHA256 = "jggdgruDX3Ti4PkUiWSCIZL4kvtaqCpXqtBnCzwbuQs="
HASHED = "0Ztpq8lcmSf1PHUtE27KxQrKHP0="


def key(secret: str = KEY) -> SigningKey:
    return SigningKey.model_validate({"secret": secret})


def post(body: bytes | Mapping[str, str] = b"", query: str = QUERY, origin: str = ORIGIN, **headers: str) -> Request:
    content = body if isinstance(body, bytes) else urlencode(body).encode()
    return Request(method="POST", origin=origin, path=PATH, raw_query=query, body=content, headers=headers)


def post_json(body: bytes, query: str = QUERY) -> Request:
    return post(body, query, **{"content-type": "application/json"})


def get(query: str, origin: str = ORIGIN) -> Request:
    return replace(post(query=query, origin=origin), method="GET")


def verify(signature: str, request: Request, *secrets: str) -> bool:
    """Verify a signature by the scheme of its form."""
    scheme = signatures.scheme_of(signature)
    return scheme is not None and signatures.verify(scheme, signature, map(key, secrets or (KEY,)), request)


def sign(scheme: Scheme, message: str | bytes, secret: str = KEY) -> str:
    return scheme.sign(key(secret), message.encode() if isinstance(message, str) else message)


PUBLISHED = {
    "form": (POSTED, post(PARAMETERS)),
    "form, port signed": (POSTED_TO_PORT, post(PARAMETERS)),
    "form, port sent": (POSTED, post(PARAMETERS, origin=f"{ORIGIN}:443")),
    "form, port signed and sent": (POSTED_TO_PORT, post(PARAMETERS, origin=f"{ORIGIN}:443")),
    "form, SHA-256": (POSTED_SHA256, post(PARAMETERS)),
    "query": ("PFBXkpZHc/LYwfXTo3wrVphcUks=", get(f"{QUERY}&{urlencode(PARAMETERS)}")),
    "hash of the body": (HASHED, post_json(JSON, f"{QUERY}&bodySHA256={JSON_SHA256}")),
    "raw": ("86ab5bb8c3ecd6023c7fd74b928f137020a8983a", post_json(JSON)),
    "blank value": ("d2y4VALCM5Ytrgpf/DBPsEESXco=", post({"A": "", "B": "x"})),
}


@pytest.mark.parametrize(("signature", "request_"), PUBLISHED.values(), ids=PUBLISHED)
def test_a_known_signature_is_accepted(signature: str, request_: Request) -> None:
    assert verify(signature, request_)


@pytest.mark.parametrize(("signature", "request_"), PUBLISHED.values(), ids=PUBLISHED)
def test_a_signature_covers_key_url_and_body(signature: str, request_: Request) -> None:
    assert not verify(signature, request_, KEY + "x")
    assert not verify(signature, replace(request_, path="/prod/hooks/signalwires"))
    assert not verify(signature, replace(request_, origin="http://api.example.com"))
    assert not verify(signature, replace(request_, origin="https://api.example.org"))
    assert not verify(signature, replace(request_, raw_query=request_.raw_query + "&x=1"))
    assert not verify(signature, replace(request_, body=request_.body + b"&x=1"))
    assert not verify(signature[:-2] + ("B=" if signature[-2] == "A" else "A="), request_)


def test_the_vector_of_signalwires_own_tests_is_accepted() -> None:
    parameters = {"CallSid": "CA1234567890ABCDE", "Caller": "+14158675309", "Digits": "1234"}
    parameters |= {"From": "+14158675309", "To": "+18005551212"}
    request = replace(post(parameters, "foo=1&bar=2", "https://mycompany.com"), path="/myapp.php")
    assert verify("RSOYDt4T1cUTdK1PDd93/VVr8B8=", request, "12345")


def test_the_raw_scheme_accepts_sha_256() -> None:
    assert verify(sign(RAW_SHA256, URL.encode() + JSON), post_json(JSON))
    assert not verify(sign(RAW_SHA256, URL.encode() + JSON), post_json(b'{"a":2}'))


@pytest.mark.parametrize("keys", [("old", KEY), (KEY, "new"), ("old", KEY, "new")])
def test_one_of_several_keys_suffices(keys: tuple[str, ...]) -> None:
    assert verify(POSTED, post(PARAMETERS), *keys)


def test_without_a_key_nothing_is_accepted() -> None:
    assert not signatures.verify(FORM_SHA1, POSTED, [], post(PARAMETERS))


@pytest.mark.parametrize(
    ("signature", "scheme"),
    [
        (POSTED, ORDERED_SHA1),
        (POSTED_SHA256, ORDERED_SHA256),
        ("0" * 40, RAW_SHA1),
        ("f" * 64, RAW_SHA256),
        ("", None),
        ("F" * 40, None),
        ("0" * 41, None),
        (POSTED + "\n", None),
        (f"{POSTED},{POSTED}", None),
        ("ü" * 28, None),
    ],
)
def test_a_signatures_form_determines_its_scheme(signature: str, scheme: Scheme | None) -> None:
    assert signatures.scheme_of(signature) is scheme


def test_a_signature_that_is_not_ascii_is_refused() -> None:
    assert not signatures.verify(FORM_SHA1, "ü\ud800", [key()], post(PARAMETERS))


def test_a_body_without_a_hash_is_refused() -> None:
    """A signature of the URL alone must not authenticate an arbitrary body."""
    assert not verify(sign(FORM_SHA1, URL), post_json(JSON))
    assert not verify(sign(FORM_SHA1, URL), post_json(b"[]"))
    assert not verify(sign(FORM_SHA1, URL), post_json(b"not json"))
    assert not verify(sign(FORM_SHA1, URL), post(PARAMETERS))
    assert verify(sign(FORM_SHA1, URL), post())


@pytest.mark.parametrize("hashes", [(JSON_SHA256, "0"), ("0", JSON_SHA256), ("0", "")])
def test_of_several_hashes_of_the_body_one_must_be_right(hashes: tuple[str, str]) -> None:
    """Python, Node, Java and Go read the first hash, and PHP, Ruby and C# the last."""
    query = "&".join(f"bodySHA256={value}" for value in hashes)
    signature = sign(FORM_SHA1, f"{ORIGIN}{PATH}?{query}")
    assert verify(signature, post_json(JSON, query)) is (JSON_SHA256 in hashes)


def test_a_wrong_hash_of_the_body_is_refused() -> None:
    query = f"bodySHA256={JSON_SHA256}"
    message = f"{ORIGIN}{PATH}?{query}a1"
    assert not verify(sign(FORM_SHA1, message), post({"a": "1"}, query))


def test_a_form_may_be_sent_with_its_hash() -> None:
    query = f"bodySHA256={hashlib.sha256(b'a=1').hexdigest()}"
    assert verify(sign(FORM_SHA1, f"{ORIGIN}{PATH}?{query}"), post(b"a=1", query))
    assert verify(sign(FORM_SHA1, f"{ORIGIN}{PATH}?{query}a1"), post(b"a=1", query))


def test_a_json_object_of_texts_may_be_signed_like_a_form() -> None:
    assert verify(sign(FORM_SHA1, f"{URL}A1B2"), post_json(b'{"B": "2", "A": "1"}'))
    assert not verify(sign(FORM_SHA1, f"{URL}A1B2"), post_json(b'{"B": 2, "A": "1"}'))


def test_twilio_sorts_the_values_of_a_repeated_name_and_signs_each_once() -> None:
    for message, right in [("A1A2", True), ("A2A1A2", False), ("A1", False)]:
        signature = sign(FORM_SHA1, URL + message)
        assert signatures.verify(FORM_SHA1, signature, [key()], post(b"A=2&A=1&A=2")) is right


def test_signalwire_signs_the_values_of_a_repeated_name_as_they_were_sent() -> None:
    for message, right in [("A2A1A2", True), ("A1A2", False), ("A1A2A2", False), ("A2", False)]:
        assert verify(sign(FORM_SHA1, URL + message), post(b"A=2&A=1&A=2")) is right


def test_bytes_that_are_not_utf8_are_preserved() -> None:
    signature = sign(FORM_SHA1, URL.encode() + b"A\xff")
    assert verify(signature, post(b"A=%FF"))
    assert verify(signature, post(b"A=\xff"))
    assert not verify(signature, post(b"A=%FE"))
    assert not verify(signature, post(b"A=%EF%BF%BD"))


def test_the_raw_query_is_signed() -> None:
    query = "b=%20x+y&a=%c3%a9"
    assert verify(sign(FORM_SHA1, f"{ORIGIN}{PATH}?{query}"), get(query))
    assert not verify(sign(FORM_SHA1, f"{ORIGIN}{PATH}?{query}"), get("b=+x+y&a=%c3%a9"))


class Repeated(dict[str, list[str]]):
    """Parameters that may be repeated, as web frameworks pass them to the validators."""

    def getlist(self, name: str) -> list[str]:
        """Return all values of a parameter."""
        return self[name]


@dataclass(frozen=True)
class Change:
    """A change of one byte of a request."""

    field: str
    place: int
    byte: int

    def of(self, request: Request) -> Request:
        """Return the changed request; rejects an example in which the change has no effect."""
        content = getattr(request, self.field)
        raw = content if isinstance(content, bytes) else content.encode()
        assume(raw)
        place = self.place % len(raw)
        changed = raw[:place] + bytes([self.byte]) + raw[place + 1 :]
        assume(changed != raw)
        assume(self.field != "raw_query" or parameters_of(changed) != parameters_of(raw))
        if self.field == "body":
            # The signed message has no separators, so that `a=b` and `a&b` have the same signature.
            assume(joined(changed) != joined(raw) and ordered(changed) != ordered(raw))
            return replace(request, body=changed)
        return replace(request, **{self.field: changed.decode()})  # type: ignore[arg-type]


def joined(body: bytes) -> str:
    """Return the part of a body that the form scheme signs, as Twilio documents it."""
    return "".join(name + value for name, value in sorted(set(pairs_of(body))))


def ordered(body: bytes) -> str:
    """Return the part of a body that the form scheme signs, as SignalWire's validators have it."""
    return "".join(name + value for name, value in parameters_of(body))


@dataclass(frozen=True)
class Callback:
    """A callback that a provider may send, and its encoding."""

    pairs: list[tuple[str, str]]
    query: str
    origin: str
    secret: str
    quote: Any

    @property
    def request(self) -> Request:
        """Return the request of the callback."""
        body = urlencode(self.pairs, quote_via=self.quote).encode()
        return post(body, self.query, self.origin, **{"content-type": "application/x-www-form-urlencoded"})


def pairs_of(body: bytes) -> list[tuple[str, str]]:
    return parse_qsl(body.decode(), keep_blank_values=True, errors="surrogateescape")


def parameters_of(form: bytes) -> list[tuple[str, str]]:
    """Return parameters sorted by name; those of one name keep their order."""
    return sorted(pairs_of(form), key=lambda pair: pair[0])


def grouped(body: bytes) -> Repeated:
    """Return the parameters of a form as a web framework has them."""
    found = Repeated()
    for name, value in parse_qsl(body.decode(), keep_blank_values=True):
        found.setdefault(name, []).append(value)
    return found


def url_of(request: Request) -> str:
    return request.origin + quote(request.path) + (f"?{request.raw_query}" if request.raw_query else "")


texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
names = st.sampled_from([*PARAMETERS, "a", "Ä", ""])
origins = st.sampled_from(
    [
        f"{scheme}://{host}{port}"
        for scheme in ("http", "https")
        for host in ("api.example.com", "127.0.0.1")
        for port in ("", ":80", ":443", ":3000")
    ]
)
sent = st.builds(
    Callback,
    st.lists(st.tuples(names, texts), max_size=4),
    st.text("abz019=&%+-_.~", max_size=12),
    origins,
    st.sampled_from(["12345", KEY, "0" * 32]),
    st.sampled_from([quote_plus, quote]),
)
changes = st.builds(Change, st.sampled_from(["body", "raw_query"]), st.integers(0, 1000), st.sampled_from(b"0aZ&=%+~"))
unhurried = hypothesis(deadline=None)
thousand = hypothesis(max_examples=1000, deadline=None)


@thousand
@given(sent, st.sampled_from([(twilio.HMAC_SHA1, FORM_SHA1), (twilio.HMAC_SHA256, FORM_SHA256)]), changes)
def test_twilios_signature_is_accepted_and_covers_every_byte(
    callback: Callback, algorithm: tuple[str, Scheme], change: Change
) -> None:
    name, scheme = algorithm
    request, keys, validator = callback.request, [key(callback.secret)], twilio.RequestValidator(callback.secret)
    signature = validator.compute_signature(url_of(request), grouped(request.body), name)
    assert signatures.verify(scheme, signature, keys, request)
    assert not signatures.verify(scheme, signature, [key("another")], request)
    changed = change.of(request)
    assert not signatures.verify(scheme, signature, keys, changed)
    assert not validator.validate(url_of(changed), grouped(changed.body), signature, name)


@thousand
@given(sent, st.sampled_from(["form", "raw", "hash"]), changes)
def test_signalwires_signature_is_accepted_and_covers_every_byte(callback: Callback, kind: str, change: Change) -> None:
    callback = replace(callback, pairs=list(dict(callback.pairs).items()))
    request, validator = callback.request, signalwire.RequestValidator(callback.secret)
    if kind == "form":
        signature = validator.build_signature_with_compatibility(url_of(request), dict(callback.pairs))
        assert validator.validate(url_of(request), dict(callback.pairs), signature)
    elif kind == "raw":
        signature = validator.build_signature(url_of(request), request.body.decode())
        assert validator.validate(url_of(request), request.body.decode(), signature)
    else:
        digest = hashlib.sha256(request.body).hexdigest()
        request = replace(request, raw_query=f"bodySHA256={digest}&{callback.query}")
        signature = validator.build_signature_with_compatibility(url_of(request), {})
        assert validator.validate_with_compatibility(url_of(request), request.body.decode(), signature)
    assert verify(signature, request, callback.secret)
    assert not verify(signature, request, "another")
    assert not verify(signature, change.of(request), callback.secret)


@unhurried
@given(sent, changes)
def test_twilios_signature_of_a_get_is_accepted_and_covers_every_byte(callback: Callback, change: Change) -> None:
    request = replace(callback.request, method="GET", body=b"")
    signature = twilio.RequestValidator(callback.secret).compute_signature(url_of(request), {})
    assert verify(signature, request, callback.secret)
    assert not verify(signature, replace(change, field="raw_query").of(request), callback.secret)


@unhurried
@given(sent, origins)
def test_the_validators_agree_on_the_port(callback: Callback, origin: str) -> None:
    request, validator = callback.request, twilio.RequestValidator(callback.secret)
    signature = validator.compute_signature(url_of(replace(request, origin=origin)), grouped(request.body))
    theirs = validator.validate(url_of(request), grouped(request.body), signature)
    assert signatures.verify(FORM_SHA1, signature, [key(callback.secret)], request) == theirs


def test_a_form_with_too_many_fields_has_no_genuine_signature() -> None:
    """With another answer, a stranger would learn that there is such an account."""
    assert not verify(POSTED, post(b"&".join([b"a=1"] * 1001)))
