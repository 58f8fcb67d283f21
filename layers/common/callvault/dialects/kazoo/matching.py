"""Match a document against a filter of a Crossbar list.

The semantics are those of crossbar_filter.erl in KAZOO 4.3 and 5 (`filter_names` has the address of
the latter). The module `filters` has the address of the documentation.
"""

from datetime import datetime

from callvault import times
from callvault.dialects.kazoo import documents, filter_names, list_filters, refusals, values
from callvault.dialects.kazoo.list_filters import Test


def test(name: str, value: str) -> Test | None:  # noqa: PLR0911 - a table of names, read from top to bottom
    """Return the test of a query parameter, or None if the parameter is not a filter.

    Raises CrossbarError, which names the parameter, for a value that KAZOO answers wrongly.
    """
    if (filtered := filter_names.split(name)) is not None:
        return _filter(name, value, *filtered)
    match name:
        case "has_key":
            return lambda document: values.has(document, value)
        case "key_missing":
            return lambda document: not values.has(document, value)
        case "has_value":
            return lambda document: not values.is_empty(values.at(document, value))
        case "value_missing":
            return lambda document: values.is_empty(values.at(document, value))
        case "missing_value":
            raise refusals.invalid(name, "forbidden", "Use value_missing, as KAZOO's code calls it")
        case "modified_from" | "modified_to":
            return _bound(name, value)
        case filter_names.EXPIRES_BEFORE:
            return _expires_before(name, value)
    return None


def span(name: str, value: str) -> tuple[datetime, datetime]:
    """Return the first and the last moment that a parameter's time names.

    Crossbar reads Gregorian seconds only, and ignores everything else; then the answer is a list of
    another time. Here every form of `times.read_span` is understood, and any other text is refused.
    Raises CrossbarError, which names the parameter.
    """
    found = times.read_span(value)
    if found is None:
        message = f"{name} is not a time: write Gregorian seconds, Unix seconds or ISO 8601"
        raise refusals.invalid(name, "type", message)
    return found


def _bound(name: str, value: str) -> Test | None:
    """Return the test that compares a bound with the time when a document last changed.

    A blank bound is none. Raises CrossbarError for a bound that is not a time.
    """
    if not value:
        return None
    first, last = map(documents.gregorian, span(name, value))
    if name == "modified_from":
        return lambda document: document.get("pvt_modified", 0) >= first
    return lambda document: document.get("pvt_modified", 0) <= last


def _expires_before(name: str, value: str) -> Test | None:
    """Return the test that the provider deletes its copy of a recording before a time.

    A date counts from its first moment. A recording whose provider names no such time does not
    match. A blank bound is none. Raises CrossbarError for a bound that is not a time.
    """
    if not value:
        return None
    end = times.write(span(name, value)[0])  # texts of this form sort as their times do
    return lambda document: document["archive"].get("source_expires_time", end) < end


def _filter(name: str, value: str, kind: str, path: str) -> Test:
    """Return the test of a filter by the value of a field; raises CrossbarError."""
    if kind not in {filter_names.EQUAL, filter_names.NOT_EQUAL}:
        return list_filters.test(kind, name, path, value)
    texts, wanted = _texts(name, value), kind == filter_names.EQUAL
    return lambda document: (values.text(values.at(document, path)) in texts) is wanted


def _texts(name: str, value: str) -> frozenset[str]:
    """Return the texts to compare with a field's text: the filter's value, and the JSON in it.

    Raises CrossbarError for an object. Crossbar compares it with the JSON of the field, which
    depends on the order of the members; the archive does not know in which order KAZOO has them.
    """
    content = list_filters.json_value(value) if value.lstrip()[:1] in {"[", "{", '"'} else None
    if isinstance(content, dict):
        raise refusals.invalid(name, "type", f"Filter by the members of the object: {name}.<member>")
    if isinstance(content, list):
        # Crossbar compares only with the strings in the list, so a list of numbers matches nothing
        # there. Here its numbers are compared as text too.
        return frozenset({value, *(values.text(item) for item in content)})
    return frozenset({value, content} if isinstance(content, str) else {value})


def integer(text: str) -> int | None:
    """Return the integer in a text of digits, or None."""
    digits = text.removeprefix("-")
    try:
        return int(text) if digits.isascii() and digits.isdigit() else None
    except ValueError:  # more digits than Python converts
        return None
