"""Check what SignalWire and Twilio sign: HMACs over the public URL and what was sent to it.

Form: Base64, over the URL and, for each parameter of the body, sorted, name and value; with `bodySHA256` in the query,
over the URL only (https://www.twilio.com/docs/usage/security). Raw: hex, over the URL and the body
(signalwire-sdk, core/security/webhook_validator.py). The URL is the one configured at the provider, byte for byte.
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
from callvault.accounts import Account, SigningKey
from callvault.errors import InvalidRequestError, RejectedError
from callvault.providers.callback_secrets import same
from callvault.providers.fields import is_json, json_object
from callvault.web import Request

CALLBACKS = "/callbacks/"
PORTS = {"https": 443, "http": 80}


@dataclass(frozen=True)
class Scheme:
    """One way to sign; `contents` returns what may stand after the URL in what was signed, empty if nothing can."""

    shape: re.Pattern[str]
    algorithm: str
    write: Callable[[bytes], str]
    contents: Callable[[Request], list[bytes]]

    def sign(self, key: SigningKey, message: bytes) -> str:
        """Return the signature of a message."""
        return self.write(hmac.digest(key.secret.get_secret_value().encode(), message, self.algorithm))


def sign(scheme: Scheme, key: SigningKey, url: str, form: bytes) -> str:
    """Return a key's signature of a URL and the form that is sent there, empty if it is all in the URL."""
    return scheme.sign(key, url.encode() + _joined(pairs(form)))


def first(account: Account) -> SigningKey:
    """Return the key to sign with: the first without a name, or else the first; raises RejectedError without any."""
    keys = sorted(account.callback.signing_keys, key=lambda key: key.id is not None)
    if not keys:
        raise RejectedError("not_configured", "The account has no signing key.")
    return keys[0]


def verify(scheme: Scheme, signature: str, keys: Iterable[SigningKey], request: Request) -> bool:
    """Say whether a signature is one of these keys' for a request."""
    contents = scheme.contents(request)
    messages = [url.encode(errors="surrogatepass") + content for url in urls(request) for content in contents]
    # A list, so that it takes as long whichever of them it is.
    return any([same(signature, scheme.sign(key, message)) for key in keys for message in messages])  # noqa: C419


def scheme_of(signature: str) -> Scheme | None:
    """Return the scheme that a signature looks like."""
    return next((scheme for scheme in SCHEMES if scheme.shape.fullmatch(signature)), None)


def urls(request: Request) -> Iterator[str]:
    """Yield what the URL may have been when it was signed.

    The back ends disagree on whether the port belongs to it (twilio-python, request_validator.py), and Twilio signs `@`
    and `:` as such where it sends them escaped (github.com/twilio/twilio-node/pull/621). The HTTP API decodes the path.
    """
    base, path = request.origin, request.path
    if public_url := settings.get().public_url.rstrip("/"):
        base, path = public_url, path[max(path.find(CALLBACKS), 0) :]
    query = f"?{request.raw_query}" if request.raw_query else ""
    paths = dict.fromkeys((path, quote(path, errors="replace")))
    queries = dict.fromkeys((query, query.replace("%40", "@").replace("%3A", ":")))
    yield from ("".join(parts) for parts in product(_with_and_without_port(base), paths, queries))


def _with_and_without_port(url: str) -> Iterable[str]:
    """Return a URL's spellings that differ in the port; none of what is no URL."""
    try:
        parts = urlsplit(url)
        port = parts.port or PORTS.get(parts.scheme)
    except ValueError:
        return ()
    host = re.sub(r":\d*$", "", parts.netloc)
    hosts = dict.fromkeys((parts.netloc, host, f"{host}:{port}"))
    return [parts._replace(netloc=netloc).geturl() for netloc in hosts]


def _form(request: Request) -> list[bytes]:
    """Return what the form scheme adds to the URL: the parameters, or nothing where the URL vouches for the body."""
    digest = request.query.get("bodySHA256")
    if digest is not None and not same(digest, hashlib.sha256(request.body).hexdigest()):
        return []
    found = _json_pairs(request.body) if is_json(request) else pairs(request.body)
    contents = [] if found is None else [_joined(found)]
    return contents if digest is None else [*contents, b""]


def pairs(body: bytes) -> list[tuple[str, str]]:
    """Return the parameters of a form, blank ones too, with the very bytes of what is not UTF-8."""
    return parse_qsl(body.decode(errors="surrogateescape"), keep_blank_values=True, errors="surrogateescape")


def _json_pairs(body: bytes) -> list[tuple[str, str]] | None:
    """Return the members of an object of texts, which SignalWire may sign like a form (signalwire 2.1); else None."""
    try:
        content = json_object(body)
    except InvalidRequestError:
        return None
    return list(content.items()) if all(isinstance(value, str) for value in content.values()) else None


def _joined(given: Iterable[tuple[str, str]]) -> bytes:
    """Return names and values, sorted, without anything between them; a value that is repeated counts once."""
    return "".join(name + value for name, value in sorted(set(given))).encode(errors="surrogateescape")


def _base64(digest: bytes) -> str:
    """Return a digest in Base64."""
    return base64.b64encode(digest).decode()


FORM_SHA1 = Scheme(re.compile(r"[A-Za-z0-9+/]{27}="), "sha1", _base64, _form)
FORM_SHA256 = Scheme(re.compile(r"[A-Za-z0-9+/]{43}="), "sha256", _base64, _form)
RAW_SHA1 = Scheme(re.compile(r"[0-9a-f]{40}"), "sha1", bytes.hex, lambda request: [request.body])
RAW_SHA256 = Scheme(re.compile(r"[0-9a-f]{64}"), "sha256", bytes.hex, lambda request: [request.body])
SCHEMES = (FORM_SHA1, FORM_SHA256, RAW_SHA1, RAW_SHA256)
