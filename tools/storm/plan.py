"""Draw the storm's recordings and their faults; the same seed draws the same ones.

The speed of the machine decides how many of them are announced. Kills and races cannot be repeated.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from tools.local.faults import media, texts
from tools.local.faults.media import Fault
from tools.storm import variants
from tools.storm.variants import Variant


class Way(StrEnum):
    """The way in which a recording arrives."""

    BANDWIDTH = "bandwidth"
    SIGNALWIRE = "signalwire"
    RELAY = "signalwire relay"
    TWILIO = "twilio"
    TELNYX = "telnyx"
    HOOK = "kazoo webhook"
    PUT = "kazoo put"
    POST = "kazoo post"
    INCOMING = "kazoo s3"


WEIGHTS = {
    Way.BANDWIDTH: 30,
    Way.SIGNALWIRE: 12,
    Way.RELAY: 16,
    Way.TWILIO: 20,
    Way.TELNYX: 12,
    Way.HOOK: 12,
    Way.PUT: 7,
    Way.POST: 4,
    Way.INCOMING: 7,
}
FETCHED = {Way.BANDWIDTH, Way.SIGNALWIRE, Way.RELAY, Way.TWILIO, Way.TELNYX, Way.HOOK}
UPLOADS = {Way.PUT, Way.POST}
LISTED = {Way.BANDWIDTH, Way.SIGNALWIRE, Way.RELAY, Way.TWILIO, Way.HOOK, Way.INCOMING}
"""The ways of recordings that their provider lists."""
LAML = (Way.SIGNALWIRE, Way.TWILIO)
BIG = 0.012
"""Fraction of recordings that need more than one part of a multipart upload."""
SILENT = 0.1
"""Fraction of listed recordings whose callbacks are never sent."""
ABSENT, CONCURRENT = 0.06, 0.4
"""Fraction of recordings that are absent; fraction whose requests are sent at the same time."""
FAULTY: tuple[tuple[float, tuple[Fault, ...]], ...] = (
    (0.5, (media.NONE,)),
    (0.36, media.TRANSIENT),
    (0.08, media.PERMANENT),
    (0.06, media.EXHAUSTING),
)
"""Groups of faults, each with the fraction of recordings that get a fault of the group."""
SLOW = {"hang": 0.05, "huge_without_length": 0.2}
"""Faults that occupy a process for long, each with the fraction of its draws that is kept."""
TRANSCRIBED, RETRANSCRIBED = 0.35, 0.25
"""Fraction of Bandwidth's recordings that are transcribed; of these, fraction transcribed again."""
TEXT_FAULTY: tuple[tuple[float, tuple[Fault, ...]], ...] = (
    (0.5, (media.NONE,)),
    (0.36, texts.TRANSIENT),
    (0.07, texts.PERMANENT),
    (0.07, texts.EXHAUSTING),
)
"""Groups of faults, each with the fraction of texts that get a fault of the group."""
WRONG_UPLOADS = 0.05
"""Fraction of KAZOO's uploads and objects that are not audio."""


@dataclass(frozen=True, kw_only=True)
class Drawn:
    """One drawn recording."""

    number: int
    way: Way
    seconds: int
    channels: int
    format: str
    fault: Fault
    absent: bool
    """Whether the provider announces that there is no recording."""
    partial: bool
    """Whether a partial recording comes first (Bandwidth)."""
    wrong: bool
    """Whether the upload is not audio (KAZOO)."""
    big: bool
    """Whether the recording needs more than one part of a multipart upload."""
    killed_halfway: bool
    """Whether the first process that copies the recording is killed in the middle."""
    repetitions: int
    """Number of times that the final status is announced, or the audio uploaded."""
    order: tuple[str, ...]
    """The announced statuses, in order."""
    concurrent: bool
    """Whether all announcements are sent at the same time."""
    described_late: bool
    """Whether the first requests for the recording's document or resource fail (KAZOO, Relay, and
    Twilio if the resource says how the media is kept)."""
    variant: Variant
    text: Fault | None
    """The fault of the text of the recording's transcription; None without one (Bandwidth)."""
    text_again: bool
    """Whether the recording is transcribed again, with another text."""
    silent: bool = False
    """Whether no callback is sent, so that only the provider's list has the recording."""

    @property
    def listed(self) -> bool:
        """Return whether the provider lists the recording, and still does when the storm is over.

        Bandwidth does not list what it deleted, and it lists the others for 30 days.
        """
        return self.way in LISTED and not self.fault.expired


