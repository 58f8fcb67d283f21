"""Build the URLs that a provider sends callbacks and uploads to.

A URL for the provider has the account's callback token. A URL that is shown to a reader has a
placeholder instead, because any reader of the account may see it.
"""

from collections.abc import Mapping
from urllib.parse import quote, unquote, urlencode, urlsplit

from callvault.account_parameter import Account

HIDDEN_SEGMENT = "{token}"
"""Replaces the account's callback token in a URL that is shown to a reader."""


def callback(account: Account, base: str, query: Mapping[str, str] | None = None, *, hide: bool = False) -> str:
    """Return the URL for callbacks; `base` is the public URL, and `hide` hides the token.

    The query is sorted by name. Twilio has been reported to sign the order in which the parameters
    are configured and to send them sorted (twilio-php#790).
    """
    path = f"{base}/callbacks/{account.provider}/{quote(account.account_id, safe='')}{_token(account, hide=hide)}"
    return f"{path}?{urlencode(sorted(query.items()), quote_via=quote)}" if query else path


def upload(account: Account, base: str) -> str:
    """Return the URL for uploads, with the token hidden; `base` is the public URL."""
    return f"{base}/uploads/{account.provider}/{quote(account.account_id, safe='')}/{HIDDEN_SEGMENT}"


def is_upload(account: Account, url: str) -> bool:
    """Return whether a URL is below the account's URL for uploads, at whatever host.

    The token is not compared. What was pushed before the token was replaced has the former one in
    its document for ever.
    """
    return _is_below(url, "uploads", account.provider, account.account_id)


def is_present_upload(account: Account, url: str) -> bool:
    """Return whether a URL is below the account's URL for uploads, and has the present token."""
    token = account.callback.for_uploads().token
    tokens = [token.get_secret_value()] if token else []
    return _is_below(url, "uploads", account.provider, account.account_id, *tokens)


def _is_below(url: str, *segments: str) -> bool:
    """Return whether the path of a URL has these segments one after the other."""
    try:
        path = urlsplit(url).path
    except ValueError:
        return False
    return "/".join(("", *segments, "")) in unquote(path) + "/"


def _token(account: Account, *, hide: bool) -> str:
    """Return the path segment with the token; it is empty if the account has no token."""
    token = account.callback.token
    if token is None:
        return ""
    return f"/{HIDDEN_SEGMENT if hide else quote(token.get_secret_value(), safe='')}"
