"""Mask secrets, phone and card numbers in a message before an operator's screen shows it."""

import json
import re
from typing import Any
from urllib.parse import quote, unquote, unquote_plus

SECRET = re.compile(r"token|secret|passw|authoriz|signature|credential|api_?key|hmac|cookie", re.IGNORECASE)
"""Matches the name of a field whose value is a secret."""
PHONE_FIELD = re.compile(r"^(caller|callee|from|to)$|number$|phone", re.IGNORECASE)
"""Matches the name of a field whose value is a phone number or an extension."""
IDENTIFIER = re.compile(r"(^|_)(id|key|size|sequencer)$|[a-z](Id|ETag)$")
"""Matches the name of a field whose value may be a long number that is not a phone number."""
NUMBER = re.compile(r"(?:\+|%2B)\d[\d ().-]{5,20}\d")
"""Matches a phone number with its plus sign."""
BARE_NUMBER = re.compile(r"(?<![\w.-])\d{7,19}(?![\w-]|\.\w)")
"""Matches digits that may be a phone number or the number of a payment card."""
CARD = re.compile(r"(?<![\w.-])\d(?:[ -]?\d){12,18}(?![\w-]|\.\w)")
"""Matches digits in groups that may be the number of a payment card (ISO/IEC 7812: 19 at most)."""
DOTTED_CARD = re.compile(r"(?<![\w.-])\d{4}(?:\.\d{3,7}){2,4}(?![\w-]|\.\w)")
"""Matches the same in groups with dots, which a decimal number and an IP address do not have."""
CARD_DIGITS = range(14, 20)
"""Numbers of digits of a JSON number that is masked.

A time in milliseconds has 13, as have a few old cards.
"""
CONTENT = re.compile(r"^(path|raw_query|body)$")
"""Matches the name of a field that has a whole part of a parked request, such as its token."""
FORM = re.compile(r"^form$")
"""Matches the name of a field whose value is form-encoded."""
PART = re.compile(r"[^\s\"&=]+")
"""Matches a part of a text that may be percent-encoded, such as the value of a parameter."""
MAX_DECODINGS = 3
"""Maximum number of times that a part of a text is decoded."""
SHOWN = "*:/@+ "
"""The characters that a masked value of a form shows as they are."""
USER = re.compile(r"(://)[^/\s\"]*@")
"""Matches the user and password in a URL."""
URL_PATH = re.compile(r"(://[^/?#\s\"]+)[/?#][^\s\"]+")
"""Matches a URL with a path or a query, each of which may hold a secret; the group is before it."""
OWN_PATH = re.compile(r"\b((?:callbacks|uploads)/[^/\s\"]+/[^/\s\"]+)/[^\s\"]+")
"""Matches a path of the archive that may have a token; the group is the part before the token."""
SCHEME = re.compile(r"\b(bearer|basic|digest|token)\s+[\w.~+/=-]{8,}", re.IGNORECASE)
"""Matches the credentials of an Authorization header (RFC 9110 11.6.2)."""
NAMED_SECRET = re.compile(
    r"""(?<![\w-])(?=[\w-]*?(?:token|secret|passw|api_?key|signature))([\w-]++["']?\s*[:=]\s*["']?)[^"'&\s,}]+""",
    re.IGNORECASE,
)
"""Matches the name and the value of a secret in text that is not JSON.

It looks at each word once, so that a long word costs no more than its length.
"""


def mask(body: str) -> Any:  # noqa: ANN401 - any JSON value
    """Return the body of a message, masked: as a JSON value, or as text if it is not JSON."""
    try:
        return _mask(json.loads(body), "")
    except (ValueError, RecursionError):
        return _mask_text(body)


def _mask(value: object, name: str) -> object:
    """Return a JSON value, masked; `name` is the name of its field."""
    if isinstance(value, dict):
        return {key: _mask(item, key) for key, item in value.items()}
    if isinstance(value, list):
        return [_mask(item, name) for item in value]
    if value is not None and (SECRET.search(name) or CONTENT.search(name)):
        return "***"
    if isinstance(value, str | int) and not isinstance(value, bool):
        return _mask_scalar(value, name)
    return value


def _mask_scalar(value: str | int, name: str) -> str | int:
    """Return a text or a number, masked; `name` is the name of its field."""
    if PHONE_FIELD.search(name):
        return _ending(str(value))
    if isinstance(value, str):
        if FORM.search(name):
            return "&".join(map(_mask_pair, value.split("&")))
        return NUMBER.sub(_masked_match, value) if IDENTIFIER.search(name) else _mask_text(value)
    is_card = len(str(abs(value))) in CARD_DIGITS and not IDENTIFIER.search(name)
    return _ending(str(value)) if is_card else value


def _mask_pair(pair: str) -> str:
    """Return a `name=value` of a form, whose value is masked as that of a JSON field is."""
    name, equals, value = pair.partition("=")
    decoded = unquote_plus(value)
    masked = str(_mask(decoded, unquote_plus(name)))
    return pair if masked == decoded else f"{name}{equals}{quote(masked, safe=SHOWN)}"


def _mask_text(text: str) -> str:
    """Return free text without phone and card numbers, secrets, and paths and queries of URLs."""
    return _mask_plain(PART.sub(_mask_encoded, text))


def _mask_encoded(match: re.Match[str]) -> str:
    """Return a part of a text; if it is percent-encoded and has to be masked, it is decoded."""
    decoded = match[0]
    if "%" not in decoded:
        return decoded
    for _ in range(MAX_DECODINGS):
        decoded = unquote(decoded)
    masked = _mask_plain(decoded)
    return match[0] if masked == decoded else masked


def _mask_plain(text: str) -> str:
    """Return free text, masked, that has no percent-encoded parts."""
    text = OWN_PATH.sub(r"\1/***", URL_PATH.sub(r"\1/***", USER.sub(r"\1***@", text)))
    text = NAMED_SECRET.sub(r"\1***", SCHEME.sub(r"\1 ***", text))
    for pattern in (NUMBER, CARD, DOTTED_CARD, BARE_NUMBER):
        text = pattern.sub(_masked_match, text)
    return text


def _masked_match(match: re.Match[str]) -> str:
    return _ending(match[0])


def _ending(text: str) -> str:
    """Return the last two characters, by which an operator recognises a number that they know."""
    return f"***{text[-2:]}" if len(text) > 4 else "***"  # noqa: PLR2004 - two of four characters would be half the number
