"""The command `retry`: move failed recordings back to pending. It returns the exit status."""

import argparse
import sys
from collections import Counter
from collections.abc import Iterator
from typing import Any

from callvault import accounts, times
from callvault.errors import UnavailableError
from callvault.ingest import reopening
from callvault.models import Recording, State
from callvault.storage import listing, table
from tools.ops import printing
from tools.ops.printing import Progress
from tools.ops.stack_settings import OperatorError

type Row = dict[str, Any]

UNAVAILABLE = "unavailable"
"""Outcome of a retry that failed.

The table did not answer, or other writers kept changing the row.
"""


def retry(arguments: argparse.Namespace) -> int:
    """Retry failed recordings; without `--yes`, only count them by account and reason."""
    groups: dict[tuple[str, str], Row] = {}
    outcomes: Counter[str] = Counter()
    progress = Progress("failed recordings:")
    try:
        for row in _failed(arguments):
            if progress.count == arguments.limit:
                break
            progress.step()
            _count(groups, row)
            if arguments.yes:
                outcomes[_outcome(row, arguments.operator)] += 1
    finally:
        progress.end()
    rows = [groups[key] for key in sorted(groups)]
    if arguments.json:
        printing.as_json({"dry_run": not arguments.yes, "outcomes": outcomes, "groups": rows})
    else:
        _print(rows, outcomes, changed=arguments.yes)
    return 1 if outcomes[UNAVAILABLE] else 0


def _print(rows: list[Row], outcomes: Counter[str], *, changed: bool) -> None:
    """Print what was or would be retried, for people."""
    printing.table(rows, "There are no such failed recordings.")
    if expired := sum(group["expired_at_source"] for group in rows):
        print(f"Probably deleted by the provider, whose retention period is over: {expired}.")
    if changed:
        print(", ".join(f"{outcomes[name]} {name}" for name in (*reopening.RetryOutcome, UNAVAILABLE)) + ".")
    elif rows:
        print(f"Nothing was changed. Add --yes to retry these recordings: {sum(group['count'] for group in rows)}.")


def _failed(arguments: argparse.Namespace) -> Iterator[Recording]:
    """Yield the failed recordings that match the arguments."""
    for account_id in list(accounts.names()) if arguments.all_accounts else [arguments.account]:
        for row in _rows(arguments, account_id):
            if row.state is State.FAILED and arguments.reason in {None, row.reason}:
                yield row


def _rows(arguments: argparse.Namespace, account_id: str) -> Iterator[Recording]:
    """Yield an account's recordings: those with the given ids, or else those of the given time."""
    if not arguments.id:
        query = listing.within(account_id, arguments.since, arguments.until, ascending=True)
        yield from listing.scan(query)
        return
    for recording_id in arguments.id:
        row = table.get(account_id, recording_id)
        if row is None:
            raise OperatorError(f"Account {account_id} has no recording {recording_id}.")
        yield row


def _count(groups: dict[tuple[str, str], Row], row: Recording) -> None:
    """Count a failed recording in the group of its account and reason."""
    time = row.listed_time
    group = groups.setdefault(
        (row.account_id, row.reason or ""),
        {
            "account": row.account_id,
            "reason": row.reason,
            "count": 0,
            "oldest": time,
            "newest": time,
            "expired_at_source": 0,
        },
    )
    group["count"] += 1
    group["oldest"], group["newest"] = min(group["oldest"], time), max(group["newest"], time)
    group["expired_at_source"] += row.source_expires_time is not None and row.source_expires_time < times.now()


def _outcome(row: Recording, operator: str) -> str:
    """Retry a recording and return the outcome; print an error, and raise nothing."""
    try:
        return reopening.start(row, operator)
    except UnavailableError as error:
        print(f"callvault: {row.account_id} {row.recording_id}: {error}", file=sys.stderr)
        return UNAVAILABLE
