"""Write the description: `python -m tools.openapi`.

With `--check`, only check that the file has the description.
"""

import sys
from typing import Any

from openapi_spec_validator import OpenAPIV31SpecValidator

from tools.openapi import document, writer
from tools.openapi.surface import UndescribedError


def main(arguments: list[str]) -> int:
    """Write or check the description, and return the exit status."""
    try:
        description = document.build()
    except UndescribedError as error:
        print(error, file=sys.stderr)
        return 1
    if wrong := invalid(description):
        print(*wrong, sep="\n", file=sys.stderr)
        return 1
    text = writer.write(description)
    if "--check" not in arguments:
        writer.PATH.write_text(text)
    elif not writer.is_current(text):
        print(f"{writer.PATH.name} differs from the code: run `make openapi`.", file=sys.stderr)
        return 1
    return 0


def invalid(description: dict[str, Any]) -> list[str]:
    """Return the errors of a description as OpenAPI 3.1, one line each."""
    validator = OpenAPIV31SpecValidator(description)
    return [f"{'/'.join(map(str, error.absolute_path))}: {error.message}" for error in validator.iter_errors()]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
