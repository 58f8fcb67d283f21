"""Take one permission after another away and show which test fails: `make protections IAM=1`.

tools/permissions.txt has the list. Each permission is taken away from its role in the integration
tests, where the functions' handlers run under their roles. Its test passed before and must fail
now. It is an error if the test still passes.
"""

import os
import subprocess
import sys
from pathlib import Path

from tools.permissions import PERMISSIONS

ROOT = Path(__file__).parents[1]
VARIABLE = "CALLVAULT_WITHOUT_PERMISSION"
"""The environment variable by which tests/roles.py takes a permission away."""
LIMIT_SECONDS = 120
PASSED, FAILED = 0, 1


def main() -> int:
    """Take each permission away in turn, print the result, and return the exit status."""
    if run(sorted(set(PERMISSIONS.values()))) != PASSED:
        print("The tests fail before anything is taken away.")
        return 1
    lacking = [permission for permission, test in PERMISSIONS.items() if not noticed(permission, test)]
    print(f"{len(PERMISSIONS) - len(lacking)} of {len(PERMISSIONS)} permissions are covered by a test")
    return 1 if lacking else 0


def noticed(permission: str, test: str) -> bool:
    """Print and return whether a permission's test fails without it."""
    failed = run([test], without=permission) == FAILED
    print(f"{'noticed' if failed else 'UNNOTICED'}  {permission}: {test}", flush=True)
    return failed


def run(tests: list[str], *, without: str = "") -> int:
    """Run tests without a permission, and return pytest's exit status."""
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *(f"tests/{one}" for one in tests)]
    environment = os.environ | {VARIABLE: without}
    limit = LIMIT_SECONDS * (1 if without else 5)
    return subprocess.run(
        command, cwd=ROOT, env=environment, check=False, capture_output=True, timeout=limit
    ).returncode


if __name__ == "__main__":
    sys.exit(main())
