"""The program `callvault`: read the command line and run one command.

Exit status: 0 success, 1 failure, 2 usage error, 130 interrupted. Dead letters that a command
inspected become visible again when it exits. `registry` says how to add a command.
"""

import sys
from collections.abc import Sequence
from typing import Annotated

import typer

import callvault
from tools.ops import commands_backfill, commands_completeness, commands_dlq, commands_retry, commands_status, printing
from tools.ops.registry import FAILURE, USAGE

COMMANDS = (
    commands_retry,
    commands_dlq,
    commands_completeness,
    commands_backfill,
    commands_status,
)
"""The modules of the commands, in the order of the help text."""
PROGRAM = "callvault"
DESCRIPTION = (
    "Look after an archive: show how it stands and what it lacks, fetch old recordings, retry recordings, "
    "and redrive dead letters."
)
EPILOG = (
    "AWS_PROFILE and AWS_REGION choose the AWS account and the region. "
    "Exit status: 0 success, 1 failure, 2 usage error, 130 interrupted."
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status."""
    app = typer.main.get_command(program())
    try:
        return int(app.main(arguments, prog_name=PROGRAM, standalone_mode=False) or 0)
    except typer.TyperException as error:
        _explain(error)
        return USAGE
    except typer.Abort:
        printing.error("The input ended too early. Nothing was changed.")
        return FAILURE


def _explain(error: typer.TyperException) -> None:
    """Print what is wrong with the command line."""
    context: typer.Context | None = getattr(error, "ctx", None)
    path = context.command_path if context else PROGRAM
    if context:
        print(context.get_usage(), file=sys.stderr)
    lines = error.format_message().replace("Value error, ", "", 1)  # which pydantic puts before a message
    printing.error(f"error: {' '.join(lines.split())}", path)
    print(f"Try '{path} --help'.", file=sys.stderr)


def program() -> typer.Typer:
    """Return the program with all its commands.

    A terminal gets help texts with frames and colours, a file or a pipe plain ones.
    """
    app = typer.Typer(
        callback=_options,
        help=DESCRIPTION,
        epilog=EPILOG,
        context_settings={"help_option_names": ["-h", "--help"]},
        rich_markup_mode="rich" if sys.stdout.isatty() else None,
        pretty_exceptions_enable=False,  # they would print the values of variables
    )
    for module in COMMANDS:
        module.register(app)
    return app


def _print_version(given: bool) -> None:  # noqa: FBT001 - as Typer calls it
    """Print the version and end the program, if the option is given."""
    if given:
        print(f"{PROGRAM} {callvault.__version__}")
        raise typer.Exit


Version = Annotated[bool, typer.Option("--version", callback=_print_version, is_eager=True, help="print the version")]


def _options(*, version: Version = False) -> None:
    """Read the options of the program itself."""
