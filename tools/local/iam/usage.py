"""Record the permissions that a stack's roles allow, and those that it used.

`tools.local.iam.report` reads the records. The environment variable CALLVAULT_IAM_USAGE is a
folder. Each stack of template.yaml that ends writes a file into it. Without the variable, nothing
is written.
"""

import json
import os
import uuid
from pathlib import Path

from tools.local.aws.process import PACKAGE_ROOT
from tools.local.iam.guard import Guard

VARIABLE = "CALLVAULT_IAM_USAGE"


def note(guard: Guard, template_path: Path) -> None:
    """Write what the roles of one stack allow, and what was used."""
    folder = os.environ.get(VARIABLE)
    if not folder or template_path != PACKAGE_ROOT / "template.yaml":
        return
    allowed = guard.permissions()
    content = {"allowed": sorted(map(str, allowed)), "used": sorted(map(str, guard.used & allowed))}
    Path(folder).mkdir(parents=True, exist_ok=True)
    (Path(folder) / f"{uuid.uuid4()}.json").write_text(json.dumps(content, indent=1))
