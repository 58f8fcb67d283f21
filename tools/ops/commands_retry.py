"""The command `retry`: show which recordings fail and why, and fetch them again.

It moves failed recordings back to pending, and compares those again that could not be compared with
Crossbar. Pending ones are attempted again without it; `--hurry` queues them at once. The command
returns the exit status.
"""

from collections import Counter
from typing import Annotated, Any

import typer

from callvault import times
from callvault.errors import UnavailableError
from callvault.ingest import reopening
from callvault.models import Recording, State
from tools.ops import options, printing, registry, selection, stack_settings
from tools.ops.progress import Progress
from tools.ops.selection import Selection

UNTIL_CORRECTED = "Until it is corrected, its callbacks are parked and its recordings cannot be fetched."
"""What the command says about an account whose parameter is invalid."""

type Row = dict[str, Any]
type Groups = dict[tuple[str, str], Row]

HURRIED = "hurried"
"""Outcome of a pending recording whose fetch was queued again."""

UNAVAILABLE = "unavailable"
"""Outcome of a retry that failed.

The table did not answer, or other writers kept changing the row.
"""


def _reasons(incomplete: str) -> list[str]:
    """Return the reasons that a shell offers to complete."""
    return sorted(reason for reason in selection.REASONS if reason.startswith(incomplete))


def register(app: typer.Typer) -> None:
    """Add the command."""
    registry.command(app, "retry", retry)


def retry(
    context: typer.Context,
    *,
    account: Annotated[
        str | None, typer.Option("--account", metavar="ID", help="retry recordings of this account")
    ] = None,
    all_accounts: Annotated[bool, typer.Option("--all-accounts", help="retry recordings of all accounts")] = False,
    since: options.Since = None,
    until: options.Until = None,
    reason: Annotated[
        str | None,
        typer.Option(
            "--reason",
            metavar="REASON",
            autocompletion=_reasons,
            help="only recordings that failed for this reason, such as http_403",
        ),
    ] = None,
    ids: Annotated[
        list[str] | None, typer.Option("--id", metavar="ID", help="only this recording; may be repeated")
    ] = None,
    hurry: Annotated[
        bool, typer.Option("--hurry", help="queue pending recordings too, before their next attempt is due")
    ] = False,
    limit: options.Limit = None,
    yes: options.Yes = False,
    stack: options.Stack = options.STACK,
    as_json: options.Json = False,
) -> int:
    """Show recordings that fail, and fetch them again; without --yes, only count them."""
    if (account is None) is not all_accounts:
        raise typer.BadParameter("give one of the two.", context, param_hint=["--account", "--all-accounts"])
    stack_settings.load(stack)
    chosen = Selection(account_id=account, since=since, until=until, reason=reason, ids=tuple(ids or ()))
    selection.check(chosen)
    if account is not None and (invalid := selection.invalid(account)) is not None:
        printing.error(f"{invalid} {UNTIL_CORRECTED}")
    failed: Groups = {}
    pending: Groups = {}
    outcomes: Counter[str] = Counter()
    progress = Progress("recordings to fetch again:")
    try:
        for row in selection.rows(chosen):
            if not selection.fails(row):
                printing.error(f"{row.account_id} {row.recording_id} is {row.state}, and left.")
                outcomes.update([reopening.RetryOutcome.LEFT] if yes else [])
                continue
            changes = hurry or row.state is not State.PENDING
            if changes and progress.count == limit:
                break
            _count(pending if row.state is State.PENDING else failed, row)
            if changes:
                progress.step()
                outcomes.update([_outcome(row)] if yes else [])
    finally:
        progress.end()
    rows, waiting = ([groups[key] for key in sorted(groups)] for groups in (failed, pending))
    if as_json:
        printing.as_json({"dry_run": not yes, "outcomes": outcomes, "groups": rows, "pending": waiting})
    else:
        _print(rows, waiting, outcomes if yes else None, hurry=hurry)
    return 1 if outcomes[UNAVAILABLE] else 0


def _print(rows: list[Row], waiting: list[Row], outcomes: Counter[str] | None, *, hurry: bool) -> None:
    """Print what fails, and what was retried, for people; without outcomes, what would be."""
    printing.table(rows, "There are no such failed recordings.")
    if expired := sum(group["expired_at_source"] for group in rows):
        print(f"Probably deleted by the provider, whose retention period is over: {expired}.")
    if waiting:
        print("\nPending, and attempted again without a retry:" if not hurry else "\nPending:")
        printing.table(waiting, "")
    changes = sum(group["count"] for group in (rows + waiting if hurry else rows))
    if outcomes is not None:
        names = (*reopening.RetryOutcome, *([HURRIED] if hurry else []), UNAVAILABLE)
        print(", ".join(f"{outcomes[name]} {name}" for name in names) + ".")
    elif changes:
        print(f"Nothing was changed. Add --yes to retry these recordings: {changes}.")
    elif waiting:
        print("Nothing was changed. Add --hurry --yes to attempt the pending recordings now.")


def _count(groups: Groups, row: Recording) -> None:
    """Count a recording in the group of its account and reason."""
    time, reason, attempt = row.listed_time, selection.reason(row), row.attempt
    first: Row = {"account": row.account_id, "reason": reason, "count": 0, "oldest": time, "newest": time}
    if row.state is State.PENDING:
        first |= {"attempts": 0, "next_attempt": attempt and attempt.next_time}
    group = groups.setdefault((row.account_id, reason or ""), first | {"expired_at_source": 0})
    group["count"] += 1
    if row.state is State.PENDING and attempt is not None:
        group["attempts"] = max(group["attempts"], attempt.count)
        group["next_attempt"] = min(filter(None, (group["next_attempt"], attempt.next_time)), default=None)
    group["oldest"], group["newest"] = min(group["oldest"], time), max(group["newest"], time)
    group["expired_at_source"] += row.source_expires_time is not None and row.source_expires_time < times.now()


def _outcome(row: Recording) -> str:
    """Retry or hurry a recording and return the outcome; print an error, and raise nothing."""
    operator = registry.operator()
    try:
        if row.state is State.PENDING:
            return HURRIED if reopening.hurry(row, operator) else reopening.RetryOutcome.LEFT
        return reopening.start(row, operator)
    except UnavailableError as error:
        printing.error(f"{row.account_id} {row.recording_id}: {error}")
        return UNAVAILABLE
