"""Compare what a provider lists with the table, and find what is missing. Nothing is written.

What is missing can be kept for the copies, in a file without a name: it is gone when the command
ends, however it ends, and nobody else can open it (tempfile.TemporaryFile).
"""

import json
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import batched
from typing import IO

from callvault.errors import UnavailableError
from callvault.models import Recording, State
from callvault.providers.listings import Gap, Lister, Page, Span
from callvault.storage import queries
from callvault.upkeep.reconcile import rows, tally
from callvault.upkeep.reconcile.seen import Seen
from tools.ops import provider_lists
from tools.ops.costs import Costs
from tools.ops.progress import Progress
from tools.ops.sizes import Sizes

MISSING, UNREADABLE = "missing", "unreadable"
OUTCOMES = ("stored", "pending", MISSING, "failed", "gone", "absent", UNREADABLE)
"""What may have become of a listed recording.

The names are those of `completeness.Day`. MISSING: there is no row, and the provider has the media,
or will have it. UNREADABLE: there is a row that cannot be read.
"""


READS, READ_SECONDS = 4, 5.0
"""Attempts to read rows, and the seconds between them."""


@dataclass
class Found:
    """What the lists have."""

    sizes: Sizes
    """Those that are missing."""
    costs: Costs = field(default_factory=Costs)
    """What it costs to copy those."""
    outcomes: Counter[str] = field(default_factory=Counter)
    failed_by: Counter[str] = field(default_factory=Counter)
    listed_ms: int = 0
    missing_ms: int = 0
    gaps: set[Gap] = field(default_factory=set)
    """What could not be read of the lists. Pages overlap, so those of one time count once."""
    pages: int = 0
    new: int = 0
    """The number of listed recordings that have no row: missing, absent or gone."""

    @property
    def listed(self) -> int:
        """Return the number of different recordings that the lists have."""
        return self.outcomes.total()


def find(lister: Lister, account_id: str, span: Span, found: Found, kept: IO[str] | None) -> None:
    """Count what the lists have of a span of time, and keep what has no row in a file, if given.

    Raises OperatorError if a list cannot be read, and UnavailableError if the table cannot.
    """
    seen, progress = Seen(), Progress("recordings listed:")
    try:
        for page in provider_lists.pages(lister, span):
            found.pages += 1
            found.gaps.update(page.gaps)
            for listed, row in _compared(account_id, page, span, seen):
                _add(found, listed, row)
                if row is None and kept is not None:
                    kept.write(listed.model_dump_json(exclude_none=True) + "\n")
                progress.step()
    finally:
        progress.end()


def read(kept: IO[str]) -> Iterator[Recording]:
    """Yield the recordings of a file that `find` wrote."""
    kept.seek(0)
    for line in kept:
        yield Recording.model_validate(json.loads(line))


def rows_of(account_id: str, recording_ids: Sequence[str]) -> dict[str, Recording | None]:
    """Return what `reconcile.rows.of` does; repeat it if the table does not answer.

    Raises UnavailableError after READS attempts.
    """
    for number in range(1, READS + 1):
        try:
            return rows.of(account_id, recording_ids)
        except UnavailableError:
            if number == READS:
                raise
            time.sleep(READ_SECONDS)
    return {}


def _compared(
    account_id: str, page: Page, span: Span, seen: Seen
) -> Iterator[tuple[Recording, Recording | ValueError | None]]:
    """Yield the recordings of a page that were not seen before, and their rows.

    A ValueError stands for a row that cannot be read. A recording that is kept under another id has
    both ids, as in `reconcile.day`.
    """
    listed = {
        one.recording.recording_id: one.recording
        for one in reversed(page.listed)
        if span.since <= one.time < span.until and one.recording.recording_id not in seen
    }
    for batch in batched(reversed(listed), queries.MAX_KEYS, strict=False):  # in the order of the list
        known = rows_of(account_id, batch)
        for recording_id in batch:
            row = known.get(recording_id)
            seen.add(recording_id)
            if row is not None:
                seen.add(row.recording_id)
            yield listed[recording_id], ValueError() if row is None and recording_id in known else row


def _add(found: Found, listed: Recording, row: Recording | ValueError | None) -> None:
    """Count a listed recording by what became of it."""
    found.listed_ms += listed.duration_ms or 0
    if isinstance(row, ValueError):
        found.outcomes[UNREADABLE] += 1
        return
    found.new += row is None
    if row is None and listed.state is not State.ABSENT:
        found.outcomes[MISSING] += 1
        found.missing_ms += listed.duration_ms or 0
        found.costs.add(found.sizes.add(listed) or 0)
        return
    outcome = tally.outcome(row or listed)
    found.outcomes[outcome] += 1
    if outcome == "failed" and row is not None:
        found.failed_by[row.reason or "unknown"] += 1
