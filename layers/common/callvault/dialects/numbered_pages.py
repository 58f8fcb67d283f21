"""Read the parameters of numbered pages, which Twilio's and SignalWire's lists have.

Each dialect has its own names for the parameters. The token is needed for every page after the
first.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from callvault.errors import InvalidRequestError

PAGE_SIZE = 50
"""Default number of recordings on a page."""
MAX_PAGE_SIZE = 1000
MAX_DIGITS = 9
"""Maximum number of digits in a numeric parameter."""
AFTER, BEFORE = "PA", "PB"
"""Prefixes of a token: the page begins at the token's place, or ends before it."""


@dataclass(frozen=True, kw_only=True)
class Names:
    """What a dialect calls the parameters."""

    number: str
    size: str
    token: str
    link: str
    """The member of an answer that has the token of the next page."""


@dataclass(frozen=True, kw_only=True)
class NumberedPage:
    """The page that a list is asked for."""

    size: int
    number: int
    """Number of the page, from 0."""
    token: str | None
    backward: bool
    """Whether the page ends before the token's place, instead of beginning there."""


def read(query: Mapping[str, str], names: Names) -> NumberedPage:
    """Return the page that a query names; raises InvalidRequestError, which names the parameter."""
    number, size = _number(query, names.number, 0), _number(query, names.size, PAGE_SIZE)
    if size == 0:
        raise InvalidRequestError(names.size, f"{names.size} must be between 1 and {MAX_PAGE_SIZE}.")
    prefix, token = query.get(names.token, "")[:2], query.get(names.token, "")[2:]
    if number > 0 and not prefix:
        advice = f"A page after the first needs its {names.token}: follow {names.link}."
        raise InvalidRequestError(names.token, advice)
    if prefix and (prefix not in {AFTER, BEFORE} or not token):
        raise InvalidRequestError(names.token, f"The {names.token} does not belong to this list.")
    return NumberedPage(size=min(size, MAX_PAGE_SIZE), number=number, token=token or None, backward=prefix == BEFORE)


def _number(query: Mapping[str, str], name: str, default: int) -> int:
    """Return a numeric parameter, or the default if it is missing or blank.

    Raises InvalidRequestError.
    """
    value = query.get(name) or str(default)
    if not (value.isascii() and value.isdigit() and len(value) <= MAX_DIGITS):
        raise InvalidRequestError(name, f"{name} is not a number.")
    return int(value)
