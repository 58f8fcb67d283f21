"""Judge log lines by CloudWatch's filter patterns, as far as the template uses them: `{ $.a = "b" || $.c = 1 && … }`.

"Filter pattern syntax for metric filters", JSON log events: text is compared with `*` for any text, a number matches a
number only, `&&` binds before `||`, and a line that is no JSON matches nothing.
"""

import json
import re
from fnmatch import fnmatchcase
from typing import Any

TERM = re.compile(r'\$\.(\w+)(?:\[(\d+)\])? = (?:"([^"]*)"|(\d+))')


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


def _holds(written: str, content: dict[str, Any]) -> bool:
    term = TERM.fullmatch(written)
    if term is None:
        raise ValueError(written)
    name, index, text, number = term.groups()
    value = content.get(name)
    if index is not None:
        value = value[int(index)] if isinstance(value, list) and int(index) < len(value) else None
    if text is None:
        return isinstance(value, int) and not isinstance(value, bool) and value == int(number)
    return isinstance(value, str) and fnmatchcase(value, re.sub(r"[\[?]", "[\\g<0>]", text))
