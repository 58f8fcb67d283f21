"""Compare the ledger with what the storm left behind in the table and the bucket."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tools.storm import claims
from tools.storm.found import Found, Key
from tools.storm.ledger import Entry, Ledger


@dataclass
class Verdict:
    """The errors found, and the figures."""

    lost: list[str] = field(default_factory=list)
    """Acknowledged recordings that do not have the expected state, reason and audio, and
    acknowledged transcriptions that do not have the expected state, reason and text."""
    double: list[str] = field(default_factory=list)
    """Recordings and texts that are stored more than once, or that no provider announced."""
    unexplained: list[str] = field(default_factory=list)
    """Numbers of the archive's own reports that are not those of the ledger (`witness`)."""
    wrong: list[str] = field(default_factory=list)
    """All other errors."""
    states: Counter[str] = field(default_factory=Counter)
    """Number of acknowledged recordings by state."""
    texts: Counter[str] = field(default_factory=Counter)
    """Number of acknowledged transcriptions by state."""
    refused: int = 0
    """Number of recordings that the archive does not have to store.

    No request was acknowledged, or only early announcements (`ledger.EARLY`)."""


def compare(ledger: Ledger, found: Found) -> Verdict:
    """Compare the announced recordings with those found, and return the verdict."""
    verdict = Verdict()
    for key, entry in ledger.entries.items():
        _compare_audio(entry, found, key, verdict)
        _compare_text(entry, found, key, verdict)
    _compare_the_rest(ledger, found, verdict)
    return verdict


def _compare_audio(entry: Entry, found: Found, key: Key, verdict: Verdict) -> None:
    """Add to the verdict what is wrong with the audio of a recording."""
    row, objects = found.rows.get(key), found.objects.get(key, [])
    if not entry.owed:
        verdict.refused += 1
    if row is None and objects:
        verdict.wrong.append(f"{_title(entry)}: an object without a row")
    if entry.owed:
        verdict.states[row["state"] if row else "missing"] += 1
        if missing := claims.missing(entry, row, objects):
            verdict.lost.append(f"{_title(entry)}: {missing}, after {_history(row)}")
    if objects and sorted(set(objects)) != sorted(objects):
        places = f"{found.places.get(key)}, after {_history(row)}"
        verdict.double.append(f"{_title(entry)}: the same audio in {len(objects)} versions, {places}")
    elif unknown := set(objects) - {entry.sha256, *entry.earlier.values()}:
        verdict.wrong.append(f"{_title(entry)}: {len(unknown)} objects with audio that the provider never had")


def _compare_text(entry: Entry, found: Found, key: Key, verdict: Verdict) -> None:
    """Add to the verdict what is wrong with the text of a recording's transcription."""
    row, texts = found.rows.get(key), found.texts.get(key, [])
    described = row.get("transcript") if row else None
    if entry.text is not None and entry.text.owed:
        verdict.texts[described["state"] if described else "missing"] += 1
        if missing := claims.missing_text(entry.text, described, texts):
            verdict.lost.append(f"{_title(entry)}: {missing}, after {_history(row)}")
    # Two transcriptions may store one text twice, if the second is made before the first fetch.
    if texts and max(Counter(texts).values()) > (entry.text.told if entry.text else 0):
        places = f"{found.places.get(key)}, after {_history(row)}"
        verdict.double.append(f"{_title(entry)}: the same text in {len(texts)} versions, {places}")
    if unknown := set(texts) - set(entry.text.sizes if entry.text else ()):
        verdict.wrong.append(f"{_title(entry)}: {len(unknown)} texts that the provider never had")


def _compare_the_rest(ledger: Ledger, found: Found, verdict: Verdict) -> None:
    """Add to the verdict what belongs to no entry: unknown recordings, shared audio, leftovers."""
    for key in (found.rows.keys() | found.objects.keys() | found.texts.keys()) - ledger.entries.keys():
        verdict.double.append(f"{key}: it was not announced")
    for kind, objects in (("audio", found.objects), ("text", found.texts)):
        owners: defaultdict[str, set[Key]] = defaultdict(set)
        for key, hashes in objects.items():
            for sha256 in hashes:
                owners[sha256].add(key)
        verdict.double += [f"{sorted(keys)}: the same {kind}" for keys in owners.values() if len(keys) > 1]
    verdict.wrong += [f"{name}: an object without a recording" for name in found.nameless]
    if found.uploads:
        verdict.wrong.append(f"{found.uploads} multipart uploads were left open")
    if found.parked:
        verdict.wrong.append(f"{found.parked} callbacks are still parked")
    if found.markers:
        verdict.wrong.append(f"{found.markers} delete markers")


def _history(row: Mapping[str, Any] | None) -> list[str]:
    return [f"{event['time'][14:]} {event['what']}" for event in row.get("history", ())] if row else []


def _title(entry: Entry) -> str:
    drawn = entry.drawn
    text = f", text {drawn.text.name}" if drawn.text else ""
    return f"{drawn.way} {entry.recording_id} ({drawn.variant}, {drawn.fault.name}{', big' if drawn.big else ''}{text})"
