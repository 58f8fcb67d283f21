"""Find the reasons that the code can give for a failed attempt, a refusal or a dead letter."""

import ast
from collections.abc import Iterator

from tests.conftest import ROOT

PACKAGE = ROOT / "layers/common/callvault"
ERRORS = {"RejectedError", "UnavailableError", "ConflictError", "HeldError", "kind"}
"""The errors whose first argument is a reason; the package calls a choice of two of them `kind`."""


def in_code() -> set[str]:
    """Return every reason that is a literal in the package.

    A reason that ends with a status is returned without the status: `http_`, `refused_`.
    """
    return {reason for path in PACKAGE.rglob("*.py") for reason in _reasons(ast.parse(path.read_text()))}


def _reasons(tree: ast.AST) -> Iterator[str]:
    """Yield the reasons of a module."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and node.args:
            text, name = _text(node.args[0]), _name(node.func)
            if text and name in ERRORS:
                yield text
            elif text and name == "guard":
                yield f"{text}_unavailable"
        elif isinstance(node, ast.ClassDef) and ERRORS & {_name(base) for base in node.bases}:
            yield from _of_class(node)


def _of_class(node: ast.ClassDef) -> Iterator[str]:
    """Yield the reason that an error's own class names."""
    for call in ast.walk(node):
        if isinstance(call, ast.Call) and call.args and _name(call.func) == "__init__" and _text(call.args[0]):
            yield str(_text(call.args[0]))


def _name(node: ast.AST) -> str:
    """Return the name of a function or a class, without the module or the object it belongs to."""
    return getattr(node, "attr", "") or getattr(node, "id", "")


def _text(node: ast.AST) -> str | None:
    """Return the text of a literal, or the beginning of a formatted one; None for anything else."""
    if isinstance(node, ast.JoinedStr):
        return _text(node.values[0])
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None
