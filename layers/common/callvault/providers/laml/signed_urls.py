"""List the spellings of a request's URL that SignalWire or Twilio may have signed.

The signed URL is the text that is configured at the provider. What arrives can differ from it in
spelling, and the vendors' validators try several spellings for that reason. Each function here
names the validator or the report that its spellings come from.

Every spelling has the same meaning: scheme, host, path, and the same decoded parameters. So a
signature of one spelling authenticates the request as the archive reads it. Spellings of the
validators that change a value are not tried: Java's decodes `%26` to `&`, and Go's signs only the
first value of a repeated name. Only the port may differ.
"""

import re
from collections.abc import Iterable, Iterator
from itertools import islice, permutations, product
from urllib.parse import parse_qsl, quote, unquote_plus, unquote_to_bytes, urlencode, urlsplit

from callvault import settings
from callvault.web import Request

CALLBACKS = "/callbacks/"
PORTS = {"https": 443, "http": 80}
MAX_SPELLINGS = 256
"""Maximum number of spellings of one URL, likely ones first. Most URLs have fewer than ten."""
MAX_REORDERED = 4
"""Maximum number of query parameters whose orders are tried: 4 parameters have 24 orders."""
UNRESERVED = "-._~!$'()*,;:@/?"
"""The characters that, with letters and digits, mean the same in a query escaped and unescaped."""
IN_PATH = "/:@!$&'()*+,;="
IN_USERINFO = "!$&'()*+,;="
USERINFO = re.compile(rf"(?:[A-Za-z0-9\-._~{re.escape(IN_USERINFO)}]|%[0-9A-Fa-f]{{2}})*")
"""Matches a user or a password that can stand in a URL as it is (RFC 3986 3.2.1).

No other text may be signed unescaped. A user `evil.example/` would make the signature of a URL at
another host valid here.
"""
PORT = re.compile(r":\d*$")
ESCAPES = re.compile(r"(?:%[0-9A-Fa-f]{2})+")
STRAY = re.compile(r"%(?![0-9A-Fa-f]{2})")
"""Matches a percent sign that begins no escape. A character after it that is unescaped could make
it one: `%%41a` would become `%Aa`."""


def urls(request: Request) -> Iterator[str]:
    """Yield the spellings of the request's URL that may have been signed, at most MAX_SPELLINGS.

    As sent, and then with what differs least.
    """
    base, path = request.origin, request.path
    if public_url := settings.get().public_url.rstrip("/"):
        base, path = public_url, path[max(path.find(CALLBACKS), 0) :]
    spellings = product(_queries(request.raw_query), _paths(path), _bases(base, request))
    yield from islice((base + path + query for query, path, base in spellings), MAX_SPELLINGS)


def _bases(base: str, request: Request) -> list[str]:
    """Return the spellings of scheme, credentials, host and port; none if the URL is malformed.

    Twilio's back ends differ in whether they sign the port (twilio-python, request_validator.py).
    Host and scheme are signed in the case in which they are configured (twilio-csharp,
    RequestValidatorTest.cs): the header Host retains the case of the host, and a scheme is in
    lower or in upper case.
    """
    try:
        parts = urlsplit(base)
        standard = parts.port or PORTS.get(parts.scheme)
    except ValueError:
        return []
    host, given = PORT.sub("", parts.netloc), PORT.sub("", request.headers.get("host", ""))
    hosts = dict.fromkeys([host, given] if given.lower() == host.lower() else [host])
    ports = dict.fromkeys([parts.netloc[len(host) :], "", f":{standard}"])
    origins = [f"{parts.scheme}://{{}}{host}{port}" for port in ports for host in hosts]
    origins += [f"{parts.scheme.upper()}://{{}}{host}{next(iter(ports))}" for host in hosts]
    return [origin.format(userinfo) + parts.path for origin in origins for userinfo in _userinfos(request)]


def _userinfos(request: Request) -> list[str]:
    """Return an empty text, and the spellings of the credentials that the request brought.

    The validators of Node, PHP and C# expect the credentials in the signed URL; an older note says
    that Twilio removes them (twilio-php#448).
    """
    user, password = request.basic() or ("", "")
    found = [""]
    if user or password:
        spelled = [(user, password), (quote(user, IN_USERINFO), quote(password, IN_USERINFO))]
        spelled.append((quote(user, ""), quote(password, "")))
        fitting = dict.fromkeys(pair for pair in spelled if all(map(USERINFO.fullmatch, pair)))
        found.extend(f"{user}:{password}@" if password else f"{user}@" for user, password in fitting)
    return found


def _paths(path: str) -> Iterable[str]:
    """Return the spellings of a path.

    API Gateway decodes the path of a request before it calls the function, so the path is also
    tried escaped, with and without the characters that a path need not escape.
    """
    return dict.fromkeys((path, quote(path, errors="replace"), quote(path, IN_PATH, errors="replace")))


def _queries(query: str) -> Iterable[str]:
    """Return the spellings of a query, with its `?`; first all escapings, then all orders."""
    if not query:
        return [""]
    found = [spelling for order in _orders(query) for spelling in _escapings(order)]
    return [f"?{spelling}" for spelling in dict.fromkeys(found)]


def _orders(query: str) -> Iterator[str]:
    """Yield a query as it was sent, and in other orders if it has few parameters.

    Twilio signs the order that is configured and sends the parameters sorted by name
    (twilio-php#790, twilio-node#1079). A GET has the callback's fields after the parameters of the
    configured URL, whose names begin in lower case; then only these parameters are reordered. If a
    name is repeated, the order has a meaning and is kept.
    """
    parameters = query.split("&")
    names = [unquote_plus(parameter.partition("=")[0]) for parameter in parameters]
    own = len(names)
    if own > MAX_REORDERED:
        own = next((place for place, name in enumerate(names) if name[:1].isupper()), own)
    if own > MAX_REORDERED or len(set(names)) < len(names):
        yield query
    else:
        yield from ("&".join([*order, *parameters[own:]]) for order in permutations(parameters[:own]))


def _escapings(query: str) -> Iterator[str]:
    """Yield a query in the escapings that may have been signed."""
    yield query
    # Twilio signs `@` and `:` unescaped, but sends them escaped (twilio-node#621).
    yield query.replace("%40", "@").replace("%3A", ":")
    # An apostrophe is signed escaped and sent unescaped, or the reverse (twilio-node#1059, #1061).
    yield query.replace("'", "%27")
    yield query.replace("%27", "'")
    # Node's validator also escapes the query anew, with its module querystring.
    yield _by_querystring(query)
    # Java's validator accepts a URL with characters that are not ASCII.
    if not STRAY.search(query):
        yield ESCAPES.sub(_unescape, query)


def _by_querystring(query: str) -> str:
    """Return a query as Node's module querystring writes it: it groups repeated names."""
    values: dict[str, list[str]] = {}
    for name, value in parse_qsl(query, keep_blank_values=True, errors="surrogateescape"):
        values.setdefault(name, []).append(value)
    return urlencode(values, doseq=True, quote_via=quote, safe="!'()*", errors="surrogateescape")


def _unescape(escapes: re.Match[str]) -> str:
    """Return escaped characters without their escapes, but those with a meaning keep theirs."""
    try:
        text = unquote_to_bytes(escapes[0]).decode()
    except UnicodeDecodeError:
        return escapes[0]
    return "".join(quote(letter, UNRESERVED) if letter.isascii() else letter for letter in text)
