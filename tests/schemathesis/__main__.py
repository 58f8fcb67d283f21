"""Run schemathesis against a local stack of its own.

Usage: `python -m tests.schemathesis [EXAMPLES] [options of schemathesis]`.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.schemathesis import config, world
from tests.sdks import environments
from tools.local.start import running
from tools.openapi import writer

SEED = 20261121
EXAMPLES = "200"


def run(
    url: str, folder: Path, examples: int, *more: str, seconds: float | None = None
) -> subprocess.CompletedProcess[str]:
    """Run schemathesis against a stack that is there; its configuration goes into a folder."""
    configured = folder / "schemathesis.toml"
    configured.write_text(config.write())
    command = environments.python("schemathesis").with_name("schemathesis")
    arguments = [
        f"--config-file={configured}", "--no-color", "run", str(writer.PATH), f"--url={url}",
        f"--seed={SEED}", f"--max-examples={examples}", "--max-redirects=0", "--continue-on-failure",
        "--generation-database=none", *more,
    ]  # fmt: skip
    environment = os.environ | {"SCHEMATHESIS_HOOKS": str(Path(__file__).with_name("hooks.py"))}
    return subprocess.run(
        [command, *arguments],
        cwd=folder,
        env=environment,
        text=True,
        timeout=seconds,
        check=False,
        capture_output=seconds is not None,
    )


def main(examples: str = EXAMPLES, *more: str) -> int:
    """Start a stack, fill it, run schemathesis, and return its exit code."""
    with running() as stack, world.filled(stack), tempfile.TemporaryDirectory() as folder:
        return run(stack.url, Path(folder), int(examples), *more).returncode


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
