"""Keep the history of a recording within its bound.

A reader may edit metadata any number of times, and whoever knows an upload address may push any
number of times. So when the history is full, the oldest edits of metadata are dropped first, and
then entries that a later entry repeats. Some entries are always kept, because decisions rest on
them: how the recording came, that it was announced, who changed its owner, that its copy was
stored, compared and verified, and that its text was removed.
"""

from callvault.models import Event, State

MAX_EVENTS = 40
"""Maximum number of entries in a history."""
EDITED = "metadata by"
"""Beginning of the history entry of an edit of the metadata."""
OWNER_CHANGED = "owner changed from"
"""Beginning of the history entry of a change of the owner; the old owner follows."""
RETRIED = "retried by"
"""Beginning of the history entry of a retry; the name of the operator or reader follows."""
CALLBACK = "callback"
"""Beginning of the history entry of what a provider announced in a callback."""
BACKFILL = "backfill"
"""Beginning of the history entry of what a backfill found in a provider's list."""
LISTED = ("reconcile", BACKFILL)
"""Beginnings of the history entries of what was taken from a provider's list."""
ANNOUNCED = (CALLBACK, "looked up", "fetch", "started by", *LISTED)
"""Beginnings of the history entries of what a provider announced, in a callback or an answer."""
SENT = ("upload", "incoming")
"""Beginnings of the history entries of audio that was sent here (`ingest.pushes`)."""
COMPARED = "compared with Crossbar"
"""History entry of audio after its comparison, or after the last attempt at it."""
TEXT_REMOVED = ("transcript deleted", "transcript expired")
"""Beginnings of the history entries of the removal of a text."""
FIRST_KEPT: tuple[str | tuple[str, ...], ...] = ("", ANNOUNCED, *SENT)
"""Beginnings of entries of which the first one is always kept. Every entry begins with ""."""
LAST_KEPT: tuple[str | tuple[str, ...], ...] = (
    State.STORED.value,
    State.VERIFIED.value,
    OWNER_CHANGED,
    COMPARED,
    RETRIED,
    TEXT_REMOVED,
)
"""Beginnings of entries of which the last one is always kept."""


def is_announced(history: tuple[Event, ...]) -> bool:
    """Return whether the provider announced a recording, so that it was not only sent here."""
    return any(event.what.startswith(ANNOUNCED) for event in history)


def was_called_back(history: tuple[Event, ...]) -> bool:
    """Return whether a callback announced a recording."""
    return any(event.what.startswith(CALLBACK) for event in history)


def is_claimed(history: tuple[Event, ...]) -> bool:
    """Return whether a recording was sent here and not announced, so that its facts are claims.

    An owner whom an admin named is none.
    """
    changed = any(event.what.startswith(OWNER_CHANGED) for event in history)
    return is_sent(history) and not is_announced(history) and not changed


def is_sent(history: tuple[Event, ...]) -> bool:
    """Return whether a history has an entry of audio that was sent here."""
    return any(event.what.startswith(SENT) for event in history)


def was_stored(history: tuple[Event, ...]) -> bool:
    """Return whether a copy of a recording was stored."""
    return any(event.what == State.STORED for event in history)


def lacks(history: tuple[Event, ...], what: str) -> bool:
    """Return whether a history has no entry that says the same, of those that decisions rest on."""
    if what.startswith(CALLBACK) and _only_listed(history):
        return True
    if what.startswith(ANNOUNCED):
        return not is_announced(history)
    return all(event.what != what for event in history)


def _only_listed(history: tuple[Event, ...]) -> bool:
    """Return whether all that announced a recording was its provider's list.

    A day's report says of how many listed recordings a callback came, even if it came later.
    """
    return all(event.what.startswith(LISTED) for event in history if event.what.startswith(ANNOUNCED))


def is_backfilled(history: tuple[Event, ...]) -> bool:
    """Return whether a backfill found a recording, and no callback or other answer announced it."""
    found = [event.what for event in history if event.what.startswith(ANNOUNCED)]
    return bool(found) and all(what.startswith(BACKFILL) for what in found)


def had_owner(history: tuple[Event, ...], owner_id: str | None) -> bool:
    """Return whether a reader replaced this owner by another one."""
    return any(event.what.startswith(f"{OWNER_CHANGED} {owner_id} to ") for event in history)


def was_text_removed(before: tuple[Event, ...], now: tuple[Event, ...]) -> bool:
    """Return whether a text was removed between two readings of a history."""
    return any(event.what.startswith(TEXT_REMOVED) and event not in before for event in now)


def shortened(history: tuple[Event, ...]) -> tuple[Event, ...]:
    """Return a history without the entries that exceed MAX_EVENTS."""
    events = list(history)
    while len(events) > MAX_EVENTS:
        del events[_least(events)]
    return tuple(events)


def _least(events: list[Event]) -> int:
    """Return the place of the entry to drop: the oldest edit, repeated entry, or other one."""
    texts = [event.what for event in events]
    kept = {_first(texts, one) for one in FIRST_KEPT} | {_last(texts, one) for one in LAST_KEPT}
    places = [place for place in range(len(texts)) if place not in kept]
    edits = [place for place in places if texts[place].startswith(EDITED)]
    repeated = [place for place in places if texts[place] in texts[place + 1 :]]
    return next(iter(edits or repeated or places))


def _first(texts: list[str], beginning: str | tuple[str, ...]) -> int | None:
    """Return the place of the first entry with a beginning, or None."""
    return next((place for place, text in enumerate(texts) if text.startswith(beginning)), None)


def _last(texts: list[str], beginning: str | tuple[str, ...]) -> int | None:
    """Return the place of the last entry with a beginning, or None."""
    return next((place for place in reversed(range(len(texts))) if texts[place].startswith(beginning)), None)
