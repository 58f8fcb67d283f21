"""Name the parameters that a list does not know, so that no search is silently wrong.

None of the providers documents that a list refuses a parameter that it does not know, so the
dialects answer as if it were missing. The response and the log then name it. The log has the names
only, because the values may be phone numbers.

Every dialect sets the header `warning`, because the lists of Bandwidth, Twilio and SignalWire have
no place for a member: Bandwidth's is a plain array, and SDKs treat a new member of Twilio's as the
list of recordings. KAZOO's envelope names the parameters in its member `archive` too. RFC 9111 5.5
has obsoleted the header, because it was little used; docs/decisions/dialects.md says why it is used
here.
"""

import re
from collections import Counter
from collections.abc import Container, Iterable
from urllib.parse import parse_qsl, unquote_plus

from aws_lambda_powertools import Logger

from callvault.web import Request

CREDENTIALS = frozenset({"auth_token", "authorization"})
"""Parameters that hold credentials, in every dialect."""
MAX_NAMES = 10
"""Maximum number of names in a response and in the log."""
NAME = re.compile(r"[A-Za-z_][A-Za-z_.<>-]{0,63}")
"""Matches a name that may be shown. Any other text may be a value, such as a phone number."""
HIDDEN = "?"
"""Stands for names that may not be shown."""

logger = Logger(child=True)


def find(request: Request, known: Container[str]) -> list[str]:
    """Return the sorted names of a query's parameters that a list ignores, and log them.

    `known` has the names that the list knows. A name that comes with several values is returned
    too, because the list uses the first one only. A name that may be a value is returned as HIDDEN.
    """
    names_given = [name for name, _ in set(parse_qsl(request.raw_query, keep_blank_values=True))]
    unknown = (
        name
        for name, times_given in Counter(names_given).items()
        if name not in CREDENTIALS and (name not in known or times_given > 1)
    )
    names = sorted({name if NAME.fullmatch(name) else HIDDEN for name in unknown})[:MAX_NAMES]
    if names:
        logger.info("Parameters were ignored", extra={"ignored": names})
    return names


def repeated(request: Request) -> str:
    """Return a request's query to repeat in the response, with its `?`, without credentials.

    A client may cache or log a response.
    """
    parts = [part for part in request.raw_query.split("&") if unquote_plus(part.partition("=")[0]) not in CREDENTIALS]
    query = "&".join(parts)
    return f"?{query}" if query else ""


def headers(names: Iterable[str]) -> dict[str, str]:
    """Return the header that names ignored parameters, or no header if there are none.

    299 is a "miscellaneous persistent warning" (RFC 7234 5.5.7).
    """
    listed = ", ".join(names)
    return {"warning": f'299 callvault "Ignored parameters: {listed}"'} if listed else {}
