"""Match log lines with CloudWatch's filter patterns, in the one form that the template uses.

That form is `{ $.a = "b" || $.c = 1 && $.d != "e" && $.f IS TRUE … }`. CloudWatch, "Filter pattern
syntax for metric filters", JSON log events: in a text, `*` matches any text; a number matches only
a number; `&&` binds more tightly than `||`; a line that is not JSON matches nothing.
"""

import json
import re
from fnmatch import fnmatchcase
from typing import Any

TERM = re.compile(r'\$\.(\w+)(?:\[(\d+)\])? (!?=) (?:"([^"]*)"|(\d+))')
IS_TRUE = re.compile(r"\$\.(\w+) IS TRUE")


def matches(pattern: str, line: str) -> bool:
    """Say whether a log line matches a pattern; raises ValueError for a pattern of another form."""
    inner = re.fullmatch(r"\{ (.+) \}", pattern)
    if inner is None:
        raise ValueError(pattern)
    try:
        content = json.loads(line)
    except ValueError:
        content = {}
    return any(all(_holds(term, content) for term in terms.split(" && ")) for terms in inner[1].split(" || "))


def written(template: dict[str, Any], value: object) -> str:
    """Return the text of a property of the template; only its FindInMap is resolved."""
    match value:
        case {"FindInMap": [name, first, second]}:
            return str(template["Mappings"][name][first][second])
        case {"Sub": [str(text), dict(variables)]}:
            for name, variable in variables.items():
                text = text.replace(f"${{{name}}}", written(template, variable))
            return text
        case {"Sub": text}:
            return str(text)
        case _:
            return str(value)


def messages(pattern: str) -> list[str]:
    """Return the log messages that a pattern names."""
    return [text for name, _, _, text, _ in TERM.findall(pattern) if name == "message"]


def _holds(written: str, content: dict[str, Any]) -> bool:
    if flag := IS_TRUE.fullmatch(written):
        return content.get(flag[1]) is True
    term = TERM.fullmatch(written)
    if term is None:
        raise ValueError(written)
    name, index, operator, text, number = term.groups()
    if operator == "!=":
        return not _holds(written.replace("!=", "=", 1), content)
    value = content.get(name)
    if index is not None:
        value = value[int(index)] if isinstance(value, list) and int(index) < len(value) else None
    if text is None:
        return isinstance(value, int) and not isinstance(value, bool) and value == int(number)
    return isinstance(value, str) and fnmatchcase(value, re.sub(r"[\[?]", "[\\g<0>]", text))
