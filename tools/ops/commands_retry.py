"""The command `retry`: show which recordings fail and why, and fetch them again.

It moves failed recordings back to pending, and compares those again that could not be compared with
Crossbar. Pending ones are attempted again without it; `--hurry` queues them at once. The command
returns the exit status.
"""

import argparse
import sys
from collections import Counter
from typing import Any

from callvault import times
from callvault.errors import UnavailableError
from callvault.ingest import reopening
from callvault.models import Recording, State
from tools.ops import printing, selection
from tools.ops.printing import Progress

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


def retry(arguments: argparse.Namespace) -> int:
    """Retry failed recordings; without `--yes`, only count them by account and reason."""
    selection.check(arguments)
    if arguments.account is not None and (invalid := selection.invalid(arguments.account)) is not None:
        print(f"callvault: {invalid} {UNTIL_CORRECTED}", file=sys.stderr)
    failed: Groups = {}
    pending: Groups = {}
    outcomes: Counter[str] = Counter()
    progress = Progress("recordings to fetch again:")
    try:
        for row in selection.rows(arguments):
            if not selection.fails(row):
                print(f"callvault: {row.account_id} {row.recording_id} is {row.state}, and left.", file=sys.stderr)
                outcomes.update([reopening.RetryOutcome.LEFT] if arguments.yes else [])
                continue
            changes = arguments.hurry or row.state is not State.PENDING
            if changes and progress.count == arguments.limit:
                break
            _count(pending if row.state is State.PENDING else failed, row)
            if changes:
                progress.step()
                outcomes.update([_outcome(row, arguments.operator)] if arguments.yes else [])
    finally:
        progress.end()
    rows, waiting = ([groups[key] for key in sorted(groups)] for groups in (failed, pending))
    if arguments.json:
        answer = {"dry_run": not arguments.yes, "outcomes": outcomes, "groups": rows, "pending": waiting}
        printing.as_json(answer)
    else:
        _print(rows, waiting, outcomes, arguments)
    return 1 if outcomes[UNAVAILABLE] else 0


def _print(rows: list[Row], waiting: list[Row], outcomes: Counter[str], arguments: argparse.Namespace) -> None:
    """Print what fails, and what was or would be retried, for people."""
    printing.table(rows, "There are no such failed recordings.")
    if expired := sum(group["expired_at_source"] for group in rows):
        print(f"Probably deleted by the provider, whose retention period is over: {expired}.")
    if waiting:
        print("\nPending, and attempted again without a retry:" if not arguments.hurry else "\nPending:")
        printing.table(waiting, "")
    changes = sum(group["count"] for group in (rows + waiting if arguments.hurry else rows))
    if arguments.yes:
        names = (*reopening.RetryOutcome, *([HURRIED] if arguments.hurry else []), UNAVAILABLE)
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


def _outcome(row: Recording, operator: str) -> str:
    """Retry or hurry a recording and return the outcome; print an error, and raise nothing."""
    try:
        if row.state is State.PENDING:
            return HURRIED if reopening.hurry(row, operator) else reopening.RetryOutcome.LEFT
        return reopening.start(row, operator)
    except UnavailableError as error:
        print(f"callvault: {row.account_id} {row.recording_id}: {error}", file=sys.stderr)
        return UNAVAILABLE
