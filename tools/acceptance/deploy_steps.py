"""Deploy a changed copy of the checkout, check that it is live, and deploy the checkout again."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from tools.acceptance import archive_steps
from tools.acceptance.target import FailedError, SkippedError, Target

ROOT = Path(__file__).parents[2]
SHIPPED = ("template.yaml", "pyproject.toml", "samconfig.toml", "Makefile", ".python-version", "requirements-dev.txt")
FOLDERS = ("functions", "layers", "tools")
MARKED = Path("layers/common/callvault/openapi.yaml")
"""A file of the layer that the API serves: an added line shows that the new layer is live."""
DEPLOY_SECONDS = 900
MAX_DOWNLOAD_SECONDS = 3600
"""The template's maximum of DownloadUrlSeconds."""


def deploy(stack: str, root: Path = ROOT, parameters: Mapping[str, str] | None = None) -> None:
    """Deploy a checkout without a terminal; raises FailedError with the end of the output.

    What PARAMETERS says is deployed too. The variables of an outer make would override both.
    """
    written = " ".join(f"{name}={value}" for name, value in (parameters or {}).items())
    outer = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}
    done = subprocess.run(
        ["make", "deploy"],
        cwd=root,
        env={**outer, "STACK": stack, "PARAMETERS": f"{os.environ.get('PARAMETERS', '')} {written}".strip()},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=DEPLOY_SECONDS,
    )
    if done.returncode:
        raise FailedError("make deploy: " + " ".join((done.stdout + done.stderr).splitlines()[-5:]))


def deploy_again(target: Target) -> str:
    """Deploy a changed layer and a changed parameter, check both, and deploy the checkout again."""
    if target.local:
        raise SkippedError(
            "needs CloudFormation and Lambda of AWS; locally, tests compare two packaged templates instead"
        )
    marker = f"# acceptance {target.run}"
    usual = int(target.parameters["DownloadUrlSeconds"])
    changed = usual + 1 if usual < MAX_DOWNLOAD_SECONDS else usual - 1
    try:
        with tempfile.TemporaryDirectory() as folder:
            copy = _copied(Path(folder))
            with (copy / MARKED).open("a") as layer:
                layer.write(f"{marker}\n")
            deploy(target.stack, copy, {"DownloadUrlSeconds": str(changed)})
        target.await_that(
            lambda: marker.encode() in target.send("GET", "/openapi.yaml")[2],
            lambda: "the layer of the second deployment is not live",
        )
        account_id, recording_id = target.put_bandwidth_account(), f"{target.run}-whole-2"
        target.announce(account_id, recording_id)
        target.await_verified(account_id, recording_id)
        query = parse_qs(urlsplit(archive_steps.presigned(target, account_id, recording_id)).query)
        if query["X-Amz-Expires"] != [str(changed)]:
            raise FailedError(f"presigned URLs are valid for {query['X-Amz-Expires']} s, not {changed} s")
    finally:
        deploy(target.stack, parameters={"DownloadUrlSeconds": str(usual)})
    return "the changed layer and the changed parameter answered; the stack is as before"


def _copied(folder: Path) -> Path:
    """Return a copy of what is deployed, with the tools of this checkout."""
    for name in SHIPPED:
        shutil.copy2(ROOT / name, folder / name)
    for name in FOLDERS:
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in (".uv", ".venv"):
        (folder / name).symlink_to(ROOT / name)
    return folder
