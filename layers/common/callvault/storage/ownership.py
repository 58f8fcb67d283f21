"""Decide who owns a recording when an update is merged into its row: the owner may read it.

What the sender of audio claims about a recording, its place in lists too, holds until the provider
announces the recording.
"""

from callvault.bounds import bounded
from callvault.models import Recording, State
from callvault.storage import history, places

CALL = ("call_id", "parent_call_id", "conference_id", "caller", "callee", "direction")
"""Fields that say which call a recording is of."""
CLAIMS = (*CALL, "start_time", "end_time", "duration_ms", "channels", "tag", "name")
"""Fields that the provider knows better than whoever sent the audio here."""
OTHER_OWNER = "a later update names another owner"
"""The discrepancy of a recording whose owner is known, and of which an update names another one."""


def owned(merged: Recording, known: Recording, update: Recording, what: str) -> Recording:
    """Return a merged row with its known owner, and a discrepancy if an update named another.

    `what` is the history entry of the update. An owner whom an admin replaced is no news: a message
    or a callback may still name that owner. An owner whom the sender of the audio claimed yields to
    the first announcement.
    """
    claimed = history.is_claimed(known.history)
    if claimed and what.startswith(history.ANNOUNCED):
        return _announced(merged, update).model_copy(update={"listed_at": places.announced(known, update.start_time)})
    if claimed and what == State.STORED and (update.rank > known.rank or not history.was_stored(known.history)):
        return _sent(merged, update).model_copy(update={"listed_at": places.sent(known, update.start_time)})
    if known.owner_id is None:
        return merged
    found = [one for one in merged.discrepancies if one != OTHER_OWNER]
    other = update.owner_id not in {None, known.owner_id} and not history.had_owner(known.history, update.owner_id)
    if OTHER_OWNER in known.discrepancies or other:
        found.append(OTHER_OWNER)
    return merged.model_copy(update={"owner_id": known.owner_id, "discrepancies": tuple(found)})


def _sent(merged: Recording, update: Recording) -> Recording:
    """Return a merged row with what the sender of the stored audio says, and nothing else.

    Audio that was sent before and could not be stored may be of another sender. What that one said,
    or left out, must not be read by the owner whom the sender of the stored audio names.
    """
    told = {name: getattr(update, name) for name in (*CLAIMS, "extra", "owner_id")}
    return merged.model_copy(update=told)


def _announced(merged: Recording, update: Recording) -> Recording:
    """Return a merged row with what the first announcement says.

    Until then the row has what the sender of the audio claimed. A claim gives nobody the right to
    read what the provider announces. So the announced owner replaces the claimed one, even if the
    announcement names no owner.
    """
    told = {name: value for name in CLAIMS if (value := getattr(update, name)) is not None}
    extra = bounded(merged.extra | update.extra)
    return merged.model_copy(update={**told, "extra": extra, "owner_id": update.owner_id})
