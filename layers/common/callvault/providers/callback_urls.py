"""Build the addresses of ours that a provider is given: with its secrets for the provider, without for readers."""

from collections.abc import Mapping
from urllib.parse import quote, urlencode

from callvault.accounts import Account

HIDDEN = "{token}"
"""Stands for the account's token where it must not be told."""


def callback(account: Account, base: str, query: Mapping[str, str] | None = None, *, hide: bool = False) -> str:
    """Return where callbacks go; `base` is the public URL."""
    path = f"{base}/callbacks/{account.provider}/{quote(account.account_id, safe='')}{_token(account, hide=hide)}"
    return f"{path}?{urlencode(query, quote_via=quote)}" if query else path


def upload(account: Account, base: str) -> str:
    """Return where audio is pushed to, for a reader to see."""
    return f"{base}/uploads/{account.provider}/{quote(account.account_id, safe='')}/{HIDDEN}"


def _token(account: Account, *, hide: bool) -> str:
    """Return the last part of the path, if the account has a token."""
    token = account.callback.token
    if token is None:
        return ""
    return f"/{HIDDEN if hide else quote(token.get_secret_value(), safe='')}"
