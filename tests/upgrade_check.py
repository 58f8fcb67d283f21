"""Build and package twice with the SAM CLI, a line of the layer changed: `make upgrade-check`.

The second package must change every function, although the code of no function has changed: that is
the update that CloudFormation once reported as complete and did not serve. The packages go into the
bucket of a local S3.
"""

import os
import shlex
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from samtranslator.yaml_helper import yaml_parse

from tests.unit.stack import transforms
from tools.local.stack import Stack
from tools.local.start import running

BUCKET = "callvault-upgrade"
CHANGED = Path("layers/common/callvault/times.py")

type Functions = dict[str, dict[str, Any]]


def packaged(folder: Path, stack: Stack) -> dict[str, Any]:
    """Build and package a copy of the project, and return the transform of the result."""
    environment = os.environ | stack.aws_environment()
    built, result = folder / "built", folder / "packaged.yaml"
    build = ["build", "--template-file", folder / "template.yaml", "--build-dir", built]
    package = ["package", "--template-file", built / "template.yaml", "--s3-bucket", BUCKET, "--no-progressbar"]
    for command in (build, [*package, "--output-template-file", result]):
        sam = [*shlex.split(os.environ.get("SAM", "sam")), *map(str, command)]
        subprocess.run(sam, cwd=transforms.ROOT, env=environment, check=True, stdout=subprocess.DEVNULL)
    return transforms.translate(yaml_parse(result.read_text()))


def functions(template: dict[str, Any]) -> Functions:
    """Return the properties of every function, each layer replaced by its content."""
    found = {
        name: one["Properties"] for name, one in template["Resources"].items() if one["Type"] == "AWS::Lambda::Function"
    }
    contents = {name: one["Properties"].get("Content") for name, one in template["Resources"].items()}
    return {name: one | {"Layers": [contents[layer["Ref"]] for layer in one["Layers"]]} for name, one in found.items()}


def problems(before: Functions, after: Functions) -> list[str]:
    """Return what is wrong with an update from one package to the next."""
    found = [f"{name} is not changed by a changed layer" for name in before if before[name] == after[name]]
    return found + [f"{name} has other code, though none was changed" for name in before if code(before, after, name)]


def code(before: Functions, after: Functions, name: str) -> bool:
    """Return whether a function's own code differs."""
    return bool(before[name]["Code"] != after[name]["Code"])


def main() -> int:
    """Build and package twice, compare, and return the exit status."""
    with tempfile.TemporaryDirectory() as name, running() as stack:
        folder = Path(name)
        for source in ("functions", "layers", "template.yaml"):
            path = transforms.ROOT / source
            _ = shutil.copytree(path, folder / source) if path.is_dir() else shutil.copy2(path, folder / source)
        stack.client("s3").create_bucket(Bucket=BUCKET)
        before = functions(packaged(folder, stack))
        with (folder / CHANGED).open("a") as layer:
            layer.write("# one more line\n")
        after = functions(packaged(folder, stack))
    found = problems(before, after)
    result = (
        "\n".join(found) or f"A changed line of the layer changes all {len(before)} functions, and no function's code."
    )
    sys.stdout.write(f"{result}\n")
    return 1 if found or not before else 0


if __name__ == "__main__":
    sys.exit(main())
