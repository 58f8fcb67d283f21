"""Keep the tokens that providers give for an account's credentials, in memory, until shortly before they expire."""

import base64
import json
import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeIs

from callvault import transport
from callvault.accounts import Api
from callvault.errors import UnavailableError

SPARE_SECONDS = 60
DEFAULT_LIFETIME = 3600

_tokens: dict[tuple[str, ...], "Token"] = {}


@dataclass(frozen=True)
class Token:
    """A token, and when to stop using it (time.monotonic())."""

    value: str
    expires: float


def cached(key: tuple[str, ...], obtain: Callable[[], Token], *, fresh: bool) -> str:
    """Return the token kept under a key, or obtain one; a `fresh` one always."""
    known = _tokens.get(key)
    if fresh or known is None or time.monotonic() >= known.expires:
        known = _tokens[key] = obtain()
    return known.value


def client_credentials(api: Api) -> Token:
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
        value, lifetime = content["access_token"], float(content.get("expires_in") or DEFAULT_LIFETIME)
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError):
        value, lifetime = None, 0
    if not is_token(value) or not math.isfinite(lifetime):
        raise UnavailableError("no_token", "The token endpoint answered something else.")
    return Token(value, time.monotonic() + lifetime - SPARE_SECONDS)


def is_token(value: object) -> TypeIs[str]:
    """Say whether a value is a text that a header can carry."""
    return isinstance(value, str) and value != "" and value.isascii() and value.isprintable()


def basic(api: Api) -> str:
    """Return the Authorization header of HTTP Basic (RFC 7617)."""
    password = api.password.get_secret_value() if api.password else ""
    return "Basic " + base64.b64encode(f"{api.username or ''}:{password}".encode()).decode()


def forget() -> None:
    """Forget every token."""
    _tokens.clear()
