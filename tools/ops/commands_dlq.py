"""The commands `dlq list`, `dlq show` and `dlq redrive`; each returns the exit status."""

import argparse
import json
import sys
from dataclasses import asdict
from typing import Any

from callvault.errors import UnavailableError
from callvault.messaging.dead_letters import Letter
from callvault.messaging.queues import Queue
from tools.ops import masks, printing
from tools.ops.dead_letters import Look, Wanted
from tools.ops.printing import Progress

type Row = dict[str, Any]

NOTHING = "There are no such dead letters."


def show_groups(arguments: argparse.Namespace) -> int:
    """Print how many dead letters there are of each queue, reason and account."""
    groups = Groups()
    for queue in _queues(arguments):
        with Look(queue) as look:
            for letter in filter(_wanted(arguments).fits, look):
                groups.add(letter)
    if arguments.json:
        printing.machine(groups.rows())
    else:
        printing.table(groups.rows(), NOTHING)
    return 0


def show_letters(arguments: argparse.Namespace) -> int:
    """Print dead letters whole."""
    found: list[Row] = []
    for queue in _queues(arguments):
        with Look(queue) as look:
            for letter in filter(_wanted(arguments).fits, look):
                if len(found) == arguments.limit:
                    break
                found.append(_document(letter, unmasked=arguments.unmasked))
    if arguments.json:
        printing.machine(found)
        return 0 if found else 1
    for document in found:
        body = document.pop("body")
        for name, value in document.items():
            print(f"{name:<13} {printing.text(value)}")
        print(body if isinstance(body, str) else json.dumps(body, ensure_ascii=False, indent=2), end="\n\n")
    if not found:
        print(NOTHING, file=sys.stderr)
    return 0 if found else 1


def redrive(arguments: argparse.Namespace) -> int:
    """Send dead letters back, or say which would be sent."""
    groups, failures, repeated = Groups(), 0, 0
    for queue in _queues(arguments):
        with Look(queue) as look:
            progress = Progress(f"{queue}: looked at", look.count())
            try:
                for letter in look:
                    if groups.total == arguments.limit:
                        break
                    progress.step()
                    if not _wanted(arguments).fits(letter):
                        continue
                    failures += arguments.yes and not _sent(look, letter, arguments.who)
                    groups.add(letter)
            finally:
                progress.end()
            repeated += look.repeated
    redriven = groups.total - failures if arguments.yes else 0
    if arguments.json:
        rows = groups.rows()
        counts = {"redriven": redriven, "failed": failures, "repeated": repeated}
        printing.machine({"dry_run": not arguments.yes, **counts, "groups": rows})
        return 1 if failures else 0
    printing.table(groups.rows(), NOTHING)
    if arguments.yes:
        print(f"{redriven} redriven, {failures} could not be and stay where they are.")
        if repeated:
            print(f"{repeated} came back at once, or say the same as one that was redriven: they stay.")
    elif groups.total:
        print(f"Nothing was done: --yes redrives these {groups.total}.")
    return 1 if failures else 0


class Groups:
    """Dead letters, counted by queue, reason and account."""

    def __init__(self) -> None:
        self.total = 0
        self._rows: dict[tuple[str, str, str], Row] = {}

    def add(self, letter: Letter) -> None:
        """Count one more."""
        self.total += 1
        key = {"queue": letter.source.value, "reason": letter.reason, "account": letter.account_id}
        row = self._rows.setdefault(
            (letter.source, letter.reason, letter.account_id or ""),
            {**key, "count": 0, "oldest": letter.time, "newest": letter.time},
        )
        row["count"] += 1
        row["oldest"], row["newest"] = min(row["oldest"], letter.time), max(row["newest"], letter.time)

    def rows(self) -> list[Row]:
        """Return the groups in order."""
        return [self._rows[key] for key in sorted(self._rows)]


def _queues(arguments: argparse.Namespace) -> list[Queue]:
    return [Queue(arguments.queue)] if arguments.queue else list(Queue)


def _wanted(arguments: argparse.Namespace) -> Wanted:
    return Wanted(
        reason=arguments.reason,
        account_id=arguments.account,
        older_than=arguments.older_than,
        message_id=getattr(arguments, "id", None),
    )


def _sent(look: Look, letter: Letter, who: str) -> bool:
    """Send a dead letter back; False, and a word on stderr, where that fails: the next one may do better."""
    try:
        look.redrive(letter, who)
    except UnavailableError as error:
        print(f"callvault: {letter.message_id}: {error}", file=sys.stderr)
        return False
    return True


def _document(letter: Letter, *, unmasked: bool) -> Row:
    """Return all that is known of a dead letter but how to remove it."""
    document = asdict(letter)
    del document["receipt_handle"], document["body"]
    return document | {"source": letter.source.value, "body": letter.body if unmasked else masks.mask(letter.body)}
