"""Write and read the parameters that the archive adds to its own callback URL at a provider.

Only providers that sign the whole URL get these parameters, so that no other sender can change
them. They need no row in the table, and they cannot arrive later than the callback. This module
handles two parameters: `forward` is the user's own callback, as Base64url of the JSON
`[url, method, events]`, and `format` is the format in which to fetch the recording.
"""

import base64
import json

from aws_lambda_powertools import Logger

from callvault.models import OfferedFormat
from callvault.providers.commands import Forward, Method
from callvault.web import Request

PARAMETERS = ("forward", "format")
METHODS: dict[object, Method] = {"GET": "GET", "POST": "POST"}
FORMATS: dict[object, OfferedFormat] = {"wav": "wav", "mp3": "mp3"}

logger = Logger(child=True)


def write(forward: Forward) -> str:
    """Return the value of the parameter `forward`; its characters need no escaping in a URL."""
    content = json.dumps([forward.url, forward.method, forward.events], separators=(",", ":"))
    return base64.urlsafe_b64encode(content.encode()).decode().rstrip("=")


def read(request: Request) -> Forward | None:
    """Return the value of `forward` in a callback's URL; None if it is missing or malformed."""
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
        logger.warning("The forward parameter of a callback's URL is malformed and was ignored")
        return None
    return Forward(url=url, method=known, events=tuple(map(str, events)))


def read_format(request: Request) -> OfferedFormat | None:
    """Return the value of `format` in a callback's URL; None if it is missing or unknown."""
    return FORMATS.get(request.query.get("format"))
