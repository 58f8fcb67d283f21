"""Run the integration tests and the unit tests of `storage/` with ministack in place of moto.

The probes ask both emulators. `make second-opinion` runs this.

Usage: `python -m tests.second_opinion [options of pytest]`.
"""

import os
import subprocess
import sys

from tests.second_opinion import emulators, server

FOLDERS = ("tests/integration", "tests/unit/storage", "tests/second_opinion")


def main(*options: str) -> int:
    """Run the tests against a ministack of their own, and return pytest's exit status."""
    with server.running() as url:
        # Without a proxy, since botocore chooses one by the host of AWS.
        environment = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
        command = [sys.executable, "-m", "pytest", *(options or FOLDERS)]
        return subprocess.run(command, env=environment | {emulators.VARIABLE: url}, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
