"""The ledger of the storm: each recording that a provider announced, and how it has to end.

The audit compares the ledger with the table and the bucket.
"""

import threading
from collections import Counter
from dataclasses import dataclass, field

from tools.storm.plan import Drawn


@dataclass
class Entry:
    """One recording."""

    drawn: Drawn
    account_id: str
    recording_id: str
    sha256: str
    """The SHA-256 of the provider's audio."""
    size: int
    state: str
    """The state in which the recording has to end."""
    reason: str | None = None
    """The reason of that state, if it is absent or failed."""
    owed: bool = False
    """Whether a request that is not an early announcement (EARLY) was acknowledged.

    Such a recording must not be lost.
    """
    earlier: dict[str, str] = field(default_factory=dict)
    """Under the key `partial`, the SHA-256 of partial audio that is served before the whole."""

    @property
    def waits(self) -> bool:
        """Return whether the recording fails only after a day of attempts."""
        return self.drawn.fault.exhausts and not self.drawn.absent


class Ledger:
    """All entries, by account and recording."""

    def __init__(self) -> None:
        self.entries: dict[tuple[str, str], Entry] = {}
        self.callbacks = 0
        """Number of requests sent and of objects put into the bucket."""
        self.answers: Counter[str] = Counter()
        """Number of answers by status, and of errors by their type."""
        self.lock = threading.Lock()

    def open(self, entry: Entry) -> Entry:
        """Add a recording before it is announced."""
        with self.lock:
            self.entries[entry.account_id, entry.recording_id] = entry
        return entry

    def note(self, answer: str) -> None:
        """Count a request and its answer."""
        with self.lock:
            self.callbacks += 1
            self.answers[answer] += 1

    def faults(self) -> Counter[str]:
        """Count the faults of the providers, by name."""
        with self.lock:
            entries = list(self.entries.values())
        names = [entry.drawn.fault.name for entry in entries if not entry.drawn.absent]
        names += ["no audio sent" for entry in entries if entry.drawn.wrong]
        names += ["document late" for entry in entries if entry.drawn.described_late]
        names += ["repeated callbacks" for entry in entries if entry.drawn.repetitions > 1]
        names += ["early callback late" for entry in entries if entry.drawn.order[-1] in EARLY]
        names += ["concurrent callbacks" for entry in entries if entry.drawn.concurrent and _several(entry)]
        return Counter(name for name in names if name != "none")


EARLY = {"in-progress", "recordComplete", "doc_created"}
"""The statuses that announce a recording before its audio is complete."""


def _several(entry: Entry) -> bool:
    return entry.drawn.repetitions + len(entry.drawn.order) > 2  # noqa: PLR2004 - more than one request
