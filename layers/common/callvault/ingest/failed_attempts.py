"""Record in its row why a fetch failed, and when it is attempted next.

So a recording that fails looks ill at once, and it need not wait in the queue.
"""

from datetime import datetime
from typing import Any

from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord

from callvault.errors import HeldError, UnavailableError
from callvault.ingest import reopening, transcripts
from callvault.messaging import fetch_requests, next_attempts
from callvault.messaging.next_attempts import Failure
from callvault.models import Recording, State
from callvault.storage import due, table
from callvault.values import Attempt

MAX_CONFLICTS = 3
"""Maximum number of attempts to write a row that other writers change."""


class FetchRow:
    """The row that a message in the fetch queue is about, with the attempts at its audio or text.

    The row waits for an attempt while its audio, or its text if the message is about that, is
    pending. It costs one read and one write for each failed attempt.
    """

    def __init__(self, record: SQSRecord) -> None:
        self._record = record
        self.single = fetch_requests.is_single(record)
        self._read: list[Recording | None] = []
        """The row as it was read after the attempt failed, if it was."""

    def first_time(self, received: datetime | None) -> datetime | None:
        """Return when the first attempt was made, as far as the row and its message know.

        `received` is when the message was first received, or None if it made no attempt now. None
        is returned if no attempt was made. A retry begins anew. A row of an older release knows
        only when it became pending. The sweep then queued the message, so the message does not know
        it either.
        """
        row = self._row()
        if row is None:
            return received
        known = self._attempt(row)
        made = known is not None and known.count > 0
        if received is None and not made:
            return None
        found = [] if received is None else [received]
        if known is not None and known.first_time is not None:
            found.append(known.first_time)
        elif made and (self.single or received is None):
            found += [event.time for event in row.history if event.what != due.SWEPT][-1:]
        return max([min(found), *reopening.restarts(row)[-1:]]) if found else None

    def reason(self, error: UnavailableError) -> str:
        """Return the reason of the last attempt that was made; raises UnavailableError."""
        row = self._row() if isinstance(error, HeldError) else None
        known = self._attempt(row) if row else None
        return known.reason if known else error.reason

    def keep(self, failure: Failure) -> Attempt | None:
        """Return the next attempt, or None if the row does not wait; write it if it is `in_table`.

        Raises UnavailableError.
        """
        for _ in range(MAX_CONFLICTS):
            row = self._row()
            if row is None:
                return None
            following = next_attempts.following(self._attempt(row), failure)
            if not following.in_table or self._write(row, following):
                return following
            self._read.clear()  # another writer has changed it
        raise UnavailableError("table_conflict", "Too many writers changed the recording at the same time.")

    def note(self, attempt: Attempt) -> None:
        """Write the next attempt, which the message waits for; raises UnavailableError."""
        row = self._row()
        if row is not None:
            self._write(row, attempt)

    def _row(self) -> Recording | None:
        """Return the row, or None if it does not wait for an attempt; raises UnavailableError."""
        if not self._read:
            recording = fetch_requests.read(self._record)
            self._read.append(table.get(recording.account_id, recording.recording_id))
        row = self._read[0]
        if row is None:
            return None
        waits = transcripts.is_due(row) if self._is_of_text else row.state is State.PENDING
        return row if waits else None

    @property
    def _is_of_text(self) -> bool:
        """Say whether the message is about the transcript."""
        return fetch_requests.wants_transcript(self._record)

    def _attempt(self, row: Recording) -> Attempt | None:
        """Return the last attempt that the row knows of."""
        if not self._is_of_text:
            return row.attempt
        return row.transcript.attempt if row.transcript else None

    def _write(self, row: Recording, attempt: Attempt) -> bool:
        """Write an attempt, and return whether the row was still as read."""
        changes: dict[str, Any] = {"attempt": attempt}
        if self._is_of_text and row.transcript is not None:
            changes = {"transcript": row.transcript.model_copy(update=changes)}
        return table.note(row, **changes) is not row
