"""Blocks that need AWS are not run; but the shell and the AWS CLI can read them."""

import re
import subprocess

import jmespath  # type: ignore[import-untyped]
import pytest

from tests.docs import aws_commands, blocks
from tests.docs.aws_commands import Command

SHELL = [one for one in blocks.every() if one.language == "sh"]
QUERY = re.compile(r"""--query (?:"((?:[^"\\]|\\.)*)"|'([^']*)')""")


@pytest.mark.parametrize("command", aws_commands.every(), ids=str)
def test_the_aws_cli_has_the_command(command: Command) -> None:
    assert list(command.actions())


@pytest.mark.parametrize("block", SHELL, ids=str)
def test_the_shell_can_read_a_block(block: blocks.Block) -> None:
    read = subprocess.run(["bash", "-n"], input=block.text, capture_output=True, text=True, check=False)
    assert read.stderr == ""


def test_the_aws_cli_can_read_every_query() -> None:
    queries = [one[1] or one[2] for block in SHELL for one in QUERY.finditer(block.text)]
    assert len(queries) > 10
    for query in queries:
        jmespath.compile(query.replace(r"\"", '"'))
