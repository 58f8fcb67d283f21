"""Give what failed another try, once somebody has mended what was wrong."""

from enum import StrEnum

from aws_lambda_powertools import Logger

from callvault.errors import UnavailableError
from callvault.messaging import fetch_requests
from callvault.models import Recording, State
from callvault.storage import table

CONFLICTS = 5
"""How often another writer may be faster before one gives up."""

logger = Logger(child=True)


class Outcome(StrEnum):
    """What became of a recording that was to be retried."""

    QUEUED = "queued"
    """It is pending again."""
    PENDING = "pending"
    """It was pending already: somebody else was faster."""
    LEFT = "left"
    """It has not failed, or was removed: it is left as it is."""


def start(row: Recording, who: str) -> Outcome:
    """Move a failed recording back to pending and queue its fetch, once however many ask; raises UnavailableError.

    The row suffices, as in `intake.take`: the sweep finds it where the queue does not answer.
    """
    outcome, again = _reopen(row, who)
    if outcome is Outcome.QUEUED:
        try:
            fetch_requests.send(again)
        except UnavailableError as error:
            logger.warning("The queue did not take the recording, its row does", extra={"reason": error.reason})
    return outcome


def reopen(row: Recording, who: str) -> Outcome:
    """Move a failed recording back to pending, for a message that is to be fetched again; raises UnavailableError."""
    return _reopen(row, who)[0]


def _reopen(row: Recording, who: str) -> tuple[Outcome, Recording]:
    """Move a failed row back to pending under its revision, and return it as it stands then.

    Not by `table.put`, which would merge with whatever the row has become meanwhile: a row that is not failed any more
    must not go back.
    """
    for _ in range(CONFLICTS):
        if row.state is not State.FAILED:
            return (Outcome.PENDING if row.state is State.PENDING else Outcome.LEFT), row
        again = table.edit(row, f"retried by {who}", state=State.PENDING, reason=None)
        if again is not None:
            return Outcome.QUEUED, again
        now = table.get(row.account_id, row.recording_id)
        if now is None:
            return Outcome.LEFT, row
        row = now
    raise UnavailableError("table_conflict", "Too many writers changed the recording at the same time.")
