"""Have CloudFormation compute a template's expressions: each becomes an output of the stack, and is read back from there."""

import hashlib
import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

ABSENT = object()


def is_expression(node: object) -> bool:
    """Say whether a value is a `Ref` or an `Fn::…`."""
    return isinstance(node, dict) and len(node) == 1 and next(iter(node)).startswith(("Ref", "Fn::"))


def outputs(node: Any) -> dict[str, Any]:  # noqa: ANN401 - any JSON value
    """Return the outputs that a template needs for `resolve`."""
    return {_name(expression): {"Value": expression} for expression in _expressions(node)}


def resolve(node: Any, values: Mapping[str, str]) -> Any:  # noqa: ANN401 - any JSON value
    """Return a value with each expression replaced by what the stack says; what it omits (`AWS::NoValue`) is left out."""
    if is_expression(node):
        if "Fn::If" in node:
            condition, yes, no = node["Fn::If"]
            return resolve(yes if values[_name(_test(condition))] == "true" else no, values)
        return values.get(_name(node), ABSENT)
    if isinstance(node, dict):
        pairs = ((key, resolve(value, values)) for key, value in node.items())
        return {key: value for key, value in pairs if value is not ABSENT}
    if isinstance(node, list):
        return [value for value in (resolve(item, values) for item in node) if value is not ABSENT]
    return node


def holds(condition: str | None, values: Mapping[str, str]) -> bool:
    """Say whether a resource with this condition exists."""
    return condition is None or values[_name(_test(condition))] == "true"


def replace(node: Any, stand_in: Callable[[str, str | None], Any]) -> Any:  # noqa: ANN401 - any JSON value
    """Return a value with references replaced: `stand_in(logical id, attribute or None)` says by what, or None to keep it."""
    if is_expression(node):
        if "Ref" in node:
            found = stand_in(node["Ref"], None)
            return node if found is None else found
        if "Fn::GetAtt" in node:
            parts = node["Fn::GetAtt"]
            name, attribute = parts.split(".", 1) if isinstance(parts, str) else (parts[0], ".".join(parts[1:]))
            found = stand_in(name, attribute)
            return node if found is None else found
        if "Fn::Sub" in node:
            return _replace_in_sub(node["Fn::Sub"], stand_in)
    if isinstance(node, dict):
        return {key: replace(value, stand_in) for key, value in node.items()}
    if isinstance(node, list):
        return [replace(item, stand_in) for item in node]
    return node


def _replace_in_sub(argument: Any, stand_in: Callable[[str, str | None], Any]) -> dict[str, Any]:  # noqa: ANN401
    text, variables = (argument, {}) if isinstance(argument, str) else argument
    variables = {key: replace(value, stand_in) for key, value in variables.items()}

    def one(match: re.Match[str]) -> str:
        name, _, attribute = match[1].partition(".")
        found = None if name in variables else stand_in(name, attribute or None)
        if found is None:
            return match[0]
        if isinstance(found, str):
            return found
        variables[f"Local{name}"] = found
        return f"${{Local{name}}}"

    text = re.sub(r"\$\{([\w:.]+)\}", one, text)
    return {"Fn::Sub": [text, variables] if variables else text}


def _test(condition: str) -> dict[str, Any]:
    return {"Fn::If": [condition, "true", "false"]}


def _expressions(node: Any) -> Iterator[dict[str, Any]]:  # noqa: ANN401
    if is_expression(node):
        if "Fn::If" in node:
            condition, yes, no = node["Fn::If"]
            yield _test(condition)
            yield from _expressions([yes, no])
        elif node != {"Ref": "AWS::NoValue"}:
            yield node
    elif isinstance(node, dict):
        if isinstance(node.get("Type"), str) and isinstance(node.get("Condition"), str):
            yield _test(node["Condition"])
        for value in node.values():
            yield from _expressions(value)
    elif isinstance(node, list):
        for item in node:
            yield from _expressions(item)


def _name(expression: dict[str, Any]) -> str:
    return "Local" + hashlib.sha256(json.dumps(expression, sort_keys=True).encode()).hexdigest()[:24]
