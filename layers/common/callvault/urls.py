"""Parse and check the URLs that users and providers name."""

import urllib3
from urllib3.exceptions import LocationParseError
from urllib3.util import Url

LOOPBACK = {"127.0.0.1", "[::1]", "localhost"}


def parse_url(url: str) -> Url:
    r"""Return the parts of an absolute URL, normalized; raises ValueError.

    Parsers disagree about some URLs: in `https://inside\@trusted/`, urllib finds the host `trusted`
    and urllib3 the host `inside`. So this is the only parser of URLs that are checked, and
    `transport` connects to the host of these parts and does not parse the URL again.
    """
    parts = urllib3.util.parse_url(url)
    if not parts.scheme or not parts.host:
        raise LocationParseError("no absolute URL")  # a ValueError and, for `transport`, an HTTPError
    return parts


def origin_of(url: str | Url) -> str:
    """Return the origin of a URL in lower case, without a default port; raises ValueError."""
    parts = parse_url(url) if isinstance(url, str) else url
    default = {"https": 443, "http": 80}.get(str(parts.scheme))
    return f"{parts.scheme}://{parts.host}" + (f":{parts.port}" if parts.port not in {None, default} else "")


def check_origin(value: str) -> str:
    """Return an origin, `scheme://host[:port]`, without a trailing slash.

    http is allowed only on loopback. Raises ValueError.
    """
    try:
        parts = parse_url(value.rstrip("/"))
    except ValueError:
        raise ValueError("must be scheme://host[:port]") from None  # urllib3's message would quote the value
    if parts.auth is not None or parts.path or parts.query or parts.fragment:
        raise ValueError("must be scheme://host[:port]")
    _check_https(parts)
    return origin_of(parts)


def check_url(value: str) -> str:
    """Return an https URL, normalized. http is allowed only on loopback. Raises ValueError."""
    try:
        parts = parse_url(value)
    except ValueError:
        raise ValueError("must be a URL") from None
    if parts.auth is not None or "\\" in value:
        raise ValueError("must be a URL without a user name, a password and backslashes")
    _check_https(parts)
    return parts.url


def _check_https(parts: Url) -> None:
    """Raise ValueError unless a URL is https, or http on loopback."""
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.host in LOOPBACK):
        raise ValueError("must be https")
