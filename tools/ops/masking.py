"""Mask secrets and phone numbers in a message before an operator's screen shows it."""

import json
import re
from typing import Any

SECRET = re.compile(r"token|secret|passw|authoriz|signature|credential|api_?key|hmac", re.IGNORECASE)
"""Matches the name of a field whose value is a secret."""
PHONE_FIELD = re.compile(r"^(caller|callee|from|to)$|number$|phone", re.IGNORECASE)
"""Matches the name of a field whose value is a phone number or an extension."""
IDENTIFIER = re.compile(r"(^|_)(id|key|size|sequencer)$|[a-z](Id|ETag)$")
"""Matches the name of a field whose value may be a long number that is not a phone number."""
NUMBER = re.compile(r"(?:\+|%2B)\d[\d ().-]{5,20}\d")
"""Matches a phone number with its plus sign."""
BARE_NUMBER = re.compile(r"(?<![\w.-])\d{7,15}(?![\w.-])")
"""Matches digits that may be a phone number."""
CONTENT = re.compile(r"^(path|raw_query|body)$")
"""Matches the name of a field that has a whole part of a parked request, such as its token."""
USER = re.compile(r"(://)[^/@\s\"]+@")
"""Matches the user and password in a URL."""
QUERY = re.compile(r"(://[^?\s\"]+)\?[^\s\"]+")
"""Matches a URL with a query; the group is the part before the query."""
NAMED_SECRET = re.compile(
    r"""([\w-]*(?:token|secret|passw|api_?key|signature)[\w-]*["']?\s*[:=]\s*["']?)[^"'&\s,}]+""", re.IGNORECASE
)
"""Matches the name and the value of a secret in text that is not JSON."""


def mask(body: str) -> Any:  # noqa: ANN401 - any JSON value
    """Return the body of a message, masked: as a JSON value, or as text if it is not JSON."""
    try:
        return _mask(json.loads(body), "")
    except (ValueError, RecursionError):
        return NAMED_SECRET.sub(r"\1***", _mask_text(body))


def _mask(value: object, name: str) -> object:
    """Return a JSON value, masked; `name` is the name of its field."""
    if isinstance(value, dict):
        return {key: _mask(item, key) for key, item in value.items()}
    if isinstance(value, list):
        return [_mask(item, name) for item in value]
    if value is not None and (SECRET.search(name) or CONTENT.search(name)):
        return "***"
    if isinstance(value, str | int) and not isinstance(value, bool) and PHONE_FIELD.search(name):
        return _ending(str(value))
    if isinstance(value, str):
        return NUMBER.sub(_masked_match, value) if IDENTIFIER.search(name) else _mask_text(value)
    return value


def _mask_text(text: str) -> str:
    """Return free text without phone numbers, and without the user and the query of URLs."""
    text = QUERY.sub(r"\1?***", USER.sub(r"\1***@", text))
    return BARE_NUMBER.sub(_masked_match, NUMBER.sub(_masked_match, text))


def _masked_match(match: re.Match[str]) -> str:
    return _ending(match[0])


def _ending(text: str) -> str:
    """Return the last two characters, by which an operator recognises a number that they know."""
    return f"***{text[-2:]}" if len(text) > 4 else "***"  # noqa: PLR2004 - two of four characters would be half the number
