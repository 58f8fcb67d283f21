"""Package and transform template.yaml as `sam package` and CloudFormation do, without AWS.

`sam package` replaces the folder of each function and layer by the address of an archive in S3,
whose name is the hash of its content. CloudFormation then transforms the template by the SAM
translator, and evaluates its expressions with the stack's name and parameters.
"""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

import boto3
from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator
from samtranslator.yaml_helper import yaml_parse

ROOT = Path(__file__).parents[3]
CODE = {"AWS::Serverless::Function": "CodeUri", "AWS::Serverless::LayerVersion": "ContentUri"}
PSEUDO = {"AWS::AccountId": "123456789012", "AWS::Partition": "aws", "AWS::Region": "us-east-1"}
SCHEMAS = Path(str(metadata.distribution("cfn-lint").locate_file("cfnlint/data/schemas/resources")))
"""AWS's schemas of resource types, as cfn-lint has them."""
ABSENT = object()
"""The value of `AWS::NoValue`."""

type Values = dict[str, Any]


@cache
def transformed(added_line: str = "") -> Values:
    """Return the transform of a package.

    `added_line` is appended to one module of the layer.
    """
    source = yaml_parse((ROOT / "template.yaml").read_text())
    for resource in source["Resources"].values():
        if kind := CODE.get(resource["Type"]):
            folder = ROOT / resource["Properties"][kind]
            resource["Properties"][kind] = f"s3://packages/{digest(folder, added_line)}"
    return translate(source)


def translate(source: Values) -> Values:
    """Return the transform of a packaged template."""
    session = boto3.session.Session(region_name=PSEUDO["AWS::Region"])
    result: Values = Translator({}, Parser(), boto_session=session).translate(source, {})
    return result


def digest(folder: Path, added_line: str) -> str:
    """Return the hash of a folder's content."""
    made = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts:
            made.update(path.read_bytes())
            made.update(added_line.encode() if path.name == "times.py" else b"")
    return made.hexdigest()


def deployed(stack_name: str = "callvault", *, added_line: str = "", **parameters: str) -> dict[str, Values]:
    """Return the resources of a stack: those whose condition holds, with their values."""
    evaluate = _evaluation(transformed(added_line), stack_name, parameters)
    found = transformed(added_line)["Resources"].items()
    return {name: evaluate(one) for name, one in found if evaluate.holds(one.get("Condition"))}


def refusals(**parameters: str) -> list[str]:
    """Return what the template's rules say about parameters that do not fit together."""
    template = transformed()
    evaluate = _evaluation(template, "callvault", parameters)
    rules = [rule for rule in template["Rules"].values() if evaluate(rule["RuleCondition"])]
    asserted = [one for rule in rules for one in rule["Assertions"]]
    return [one["AssertDescription"] for one in asserted if not evaluate(one["Assert"])]


def _evaluation(template: Values, stack_name: str, parameters: Mapping[str, str]) -> "Evaluation":
    values = {name: one.get("Default", "") for name, one in template["Parameters"].items()}
    return Evaluation(template, {**PSEUDO, "AWS::StackName": stack_name, **values, **parameters})


def schemas(kinds: set[str]) -> Iterator[Values]:
    """Yield AWS's schema of each resource type."""
    for path in SCHEMAS.glob("*.json"):
        text = path.read_text()
        if any(f'"{kind}"' in text for kind in kinds) and (schema := json.loads(text))["typeName"] in kinds:
            yield schema


class Evaluation:
    """Evaluates expressions. A reference to a resource becomes `STACK:LOGICAL_ID.ATTRIBUTE`."""

    def __init__(self, template: Values, values: Mapping[str, Any]) -> None:
        self._template, self._values = template, values

    def __call__(self, node: Any) -> Any:
        """Return a node with its expressions replaced by their values."""
        if isinstance(node, list):
            return [value for value in map(self, node) if value is not ABSENT]
        if not isinstance(node, dict):
            return node
        if len(node) == 1:
            [(name, argument)] = node.items()
            if name in {"Ref", "Condition"} or name.startswith("Fn::"):
                return self._expression(name, argument)
        pairs = ((key, self(value)) for key, value in node.items() if key != "Condition" or isinstance(value, dict))
        return {key: value for key, value in pairs if value is not ABSENT}

    def holds(self, condition: str | None) -> bool:
        """Return whether a condition holds; None does."""
        return condition is None or bool(self(self._template["Conditions"][condition]))

    def _expression(self, name: str, argument: Any) -> Any:
        match name, argument:
            case ("Ref", _) | ("Fn::GetAtt", _):
                value = self._reference(argument if isinstance(argument, str) else ".".join(argument))
            case "Fn::If", [condition, yes, no]:
                value = self(yes if self.holds(condition) else no)
            case "Fn::Sub", _:
                text, variables = (argument, {}) if isinstance(argument, str) else argument
                value = self._text(text, self(variables))
            case "Fn::FindInMap", [mapping, first, second]:
                value = self._template["Mappings"][mapping][self(first)][self(second)]
            case "Fn::Join", [separator, parts]:
                value = separator.join(map(str, self(parts)))
            case _:
                value = self._test(name, argument)
        return value

    def _test(self, name: str, argument: Any) -> bool:
        if name == "Condition":
            return self.holds(argument)
        found = self(argument)
        tests: dict[str, bool] = {"Fn::Equals": found[0] == found[-1], "Fn::Not": not found[0], "Fn::And": all(found)}
        tests["Fn::Or"] = any(found)
        return tests[name]

    def _reference(self, name: str) -> Any:
        if name == "AWS::NoValue":
            return ABSENT
        return self._values.get(name, f"{self._values['AWS::StackName']}:{name}")

    def _text(self, text: str, variables: Mapping[str, Any]) -> str:
        def value(match: re.Match[str]) -> str:
            name = match[1]
            return str(variables[name] if name in variables else self._reference(name))

        return re.sub(r"\$\{([\w:.]+)\}", value, text)
