"""`make deploy` as a user runs it, with a stand-in of the SAM CLI and the local stack's AWS."""

import os
import pty
import subprocess
from pathlib import Path

import yaml

from tools.local.stack import Stack

ROOT = Path(__file__).parents[3]
SAM = """\
#!/bin/sh
echo "$@" >> "$(dirname "$0")/record"
"""
SECONDS = 60


def make_deploy(local: Stack, folder: Path, *given: str, terminal: int | None = None) -> list[str]:
    """Run the target and return the command lines that the SAM CLI got."""
    sam = folder / "sam"
    sam.write_text(SAM)
    sam.chmod(0o755)
    subprocess.run(
        ["make", "deploy", f"SAM_COMMAND={sam}", *given],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "STACK": local.name, **local.aws_environment()},
        stdin=subprocess.DEVNULL if terminal is None else terminal,
        check=True,
        timeout=SECONDS,
    )
    return (folder / "record").read_text().splitlines()


def test_a_terminal_at_which_every_question_gets_enter_deploys(local: Stack, tmp_path: Path) -> None:
    master, slave = pty.openpty()
    os.write(master, b"\n" * 100)
    build, deploy = make_deploy(local, tmp_path, terminal=slave)
    os.close(master)
    os.close(slave)
    assert build == "build"
    assert deploy.startswith("deploy ")
    assert deploy.endswith(f"--stack-name {local.name} --region us-east-1")


def test_without_a_terminal_the_variables_decide(local: Stack, tmp_path: Path) -> None:
    deploy = make_deploy(local, tmp_path, "PARAMETERS=LogRetentionDays=90")[1]
    assert f"--stack-name {local.name} --region us-east-1 --parameter-overrides file://" in deploy
    assert yaml.safe_load((ROOT / "build" / "parameters.yaml").read_text()) == {"LogRetentionDays": "90"}
