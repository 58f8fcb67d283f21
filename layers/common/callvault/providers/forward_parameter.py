"""Carry whom else to tell of a recording within our callback's own address.

The provider signs the whole address, so nobody else can say it, it needs no row, and it cannot come too late. The
address of a callback has up to two parameters of this kind: `forward`, Base64url of JSON `[url, method, events]`, and
`format`, the one to fetch the recording in.
"""

import base64
import json

from aws_lambda_powertools import Logger

from callvault.models import Format
from callvault.providers.commands import Forward, Method
from callvault.web import Request

PARAMETERS = ("forward", "format")
METHODS: dict[object, Method] = {"GET": "GET", "POST": "POST"}
FORMATS: dict[object, Format] = {"wav": "wav", "mp3": "mp3"}

logger = Logger(child=True)


def write(forward: Forward) -> str:
    """Return a forward as the parameter's value, which needs no escapes."""
    content = json.dumps([forward.url, forward.method, forward.events], separators=(",", ":"))
    return base64.urlsafe_b64encode(content.encode()).decode().rstrip("=")


def read(request: Request) -> Forward | None:
    """Return the forward that a callback's address carries, if there is one that can be understood."""
    value = request.query.get("forward")
    if value is None:
        return None
    try:
        content = json.loads(base64.b64decode(value + "=" * (-len(value) % 4), altchars=b"-_", validate=True))
        url, method, events = content
        known = METHODS.get(method)
    except (ValueError, TypeError, RecursionError):
        url, known, events = None, None, ()
    if not isinstance(url, str) or known is None or not isinstance(events, list):
        logger.warning("A callback's address says in no known way where to forward it")
        return None
    return Forward(url=url, method=known, events=tuple(map(str, events)))


def read_format(request: Request) -> Format | None:
    """Return the format that a callback's address asks for."""
    return FORMATS.get(request.query.get("format"))
