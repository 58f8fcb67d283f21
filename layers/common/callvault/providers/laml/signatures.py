"""Verify and make the signatures of SignalWire and Twilio, which are HMACs over URL and body.

There are two schemes. In both, the URL is the text that is configured at the provider.

- Form, in Base64: the URL is followed by name and value of each parameter of the body, sorted by
  name. If the query has `bodySHA256` (the hash of the body), the URL alone may be signed
  (https://www.twilio.com/docs/usage/security).
- Raw, in hex: the URL is followed by the body (signalwire-sdk, core/security/webhook_validator.py).
"""

import base64
import hashlib
import hmac
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from operator import itemgetter
from urllib.parse import parse_qsl

from callvault.account_parameter import Account, SigningKey
from callvault.errors import InvalidRequestError, RejectedError
from callvault.providers import fields
from callvault.providers.callback_secrets import same
from callvault.providers.fields import is_json, json_object
from callvault.providers.laml import signed_urls
from callvault.web import Request

type Pairs = Sequence[tuple[str, str]]
"""Names and values of a form."""
type Join = Callable[[Pairs], bytes]

HASH = "bodySHA256"
MAX_SIGNED = 8 * 1024 * 1024
"""Maximum number of bytes that are signed to check one signature.

One core needs 5 ms for as much SHA-1, and 20 ms for SHA-256.

The message with the URL as it was sent is always tried. A form of 256 KB, the largest that a
callback may have, leaves room for 30 spellings of its URL.
"""


@dataclass(frozen=True)
class Scheme:
    """A way to sign a callback."""

    shape: re.Pattern[str]
    """Matches the text of a signature."""
    algorithm: str
    write: Callable[[bytes], str]
    """Returns the text of a digest."""
    contents: Callable[[Request], list[bytes]]
    """Returns what may follow the URL in the signed message. The list is empty if no signature can
    be genuine."""

    def sign(self, key: SigningKey, message: bytes) -> str:
        """Return the signature of a message."""
        return self.write(hmac.digest(key.secret.get_secret_value().encode(), message, self.algorithm))


def sign(scheme: Scheme, key: SigningKey, url: str, form: bytes) -> str:
    """Return the signature of a URL and of the form that is sent to it; the form may be empty."""
    (content,) = scheme.contents(Request(method="POST", path="", body=form))
    return scheme.sign(key, url.encode() + content)


def signing_key(account: Account) -> SigningKey:
    """Return the key to sign with: the first without an id, or else the first of all.

    Raises RejectedError if the account has no key.
    """
    keys = sorted(account.callback.signing_keys, key=lambda key: key.id is not None)
    if not keys:
        raise RejectedError("not_configured", "The account has no signing key.")
    return keys[0]


def verify(scheme: Scheme, signature: str, keys: Iterable[SigningKey], request: Request) -> bool:
    """Return whether one of the keys made the signature for a request.

    Nothing is signed to check a text that cannot be a signature.
    """
    if not scheme.shape.fullmatch(signature):
        return False
    known = list(keys)
    messages = list(_messages(scheme, request, MAX_SIGNED // max(len(known), 1)))
    # A list, so that the time does not show which key and message matched.
    return any([same(signature, scheme.sign(key, message)) for key in known for message in messages])  # noqa: C419


def _messages(scheme: Scheme, request: Request, size: int) -> Iterator[bytes]:
    """Yield the messages that may have been signed: the first ones that have `size` bytes in all.

    The messages with the URL as it was sent are always among them.
    """
    contents = scheme.contents(request)
    for place, url in enumerate(signed_urls.urls(request)):
        for content in contents:
            message = url.encode(errors="surrogatepass") + content
            size -= len(message)
            if place > 0 and size < 0:
                return
            yield message


def scheme_of(signature: str) -> Scheme | None:
    """Return SignalWire's scheme whose signatures have this form, or None."""
    return next((scheme for scheme in SIGNALWIRE if scheme.shape.fullmatch(signature)), None)


def _form(join: Join, request: Request) -> list[bytes]:
    """Return what may follow the URL in the form scheme.

    The parameters of the body may follow. If the query has the hash of the body, the URL may also
    be signed alone, and then nothing follows. If it has several hashes, one must be right: some
    validators read the first, and some the last.
    """
    hashes = [value for name, value in parse_qsl(request.raw_query, keep_blank_values=True) if name == HASH]
    digest = hashlib.sha256(request.body).hexdigest() if hashes else ""
    if hashes and not any([same(value, digest) for value in hashes]):  # noqa: C419
        return []
    found = _json_pairs(request.body) if is_json(request) else _form_pairs(request.body)
    contents = [] if found is None else [join(found)]
    return [*contents, b""] if hashes else contents


def pairs(body: bytes) -> list[tuple[str, str]]:
    """Return the parameters of a form as `fields.pairs` does, with bytes that are not UTF-8."""
    return fields.pairs(body, errors="surrogateescape")


def _form_pairs(body: bytes) -> list[tuple[str, str]] | None:
    """Return the parameters of a form, or None for one with too many: no provider signs those."""
    try:
        return pairs(body)
    except InvalidRequestError:
        return None


def _json_pairs(body: bytes) -> list[tuple[str, str]] | None:
    """Return the members of a JSON object whose values are all texts; None for other bodies.

    SignalWire may sign such an object like a form (signalwire 2.1).
    """
    try:
        content = json_object(body)
    except InvalidRequestError:
        return None
    return list(content.items()) if all(isinstance(value, str) for value in content.values()) else None


def _once(given: Pairs) -> bytes:
    """Return names and values sorted, without separators; a repeated pair is included once.

    Twilio signs so (twilio-python, twilio-node and twilio-php agree).
    """
    return _join(sorted(set(given)))


def _in_order(given: Pairs) -> bytes:
    """Return names and values sorted by name; the values of a repeated name keep their order.

    SignalWire signs so (compatibility-api-js, signalwire-python and signalwire-php agree).
    """
    return _join(sorted(given, key=itemgetter(0)))


def _join(given: Pairs) -> bytes:
    """Return names and values without separators."""
    return "".join(name + value for name, value in given).encode(errors="surrogateescape")


def _base64(digest: bytes) -> str:
    """Return a digest in Base64."""
    return base64.b64encode(digest).decode()


BASE64_SHA1, BASE64_SHA256 = re.compile(r"[A-Za-z0-9+/]{27}="), re.compile(r"[A-Za-z0-9+/]{43}=")
FORM_SHA1 = Scheme(BASE64_SHA1, "sha1", _base64, partial(_form, _once))
FORM_SHA256 = Scheme(BASE64_SHA256, "sha256", _base64, partial(_form, _once))
ORDERED_SHA1 = Scheme(BASE64_SHA1, "sha1", _base64, partial(_form, _in_order))
ORDERED_SHA256 = Scheme(BASE64_SHA256, "sha256", _base64, partial(_form, _in_order))
RAW_SHA1 = Scheme(re.compile(r"[0-9a-f]{40}"), "sha1", bytes.hex, lambda request: [request.body])
RAW_SHA256 = Scheme(re.compile(r"[0-9a-f]{64}"), "sha256", bytes.hex, lambda request: [request.body])
SIGNALWIRE = (ORDERED_SHA1, ORDERED_SHA256, RAW_SHA1, RAW_SHA256)
"""SignalWire's schemes: the form of a signature shows which one it is."""
