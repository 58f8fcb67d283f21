"""Make sure that a recording's history says where the recording came from.

`table.put` writes no entry if an update changes nothing else. But the history must say whether the
provider announced a recording or its audio was sent here, because a sender's word about owner and
call counts for less (`history.is_announced`, `ingest.pushes`).
"""

from callvault.errors import UnavailableError
from callvault.models import TOMBSTONES, Recording
from callvault.storage import table


def ensure(row: Recording, what: str) -> Recording:
    """Add an entry to the history of a row, unless it is there, and return the row.

    A tombstone stays as it is. Raises UnavailableError.
    """
    for _ in range(table.MAX_CONFLICTS):
        if row.state in TOMBSTONES or any(event.what == what for event in row.history):
            return row
        edited = table.edit(row, what)
        if edited is not None:
            return edited
        row = table.get(row.account_id, row.recording_id) or row
    raise UnavailableError("table_conflict", "Too many writers changed the recording at the same time.")
