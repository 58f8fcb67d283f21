"""Check the links of the Markdown files outside docs/.

Each must lead to a file, and to a heading if it names one. Zensical checks the links within docs/
in the same way.
"""

import re
from pathlib import Path

from tools.docs.lines import files

LINK = re.compile(r"\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)


def check(root: Path) -> list[str]:
    """Return a complaint for each link that leads nowhere."""
    wrong = []
    for path in files(root):
        if path.is_relative_to(root / "docs"):
            continue
        for target in LINK.findall(path.read_text()):
            file, _, anchor = target.partition("#")
            found = path.parent / file if file else path
            if "://" in target or target.startswith("mailto:"):
                continue
            if not found.exists() or (anchor and anchor not in anchors(found)):
                wrong.append(f"{path.relative_to(root)}: the link {target} leads nowhere")
    return wrong


def anchors(path: Path) -> set[str]:
    """Return the anchors of a Markdown file's headings, which must be plain words."""
    return {
        re.sub(r"\s+", "-", re.sub(r"[^\w\s-]", "", title.lower()).strip())
        for title in HEADING.findall(path.read_text())
    }
