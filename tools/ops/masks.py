"""Hide in a message what is nobody's to read over an operator's shoulder: secrets and phone numbers."""

import json
import re
from typing import Any

SECRET = re.compile(r"token|secret|passw|authoriz|signature|credential|api_?key|hmac", re.IGNORECASE)
PERSON = re.compile(r"^(caller|callee|from|to)$|number$|phone", re.IGNORECASE)
PLAIN = re.compile(r"(^|_)(id|key|size|sequencer)$|[a-z](Id|ETag)$")
"""Names of values that may be long numbers and are nobody's."""
NUMBER = re.compile(r"(?:\+|%2B)\d[\d ().-]{5,20}\d")
BARE_NUMBER = re.compile(r"(?<![\w.-])\d{7,15}(?![\w.-])")
USER = re.compile(r"(://)[^/@\s\"]+@")
QUERY = re.compile(r"(://[^?\s\"]+)\?[^\s\"]+")
NAMED = re.compile(
    r"""([\w-]*(?:token|secret|passw|api_?key|signature)[\w-]*["']?\s*[:=]\s*["']?)[^"'&\s,}]+""", re.IGNORECASE
)
"""What looks like a secret in text that is no JSON."""


def mask(body: str) -> Any:  # noqa: ANN401 - any JSON value
    """Return a message's body as JSON, or as text where it is none, without what is to be hidden."""
    try:
        return _mask(json.loads(body), "")
    except (ValueError, RecursionError):
        return NAMED.sub(r"\1***", _text(body))


def _mask(value: object, name: str) -> object:
    """Return a JSON value without what is to be hidden; `name` is what it is called."""
    if isinstance(value, dict):
        return {key: _mask(item, key) for key, item in value.items()}
    if isinstance(value, list):
        return [_mask(item, name) for item in value]
    if value is not None and SECRET.search(name):
        return "***"
    if isinstance(value, str | int) and not isinstance(value, bool) and PERSON.search(name):
        return _ending(str(value))
    if isinstance(value, str):
        return NUMBER.sub(_found, value) if PLAIN.search(name) else _text(value)
    return value


def _text(text: str) -> str:
    """Return free text without numbers, users of addresses, and their queries."""
    text = QUERY.sub(r"\1?***", USER.sub(r"\1***@", text))
    return BARE_NUMBER.sub(_found, NUMBER.sub(_found, text))


def _found(match: re.Match[str]) -> str:
    return _ending(match[0])


def _ending(text: str) -> str:
    """Return the last two characters of what is hidden, by which who knows it recognises it."""
    return f"***{text[-2:]}" if len(text) > 4 else "***"  # noqa: PLR2004 - or nearly all of it would be told
