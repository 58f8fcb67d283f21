"""The ledger of the storm: each recording that a provider announced, and how it has to end.

The audit compares the ledger with the table and the bucket.
"""

import threading
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from tools.storm.plan import Drawn, Way

AGE = timedelta(seconds=90)
"""Time between the start of a recording and its announcement. It is longer than the time for which
the reconciliation waits for a provider's list (ReconcileLagMinutes), so a recording is in the
list's span at once."""


def started() -> datetime:
    """Return the start of a recording that is announced now, in whole seconds."""
    return datetime.now(UTC).replace(microsecond=0) - AGE


@dataclass
class Text:
    """The text of a recording's transcription, or the texts if it is transcribed again."""

    sizes: dict[str, int]
    """The size of each text by its SHA-256, in the order in which the provider has them."""
    reason: str | None
    """The reason for which the text has to fail; None if it has to be verified."""
    told: int = 0
    """Number of transcriptions that the provider has announced, acknowledged or not."""
    owed: int = 0
    """Number of the last transcription whose announcement was acknowledged, from 1; 0 for none."""

    @property
    def due(self) -> list[str]:
        """Return the SHA-256 of the texts of which one has to be the last one stored."""
        return list(self.sizes)[max(self.owed - 1, 0) : self.told]


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
    """Whether a request that is not an early announcement (EARLY) was acknowledged, or the provider
    lists the recording.

    Such a recording must not be lost.
    """
    listed: bool = False
    """Whether the provider lists the recording."""
    time: datetime = field(default_factory=started)
    """When the recording started, which is also the time by which the provider lists it."""
    text: Text | None = None
    details: dict[str, str] | None = None
    """What decryption needs, if the media is encrypted."""
    place: str | None = None
    """Where the media is, if it is stored elsewhere."""
    earlier: dict[str, str] = field(default_factory=dict)
    """Under the key `partial`, the SHA-256 of partial audio that is served before the whole."""

    @property
    def seconds(self) -> int:
        """Return the duration that the provider lists."""
        return 0 if self.drawn.absent else self.drawn.seconds

    @property
    def waits(self) -> bool:
        """Return whether the recording or its text fails only after a day of attempts."""
        text_waits = self.drawn.text is not None and self.drawn.text.exhausts
        return text_waits or (self.drawn.fault.exhausts and not self.drawn.absent)


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
        names = ["callback never sent" for entry in entries if entry.drawn.silent]
        names += [entry.drawn.fault.name for entry in entries if not entry.drawn.absent]
        names += [f"text {entry.drawn.text.name}" for entry in entries if entry.drawn.text]
        names += ["text again" for entry in entries if entry.drawn.text_again]
        names += ["no audio sent" for entry in entries if entry.drawn.wrong]
        names += ["document late" for entry in entries if entry.drawn.described_late]
        sent = [entry for entry in entries if not entry.drawn.silent]
        names += ["repeated callbacks" for entry in sent if entry.drawn.repetitions > 1]
        names += ["early callback late" for entry in sent if entry.drawn.order[-1] in EARLY]
        names += ["concurrent callbacks" for entry in sent if entry.drawn.concurrent and _several(entry)]
        return Counter(name for name in names if name not in {"none", "text none"})

    def variants(self) -> Counter[str]:
        """Count the recordings and texts that are not plain audio, by their kind."""
        with self.lock:
            entries = list(self.entries.values())
        names = [f"{entry.drawn.way} {entry.drawn.variant}" for entry in entries if entry.drawn.way in KINDS]
        return Counter([*names, *("text" for entry in entries if entry.text)])


KINDS = {Way.RELAY, Way.TWILIO}
"""The ways that have variants."""
EARLY = {"in-progress", "recordComplete", "doc_created", "recording"}
"""The statuses that announce a recording before its audio is complete."""


def _several(entry: Entry) -> bool:
    return entry.drawn.repetitions + len(entry.drawn.order) > 2  # noqa: PLR2004 - more than one request
