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
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import product
from urllib.parse import parse_qsl, quote, urlsplit

from callvault import settings
from callvault.account_parameter import Account, SigningKey
from callvault.errors import InvalidRequestError, RejectedError
from callvault.providers.callback_secrets import same
from callvault.providers.fields import is_json, json_object
from callvault.web import Request

CALLBACKS = "/callbacks/"
PORTS = {"https": 443, "http": 80}


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
    return scheme.sign(key, url.encode() + _joined(pairs(form)))


def signing_key(account: Account) -> SigningKey:
    """Return the key to sign with: the first without an id, or else the first of all.

    Raises RejectedError if the account has no key.
    """
    keys = sorted(account.callback.signing_keys, key=lambda key: key.id is not None)
    if not keys:
        raise RejectedError("not_configured", "The account has no signing key.")
    return keys[0]


def verify(scheme: Scheme, signature: str, keys: Iterable[SigningKey], request: Request) -> bool:
    """Return whether one of the keys made the signature for a request."""
    contents = scheme.contents(request)
    messages = [url.encode(errors="surrogatepass") + content for url in urls(request) for content in contents]
    # A list, so that the time does not show which key and message matched.
    return any([same(signature, scheme.sign(key, message)) for key in keys for message in messages])  # noqa: C419


def scheme_of(signature: str) -> Scheme | None:
    """Return the scheme whose signatures have this form, or None."""
    return next((scheme for scheme in SCHEMES if scheme.shape.fullmatch(signature)), None)


def urls(request: Request) -> Iterator[str]:
    """Yield the spellings of the request's URL that may have been signed.

    Twilio's back ends differ in whether they sign the port (twilio-python, request_validator.py).
    Twilio signs `@` and `:` in a query unescaped, but sends them escaped
    (github.com/twilio/twilio-node/pull/621). API Gateway decodes the path of a request before it
    calls the function, so the percent-encoded path is tried too.
    """
    base, path = request.origin, request.path
    if public_url := settings.get().public_url.rstrip("/"):
        base, path = public_url, path[max(path.find(CALLBACKS), 0) :]
    query = f"?{request.raw_query}" if request.raw_query else ""
    paths = dict.fromkeys((path, quote(path, errors="replace")))
    queries = dict.fromkeys((query, query.replace("%40", "@").replace("%3A", ":")))
    yield from ("".join(parts) for parts in product(_with_and_without_port(base), paths, queries))


def _with_and_without_port(url: str) -> Iterable[str]:
    """Return the spellings of a URL with and without its port; none if the URL is malformed."""
    try:
        parts = urlsplit(url)
        port = parts.port or PORTS.get(parts.scheme)
    except ValueError:
        return ()
    host = re.sub(r":\d*$", "", parts.netloc)
    hosts = dict.fromkeys((parts.netloc, host, f"{host}:{port}"))
    return [parts._replace(netloc=netloc).geturl() for netloc in hosts]


def _form(request: Request) -> list[bytes]:
    """Return what may follow the URL in the form scheme.

    The parameters of the body may follow. If the query has the hash of the body, the URL may also
    be signed alone, and then nothing follows.
    """
    digest = request.query.get("bodySHA256")
    if digest is not None and not same(digest, hashlib.sha256(request.body).hexdigest()):
        return []
    found = _json_pairs(request.body) if is_json(request) else pairs(request.body)
    contents = [] if found is None else [_joined(found)]
    return contents if digest is None else [*contents, b""]


def pairs(body: bytes) -> list[tuple[str, str]]:
    """Return the parameters of a form, empty ones too; bytes that are not UTF-8 are preserved."""
    return parse_qsl(body.decode(errors="surrogateescape"), keep_blank_values=True, errors="surrogateescape")


def _json_pairs(body: bytes) -> list[tuple[str, str]] | None:
    """Return the members of a JSON object whose values are all texts; None for other bodies.

    SignalWire may sign such an object like a form (signalwire 2.1).
    """
    try:
        content = json_object(body)
    except InvalidRequestError:
        return None
    return list(content.items()) if all(isinstance(value, str) for value in content.values()) else None


def _joined(given: Iterable[tuple[str, str]]) -> bytes:
    """Return sorted names and values without separators; a repeated pair is included once."""
    return "".join(name + value for name, value in sorted(set(given))).encode(errors="surrogateescape")


def _base64(digest: bytes) -> str:
    """Return a digest in Base64."""
    return base64.b64encode(digest).decode()


FORM_SHA1 = Scheme(re.compile(r"[A-Za-z0-9+/]{27}="), "sha1", _base64, _form)
FORM_SHA256 = Scheme(re.compile(r"[A-Za-z0-9+/]{43}="), "sha256", _base64, _form)
RAW_SHA1 = Scheme(re.compile(r"[0-9a-f]{40}"), "sha1", bytes.hex, lambda request: [request.body])
RAW_SHA256 = Scheme(re.compile(r"[0-9a-f]{64}"), "sha256", bytes.hex, lambda request: [request.body])
SCHEMES = (FORM_SHA1, FORM_SHA256, RAW_SHA1, RAW_SHA256)
