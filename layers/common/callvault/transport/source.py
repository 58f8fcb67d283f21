"""Define where media comes from, and the credentials for it."""

from collections.abc import Callable, Collection
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Source:
    """The trusted origin, its credentials, and extra allowed redirect origins."""

    origin: str
    """The only origin that gets the credentials."""
    authorization: Callable[[bool], str]
    """Returns the credentials. The argument is True if the origin refused the previous ones."""
    media_origins: Collection[str] = ()
    """Other origins that a redirect may lead to although they are not public or not https."""
    credential_header: str = "authorization"
    """Name of the header that carries the credentials."""
    locate: Callable[[bytes], str] | None = None
    """Returns the URL of the media that a JSON document of the origin names; raises
    UnavailableError if it names none. The document then counts as a redirect to that URL."""
    accept: str = "*/*"
    """The Accept header, for an origin that serves the media and other content at one URL."""
