"""Choose among the links to a recording's media, and tell links to the customer's own storage.

A webhook and a resource have the links by format: `{"mp3": URL, "wav": URL}`, or one of the two.
A link is valid for ten minutes. If the customer has configured storage of their own, the links are
addresses there, such as `s3://bucket/…`
(https://developers.telnyx.com/docs/voice/programmable-voice/storing-call-recordings).
"""

from collections.abc import Iterable, Mapping
from urllib.parse import urlsplit

from callvault.models import OfferedFormat
from callvault.providers import look_ups

FORMATS: tuple[OfferedFormat, ...] = ("wav", "mp3")
OWN_SCHEMES = {"s3", "gs"}
"""Schemes of links to the customer's own storage at AWS and at Google."""
AZURE = ".blob.core.windows.net"
"""End of the host of a link to the customer's own storage at Azure."""


def links(value: object) -> dict[OfferedFormat, str]:
    """Return the links by format; empty for any other value."""
    found = value if isinstance(value, Mapping) else {}
    return {one: link for one in FORMATS if isinstance(link := found.get(one), str) and link}


def preferred(known: Mapping[OfferedFormat, str], wanted: OfferedFormat) -> OfferedFormat | None:
    """Return the wanted format if there is a link to it, else a format with a link, or None."""
    return wanted if wanted in known else next(iter(known), None)


def own_storage(found: Iterable[str]) -> str | None:
    """Return the first link to the customer's own storage, without its query, or None."""
    return next((place for link in found if _is_elsewhere(link) and (place := look_ups.place(link))), None)


def _is_elsewhere(link: str) -> bool:
    """Return whether a link leads to the customer's own storage."""
    try:
        parts = urlsplit(link)
        return parts.scheme in OWN_SCHEMES or (parts.hostname or "").endswith(AZURE)
    except ValueError:
        return False
