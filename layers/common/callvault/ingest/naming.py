"""Replace the row of a recording that its announcement did not name by the row of its real id.

Another announcement may name the same recording, so the row of the real id may exist already. It
decides alone whether the audio is fetched. If it was deleted, nothing is fetched.
"""

from callvault.models import Recording, State
from callvault.storage import table
from callvault.transcript import WAITING, TranscriptState

NAMED = "named"
"""Reason of an absent row whose recording has a row under the id that its provider gives it."""
NAME = "recording_id"
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


def end(row: Recording, recording_id: str) -> None:
    """Mark an unnamed row as absent, with the real id of its recording.

    A transcript without a text is dropped, because the row of the real id has it. Raises
    UnavailableError, and then the next sweep repeats this.
    """
    found = row.transcript
    waits = found is not None and found.text is None and found.state in {*WAITING, TranscriptState.PENDING}
    changes = {"transcript": None} if waits else {}
    extra = row.extra | {NAME: recording_id}
    table.change(row, f"looked up {NAMED}", state=State.ABSENT, reason=NAMED, extra=extra, **changes)
