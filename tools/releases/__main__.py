"""Write or read samples: `python -P -m tools.releases write|read INPUT OUTPUT`, both JSON files.

INPUT has the definition of the `table` and, to read, the `samples`.
"""

import json
import sys
from pathlib import Path

from tools.releases import samples, world


def main(command: str, source: str, target: str) -> None:
    """Write or read samples, and write the result into a file."""
    given = json.loads(Path(source).read_text())
    with world.standing(given["table"]):
        result = samples.write() if command == "write" else samples.read(given["samples"])
    Path(target).write_text(json.dumps(result, ensure_ascii=False))


if __name__ == "__main__":
    main(*sys.argv[1:])
