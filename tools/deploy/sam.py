"""Run the SAM CLI: build the code, then deploy it."""

import json
import os
import shlex
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).parents[2]
GIVEN = ROOT / "build" / "parameters.yaml"
"""File with the given parameter values: on the command line they would need the SAM CLI's quoting.

It has JSON, which is valid YAML."""
OPTIONS = (
    "--config-env",
    "make-deploy",  # samconfig.toml has no such section, so its options do not count here
    "--capabilities",
    "CAPABILITY_IAM",
    "--no-confirm-changeset",
    "--no-fail-on-empty-changeset",
)


def build() -> int:
    """Build functions and layer; return the exit status."""
    return run(["build"])


def deploy(name: str, region: str, given: Mapping[str, str]) -> int:
    """Deploy what was built, without questions; return the exit status.

    Without `--guided` SAM does not ask whether each route may be without authentication; the
    functions authenticate.
    """
    bucket = os.environ.get("ARTIFACT_BUCKET")
    artifacts = ["--s3-bucket", bucket, "--s3-prefix", name] if bucket else ["--resolve-s3"]
    overrides = ["--parameter-overrides", f"file://{GIVEN}"] if given else []
    GIVEN.parent.mkdir(exist_ok=True)
    GIVEN.write_text(json.dumps(dict(given)))
    return run(["deploy", *OPTIONS, *artifacts, "--stack-name", name, "--region", region, *overrides])


def run(arguments: Sequence[str]) -> int:
    """Run the SAM CLI and return its exit status."""
    sys.stdout.flush()
    return subprocess.run([*shlex.split(os.environ.get("SAM", "sam")), *arguments], cwd=ROOT, check=False).returncode
