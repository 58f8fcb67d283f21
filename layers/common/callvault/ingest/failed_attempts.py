"""Record in its row why a fetch failed, so that a recording that fails looks ill at once."""

from callvault.models import Recording, State
from callvault.storage import table
from callvault.values import Attempt


def note(recording: Recording, attempt: Attempt) -> None:
    """Record a failed attempt in the row of a recording, if the row is pending.

    It costs one read and one write for each failed attempt, of which a day has some ten (GAPS of
    `messaging.attempts`). Raises UnavailableError.
    """
    row = table.get(recording.account_id, recording.recording_id)
    if row is not None and row.state is State.PENDING:
        table.note(row, attempt=attempt)
