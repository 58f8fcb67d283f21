"""Authorize requests to a provider's API: with cached access tokens, or with HTTP Basic.

Tokens are kept in memory until shortly before they expire. `callback_secrets` handles the
secrets that a provider sends to us.
"""

import base64
import hashlib
import json
import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeIs

from pydantic import SecretStr

from callvault import transport
from callvault.account_parameter import Api
from callvault.errors import UnavailableError

SPARE_SECONDS = 60
"""A token is replaced this many seconds before it expires."""
DEFAULT_LIFETIME_SECONDS = 3600
"""Assumed lifetime of a token, in seconds, if the token endpoint states none."""

_tokens: dict[tuple[str, ...], "ApiToken"] = {}


@dataclass(frozen=True)
class ApiToken:
    """An access token of a provider's API."""

    value: str
    expires: float
    """When to replace the token, in seconds of the clock time.monotonic()."""


def key(api: Api, secret: SecretStr | None) -> tuple[str, ...]:
    """Return the key under which a token is cached that was obtained with a secret.

    Two accounts share a token only if all that it was obtained with is the same, and the API that
    receives it. Otherwise an account with a wrong secret could use the token of another account.
    The secret itself is not kept.
    """
    digest = hashlib.sha256((secret.get_secret_value() if secret else "").encode(errors="surrogatepass"))
    return api.token_url or "", api.username or "", digest.hexdigest(), api.origin


def cached(key: tuple[str, ...], obtain: Callable[[], ApiToken], *, fresh: bool) -> str:
    """Return the token that is cached under a key.

    Obtains and caches a new one if none is cached, if it is about to expire, or if `fresh`.
    """
    known = _tokens.get(key)
    if fresh or known is None or time.monotonic() >= known.expires:
        known = _tokens[key] = obtain()
    return known.value


def client_credentials(api: Api) -> ApiToken:
    """Obtain a token by OAuth2 client credentials (RFC 6749 4.4); raises UnavailableError."""
    answer = transport.call(
        "POST",
        api.token_url or "",
        headers={"authorization": basic(api), "content-type": "application/x-www-form-urlencoded"},
        body=b"grant_type=client_credentials",
        timeout=transport.QUICK,
    )
    if answer.status != 200:  # noqa: PLR2004
        retry_after = transport.retry_after(answer.headers.get("retry-after"))
        raise UnavailableError("no_token", f"The token endpoint answered {answer.status}.", retry_after)
    try:
        content = json.loads(answer.body)
        value, lifetime = content["access_token"], float(content.get("expires_in") or DEFAULT_LIFETIME_SECONDS)
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError):
        value, lifetime = None, 0
    if not is_token(value) or not math.isfinite(lifetime):
        raise UnavailableError("no_token", "The token endpoint's answer has no usable token.")
    return lasting(value, lifetime)


def lasting(value: str, lifetime: float) -> ApiToken:
    """Return a token that has just been obtained and lasts for `lifetime` seconds."""
    return ApiToken(value, time.monotonic() + lifetime - SPARE_SECONDS)


def is_token(value: object) -> TypeIs[str]:
    """Return whether a value is text that an HTTP header can carry."""
    return isinstance(value, str) and value != "" and value.isascii() and value.isprintable()


def basic(api: Api) -> str:
    """Return the Authorization header of HTTP Basic (RFC 7617)."""
    password = api.password.get_secret_value() if api.password else ""
    return "Basic " + base64.b64encode(f"{api.username or ''}:{password}".encode()).decode()


def forget() -> None:
    """Empty the cache."""
    _tokens.clear()
