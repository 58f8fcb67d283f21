"""Read the fields of a callback one by one, so that what nobody read is left over and can be kept."""

import json
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qsl

from callvault.errors import InvalidRequestError
from callvault.web import Request

MAX_ID_BYTES = 256
MAX_TEXT_BYTES = 4096
MAX_LEVELS = 30


class Fields:
    """The fields of one callback; `rest` is what was not read, or could not be."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        self.rest = {name: value for name, value in values.items() if value is not None}

    def take[Value](self, name: str, read: Callable[[Any], Value | None]) -> Value | None:
        """Return what `read` makes of a field, or None; a value that it cannot read stays in `rest`."""
        value = self.rest.get(name)
        result = None if value is None or value == "" else read(value)
        if result is not None or value == "":
            self.rest.pop(name)
        return result

    def drop(self, *names: str) -> None:
        """Leave fields out of `rest` that repeat what is known."""
        for name in names:
            self.rest.pop(name, None)

    def identify(self, name: str, allowed: Callable[[str], object]) -> str | None:
        """Return an id, None if there is none; raises InvalidRequestError for one that is no text or not allowed."""
        value = self.rest.pop(name, None)
        if value is None or value == "":
            return None
        if not isinstance(value, str) or len(value.encode()) > MAX_ID_BYTES or not allowed(value):
            raise InvalidRequestError(name, f"{name} is not a valid id.")
        return value

    def require(self, name: str, allowed: Callable[[str], object]) -> str:
        """Return an id that must be there."""
        value = self.identify(name, allowed)
        if value is None:
            raise InvalidRequestError(name, f"{name} is missing.")
        return value


def text(value: object) -> str | None:
    """Read text of some length; numbers are text that somebody did not quote."""
    if isinstance(value, str):
        return value if len(value.encode(errors="replace")) <= MAX_TEXT_BYTES else None
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else None


def integer(value: object) -> int | None:
    """Read a whole number that is not negative, quoted or not."""
    digits = text(value)
    return int(digits) if digits is not None and digits.isascii() and digits.isdecimal() and len(digits) < 16 else None  # noqa: PLR2004


def one_of[Word: str](*words: Word) -> Callable[[Any], Word | None]:
    """Return a reader of one of some words, in any case."""
    known = {word.lower(): word for word in words}
    return lambda value: known.get(value.lower()) if isinstance(value, str) else None


def json_object(body: bytes) -> dict[str, Any]:
    """Return the JSON object that a body is, in values that every store takes; raises InvalidRequestError otherwise."""
    try:
        content = json.loads(body)
        if b"\\ud" in body.lower():  # half a surrogate pair is valid JSON, and no text
            content = json.loads(json.dumps(content, ensure_ascii=False).encode(errors="replace"))
        if isinstance(content, dict):
            return {name: json.dumps(value) if _is_deep(value) else value for name, value in content.items()}
    except (ValueError, RecursionError):
        raise InvalidRequestError("body", "The body is not JSON.") from None
    raise InvalidRequestError("body", "The body is not a JSON object.")


def is_json(request: Request) -> bool:
    """Say whether a body is JSON by its content type, or by its look where it does not say that it is a form."""
    kind = request.headers.get("content-type", "").lower()
    return "json" in kind or ("form" not in kind and request.body.lstrip()[:1] == b"{")


def form(request: Request) -> dict[str, str]:
    """Return the parameters of a form body; blank ones count; of a repeated one, the first."""
    pairs = parse_qsl(request.body.decode(errors="replace"), keep_blank_values=True)
    return dict(reversed(pairs))


def _is_deep(value: object, levels: int = MAX_LEVELS) -> bool:
    """Say whether a value is nested more deeply than the stores and pydantic take."""
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return any(levels == 0 or _is_deep(item, levels - 1) for item in inner)
