"""Record what a provider's API says of a recording that was announced before."""

from datetime import timedelta

from callvault import accounts, providers, times
from callvault.bounds import joined
from callvault.ingest import deletions, intake, naming, transcripts
from callvault.models import Recording, State
from callvault.providers.look_ups import UNKNOWN
from callvault.storage import table

UNKNOWN_AFTER = timedelta(hours=6)
"""Time after a recording's announcement in which its provider may not know the recording yet."""


def reconcile(row: Recording) -> Recording:
    """Ask the provider about an announced or a partial recording, or about a transcription.

    Return the updated row. If the provider names a recording that its announcement did not name,
    that is the row of the name, and the unnamed row ends. Raises NotFoundError or
    ConfigurationError if the account is missing or invalid, RejectedError if the provider cannot
    look the recording up, and UnavailableError.
    """
    update = providers.of_recording(accounts.get(row.account_id), row).look_up(row)
    if update.recording_id != row.recording_id:
        named = intake.record(naming.named(update), "looked up")
        naming.end(row, named.recording_id)
        return transcripts.without_expired(named)
    is_new = times.now() - (row.created_time or times.now()) < UNKNOWN_AFTER
    if update.reason == UNKNOWN and (is_new or row.state is not State.ANNOUNCED):
        return transcripts.without_expired(row)
    return transcripts.without_expired(follow(row, update, "looked up"))


def follow(row: Recording, update: Recording, source: str) -> Recording:
    """Record what a provider's API says of an announced or a partial recording; return the row.

    `source` is as in `intake.record`. Raises UnavailableError.
    """
    if update.state is State.ANNOUNCED:
        _note(row, update)
        return row
    return intake.record(deletions.pending(row, update), source, known=row)


def _note(row: Recording, update: Recording) -> None:
    """Record in an announced row what its provider reports of it, such as its status."""
    extra = joined(row.extra, update.extra)
    if row.state is State.ANNOUNCED and extra != row.extra:
        table.note(row, extra=extra)
