"""Keep the samples of a release in tests/releases/<version>/: `make release-samples`.

| file | content |
|---|---|
| `callvault.zip` | the release's package without openapi.yaml, with `tools/releases`, `tools/ops` |
| `table.json` | the definition of the table in the release's template |
| `<kind>.json` | what the archived code wrote, and what it understood of it |

An existing folder is not changed: it records what the release wrote. Use REPLACE=yes only before
the release is published.
"""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from samtranslator.yaml_helper import yaml_parse

import callvault
from tools import release
from tools.release import ROOT

FOLDER = ROOT / "tests" / "releases"
TABLE = ("BillingMode", "AttributeDefinitions", "KeySchema", "GlobalSecondaryIndexes")
"""Properties of the table that decide what can be read from it."""
ARCHIVE = "callvault.zip"


def table(template: Path) -> dict[str, Any]:
    """Return the definition of the table in a template."""
    properties = yaml_parse(template.read_text())["Resources"]["RecordingsTable"]["Properties"]
    return {name: properties[name] for name in TABLE}


def run(archive: Path, command: str, given: dict[str, Any]) -> Any:  # noqa: ANN401 - JSON
    """Let the code of an archive write or read samples, in a process of its own."""
    with TemporaryDirectory() as folder:
        source, target = Path(folder) / "given.json", Path(folder) / "result.json"
        source.write_text(json.dumps(given))
        subprocess.run(
            [sys.executable, "-P", "-m", "tools.releases", command, str(source), str(target)],
            cwd=folder,
            env={"PATH": os.environ["PATH"], "PYTHONPATH": str(archive)},
            stdout=subprocess.DEVNULL,  # the package's log
            check=True,
        )
        return json.loads(target.read_text())


def pack(target: Path) -> None:
    """Write an archive with the package and the modules that read and write samples."""
    unused = shutil.ignore_patterns("openapi.yaml", "__pycache__", "keep.py")
    with TemporaryDirectory() as folder:
        staged = Path(folder)
        shutil.copytree(ROOT / "layers" / "common" / "callvault", staged / "callvault", ignore=unused)
        for name in ("ops", "releases"):
            shutil.copytree(ROOT / "tools" / name, staged / "tools" / name, ignore=unused)
        (staged / "tools" / "__init__.py").write_text("")  # a package in an archive needs one
        release.archive(staged, target)


def keep(folder: Path, *, replace: bool = False) -> None:
    """Write a folder with the samples of the code as it is; raises FileExistsError."""
    if folder.exists() and not replace:
        raise FileExistsError(f"{folder} has samples already. REPLACE=yes writes them again.")
    with TemporaryDirectory() as made:
        archive, definition = Path(made) / ARCHIVE, table(ROOT / "template.yaml")
        pack(archive)
        kinds = run(archive, "write", {"table": definition})
        for name, content in {"table": definition, **kinds}.items():
            (Path(made) / f"{name}.json").write_text(_lines(content))
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(made, folder)


def _lines(content: dict[str, Any]) -> str:
    """Return JSON with one member of the outer object a line."""
    members = (f"{json.dumps(name)}: {json.dumps(value, ensure_ascii=False)}" for name, value in content.items())
    return "{\n" + ",\n".join(members) + "\n}\n"


def main() -> int:
    """Keep the samples of this version and return the exit status."""
    folder = FOLDER / callvault.__version__
    try:
        keep(folder, replace=os.environ.get("REPLACE") == "yes")
    except FileExistsError as error:
        print(error, file=sys.stderr)
        return 1
    print(f"{folder.relative_to(ROOT)}: {len(list(folder.iterdir()))} files")
    return 0


if __name__ == "__main__":
    sys.exit(main())
