"""Keep the storm's own books: what each provider announced, what we answered, and what has to come of it."""

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
    """Of the audio at its source."""
    size: int
    state: str
    """In which it has to end."""
    reason: str | None = None
    """Why it is absent or failed."""
    owed: bool = False
    """What decides has been acknowledged with success: from then on it must not be lost."""
    earlier: dict[str, str] = field(default_factory=dict)
    """SHA-256 of a partial copy that comes before the whole, under `partial`, once it has been seen verified."""

    @property
    def waits(self) -> bool:
        """Say whether it fails only when a day of attempts is used up."""
        return self.drawn.fault.exhausts and not self.drawn.absent


class Ledger:
    """All of them, by account and recording."""

    def __init__(self) -> None:
        self.entries: dict[tuple[str, str], Entry] = {}
        self.callbacks = 0
        """Requests sent, and objects put into the bucket."""
        self.answers: Counter[str] = Counter()
        """By status, or what went wrong instead of an answer."""
        self.lock = threading.Lock()

    def open(self, entry: Entry) -> Entry:
        """Enter a recording that is about to be announced."""
        with self.lock:
            self.entries[entry.account_id, entry.recording_id] = entry
        return entry

    def note(self, answer: str) -> None:
        """Count a request and its answer."""
        with self.lock:
            self.callbacks += 1
            self.answers[answer] += 1

    def faults(self) -> Counter[str]:
        """Count what was scripted to go wrong at the providers, by name."""
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


def _several(entry: Entry) -> bool:
    return entry.drawn.repetitions + len(entry.drawn.order) > 2  # noqa: PLR2004 - more than one request
