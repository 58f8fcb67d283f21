"""Keep the history of a recording within its bound.

A reader may edit metadata any number of times. So when the history is full, edits of metadata are
dropped first. The first entry, the last `stored` and the last `verified` are always kept: they say
how the recording came, and that its copy was verified.
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
ANNOUNCED = ("callback", "looked up", "fetch", "started by")
"""Beginnings of the history entries of what a provider announced, in a callback or an answer."""
SENT = ("upload", "incoming")
"""Beginnings of the history entries of audio that was sent here (`ingest.pushes`)."""


def is_announced(history: tuple[Event, ...]) -> bool:
    """Return whether the provider announced a recording, so that it was not only sent here."""
    return any(event.what.startswith(ANNOUNCED) for event in history)


def is_claimed(history: tuple[Event, ...]) -> bool:
    """Return whether a recording was sent here and not announced, so that its facts are claims.

    An owner whom an admin named is none.
    """
    entries = [event.what for event in history]
    sent = any(what.startswith(SENT) for what in entries)
    return sent and not is_announced(history) and not any(what.startswith(OWNER_CHANGED) for what in entries)


def had_owner(history: tuple[Event, ...], owner_id: str | None) -> bool:
    """Return whether a reader replaced this owner by another one."""
    return any(event.what.startswith(f"{OWNER_CHANGED} {owner_id} to ") for event in history)


def shortened(history: tuple[Event, ...]) -> tuple[Event, ...]:
    """Return a history without the entries that exceed MAX_EVENTS."""
    events = list(history)
    while len(events) > MAX_EVENTS:
        del events[_least(events)]
    return tuple(events)


def _least(events: list[Event]) -> int:
    """Return the place of the entry to drop: the oldest edit, or else the oldest of the others."""
    kept = {0} | {place for state in (State.STORED, State.VERIFIED) if (place := _last(events, state)) is not None}
    places = [place for place in range(len(events)) if place not in kept]
    return next((place for place in places if events[place].what.startswith(EDITED)), places[0])


def _last(events: list[Event], state: State) -> int | None:
    """Return the place of the last entry that says that a state was reached, or None."""
    return next((place for place in reversed(range(len(events))) if events[place].what == state), None)
