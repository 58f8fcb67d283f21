"""Build the documentation's site into build/docs and check it: `python -m tools.docs`.

Nothing here uses the network.
"""

import os
import re
import subprocess
import sys
from pathlib import Path

from tools.docs import lines, links, site, tables

ROOT = Path(__file__).parents[2]
SITE = ROOT / "build" / "docs"
COLOUR = re.compile("\x1b\\[[0-9;]*m")


def main() -> int:
    """Print everything that is wrong and return the exit status."""
    wrong = [*lines.check(ROOT), *links.check(ROOT), *tables.check(ROOT)]
    built = subprocess.run(
        [Path(sys.executable).with_name("zensical"), "build", "--strict", "--clean"],
        cwd=ROOT,
        env={**os.environ, "NO_COLOR": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if built.returncode:
        wrong.append(COLOUR.sub("", built.stdout.partition("Traceback")[0]).strip())
    else:
        wrong += site.check(SITE)
    print("\n".join(wrong) or f"The documentation is in order; its site is {SITE / 'index.html'}.")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
