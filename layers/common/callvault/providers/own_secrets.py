"""Mask an account's own secrets in a provider's text, before a reader sees it.

A provider may repeat in its error what the archive sent, such as a callback URL with its token.
"""

import re
from base64 import b64encode
from collections.abc import Iterator
from typing import Any

from pydantic import SecretStr

from callvault.account_parameter import Account

HIDDEN = "***"
OWN_PATH = re.compile(
    r"""((?:callbacks|uploads)(?:(?:/|%(?:25)*2f)[^/%\s"'<>]+){2}(?:/|%(?:25)*2f))[^\s"'<>?&#]+""", re.IGNORECASE
)
"""Matches a path of the archive with a token; the group is the part before the token.

It also finds a token that the provider cut off, and one that the account had before.
"""


def mask(account: Account, text: str) -> str:
    """Return a text without the account's secrets, however often they are percent-encoded."""
    for secret in sorted(set(_secrets(account)), key=len, reverse=True):
        text = re.sub(_written(secret), HIDDEN, text)
    return OWN_PATH.sub(rf"\1{HIDDEN}", text)


def mask_all(account: Account, value: Any) -> Any:  # noqa: ANN401 - any JSON value
    """Return a JSON value without the account's secrets, at every level."""
    if isinstance(value, dict):
        return {name: mask_all(account, item) for name, item in value.items()}
    if isinstance(value, list):
        return [mask_all(account, item) for item in value]
    return mask(account, value) if isinstance(value, str) else value


def _secrets(account: Account) -> Iterator[str]:
    """Yield the account's secrets, and its credentials as HTTP Basic writes them."""
    callback, api = account.callback, account.api
    given: list[SecretStr | None] = [callback.token, callback.upload_token, callback.password, callback.hmac_key]
    given += [key.secret for key in callback.signing_keys]
    given += [api.password, api.api_key] if api else []
    yield from (secret.get_secret_value() for secret in given if secret is not None and secret.get_secret_value())
    pairs = [(callback.username, callback.password)] + ([(api.username, api.password)] if api else [])
    for user, password in pairs:
        if password is not None:
            yield b64encode(f"{user or account.provider_account_id}:{password.get_secret_value()}".encode()).decode()


def _written(secret: str) -> str:
    """Return an expression for a secret; each character may be percent-encoded."""
    return "".join(f"(?:{re.escape(letter)}|{_escaped(letter)})" for letter in secret)


def _escaped(letter: str) -> str:
    """Return an expression for a percent-encoded character; a form writes a space as `+` too."""
    escapes = "".join(f"%(?:25)*(?i:{byte:02x})" for byte in letter.encode())
    return rf"{escapes}|\+" if letter == " " else escapes
