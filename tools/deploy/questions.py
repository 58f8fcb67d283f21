"""Ask for the stack's name, the region and the parameters. Enter accepts the default."""

import textwrap
from collections.abc import Callable, Mapping

from tools.deploy.parameters import Parameter

BLANK = "-"
"""An answer that makes a parameter blank, because Enter keeps its value."""


def ask(question: str, default: str, problem: Callable[[str], str | None]) -> str:
    """Return the answer to a question; ask again as long as there is a problem with it.

    Raises EOFError at the end of the input.
    """
    while True:
        answer = input(f"{question} [{default}]: ").strip() or default
        if found := problem(answer):
            print(found)
        else:
            return answer


def ask_parameters(parameters: Mapping[str, Parameter], current: Mapping[str, str]) -> dict[str, str]:
    """Return the values that differ from the current ones."""
    print(f"\nEnter keeps the value in brackets; {BLANK} makes it blank.")
    changed = {}
    for name, parameter in parameters.items():
        value = _ask_parameter(parameter, current[name])
        if value != current[name]:
            changed[name] = value
    return changed


def _ask_parameter(parameter: Parameter, current: str) -> str:
    def problem(answer: str) -> str | None:
        return parameter.problem(_value(answer))

    print("\n" + textwrap.fill(parameter.description, 100))
    return _value(ask(parameter.name, current, problem))


def _value(answer: str) -> str:
    return "" if answer == BLANK else answer
