"""Tell what an update of a row says anew from what it has from the row as it was read.

A writer reads a row, works for a while, and writes a copy of the row with some changes. If another
writer has changed the row meanwhile, the rest of the copy is old, and must not be put back.
"""

from callvault.models import Recording, State
from callvault.storage import history

FACTS = (
    "call_id", "parent_call_id", "conference_id", "caller", "callee", "direction", "owner_id", "start_time", "end_time",
    "duration_ms", "channels", "format", "tag", "name", "transcription", "source_expires_time", "media",
    "upload_sha256",
)  # fmt: skip
"""Fields that an update can set, apart from the state, its reason and `extra`."""


def of(update: Recording, known: Recording | None, what: str) -> Recording:
    """Return an update without the facts that it has from the row as read, `known`.

    `what` is the history entry. What a provider announces, and what the sender of stored audio
    claims, is news even if it is the same, because it replaces claims (`ownership.owned`).
    """
    if known is None:
        return update
    unchanged = {"transcript": None} if update.transcript == known.transcript else {}
    told = what.startswith(history.ANNOUNCED) or (what == State.STORED and history.is_claimed(known.history))
    if told:
        return update.model_copy(update=unchanged)
    same = dict.fromkeys(name for name in FACTS if getattr(update, name) == getattr(known, name))
    if update.discrepancies != known.discrepancies:
        same.pop("media", None)  # the discrepancies are those of the media
    extra = {name: value for name, value in update.extra.items() if known.extra.get(name, ...) != value}
    return update.model_copy(update={**unchanged, **same, "extra": extra})
