"""Parse the command line, run the command, and print errors as sentences.

Exit status: 0 success, 1 failure, 2 usage error, 130 interrupted. Dead letters that a command
inspected become visible again when it exits.
"""

import argparse
import getpass
import sys
from collections.abc import Callable, Sequence

from botocore.exceptions import BotoCoreError, ClientError

import callvault
from callvault.errors import CallvaultError
from callvault.messaging.queues import Queue
from tools.ops import commands_dlq, commands_retry, stack_settings, time_arguments

INTERRUPTED = 130
"""Exit status of an interrupted command: 128 and the number of the signal SIGINT, as in a shell."""
USAGE = 2
"""Exit status of a command line that is wrong, as argparse has it."""
DESCRIPTION = "Inspect and redrive dead letters, and retry failed recordings."
EPILOG = (
    "AWS_PROFILE and AWS_REGION choose the AWS account and the region. "
    "Exit status: 0 success, 1 failure, 2 usage error, 130 interrupted."
)

type Command = Callable[[argparse.Namespace], int]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status."""
    parsed = _parser().parse_args(arguments)
    parsed.operator = _operator()
    run: Command = parsed.run
    try:
        stack_settings.load(parsed.stack)
        return run(parsed)
    except stack_settings.UsageError as error:
        print(f"callvault: {error}", file=sys.stderr)
        return USAGE
    except (stack_settings.OperatorError, CallvaultError, BotoCoreError) as error:
        print(f"callvault: {error}", file=sys.stderr)
    except ClientError as error:
        answer = error.response["Error"]
        print(f"callvault: {error.operation_name}: {answer.get('Code')}: {answer.get('Message')}", file=sys.stderr)
    except KeyboardInterrupt:
        print("callvault: interrupted; dead letters that were not redriven are visible again.", file=sys.stderr)
        return INTERRUPTED
    return 1


def _parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--stack", default="callvault", help="name of the CloudFormation stack (default: callvault)")
    common.add_argument("--json", action="store_true", help="print JSON")
    parser = argparse.ArgumentParser(prog="callvault", description=DESCRIPTION, epilog=EPILOG)
    parser.add_argument("--version", action="version", version=f"callvault {callvault.__version__}")
    commands = parser.add_subparsers(required=True, metavar="dlq | retry")
    _add_dlq(commands.add_parser("dlq", help="dead letters: messages that could not be processed"), common)
    retry = commands.add_parser("retry", parents=[common], help="show recordings that fail, and fetch them again")
    _add_retry(retry)
    return parser


def _add_dlq(parser: argparse.ArgumentParser, common: argparse.ArgumentParser) -> None:
    """Add the commands on dead letters."""
    chosen = argparse.ArgumentParser(add_help=False)
    chosen.add_argument("--queue", choices=[queue.value for queue in Queue], help="only dead letters of this queue")
    chosen.add_argument("--reason", help="only dead letters with this reason")
    chosen.add_argument("--account", help="only dead letters of this account")
    chosen.add_argument(
        "--older-than",
        type=time_arguments.duration,
        metavar="2h",
        help="only messages that were dead-lettered at least this long ago",
    )
    commands = parser.add_subparsers(required=True, metavar="list | show | redrive")

    one = commands.add_parser("list", parents=[common, chosen], help="count dead letters by queue, reason and account")
    one.set_defaults(run=commands_dlq.list_groups)

    one = commands.add_parser("show", parents=[common, chosen], help="print dead letters in full")
    one.add_argument("id", nargs="?", help="the id of a message, or its first characters")
    one.add_argument("--limit", type=_positive, default=10, help="maximum number of dead letters (default: 10)")
    one.add_argument("--unmasked", action="store_true", help="print phone numbers and secrets unmasked")
    one.set_defaults(run=commands_dlq.show)

    one = commands.add_parser("redrive", parents=[common, chosen], help="send dead letters back to their queue")
    _add_change(one)
    one.set_defaults(run=commands_dlq.redrive)


def _add_retry(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `retry`."""
    accounts = parser.add_mutually_exclusive_group(required=True)
    accounts.add_argument("--account", help="retry recordings of this account")
    accounts.add_argument("--all-accounts", action="store_true", help="retry recordings of all accounts")
    parser.add_argument(
        "--since",
        type=time_arguments.moment,
        metavar="TIME",
        help="only recordings made at this time or later: ISO 8601, or a duration before now, such as 3d",
    )
    parser.add_argument(
        "--until",
        type=time_arguments.end,
        metavar="TIME",
        help="only recordings made at this time or earlier; a day counts as a whole",
    )
    parser.add_argument("--reason", help="only recordings that failed for this reason, such as http_403")
    parser.add_argument("--id", action="append", help="only this recording; may be repeated")
    parser.add_argument(
        "--hurry", action="store_true", help="queue pending recordings too, before their next attempt is due"
    )
    _add_change(parser)
    parser.set_defaults(run=commands_retry.retry)


def _add_change(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of commands that change something."""
    parser.add_argument("--limit", type=_positive, help="change at most this many")
    parser.add_argument("--yes", action="store_true", help="make the changes; without it, only print them")


def _positive(text: str) -> int:
    """Return a positive integer; raises ArgumentTypeError."""
    if not (text.isascii() and text.isdigit() and int(text)):
        raise argparse.ArgumentTypeError(f"{text!r} is not a positive integer")
    return int(text)


def _operator() -> str:
    """Return the name of the user, for the history of the rows that they change."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "an operator"
