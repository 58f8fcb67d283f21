"""List the permissions that the roles allow but no stack used.

`python -m tools.local.iam.report <folder>` prints them.

The folder is that of CALLVAULT_IAM_USAGE (`tools.local.iam.usage`). All the stacks that wrote into
it are merged. `make permissions` runs the end-to-end tests, and then this module.
"""

import json
import sys
from collections.abc import Iterable
from pathlib import Path


def unused(stacks: Iterable[dict[str, list[str]]]) -> list[str]:
    """Return what some stack allowed and none used: function, action, resource."""
    allowed: set[str] = set()
    used: set[str] = set()
    for stack in stacks:
        allowed.update(stack["allowed"])
        used.update(stack["used"])
    return sorted(allowed - used)


def main(folder: Path) -> int:
    """Print the list, and return 1 if no stack has written anything."""
    stacks = [json.loads(path.read_text()) for path in sorted(folder.glob("*.json"))]
    if not stacks:
        print(f"No stack has written into {folder}.", file=sys.stderr)
        return 1
    allowed = {one for stack in stacks for one in stack["allowed"]}
    found = unused(stacks)
    print("\n".join(found))
    print(f"{len(allowed) - len(found)} of {len(allowed)} permissions were used by {len(stacks)} stacks.")
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
