"""The rules that every command of the program keeps, and its help, completion and errors."""

import contextlib
import json
import os
import pty
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from botocore.exceptions import ClientError, EndpointConnectionError, NoCredentialsError, SSOTokenLoadError

from callvault.errors import UnavailableError
from tests.conftest import ROOT
from tools.ops import advice, cli, masking, printing, registry, stack_settings
from tools.ops.progress import Progress

HARMLESS = {"--unmasked"}
"""Options whose help text speaks of secrets, and which have none."""


def commands(command: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Yield each command of the program with its name."""
    inner = getattr(command, "commands", None)
    if inner is None:
        yield path.strip(), command
    for name, one in (inner or {}).items():
        yield from commands(one, f"{path} {name}")


COMMANDS = dict(commands(typer.main.get_command(cli.program())))


class Terminal:
    """A terminal that stands for stdout and stderr while it is open."""

    def __init__(self) -> None:
        self.master, slave = pty.openpty()
        os.set_blocking(self.master, False)
        self.file = os.fdopen(slave, "w", buffering=1)

    @contextlib.contextmanager
    def open(self) -> Iterator[None]:
        """Let stdout and stderr be this terminal."""
        with contextlib.redirect_stdout(self.file), contextlib.redirect_stderr(self.file):
            yield

    def text(self) -> str:
        """Return what was written; a terminal keeps at least 4 KiB until somebody reads it."""
        self.file.flush()
        written = b""
        with contextlib.suppress(BlockingIOError):
            while part := os.read(self.master, 4096):
                written += part
        return written.decode().replace("\r\n", "\n")


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Iterator[Terminal]:
    """Give a terminal of 100 columns."""
    one = Terminal()
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.setenv("TERM", "xterm")
    yield one
    one.file.close()
    os.close(one.master)


def test_the_program_has_the_commands_of_every_module() -> None:
    modules = {path.stem for path in (ROOT / "tools" / "ops").glob("commands_*.py")}
    assert {module.__name__.rpartition(".")[2] for module in cli.COMMANDS} == modules
    assert {"retry", "dlq list", "dlq show", "dlq redrive"} <= set(COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_a_stack_json_and_a_help_text(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    options = {option for parameter in COMMANDS[name].params for option in parameter.opts}
    assert {"--stack", "--json"} <= options
    for option in ("--help", "-h"):
        assert cli.main([*name.split(), option]) == 0
        assert f"Usage: callvault {name} " in capsys.readouterr().out
    assert COMMANDS[name].help


@pytest.mark.parametrize("name", COMMANDS)
def test_no_command_takes_a_secret_from_the_command_line(name: str) -> None:
    for parameter in COMMANDS[name].params:
        assert not [one for one in (parameter.name, *parameter.opts) if masking.SECRET.search(one)]
        assert parameter.opts[0] in HARMLESS or not masking.SECRET.search(getattr(parameter, "help", None) or "")


@pytest.mark.parametrize(
    ("line", "error"),
    [
        ("", "callvault: error: Missing command."),
        ("lst", "callvault: error: No such command 'lst'."),
        (
            "dlq list --older-than soon",
            "callvault dlq list: error: Invalid value for '--older-than': 'soon' is not a duration, such as 90s",
        ),
        (
            "dlq list --queue x",
            "callvault dlq list: error: Invalid value for '--queue': 'x' is not one of 'fetch', 'objects'",
        ),
        ("retry", "callvault retry: error: Invalid value for '--account' / '--all-accounts': give one of the two."),
    ],
)
def test_a_usage_error_names_the_command_the_value_and_the_help(
    capsys: pytest.CaptureFixture[str], line: str, error: str
) -> None:
    """No stack exists here, so these errors are found before AWS is asked."""
    assert cli.main(line.split()) == 2
    usage, said, hint = capsys.readouterr().err.splitlines()
    program = error.partition(":")[0]
    assert usage.startswith(f"Usage: {program} ")
    assert said.startswith(error)
    assert hint == f"Try '{program} --help'."


def test_an_input_that_ends_too_early_is_a_failure(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def ask(_: str) -> None:
        raise EOFError

    monkeypatch.setattr(stack_settings, "load", ask)
    assert cli.main(["dlq", "list"]) == 1
    assert "The input ended too early. Nothing was changed." in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        ("callvault ", {"retry", "dlq"}),
        ("callvault dlq re", {"redrive"}),
        ("callvault dlq list --queue f", {"fetch", "forward"}),
        ("callvault retry --reason not_a", {"not_audio"}),
        ("callvault retry --all", {"--all-accounts"}),
    ],
)
def test_a_shell_completes_commands_options_and_reasons(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], words: str, offered: set[str]
) -> None:
    monkeypatch.setenv("_CALLVAULT_COMPLETE", "complete_bash")
    monkeypatch.setenv("COMP_WORDS", words)
    monkeypatch.setenv("COMP_CWORD", str(words.count(" ")))
    with pytest.raises(SystemExit) as caught:
        cli.main([])
    assert caught.value.code == 0
    assert offered <= set(capsys.readouterr().out.split())


def test_a_terminal_gets_a_framed_table_that_shows_every_character(terminal: Terminal) -> None:
    with terminal.open():
        printing.table([{"account": "[bold]a1[/bold]\x1b[31m", "count": 3}], "nothing")
    written = terminal.text()
    assert "─" in written
    assert "[bold]a1[/bold]\\u001b[31m" in written
    assert "ACCOUNT" in written


def test_a_pipe_gets_plain_lines_even_if_colours_are_forced(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    printing.table([{"account": "a1", "next_attempt": None}, {"account": "account-2", "next_attempt": 7}], "nothing")
    assert capsys.readouterr().out == "ACCOUNT    NEXT ATTEMPT\na1         -\naccount-2  7\n"
    assert cli.main(["--help"]) == 0
    assert capsys.readouterr().out.isascii()


def test_json_is_the_same_on_a_terminal(terminal: Terminal) -> None:
    with terminal.open():
        printing.as_json({"a": [1]})
    assert json.loads(terminal.text()) == {"a": [1]}


def test_a_terminal_shows_a_bar_with_the_time_left_and_errors_above_it(terminal: Terminal) -> None:
    with terminal.open():
        progress = Progress("fetch: inspected", 2)
        progress.step()
        printing.error("r1: the table did not answer")
        progress.step(3)
        progress.end()
    written = terminal.text()
    assert "fetch: inspected 1 of about 2" in written
    assert "callvault: r1: the table did not answer" in written
    assert re.search(r"fetch: inspected 4 of about 2 .*0:00:00", written)
    assert written.endswith("\n\x1b[?25h")  # the cursor is visible again, below the bar


def test_a_log_gets_the_final_count(capsys: pytest.CaptureFixture[str]) -> None:
    progress = Progress("recordings to fetch again:")
    progress.end()
    assert capsys.readouterr().err == ""
    progress.step(5)
    progress.end()
    assert capsys.readouterr().err == "recordings to fetch again: 5\n"


def refused(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "no"}}, "DescribeStacks")


@pytest.mark.parametrize(
    ("error", "sentence", "hint"),
    [
        (NoCredentialsError(), "Unable to locate credentials", "Set AWS_PROFILE"),
        (SSOTokenLoadError(error_msg="x"), "Error loading SSO Token", "aws sso login"),
        (EndpointConnectionError(endpoint_url="http://x"), "Could not connect", "AWS_ENDPOINT_URL"),
        (refused("ExpiredToken"), "DescribeStacks: ExpiredToken: no", "aws sso login"),
        (refused("AccessDenied"), "DescribeStacks: AccessDenied: no", "command-line.md"),
        (UnavailableError("queue_unavailable", "503"), "503", "Repeat the command."),
        (refused("Unheard"), "DescribeStacks: Unheard: no", None),
    ],
)
def test_an_error_says_what_to_do(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    error: Exception,
    sentence: str,
    hint: str | None,
) -> None:
    def fail(_: str) -> None:
        raise error

    monkeypatch.setattr(stack_settings, "load", fail)
    assert cli.main(["dlq", "list"]) == registry.FAILURE
    said, *advised = capsys.readouterr().err.splitlines()
    assert said.startswith("callvault: ")
    assert sentence in said
    assert len(advised) == (0 if hint is None else 1)
    assert hint is None or hint in advised[0]


def test_the_page_that_an_advice_names_exists() -> None:
    [page] = re.findall(r"docs/\S+\.md", advice.PERMISSIONS)
    assert (ROOT / page).is_file()


def names(lines: list[str]) -> set[str]:
    """Return the names of the packages in lines of requirements."""
    return {found[0] for line in lines if (found := re.match(r"[a-z][a-z0-9-]*", line))}


def test_the_layer_has_the_projects_dependencies_except_those_of_the_command_line() -> None:
    def read(path: str) -> set[str]:
        return names(Path(ROOT / path).read_text().splitlines())

    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    excluded = read("tools/ops/not_on_lambda.txt")
    assert excluded == {"rich", "typer"}
    assert names(project["dependencies"]) & read("layers/common/requirements.txt") == (
        names(project["dependencies"]) - excluded
    )
    assert excluded <= read("requirements-dev.txt")
