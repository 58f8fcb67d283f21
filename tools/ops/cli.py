"""Read the command line, and say what went wrong in a sentence.

Exit status: 0 done, 1 not or not all of it, 2 the command line is wrong, 130 interrupted.
"""

import argparse
import getpass
import sys
from collections.abc import Callable, Sequence

from botocore.exceptions import BotoCoreError, ClientError

import callvault
from callvault.errors import CallvaultError
from callvault.messaging.queues import Queue
from tools.ops import commands_dlq, commands_retry, spans, stacks

INTERRUPTED = 130

type Command = Callable[[argparse.Namespace], int]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status."""
    asked = _parser().parse_args(arguments)
    asked.who = _who()
    run: Command = asked.run
    try:
        stacks.enter(asked.stack)
        return run(asked)
    except (stacks.OperatorError, CallvaultError, BotoCoreError) as error:
        print(f"callvault: {error}", file=sys.stderr)
    except ClientError as error:
        said = error.response["Error"]
        print(f"callvault: {error.operation_name}: {said.get('Code')}: {said.get('Message')}", file=sys.stderr)
    except KeyboardInterrupt:
        print("callvault: interrupted; what was not sent back is visible again.", file=sys.stderr)
        return INTERRUPTED
    return 1


def _parser() -> argparse.ArgumentParser:
    """Return what reads the command line."""
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--stack", default="callvault", help="the CloudFormation stack (default: callvault)")
    common.add_argument("--json", action="store_true", help="print JSON")
    parser = argparse.ArgumentParser(
        prog="callvault", description="See what went wrong, and set it going again. AWS_PROFILE, AWS_REGION count."
    )
    parser.add_argument("--version", action="version", version=f"callvault {callvault.__version__}")
    commands = parser.add_subparsers(required=True, metavar="dlq | retry")
    _add_dlq(commands.add_parser("dlq", help="dead letters: messages that nobody could act on"), common)
    retry = commands.add_parser("retry", parents=[common], help="recordings that failed: fetch them again")
    _add_retry(retry)
    return parser


def _add_dlq(parser: argparse.ArgumentParser, common: argparse.ArgumentParser) -> None:
    """Add the commands on dead letters."""
    wanted = argparse.ArgumentParser(add_help=False)
    wanted.add_argument("--queue", choices=[queue.value for queue in Queue], help="only those of this queue")
    wanted.add_argument("--reason", help="only those with this reason")
    wanted.add_argument("--account", help="only those of this account")
    wanted.add_argument("--older-than", type=spans.span, metavar="2h", help="only those buried so long ago or longer")
    commands = parser.add_subparsers(required=True, metavar="list | show | redrive")

    one = commands.add_parser("list", parents=[common, wanted], help="count them by queue, reason and account")
    one.set_defaults(run=commands_dlq.show_groups)

    one = commands.add_parser("show", parents=[common, wanted], help="print them whole")
    one.add_argument("id", nargs="?", help="a message's id, or its beginning")
    one.add_argument("--limit", type=_positive, default=10, help="no more than this (default: 10)")
    one.add_argument("--unmasked", action="store_true", help="with phone numbers, and whatever secrets there may be")
    one.set_defaults(run=commands_dlq.show_letters)

    one = commands.add_parser("redrive", parents=[common, wanted], help="send them back to their queue")
    _add_going(one)
    one.set_defaults(run=commands_dlq.redrive)


def _add_retry(parser: argparse.ArgumentParser) -> None:
    """Add what `retry` takes."""
    whose = parser.add_mutually_exclusive_group(required=True)
    whose.add_argument("--account", help="this account's")
    whose.add_argument("--all-accounts", action="store_true", help="every account's")
    parser.add_argument("--since", type=spans.moment, metavar="TIME", help="recorded then or later, or so long ago: 3d")
    parser.add_argument("--until", type=spans.moment, metavar="TIME", help="recorded then or earlier")
    parser.add_argument("--reason", help="failed for this reason, such as http_403")
    parser.add_argument("--id", action="append", help="this recording; may be repeated")
    _add_going(parser)
    parser.set_defaults(run=commands_retry.retry)


def _add_going(parser: argparse.ArgumentParser) -> None:
    """Add what commands take that change something."""
    parser.add_argument("--limit", type=_positive, help="no more than this")
    parser.add_argument("--yes", action="store_true", help="do it; without this, only say what would be done")


def _positive(text: str) -> int:
    """Return a number of 1 or more; raises ArgumentTypeError."""
    if not (text.isascii() and text.isdigit() and int(text)):
        raise argparse.ArgumentTypeError(f"{text!r} is no number of 1 or more")
    return int(text)


def _who() -> str:
    """Return who runs this, for the history of what they change."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "an operator"
