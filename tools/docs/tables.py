r"""Refuse an escaped pipe in a code span of a table.

GitHub shows `\|` there as a pipe, but the site shows the backslash too. Such text needs another
form.
"""

import re
from pathlib import Path

from tools.docs.lines import files, prose

CODE_SPAN = re.compile(r"(`+)(?!`)(.+?)(?<!`)\1(?!`)")
ESCAPED_PIPE = r"\|"


def check(root: Path) -> list[str]:
    """Return a complaint for each row of a table with an escaped pipe in a code span."""
    return [
        f"{path.relative_to(root)}:{number}: a code span of the table contains {ESCAPED_PIPE}"
        for path in files(root)
        for number, line in prose(path.read_text())
        if line.lstrip().startswith("|") and any(ESCAPED_PIPE in span[2] for span in CODE_SPAN.finditer(line))
    ]
