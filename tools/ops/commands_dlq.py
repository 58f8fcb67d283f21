"""The commands `dlq list`, `dlq show` and `dlq redrive`; each returns the exit status."""

import argparse
import sys
from dataclasses import asdict
from typing import Any

from callvault.errors import UnavailableError
from callvault.messaging.dead_letters import DeadLetter
from callvault.messaging.queues import Queue
from tools.ops import masking, printing
from tools.ops.inspection import Filter, Inspection
from tools.ops.printing import Progress

type Row = dict[str, Any]

NO_DEAD_LETTERS = "There are no such dead letters."


def list_groups(arguments: argparse.Namespace) -> int:
    """Print the number of dead letters of each queue, reason and account."""
    groups = Groups()
    for queue in _queues(arguments):
        with Inspection(queue) as inspection:
            for dead_letter in filter(_filter(arguments).matches, inspection):
                groups.add(dead_letter)
    if arguments.json:
        printing.as_json(groups.rows())
    else:
        printing.table(groups.rows(), NO_DEAD_LETTERS)
    return 0


def show(arguments: argparse.Namespace) -> int:
    """Print dead letters in full; return 1 if there are none."""
    found: list[Row] = []
    for queue in _queues(arguments):
        with Inspection(queue) as inspection:
            for dead_letter in filter(_filter(arguments).matches, inspection):
                if len(found) == arguments.limit:
                    break
                found.append(_document(dead_letter, unmasked=arguments.unmasked))
    if arguments.json:
        printing.as_json(found)
        return 0 if found else 1
    for document in found:
        body = document.pop("body")
        for name, value in document.items():
            print(f"{name:<13} {printing.text(value)}")
        if isinstance(body, str):
            print(printing.visible(body))
        else:
            printing.as_json(body)
        print()
    if not found:
        print(NO_DEAD_LETTERS, file=sys.stderr)
    return 0 if found else 1


def redrive(arguments: argparse.Namespace) -> int:
    """Redrive dead letters; without `--yes`, only count them by queue, reason and account."""
    groups, failures, repeated = Groups(), 0, 0
    for queue in _queues(arguments):
        with Inspection(queue) as inspection:
            progress = Progress(f"{queue}: inspected", inspection.count())
            try:
                for dead_letter in inspection:
                    if groups.total == arguments.limit:
                        break
                    progress.step()
                    if not _filter(arguments).matches(dead_letter):
                        continue
                    failures += arguments.yes and not _redriven(inspection, dead_letter, arguments.operator)
                    groups.add(dead_letter)
            finally:
                progress.end()
            repeated += inspection.repeated
    redriven = groups.total - failures if arguments.yes else 0
    if arguments.json:
        counts = {"redriven": redriven, "failed": failures, "repeated": repeated}
        printing.as_json({"dry_run": not arguments.yes, **counts, "groups": groups.rows()})
        return 1 if failures else 0
    printing.table(groups.rows(), NO_DEAD_LETTERS)
    if arguments.yes:
        print(f"Redriven: {redriven}. Failed, and still dead letters: {failures}.")
        if repeated:
            print(f"Still dead letters, because this run redrove a message with the same body: {repeated}.")
    elif groups.total:
        print(f"Nothing was changed. Add --yes to redrive these messages: {groups.total}.")
    return 1 if failures else 0


class Groups:
    """Counts of dead letters by queue, reason and account."""

    def __init__(self) -> None:
        self.total = 0
        self._rows: dict[tuple[str, str, str], Row] = {}

    def add(self, dead_letter: DeadLetter) -> None:
        """Count a dead letter."""
        self.total += 1
        source, reason, time = dead_letter.source, dead_letter.reason, dead_letter.time
        row = self._rows.setdefault(
            (source, reason, dead_letter.account_id or ""),
            {
                "queue": source.value,
                "reason": reason,
                "account": dead_letter.account_id,
                "count": 0,
                "oldest": time,
                "newest": time,
            },
        )
        row["count"] += 1
        row["oldest"], row["newest"] = min(row["oldest"], time), max(row["newest"], time)

    def rows(self) -> list[Row]:
        """Return the groups, sorted."""
        return [self._rows[key] for key in sorted(self._rows)]


def _queues(arguments: argparse.Namespace) -> list[Queue]:
    return [Queue(arguments.queue)] if arguments.queue else list(Queue)


def _filter(arguments: argparse.Namespace) -> Filter:
    return Filter(
        reason=arguments.reason,
        account_id=arguments.account,
        older_than=arguments.older_than,
        message_id=getattr(arguments, "id", None),
    )


def _redriven(inspection: Inspection, dead_letter: DeadLetter, operator: str) -> bool:
    """Redrive a dead letter and return whether that worked; print an error, and raise nothing."""
    try:
        inspection.redrive(dead_letter, operator)
    except UnavailableError as error:
        print(f"callvault: {dead_letter.message_id}: {error}", file=sys.stderr)
        return False
    return True


def _document(dead_letter: DeadLetter, *, unmasked: bool) -> Row:
    """Return all fields of a dead letter except its receipt handle."""
    document = asdict(dead_letter)
    del document["receipt_handle"], document["body"]
    body = dead_letter.body if unmasked else masking.mask(dead_letter.body)
    return document | {"source": dead_letter.source.value, "body": body}
