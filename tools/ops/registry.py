"""Add a command to the program, and turn its errors into sentences and an exit status.

A new command `callvault NAME` is one module, `tools/ops/commands_NAME.py`, and one line: its name
in `cli.COMMANDS`. The module has

- a function `register(app)`, which calls `command(app, "NAME", run)`;
- the function `run`. Its docstring is the help text, and its parameters are the options
  (https://typer.tiangolo.com/). Two of them are on every command: `stack: options.Stack =
  options.STACK` and `as_json: options.Json = False`. It checks its options first, then calls
  `stack_settings.load(stack)`, and returns the exit status: 0, or 1 if something was not done.

Rules for every command; `tests/unit/tools/ops/test_program.py` checks the first and the last:

- With `--json`, stdout has one JSON document and nothing else. Print it with `printing.as_json`.
- For people, print with `printing.table` and `print`. A terminal gets a table of rich; a file or a
  pipe gets plain lines, which scripts read, so they do not change.
- Progress is a `progress.Progress`, which writes to stderr.
- Ctrl-C ends a command cleanly: release in `finally` what it holds, and give `command` a sentence
  `interrupted` if the operator has to know more than that.
- A mistake of the operator raises UsageError (status 2) or OperatorError (status 1), with a message
  that says what to do. Options that do not fit together raise `typer.BadParameter` (status 2). Do
  not catch errors of the package and of AWS: `command` prints them.
- A command that changes something does so only with `--yes`.
- A secret is never an option or an argument, which the shell's history and the list of processes
  show. Ask for it with `typer.prompt(..., hide_input=True)`, or read it from stdin.
"""

import functools
import getpass
import sys
from collections.abc import Callable

import typer
from botocore.exceptions import BotoCoreError, ClientError

from callvault.errors import CallvaultError
from tools.ops import advice, printing, stack_settings

FAILURE = 1
USAGE = 2
"""Exit status of a command line that is wrong."""
INTERRUPTED = 130
"""Exit status of an interrupted command: 128 and the number of the signal SIGINT, as in a shell."""


def command[**P](app: typer.Typer, name: str, run: Callable[P, int], *, interrupted: str = "interrupted.") -> None:
    """Add a command, whose function returns the exit status.

    `interrupted` is what it prints after Ctrl-C: it says what was done and what was not.
    """

    @functools.wraps(run)
    def guarded(*arguments: P.args, **options: P.kwargs) -> int:
        try:
            return run(*arguments, **options)
        except stack_settings.UsageError as error:
            printing.error(str(error))
            return USAGE
        except (stack_settings.OperatorError, CallvaultError, BotoCoreError, ClientError) as error:
            printing.error(advice.describe(error))
            if hint := advice.give(error):
                print(hint, file=sys.stderr)
            return FAILURE
        except KeyboardInterrupt:
            printing.error(interrupted)
            return INTERRUPTED

    app.command(name)(guarded)


def operator() -> str:
    """Return the name of the user, for the history of the rows that they change."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "an operator"
