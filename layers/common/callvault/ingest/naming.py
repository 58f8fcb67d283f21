"""Replace the row of a recording that its announcement did not name by the row of its real id.

The row of a document of KAZOO is replaced in the same way by the row of its push
(`unnamed_pushes`).

Another announcement may name the same recording, so the row of the real id may exist already. It
decides alone whether the audio is fetched. If it was deleted, nothing is fetched.
"""

from callvault.models import Recording, State
from callvault.providers.fields import text
from callvault.storage import table, tombstones
from callvault.transcript import WAITING, TranscriptState

NAMED = "named"
"""Reason of an absent row whose recording has a row under the id that its provider gives it."""
PUSHED = "pushed"
"""Reason of an absent recording whose audio is stored under the id that its push got."""
NAME = tombstones.LINKED
"""Member of `extra` of such a row, with the id that the provider gives the recording."""
OWN = (
    "attempt", "media_key", "media", "discrepancies", "history", "created_time", "updated_time", "listed_at",
    "revision",
)  # fmt: skip
"""Fields that belong to a row and not to the recording. The row of the real id has its own."""


def named(found: Recording) -> Recording:
    """Return the announcement of a recording under its real id, from its unnamed row.

    `found` is the row as the provider's API completed it. The text of a transcription that was
    stored already stays with the unnamed row.
    """
    kept = found.transcript if found.transcript and found.transcript.text is None else None
    own = {name: Recording.model_fields[name].get_default(call_default_factory=True) for name in OWN}
    extra = {name: value for name, value in found.extra.items() if name != NAME}
    return found.model_copy(update={**own, "transcript": kept, "extra": extra})


def name(row: Recording) -> str | None:
    """Return the id under which the recording of an ended row is kept, or None."""
    return text(row.extra.get(NAME))


def is_pushed(row: Recording) -> bool:
    """Return whether another row, that of its push, has the audio of a recording."""
    return row.state is State.ABSENT and row.reason == PUSHED and name(row) is not None


def entry(reason: str) -> str:
    """Return the history entry of a row that ended with this reason."""
    return f"looked up {reason}"


def end(row: Recording, recording_id: str, reason: str = NAMED) -> Recording:
    """Mark an unnamed row as absent, with the real id of its recording, and return it.

    A transcript without a text is dropped, because the row of the real id has it. Raises
    UnavailableError, and then the next sweep repeats this.
    """
    found = row.transcript
    waits = found is not None and found.text is None and found.state in {*WAITING, TranscriptState.PENDING}
    changes = {"transcript": None} if waits else {}
    extra = row.extra | {NAME: recording_id}
    return table.change(row, entry(reason), state=State.ABSENT, reason=reason, extra=extra, attempt=None, **changes)