def draw(seed: int) -> Iterator[Drawn]:
    """Yield recordings without end."""
    chance = random.Random(seed)  # noqa: S311 - guards nothing
    number = 0
    while True:
        number += 1
        yield _one(chance, number)


def _one(chance: random.Random, number: int) -> Drawn:
    way = chance.choices(list(WEIGHTS), list(WEIGHTS.values()))[0]
    absent = way in {Way.BANDWIDTH, Way.RELAY, Way.TELNYX, *LAML} and chance.random() < ABSENT
    kinds = {Way.TWILIO: variants.TWILIO, Way.RELAY: variants.RELAY}.get(way, {Variant.PLAIN: 1})
    variant = variants.draw(chance, kinds, absent=absent)
    fault = variants.fault_of(variant, _fault(chance, way))
    is_kept = not fault.reason and variant is not Variant.ELSEWHERE
    big = way in {*FETCHED, Way.INCOMING} and is_kept and chance.random() < BIG
    plain = fault is media.NONE and not big
    partial = way is Way.BANDWIDTH and plain and not absent and chance.random() < 0.03  # noqa: PLR2004 - a share
    repetitions = chance.choice((1, 1, 2, 3, 4, 8))
    is_silent = way in LISTED & FETCHED and not (partial or fault.expired) and chance.random() < SILENT
    has_text = way is Way.BANDWIDTH and not (absent or partial or fault.expired or is_silent)
    text = _text(chance) if has_text else None
    return Drawn(
        number=number,
        way=way,
        seconds=chance.randint(280, 300) if big else chance.randint(1, 3),
        channels=2 if big else 1,
        format=_format(chance, way, fault, big=big),
        fault=fault,
        absent=absent,
        partial=partial,
        wrong=way in {Way.PUT, Way.POST, Way.INCOMING} and not big and chance.random() < WRONG_UPLOADS,
        big=big,
        killed_halfway=big and chance.random() < 0.5,  # noqa: PLR2004 - a share
        repetitions=1 if partial else repetitions,
        order=_order(chance, way, absent=absent),
        concurrent=chance.random() < CONCURRENT,
        described_late=_asks_once_more(way, variant) and chance.random() < 0.2,  # noqa: PLR2004 - a share
        variant=variant,
        text=text,
        text_again=text is not None and not text.reason and chance.random() < RETRANSCRIBED,
        silent=is_silent,
    )


def _format(chance: random.Random, way: Way, fault: Fault, *, big: bool) -> str:
    """Return the format of a recording.

    A part of an MP3 file is a shorter MP3 file. Only the size that Relay reports tells them apart.
    """
    plain = not big and (fault is media.NONE or (way is Way.RELAY and fault.name == "growing"))
    return "mp3" if plain and way not in LAML and chance.random() < 0.3 else "wav"  # noqa: PLR2004 - a share


def _text(chance: random.Random) -> Fault | None:
    if chance.random() > TRANSCRIBED:
        return None
    return chance.choice(chance.choices([kinds for _, kinds in TEXT_FAULTY], [share for share, _ in TEXT_FAULTY])[0])


def _asks_once_more(way: Way, variant: Variant) -> bool:
    """Return whether a document that is late delays the recording by attempts, not by sweeps."""
    if way is Way.TWILIO:
        return variant in {Variant.SEALED_SILENTLY, Variant.ELSEWHERE}
    return way is Way.HOOK or (way is Way.RELAY and variant is not Variant.FLAT)


def _fault(chance: random.Random, way: Way) -> Fault:
    if way not in FETCHED:
        return media.NONE
    kinds = chance.choices([kinds for _, kinds in FAULTY], [share for share, _ in FAULTY])[0]
    fault = chance.choice(kinds)
    if (fault.expired and way is not Way.BANDWIDTH) or chance.random() > SLOW.get(fault.name, 1):
        return media.NONE
    return fault


def _order(chance: random.Random, way: Way, *, absent: bool) -> tuple[str, ...]:
    """Return the statuses in the order sent; the early one is first, last or left out."""
    early, last = {
        Way.BANDWIDTH: ("recordComplete", "error" if absent else "complete"),
        Way.HOOK: ("doc_created", "doc_edited"),
        Way.RELAY: ("recording", "no_input" if absent else "finished"),
    }.get(way, ("in-progress", "absent" if absent else "completed"))
    return chance.choice(((last,), (early, last), (last, early)))
