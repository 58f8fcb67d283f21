"""Protect against SSRF (server-side request forgery): decide which addresses may be connected to.

A redirect or a user can name any URL. Unless the operator configured the URL's origin, the URL
must be https and every address of its host must be public. The connection goes to the address that
was checked, because the host name may resolve to another address later (DNS rebinding).
"""

import ipaddress
import socket
from urllib.parse import urljoin

from urllib3.util import Url

from callvault import urls
from callvault.errors import RejectedError, UnavailableError

EMBEDDING = tuple(map(ipaddress.ip_network, ("::/96", "::ffff:0:0:0/96", "64:ff9b::/96")))
"""IPv6 networks whose last 32 bits are an IPv4 address: IPv4-compatible (RFC 4291 2.5.5.1),
IPv4-translated (RFC 2765 2.1), NAT64 (RFC 6052)."""


class ForbiddenUrlError(RejectedError):
    """A URL is malformed, is not https, or leads to an address that is not public."""

    def __init__(self, message: str) -> None:
        super().__init__("forbidden_address", message)


def public_address(url: Url) -> str:
    """Return the public IP address of an https URL's host, to connect to instead of the name.

    Raises ForbiddenUrlError, and UnavailableError if the name does not resolve.
    """
    if url.scheme != "https":
        raise ForbiddenUrlError("The URL is not https.")
    try:
        found = socket.getaddrinfo(host_name(url), url.port or 443, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise UnavailableError("unreachable", "The host name of the URL does not resolve.") from error
    addresses = [str(entry[4][0]) for entry in found]
    if not addresses or not all(map(is_public, addresses)):
        raise ForbiddenUrlError("The URL leads to an address that is not public.")
    return addresses[0]


def is_public(address: str) -> bool:
    """Return whether an IP address is public.

    An IPv6 address that embeds an IPv4 address is public if the IPv4 address is public.
    """
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        embedded = ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None)
        if any(ip in network for network in EMBEDDING):
            embedded = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
        if embedded is not None:
            return is_public(str(embedded))
    return ip.is_global and not ip.is_multicast and not getattr(ip, "is_site_local", False)


def host_name(url: Url) -> str:
    """Return the host of a URL; an IPv6 address is without its brackets."""
    return str(url.host).strip("[]")


def parse(url: str) -> Url:
    """Return the parts of a URL from an untrusted source; raises ForbiddenUrlError."""
    try:
        return urls.parse_url(url)
    except ValueError:
        raise ForbiddenUrlError("The URL is malformed.") from None


def redirect_target(url: Url, location: str) -> Url:
    """Return the URL that a redirect leads to; raises ForbiddenUrlError."""
    try:
        return urls.parse_url(urljoin(url.url, location))
    except ValueError:
        raise ForbiddenUrlError("The URL of the redirect is malformed.") from None
