"""Remove one protection after another and show which test fails: `make protections`.

`tools.protected` has the list. Each protection is removed in a copy of the repository, where its
test passed before and must fail now. It is an error if the test still passes, or if the code of the
protection is not found.
"""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from tools.protected import PROTECTIONS, Protection

ROOT = Path(__file__).parents[1]
PACKAGE = "layers/common/callvault"
LIMIT_SECONDS = 120
PASSED, FAILED = 0, 1


def main() -> int:
    """Remove each protection in turn, print the result, and return the exit status."""
    with tempfile.TemporaryDirectory(prefix="callvault-protections-") as folder:
        tree = Path(folder) / "tree"
        copy(tree)
        if run(tree, sorted({protection.test for protection in PROTECTIONS})) != PASSED:
            print("The tests fail before anything is removed.")
            return 1
        lacking = [protection.name for protection in PROTECTIONS if not noticed(tree, protection)]
    print(f"{len(PROTECTIONS) - len(lacking)} of {len(PROTECTIONS)} protections are covered by a test")
    return 1 if lacking else 0


def copy(tree: Path) -> None:
    """Copy the tracked files with their present content, which is all that the tests need."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True).stdout
    for name in listed.decode().split("\0"):
        if name and (ROOT / name).is_file():
            (tree / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, tree / name)


def noticed(tree: Path, protection: Protection) -> bool:
    """Print and return whether a protection's test fails without it."""
    module = tree / PACKAGE / protection.module
    whole = module.read_text()
    if whole.count(protection.code) != 1:
        print(f"NOT FOUND  {protection.name}: look for its code in {protection.module}")
        return False
    module.write_text(whole.replace(protection.code, protection.without))
    try:
        failed = run(tree, [protection.test]) == FAILED
    finally:
        module.write_text(whole)
    print(f"{'noticed' if failed else 'UNNOTICED'}  {protection.name}: {protection.test}", flush=True)
    return failed


def run(tree: Path, tests: list[str]) -> int:
    """Run tests and return pytest's exit status.

    It is PASSED, FAILED, or another if the tests could not run.
    """
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-x",
        "-p",
        "no:cacheprovider",
        *(f"tests/{test}" for test in tests),
    ]
    return subprocess.run(command, cwd=tree, check=False, capture_output=True, timeout=LIMIT_SECONDS).returncode


if __name__ == "__main__":
    sys.exit(main())
