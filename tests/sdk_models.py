"""Compare documents with the models of the vendors' typed SDKs.

A `sdk_models.json` has a list of SDKs, each with the place and the commit of its models. A model
has the type of each member; in `nullable`, the members that may be null by the vendor's OpenAPI;
and in `fails_on_null`, those that the SDK's language cannot set to null, so that one null fails the
whole list. A model without `nullable` allows null wherever the language does.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

from callvault import times
from callvault.dialects.shared_fields import MAX_INT32

WORDS = {"direction": ("inbound", "outbound"), "fileFormat": ("mp3", "wav")}
"""The values of the members that are enumerations."""


@dataclass(frozen=True)
class Model:
    """A model of one SDK."""

    sdk: str
    members: Mapping[str, str]
    nullable: frozenset[str]

    def misfits(self, document: Mapping[str, Any]) -> dict[str, Any]:
        """Return the members of a document that the SDK cannot read."""
        return {name: value for name, value in document.items() if name in self.members and not self._fits(name, value)}

    def _fits(self, name: str, value: Any) -> bool:
        if value is None:
            return name in self.nullable
        fits = FITS.get(self.members[name], _is_anything)
        return fits(value) and value in WORDS.get(name, (value,))


def _is_anything(_: Any) -> bool:
    return True


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_number(value: Any) -> bool:
    return type(value) in {int, float}


def _is_object(value: Any) -> bool:
    return isinstance(value, dict)


def _is_texts(value: Any) -> bool:
    return isinstance(value, dict) and all(map(_is_text, value.values()))


def _is_time(value: Any) -> bool:
    return isinstance(value, str) and times.read(value) is not None


def _is_date(value: Any) -> bool:
    return isinstance(value, str) and parsedate_to_datetime(value) is not None


def _is_whole(value: Any) -> bool:
    return type(value) is int and abs(value) <= MAX_INT32


FITS: Mapping[str, Callable[[Any], bool]] = {
    "text": _is_text,
    "word": _is_text,
    "time": _is_time,
    "date": _is_date,
    "whole": _is_whole,
    "number": _is_number,
    "model": _is_object,
    "texts": _is_texts,
}
"""Whether a value has a type of the tables; any other type, such as C#'s `object`, fits all."""


def of(path: Path, name: str) -> Iterator[Model]:
    """Yield a model in each SDK of a file."""
    for sdk in json.loads(path.read_text()):
        model = sdk["models"][name]
        nullable = frozenset(model.get("nullable", model["members"])) - frozenset(model["fails_on_null"])
        yield Model(sdk["sdk"], model["members"], nullable)
