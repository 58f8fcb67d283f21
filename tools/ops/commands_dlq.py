"""The commands `dlq list`, `dlq show` and `dlq redrive`; each returns the exit status."""

from datetime import timedelta
from typing import Annotated

import typer

from callvault.errors import UnavailableError
from callvault.messaging.dead_letters import DeadLetter
from callvault.messaging.queues import Queue
from tools.ops import dead_letter_output, options, printing, registry, stack_settings, time_arguments
from tools.ops.dead_letter_output import NO_DEAD_LETTERS, Groups, Row
from tools.ops.inspection import Filter, Inspection
from tools.ops.progress import Progress

OfQueue = Annotated[Queue | None, typer.Option("--queue", help="only dead letters of this queue")]
OfReason = Annotated[str | None, typer.Option("--reason", metavar="REASON", help="only dead letters with this reason")]
OfAccount = Annotated[str | None, typer.Option("--account", metavar="ID", help="only dead letters of this account")]
OlderThan = Annotated[
    timedelta | None,
    typer.Option(
        "--older-than",
        parser=time_arguments.duration,
        metavar="2h",
        help="only messages that were dead-lettered at least this long ago",
    ),
]
INTERRUPTED = "interrupted; dead letters that were not redriven are visible again."


def register(app: typer.Typer) -> None:
    """Add the commands on dead letters."""
    dlq = typer.Typer()
    for name, run in (("list", list_groups), ("show", show), ("redrive", redrive)):
        registry.command(dlq, name, run, interrupted=INTERRUPTED)
    app.add_typer(dlq, name="dlq", help="Dead letters: messages that could not be processed.")


def list_groups(
    *,
    queue: OfQueue = None,
    reason: OfReason = None,
    account: OfAccount = None,
    older_than: OlderThan = None,
    stack: options.Stack = options.STACK,
    as_json: options.Json = False,
) -> int:
    """Count dead letters by queue, reason and account."""
    stack_settings.load(stack)
    wanted = Filter(reason=reason, account_id=account, older_than=older_than)
    groups = Groups()
    for one in _queues(queue):
        with Inspection(one) as inspection:
            for dead_letter in filter(wanted.matches, inspection):
                groups.add(dead_letter)
    if as_json:
        printing.as_json(groups.rows())
    else:
        printing.table(groups.rows(), NO_DEAD_LETTERS)
    return 0


def show(
    message_id: Annotated[
        str | None, typer.Argument(metavar="[ID]", help="the id of a message, or its first characters")
    ] = None,
    *,
    queue: OfQueue = None,
    reason: OfReason = None,
    account: OfAccount = None,
    older_than: OlderThan = None,
    limit: Annotated[int, typer.Option("--limit", min=1, metavar="N", help="maximum number of dead letters")] = 10,
    unmasked: Annotated[bool, typer.Option("--unmasked", help="print phone numbers and secrets unmasked")] = False,
    stack: options.Stack = options.STACK,
    as_json: options.Json = False,
) -> int:
    """Print dead letters in full; the exit status is 1 if there are none."""
    stack_settings.load(stack)
    wanted = Filter(reason=reason, account_id=account, older_than=older_than, message_id=message_id)
    found: list[Row] = []
    for one in _queues(queue):
        with Inspection(one) as inspection:
            for dead_letter in filter(wanted.matches, inspection):
                if len(found) == limit:
                    break
                found.append(dead_letter_output.document(dead_letter, unmasked=unmasked))
    if as_json:
        printing.as_json(found)
    else:
        dead_letter_output.print_documents(found)
    return 0 if found else 1


def redrive(
    *,
    queue: OfQueue = None,
    reason: OfReason = None,
    account: OfAccount = None,
    older_than: OlderThan = None,
    limit: options.Limit = None,
    yes: options.Yes = False,
    stack: options.Stack = options.STACK,
    as_json: options.Json = False,
) -> int:
    """Send dead letters back to their queue; without --yes, only count them."""
    stack_settings.load(stack)
    wanted = Filter(reason=reason, account_id=account, older_than=older_than)
    groups, failures, repeated = Groups(), 0, 0
    for one in _queues(queue):
        with Inspection(one) as inspection:
            progress = Progress(f"{one}: inspected", inspection.count())
            try:
                for dead_letter in inspection:
                    if groups.total == limit:
                        break
                    progress.step()
                    if not wanted.matches(dead_letter):
                        continue
                    failures += yes and not _redriven(inspection, dead_letter)
                    groups.add(dead_letter)
            finally:
                progress.end()
            repeated += inspection.repeated
    redriven = groups.total - failures if yes else 0
    if as_json:
        counts = {"redriven": redriven, "failed": failures, "repeated": repeated}
        printing.as_json({"dry_run": not yes, **counts, "groups": groups.rows()})
        return 1 if failures else 0
    printing.table(groups.rows(), NO_DEAD_LETTERS)
    if yes:
        print(f"Redriven: {redriven}. Failed, and still dead letters: {failures}.")
        if repeated:
            print(f"Still dead letters, because this run redrove a message with the same body: {repeated}.")
    elif groups.total:
        print(f"Nothing was changed. Add --yes to redrive these messages: {groups.total}.")
    return 1 if failures else 0


def _queues(queue: Queue | None) -> list[Queue]:
    return [queue] if queue else list(Queue)


def _redriven(inspection: Inspection, dead_letter: DeadLetter) -> bool:
    """Redrive a dead letter and return whether that worked; print an error, and raise nothing."""
    try:
        inspection.redrive(dead_letter, registry.operator())
    except UnavailableError as error:
        printing.error(f"{dead_letter.message_id}: {error}")
        return False
    return True
