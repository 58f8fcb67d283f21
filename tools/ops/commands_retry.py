"""The command `retry`: what failed is pending again; it returns the exit status."""

import argparse
import sys
from collections import Counter
from collections.abc import Iterator
from typing import Any

from callvault import clients, settings, times
from callvault.errors import UnavailableError
from callvault.ingest import reopening
from callvault.models import Recording, State
from callvault.storage import listing, table
from tools.ops import printing
from tools.ops.printing import Progress
from tools.ops.stacks import OperatorError

type Row = dict[str, Any]

UNAVAILABLE = "unavailable"


def retry(arguments: argparse.Namespace) -> int:
    """Retry failed recordings, or say which would be."""
    groups: dict[tuple[str, str], Row] = {}
    outcomes: Counter[str] = Counter()
    progress = Progress("failed recordings" if arguments.yes else "failed recordings, none touched:")
    try:
        for row in _failed(arguments):
            if progress.count == arguments.limit:
                break
            progress.step()
            _count(groups, row)
            if arguments.yes:
                outcomes[_retried(row, arguments.who)] += 1
    finally:
        progress.end()
    expired = sum(group["expired_at_source"] for group in groups.values())
    rows = [groups[key] for key in sorted(groups)]
    if arguments.json:
        printing.machine({"dry_run": not arguments.yes, "outcomes": outcomes, "groups": rows})
        return 1 if outcomes[UNAVAILABLE] else 0
    printing.table(rows, "Nothing of that failed.")
    if expired:
        print(f"{expired} of them: the time for which the provider keeps a recording is over; it will hardly be there.")
    if arguments.yes:
        print(", ".join(f"{outcomes[name]} {name}" for name in (*reopening.Outcome, UNAVAILABLE)) + ".")
    elif rows:
        print(f"Nothing was done: --yes retries these {progress.count}.")
    return 1 if outcomes[UNAVAILABLE] else 0


def _failed(arguments: argparse.Namespace) -> Iterator[Recording]:
    """Yield the failed recordings that are meant."""
    for account_id in _accounts() if arguments.all_accounts else [arguments.account]:
        for row in _rows(arguments, account_id):
            if row.state is State.FAILED and arguments.reason in {None, row.reason}:
                yield row


def _rows(arguments: argparse.Namespace, account_id: str) -> Iterator[Recording]:
    """Yield an account's recordings by id, or by the time that they are listed under."""
    if not arguments.id:
        query = listing.within(account_id, arguments.since, arguments.until, ascending=True)
        yield from listing.scan(query, listing.MOST_KEYS)
        return
    for recording_id in arguments.id:
        row = table.get(account_id, recording_id)
        if row is None:
            raise OperatorError(f"Account {account_id} has no recording {recording_id}.")
        yield row


def _accounts() -> list[str]:
    """Return the ids of all accounts that have a parameter."""
    path = settings.get().accounts_path
    pages = clients.ssm().get_paginator("get_parameters_by_path").paginate(Path=path)
    return [parameter["Name"].removeprefix(f"{path}/") for page in pages for parameter in page["Parameters"]]


def _count(groups: dict[tuple[str, str], Row], row: Recording) -> None:
    """Count one more failed recording of its account and reason."""
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


def _retried(row: Recording, who: str) -> str:
    """Retry a recording and say what came of it; what fails for a time is told, and the next one tried."""
    try:
        return reopening.start(row, who)
    except UnavailableError as error:
        print(f"callvault: {row.account_id} {row.recording_id}: {error}", file=sys.stderr)
        return UNAVAILABLE
