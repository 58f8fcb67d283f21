"""Read the fields of a provider's payload one by one, and keep the fields that were not read.

A field that is unknown or malformed must not cause the loss of a recording. The field remains in
`Fields.rest`, which the caller stores in the recording's `extra`.
"""

import json
import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl

from callvault import times
from callvault.account_parameter import Account
from callvault.errors import Check, ForbiddenError, InvalidRequestError
from callvault.providers import json_values
from callvault.web import Request

MAX_ID_BYTES = 256
"""Maximum length of an id, which becomes part of keys."""
MAX_TEXT_BYTES = 4096
"""Maximum length of any other text field."""
MAX_DIGITS = 15
"""Maximum length of a whole number."""
MAX_FORM_FIELDS = 1000
"""Maximum number of fields in a form. The providers send fewer than 50."""
PARENT_ID = re.compile(r"(?!\.+\Z)[A-Za-z0-9!$'()*+,.:;=@_~-]+").fullmatch
"""Matches the id of a call or of a conference.

It has more characters than any id that a provider is known to send, so that a new form of an id
does not cause the loss of a recording. It can be part of a key, because it has no `#`. Before it is
part of a URL, it must match the provider's own form, or be quoted; it is never `.` or `..`.
"""


class Fields:
    """The fields of one payload; `rest` has those that were not read or could not be read."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        self.rest = {name: value for name, value in values.items() if value is not None}

    def take[Value](self, name: str, read: Callable[[Any], Value | None]) -> Value | None:
        """Remove a field from `rest` and return its value as read by `read`.

        A field that is missing or empty gives None. A value that `read` does not understand gives
        None too, and stays in `rest`.
        """
        value = self.rest.get(name)
        result = None if value is None or value == "" else read(value)
        if result is not None or value == "":
            self.rest.pop(name)
        return result

    def take_time(self, name: str, read: Callable[[Any], datetime | None]) -> datetime | None:
        """Read a time as `take` does, cut to milliseconds. A finer one also stays in `rest`."""
        given = self.rest.get(name)
        precise = self.take(name, read)
        if times.is_finer(precise):
            self.rest[name] = given
        return None if precise is None else times.truncated(precise)

    def drop(self, *names: str) -> None:
        """Remove fields from `rest` that are not worth keeping."""
        for name in names:
            self.rest.pop(name, None)

    def identify(self, name: str, allowed: Callable[[str], object]) -> str | None:
        """Remove an id from `rest` and return it, or None if it is missing or empty.

        Raises InvalidRequestError if the id is not text, is too long, or does not satisfy
        `allowed`.
        """
        value = self.rest.pop(name, None)
        if value is None or value == "":
            return None
        if not isinstance(value, str) or len(value.encode()) > MAX_ID_BYTES or not allowed(value):
            raise InvalidRequestError(name, f"{name} is not a valid id.")
        return value

    def require(self, name: str, allowed: Callable[[str], object]) -> str:
        """Return an id as `identify` does; raises InvalidRequestError also if it is missing."""
        value = self.identify(name, allowed)
        if value is None:
            raise InvalidRequestError(name, f"{name} is missing.")
        return value


def check_account(account: Account, *account_ids: object) -> None:
    """Raise ForbiddenError if one of the provider's account ids is that of another account.

    An id that is None or empty is ignored.
    """
    if not {text(given) for given in account_ids} <= {None, "", account.provider_account_id}:
        raise ForbiddenError("The recording belongs to another account.", check=Check.ACCOUNT)


def text(value: object) -> str | None:
    """Return text, or a whole number as its digits; None for too long text or any other value."""
    if isinstance(value, str):
        return value if len(value.encode(errors="replace")) <= MAX_TEXT_BYTES else None
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else None


def integer(value: object) -> int | None:
    """Return a whole number of at least 0, given as a number or as its digits, or None."""
    digits = text(value)
    if digits is None or not digits.isascii() or not digits.isdecimal() or len(digits) > MAX_DIGITS:
        return None
    return int(digits)


def one_of[Word: str](*words: Word) -> Callable[[Any], Word | None]:
    """Return a function for `Fields.take` that accepts these words in any letter case."""
    known = {word.lower(): word for word in words}
    return lambda value: known.get(value.lower()) if isinstance(value, str) else None


def json_value(body: bytes) -> Any:  # noqa: ANN401 - any JSON value
    """Return the JSON value in a body; raises InvalidRequestError if the body is not JSON.

    A byte that is not UTF-8 and a lone surrogate are replaced, a number of too many digits becomes
    text, and NaN and infinite numbers become null.
    """
    try:
        decoded = body.decode(json.detect_encoding(body), errors="replace")
        content = json_values.read(decoded)
        if "\\ud" in decoded.lower():  # JSON may have half of a surrogate pair, which UTF-8 cannot encode
            content = json.loads(json.dumps(content, ensure_ascii=False).encode(errors="replace"))
    except (ValueError, RecursionError):
        raise InvalidRequestError("body", "The body is not JSON.") from None
    return content


def storable(content: object) -> dict[str, Any]:
    """Return a JSON object with values that can be stored: one that is too deep is its JSON text.

    Raises InvalidRequestError if the content is not an object.
    """
    if not isinstance(content, dict):
        raise InvalidRequestError("body", "The body is not a JSON object.")
    try:
        return {name: json.dumps(value) if json_values.is_deep(value) else value for name, value in content.items()}
    except RecursionError:
        raise InvalidRequestError("body", "The body is not JSON.") from None


def json_object(body: bytes) -> dict[str, Any]:
    """Return the JSON object in a body, fit to be stored; raises InvalidRequestError."""
    return storable(json_value(body))


def json_object_or_empty(body: bytes) -> dict[str, Any]:
    """Return the JSON object in a body, or an empty one if the body is not a JSON object."""
    try:
        return json_object(body)
    except InvalidRequestError:
        return {}


def is_json(request: Request) -> bool:
    """Return whether a body is JSON, by its content type or else by its first character."""
    kind = request.headers.get("content-type", "").lower()
    return "json" in kind or ("form" not in kind and request.body.lstrip()[:1] == b"{")


def form(request: Request) -> dict[str, str]:
    """Return the parameters of a form, empty ones too; a repeated one has its first value.

    Raises InvalidRequestError as `pairs` does.
    """
    return dict(reversed(pairs(request.body, errors="replace")))


def pairs(body: bytes, *, errors: str) -> list[tuple[str, str]]:
    """Return the parameters of a form, empty ones too; `errors` is for bytes that are not UTF-8.

    Raises InvalidRequestError for a form of more than MAX_FORM_FIELDS, because a provider may not
    be authenticated yet when its form is read.
    """
    text = body.decode(errors=errors)
    try:
        return parse_qsl(text, keep_blank_values=True, errors=errors, max_num_fields=MAX_FORM_FIELDS)
    except ValueError:
        raise InvalidRequestError("body", f"The form has more than {MAX_FORM_FIELDS} fields.") from None


def single(request: Request) -> dict[str, str]:
    """Return the parameters of a callback by GET; raises InvalidRequestError for a repeated name.

    The provider appends its fields to the URL that a user may have written, so one of two values
    is not the provider's.
    """
    names = [name for name, _ in parse_qsl(request.raw_query, keep_blank_values=True)]
    for name in names:
        if names.count(name) > 1:
            raise InvalidRequestError(name, f"{name} is repeated in the URL.")
    return request.query
