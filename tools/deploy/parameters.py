"""The template's parameters, and which values each accepts."""

import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from samtranslator.yaml_helper import yaml_parse

from tools.deploy.errors import DeployError

NUMBER = re.compile(r"0|[1-9][0-9]*")
"""A number in one spelling: CloudFormation's conditions compare texts, so `00` would not be `0`."""
TEMPLATE = Path(__file__).parents[2] / "template.yaml"


@dataclass(frozen=True, kw_only=True)
class Parameter:
    """One parameter of the template."""

    name: str
    default: str
    description: str
    constraints: Mapping[str, Any]

    def problem(self, value: str) -> str | None:
        """Return what is wrong with a value as CloudFormation would see it, or None."""
        allowed = [str(one) for one in self.constraints.get("AllowedValues", ())]
        if allowed and value not in allowed:
            return f"{self.name} must be one of {', '.join(allowed)}."
        pattern = self.constraints.get("AllowedPattern")
        if pattern and not re.fullmatch(pattern, value):
            return f"{self.name} must have the form {pattern}."
        if self.constraints["Type"] == "Number":
            return self._problem_of_number(value)
        return None

    def _problem_of_number(self, value: str) -> str | None:
        if not NUMBER.fullmatch(value):
            return f"{self.name} must be a whole number without leading zeros."
        least, most = self.constraints.get("MinValue"), self.constraints.get("MaxValue")
        if least is not None and int(value) < int(least):
            return f"{self.name} must be at least {least}."
        if most is not None and int(value) > int(most):
            return f"{self.name} must be at most {most}."
        return None


@cache
def read(template: Path) -> Mapping[str, Parameter]:
    """Return the parameters of a template, by name, in its order."""
    return {
        name: Parameter(
            name=name, default=str(one.get("Default", "")), description=one["Description"].strip(), constraints=one
        )
        for name, one in yaml_parse(template.read_text())["Parameters"].items()
    }


def given(text: str, known: Mapping[str, Parameter]) -> dict[str, str]:
    """Return the values that `NAME=VALUE NAME=VALUE` gives; raises DeployError."""
    try:
        words = shlex.split(text)
    except ValueError as error:
        raise DeployError(f"PARAMETERS cannot be read: {error}.") from None
    values = {}
    for word in words:
        name, equals, value = word.partition("=")
        if not equals or name not in known:
            names = ", ".join(known)
            raise DeployError(f"PARAMETERS has {word}. Each word must be NAME=VALUE with one of these names: {names}.")
        if problem := known[name].problem(value):
            raise DeployError(problem)
        values[name] = value
    return values
