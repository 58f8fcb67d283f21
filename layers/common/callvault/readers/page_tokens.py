"""Write and read page tokens: a place in a list, with a digest that binds it to that list.

A token is not a credential. It holds a place and no account: the account and the user always come
from the caller's credentials, so a forged token leads to nothing that the caller may not read.
"""

import base64
import hashlib
import json
import re
from dataclasses import dataclass

from callvault.bounds import MAX_SORT_KEY_BYTES
from callvault.errors import InvalidRequestError

PLACE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z([#$].*)?", re.DOTALL)
"""Pattern of a place: a time, or the `listed_at` of a row that the reader may see."""


@dataclass(frozen=True)
class Scope:
    """The list that a token belongs to."""

    account_id: str
    user_id: str | None
    """The user to whom the reader is limited."""
    ascending: bool
    binding: str
    """The part of the caller's query that decides which recordings are in the list."""


def write(place: str, scope: Scope) -> str:
    """Return the token of a place in a list."""
    text = json.dumps([_digest(place, scope), place], ensure_ascii=False)
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def read(token: str, scope: Scope) -> str:
    """Return the place that a token holds.

    Raises InvalidRequestError for a token of another list and for any other text.
    """
    try:
        text = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
        digest, place = json.loads(text)
        size = len(place.encode())  # JSON can spell lone surrogates, which no key of the table can hold
    except (ValueError, TypeError, AttributeError, RecursionError):
        digest, place, size = None, "", 0
    if size > MAX_SORT_KEY_BYTES or digest != _digest(place, scope) or not PLACE.fullmatch(place):
        raise InvalidRequestError("token", "The page token does not belong to this list.")
    return str(place)


def _digest(place: str, scope: Scope) -> str:
    """Return the digest that binds a place to its list."""
    content = [place, scope.account_id, scope.user_id, scope.ascending, scope.binding]
    return hashlib.sha256(json.dumps(content).encode()).hexdigest()[:16]
