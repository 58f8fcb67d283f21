"""Let CloudFormation evaluate a template's expressions: each becomes an output of the stack."""

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

ABSENT = object()
"""The value of `AWS::NoValue`."""


def is_expression(node: object) -> bool:
    """Return whether a value is a `Ref` or an `Fn::…`."""
    return isinstance(node, dict) and len(node) == 1 and next(iter(node)).startswith(("Ref", "Fn::"))


def outputs(node: Any) -> dict[str, Any]:  # noqa: ANN401 - any JSON value
    """Return the outputs that a template needs for `resolve`.

    The outputs of a conditional resource have its condition.
    """
    found: dict[str, Any] = {}
    for expression, condition in _expressions(node, None):
        output = {"Value": expression, **({"Condition": condition} if condition else {})}
        # If a resource without a condition has the same expression, the output has no condition.
        if found.get(_name(expression), output).get("Condition"):
            found[_name(expression)] = output
        else:
            found.setdefault(_name(expression), output)
    return found


def tests(conditions: Iterable[str]) -> dict[str, Any]:
    """Return the outputs that a template needs for `holds` and `chosen`."""
    return {_name(_test(condition)): {"Value": _test(condition)} for condition in conditions}


def resolve(node: Any, values: Mapping[str, str]) -> Any:  # noqa: ANN401 - any JSON value
    """Return a value with each expression replaced by its output; `AWS::NoValue` is left out."""
    if is_expression(node):
        if "Fn::If" in node:
            return resolve(chosen(node, values), values)
        return values.get(_name(node), ABSENT)
    if isinstance(node, dict):
        pairs = ((key, resolve(value, values)) for key, value in node.items())
        return {key: value for key, value in pairs if value is not ABSENT}
    if isinstance(node, list):
        return [value for value in (resolve(item, values) for item in node) if value is not ABSENT]
    return node


def chosen(node: Any, values: Mapping[str, str]) -> Any:  # noqa: ANN401 - any JSON value
    """Return the branch that an `Fn::If` chooses, or any other value unchanged."""
    while is_expression(node) and "Fn::If" in node:
        condition, yes, no = node["Fn::If"]
        node = yes if holds(condition, values) else no
    return node


def holds(condition: str | None, values: Mapping[str, str]) -> bool:
    """Return whether a condition is true; None, no condition, counts as true."""
    return condition is None or values[_name(_test(condition))] == "true"


def replace(node: Any, stand_in: Callable[[str, str | None], Any]) -> Any:  # noqa: ANN401 - any JSON value
    """Return a value with each reference replaced by `stand_in(logical id, attribute or None)`.

    A reference stays if `stand_in` returns None.
    """
    if is_expression(node):
        if "Fn::Sub" in node:
            return _replace_in_sub(node["Fn::Sub"], stand_in)
        if reference := _reference(node):
            found = stand_in(*reference)
            return node if found is None else found
    if isinstance(node, dict):
        return {key: replace(value, stand_in) for key, value in node.items()}
    if isinstance(node, list):
        return [replace(item, stand_in) for item in node]
    return node


def _reference(expression: dict[str, Any]) -> tuple[str, str | None] | None:
    """Return the logical id and the attribute that a `Ref` or an `Fn::GetAtt` names, or None."""
    if "Ref" in expression:
        return expression["Ref"], None
    if "Fn::GetAtt" not in expression:
        return None
    parts = expression["Fn::GetAtt"]
    name, attribute = parts.split(".", 1) if isinstance(parts, str) else (parts[0], ".".join(parts[1:]))
    return name, attribute


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


def _expressions(node: Any, condition: str | None) -> Iterator[tuple[dict[str, Any], str | None]]:  # noqa: ANN401
    if is_expression(node):
        if "Fn::If" in node:
            test, yes, no = node["Fn::If"]
            yield _test(test), None
            yield from _expressions([yes, no], condition)
        elif node != {"Ref": "AWS::NoValue"}:
            yield node, condition
    elif isinstance(node, dict):
        # The condition of a resource is a name; that of a policy's statement is not.
        if isinstance(node.get("Condition"), str):
            condition = node["Condition"]
        for value in node.values():
            yield from _expressions(value, condition)
    elif isinstance(node, list):
        for item in node:
            yield from _expressions(item, condition)


def _name(expression: dict[str, Any]) -> str:
    return "Local" + hashlib.sha256(json.dumps(expression, sort_keys=True).encode()).hexdigest()[:24]
