"""Draw a month of recordings at all providers, and add up what a report on each day has to say."""

from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from random import Random

from tools import audio_samples
from tools.local.providers import kazoo_lists
from tools.local.providers.books import Book, Kept

PROVIDERS = ("bandwidth", "kazoo", "signalwire", "twilio")
DAYS = 30
SECONDS = 1
AUDIO = audio_samples.wav(SECONDS, seed=1)
NO_AUDIO = b'{"this": "is a document and no audio, which no later attempt changes"}'


class Fate(StrEnum):
    """What becomes of a recording at its provider."""

    KEPT = "kept"
    ABSENT = "absent"
    """The provider says that there is no media."""
    GONE = "gone"
    """The provider lists it, and answers 404 to a request for its media."""
    FAILS = "fails"
    """The provider serves something else than audio."""
    DELETED = "deleted"
    """It is deleted at the provider after the archive could fetch it, if a callback came."""


SHARES = {Fate.ABSENT: 0.01, Fate.GONE: 0.01, Fate.FAILS: 0.01, Fate.DELETED: 0.005}
NEVER_CAME = 0.1
"""Share of the recordings of which no callback comes."""


@dataclass(frozen=True)
class Drawn:
    """A recording and what is to happen with it."""

    kept: Kept
    fate: Fate
    has_callback: bool


@dataclass
class Month:
    """The month of one provider's account."""

    provider: str
    drawn: list[Drawn]
    book: Book = field(default_factory=Book)

    def fill(self) -> None:
        """Write the recordings into the provider's book, as they are before any is deleted."""
        self.book.add(one.kept for one in self.drawn)

    def delete(self) -> None:
        """Delete what is to be deleted. Only Twilio's book keeps a deleted recording."""
        for one in self.drawn:
            if one.fate is Fate.DELETED and self.provider == "twilio":
                self.book.change(one.kept.recording_id, status="deleted", media=None)
            elif one.fate is Fate.DELETED:
                self.book.remove(one.kept.recording_id)

    def expected(self) -> dict[date, Counter[str]]:
        """Return the numbers that the report on each day has to have, by the book."""
        found: dict[date, Counter[str]] = {}
        for one in self.drawn:
            numbers = found.setdefault(one.kept.time.date(), Counter())
            is_listed = one.kept.recording_id in self.book.kept
            if is_listed:
                numbers += Counter(listed=1, callbacks=int(one.has_callback))
                numbers[_outcome(one)] += 1
                numbers["seconds_listed"] += self._listed_seconds(one)
                numbers["seconds_measured"] += SECONDS if _outcome(one) == "stored" else 0
            elif one.has_callback:
                numbers["unlisted"] += 1
        return {day: +numbers for day, numbers in found.items()}

    def _listed_seconds(self, one: Drawn) -> int:
        """Return the duration that the list has of a recording."""
        status = self.book.kept[one.kept.recording_id].status
        is_known = status == "completed" or self.provider in {"bandwidth", "kazoo"} or one.kept.is_relay
        return one.kept.seconds if is_known or (status, self.provider) == ("deleted", "twilio") else 0


def draw(seed: int, count: int, now: datetime) -> dict[str, Month]:
    """Return a month of `count` recordings, spread over the providers and over DAYS days."""
    random = Random(seed)  # noqa: S311 - it draws samples
    shares = {name: count // len(PROVIDERS) for name in PROVIDERS}
    return {name: Month(name, [_one(random, name, n, now) for n in range(shares[name])]) for name in PROVIDERS}


def _one(random: Random, provider: str, number: int, now: datetime) -> Drawn:
    """Draw one recording."""
    time = _time(random, now)
    fate = random.choices([*SHARES, Fate.KEPT], [*SHARES.values(), 1 - sum(SHARES.values())])[0]
    call_id, conference_id = f"c-{number:08x}", None
    if provider in {"twilio", "signalwire"}:
        recording_id, call_id = f"RE{random.getrandbits(128):032x}", f"CA{random.getrandbits(128):032x}"
    elif provider == "kazoo":
        recording_id = kazoo_lists.document_id(time - timedelta(seconds=SECONDS), random.getrandbits(128))
    else:
        recording_id = f"r-{random.getrandbits(64):016x}"
        conference_id = f"conf-{number:08x}" if random.random() < 0.05 else None
    kept = Kept(
        recording_id=recording_id,
        call_id=call_id,
        conference_id=conference_id,
        time=time,
        seconds=SECONDS,
        is_relay=provider == "signalwire" and random.random() < 0.3,
        media=AUDIO,
    )
    if fate is Fate.ABSENT:
        kept = replace(kept, status="absent", media=None)
    elif fate is Fate.GONE:
        kept = replace(kept, media=None)
    elif fate is Fate.FAILS:
        kept = replace(kept, media=NO_AUDIO)
    return Drawn(kept, fate, has_callback=random.random() >= NEVER_CAME)


def _time(random: Random, now: datetime) -> datetime:
    """Return a time of the month in whole seconds; some recordings share theirs with others."""
    first = datetime(now.year, now.month, now.day, tzinfo=UTC) - timedelta(days=DAYS)
    seconds = random.randrange(DAYS * 86400 // 60) * 60 if random.random() < 0.2 else random.randrange(DAYS * 86400)
    return first + timedelta(seconds=seconds)


def _outcome(one: Drawn) -> str:
    """Return the number of the report that a listed recording is counted in."""
    match one.fate:
        case Fate.ABSENT:
            return "absent"
        case Fate.GONE:
            return "gone"
        case Fate.FAILS:
            return "failed"
        case Fate.DELETED:  # it is still listed, as deleted
            return "stored" if one.has_callback else "gone"
        case Fate.KEPT:
            return "stored"
