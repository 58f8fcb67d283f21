"""Remove credentials and card numbers from what a provider sent, before a reader sees it.

A member whose name says that it holds a secret is left out. So are members named `url`, which in
KAZOO is the URL that audio is pushed to, and KAZOO's private members (`pvt_…`, `_…`). In texts,
HIDDEN replaces user names, passwords and queries of URLs, tokens, and numbers that may be those of
payment cards. A query may be a signature, whatever its parameters are called.

The lists have the usual names of secrets and the usual forms of tokens. A secret that has another
name and another form is not found.
"""

import re
from typing import Any

from callvault.providers.own_secrets import HIDDEN, OWN_PATH

SECRET = re.compile(
    r"password|passwd|passphrase|passcode|secret|token|signature|credential|authorization|"
    r"apikey|accesskey|authkey|privatekey|signingkey|hmac"
)
"""Finds the word for a secret in a member's name that was reduced to its letters, in lower case."""
SECRET_WORDS = frozenset({"auth", "cookie", "cvc", "cvv", "jwt", "otp", "pin", "pwd", "sig"})
"""Words for secrets that are too short to be searched for within other words."""
URL = re.compile(r"""([a-z][a-z0-9+.-]{0,20}://)([^\s/?#"<>]*)([^\s?#"<>]*)([?#][^\s"<>]*)?""", re.IGNORECASE)
"""Matches a URL; the groups are scheme, authority, path, and query with fragment."""
SIP_PASSWORD = re.compile(r"(\bsips?:[^\s:@]{1,64}:)[^\s@]{1,64}(?=@)", re.IGNORECASE)
"""Matches a SIP URI up to its password (RFC 3261 19.1.1)."""
ASSIGNED = re.compile(
    r"""((?<![\w-])[\w-]{0,40}?(?:password|passwd|secret|token|signature|credential|api_?key)[\w-]{0,40}"?\s{0,4}[=:]"""
    r"""\s{0,4}"?)[^\s"&,;}]+""",
    re.IGNORECASE,
)
"""Matches a secret in a text such as a form or JSON; the group is what stands before its value."""
TOKEN = re.compile(
    r"\bBearer +[\w.~+/-]+=*|\bBasic +[A-Za-z0-9+/]{16,}=*|(?<![\w-])eyJ[\w-]++\.[\w-]++\.[\w-]*+", re.IGNORECASE
)
"""Matches the credentials of an Authorization header, and a JSON Web Token (RFC 7519).

No part of a token is searched again as the beginning of another, which would take quadratic time.
"""
CARD = re.compile(r"(?<![\w+.-])(?=[3-6]|2[2-7])\d(?:[ -]?\d){14,18}(?!-?\w)")
"""Matches 15 to 19 digits, perhaps in groups, that begin as card numbers do (ISO/IEC 7812).

A phone number has a `+` or at most 15 digits (E.164). Unix times in milliseconds or microseconds
begin with 1.
"""
PHONE_DIGITS = 15
AMEX = ("34", "37")
"""Beginnings of American Express's numbers, the only cards with 15 digits that are searched for."""


def clean(value: Any) -> Any:  # noqa: ANN401 - any JSON value
    """Return a JSON value without credentials and card numbers, at every level."""
    if isinstance(value, dict):
        return {clean_text(name): clean(item) for name, item in value.items() if not _is_hidden(name)}
    if isinstance(value, list):
        return [clean(item) for item in value]
    if isinstance(value, str):
        return clean_text(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return HIDDEN if clean_text(str(value)) == HIDDEN else value
    return value


def clean_text(text: str) -> str:
    """Return a text without credentials and card numbers."""
    if "://" in text:
        text = URL.sub(_without_secrets, text)
    for pattern, shown in ((SIP_PASSWORD, rf"\1{HIDDEN}"), (TOKEN, HIDDEN), (ASSIGNED, rf"\1{HIDDEN}")):
        text = pattern.sub(shown, text)
    return CARD.sub(_card, text)


def _is_hidden(name: str) -> bool:
    """Return whether a member is left out because of its name."""
    if name == "url" or name.startswith(("_", "pvt_")):
        return True
    letters = "".join(re.findall(r"[a-z]", name.lower()))
    words = {word.lower() for word in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+", name)}
    return (
        SECRET.search(letters) is not None or letters in SECRET_WORDS or not words.isdisjoint(SECRET_WORDS - {"auth"})
    )


def _without_secrets(url: re.Match[str]) -> str:
    """Return a URL without user name, password, query and fragment.

    The user name ends at the last `@` of the authority, so that no part of it remains.
    """
    scheme, authority, path, query = url.groups()
    _, at, host = authority.rpartition("@")
    path = OWN_PATH.sub(rf"\1{HIDDEN}", re.sub(r"//[^/@]*@", f"//{HIDDEN}@", path))
    return f"{scheme}{HIDDEN + at if at else ''}{host}{path}{'?' + HIDDEN if query else ''}"


def _card(found: re.Match[str]) -> str:
    """Return HIDDEN for a number with the check digit of a card (Luhn), else the number."""
    digits = "".join(filter(str.isdigit, found[0]))
    if len(digits) == PHONE_DIGITS and not digits.startswith(AMEX):
        return found[0]
    doubled = (int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(digits)))
    return found[0] if sum(sum(divmod(number, 10)) for number in doubled) % 10 else HIDDEN
