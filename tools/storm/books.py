"""Describe the storm's recordings for the books of the providers, which their lists show.

A recording is in its provider's list from the moment that it exists, whether its callback is sent
or not. KAZOO's pushes and Telnyx's recordings are in no list.
"""

from tools.local.providers.books import Kept
from tools.storm.ledger import Entry
from tools.storm.plan import LAML, Way
from tools.storm.world import World

STORING, STORED = "processing", "completed"
"""The statuses of a recording without its audio, and with all of it, in the words of `Kept`."""


def kept(entry: Entry, call_id: str, audio: bytes) -> Kept:
    """Return a recording as the book of its provider has it.

    Only what KAZOO's S3 handler stored has its audio in the book. The audio of the others is served
    with its fault.
    """
    drawn = entry.drawn
    return Kept(
        recording_id=entry.recording_id,
        call_id=call_id,
        time=entry.time,
        seconds=entry.seconds,
        channels=1 if drawn.way in LAML else drawn.channels,  # as their callbacks have it
        status=_status(entry),
        caller="+15551112222",
        callee="+15553334444",
        media=audio if drawn.way is Way.INCOMING else None,
        is_relay=drawn.way is Way.RELAY,
    )


def complete(world: World, entry: Entry) -> None:
    """Note that the provider has all of the audio of a recording now."""
    if entry.listed and not entry.drawn.wrong:
        world.providers.book(entry.drawn.way).change(entry.recording_id, status=STORED)


def _status(entry: Entry) -> str:
    """Return the first status of a recording."""
    drawn = entry.drawn
    if drawn.absent or drawn.wrong:
        return "absent"
    if drawn.partial:
        return "partial"
    return STORING if drawn.way is Way.INCOMING else STORED
