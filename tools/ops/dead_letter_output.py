"""Count dead letters, and print them in full."""

import sys
from dataclasses import asdict
from typing import Any

from callvault.messaging.dead_letters import DeadLetter
from tools.ops import masking, printing

type Row = dict[str, Any]

NO_DEAD_LETTERS = "There are no such dead letters."


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


def document(dead_letter: DeadLetter, *, unmasked: bool) -> Row:
    """Return all fields of a dead letter except its receipt handle."""
    fields = asdict(dead_letter)
    del fields["receipt_handle"], fields["body"]
    body = dead_letter.body if unmasked else masking.mask(dead_letter.body)
    return fields | {"source": dead_letter.source.value, "body": body}


def print_documents(documents: list[Row]) -> None:
    """Print dead letters for people, or that there are none."""
    for document in documents:
        body = document.pop("body")
        for name, value in document.items():
            print(f"{name:<13} {printing.text(value)}")
        if isinstance(body, str):
            print(printing.visible(body))
        else:
            printing.as_json(body)
        print()
    if not documents:
        print(NO_DEAD_LETTERS, file=sys.stderr)
