"""Blocks that need AWS are not run; but the shell and the AWS CLI can read them."""

import re
import subprocess

import jmespath  # type: ignore[import-untyped]
import pytest

from tests.docs import aws_commands, blocks
from tests.docs.aws_commands import Command
from tools.deploy import parameters

SHELL = [one for one in blocks.every() if one.language == "sh"]
QUERY = re.compile(r"""--query (?:"((?:[^"\\]|\\.)*)"|'([^']*)')""")


@pytest.mark.parametrize("command", aws_commands.every(), ids=str)
def test_the_aws_cli_has_the_command(command: Command) -> None:
    assert list(command.actions())


@pytest.mark.parametrize("block", SHELL, ids=str)
def test_the_shell_can_read_a_block(block: blocks.Block) -> None:
    read = subprocess.run(["bash", "-n"], input=block.text, capture_output=True, text=True, check=False)
    assert read.stderr == ""


def queries(page: str = "") -> list[str]:
    """Return the queries of a page, or of all, as the shell hands them on."""
    texts = [one.text for one in SHELL if page in one.page]
    found = [one[1] or one[2] for text in texts for one in QUERY.finditer(text)]
    return [one.replace(r"\"", '"') for one in found]


def test_the_aws_cli_can_read_every_query() -> None:
    assert len(queries()) > 10
    for query in queries():
        jmespath.compile(query)


def test_the_parameters_that_are_saved_of_a_stack_can_be_given_to_the_next_one() -> None:
    known = parameters.read(parameters.TEMPLATE)
    values = {name: one.default for name, one in known.items()}
    values |= {"CorsOrigins": "https://a.example.com, https://b.example.com", "BucketName": "recordings"}
    stack = {"Parameters": [{"ParameterKey": name, "ParameterValue": value} for name, value in values.items()]}
    [query] = [one for one in queries("operate/upgrade") if "join" in one]
    saved = " ".join(line for [line] in jmespath.search(query, {"Stacks": [stack]}))
    assert parameters.given(saved, known) == values
