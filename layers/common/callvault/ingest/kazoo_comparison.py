"""Compare audio that was pushed for a recording that Crossbar announced with what Crossbar serves.

Whoever may see the upload address in KAZOO can push other audio under the id of a document, before
KAZOO has stored its own. If the audio differs, both are kept and the recording says so. Nothing is
compared if the document says that KAZOO pushes to this archive: Crossbar then serves what it reads
back from here. Different pushes under one id are all kept in any case (`storing.store_upload`).
"""

from aws_lambda_powertools import Logger

from callvault import accounts, transport
from callvault.errors import RejectedError, UnavailableError
from callvault.ingest import media, pushes, storing
from callvault.ingest.media import Stream
from callvault.messaging import fetch_requests
from callvault.models import Recording, State
from callvault.providers.kazoo.provider import Kazoo
from callvault.storage import notes, table

COMPARED = "compared with Crossbar"
"""History entry of a push after its comparison, or after the last attempt at it."""

logger = Logger(child=True)


def is_due(row: Recording) -> bool:
    """Return whether the audio of a recording was pushed, and was not compared yet."""
    compared = any(event.what == COMPARED for event in row.history)
    return row.provider == "kazoo" and pushes.is_pushed(row) and not compared


def enqueue(row: Recording) -> None:
    """Queue the comparison of an announced recording if it is due; raises UnavailableError.

    The message is that of a fetch. If the row is lost, the recording is fetched from Crossbar.
    """
    if is_due(row) and accounts.await_usable(row.account_id).api is not None:
        fetch_requests.send(row.model_copy(update={"state": State.PENDING}))


def compare(row: Recording, deadline: float) -> None:
    """Compare a recording whose comparison is due, and store what Crossbar serves if it differs.

    `deadline` is a time of time.monotonic(). Raises UnavailableError, RejectedError.
    """
    account = accounts.await_usable(row.account_id)
    if account.api is None:
        return
    provider = Kazoo(account)
    if provider.is_pushed_here(row):
        _note(row)
        return
    sha256 = _fingerprint(provider, row, deadline)
    if row.media is not None and sha256 == row.media.sha256:
        _note(row)
        return
    described = provider.describe(row.model_copy(update={"state": State.PENDING}))
    apart = described.model_copy(update={"recording_id": f"{row.recording_id}-{sha256[:8]}"})
    logger.error("Different audio arrived for the same recording", extra={"recording": row.recording_id})
    with transport.download(provider.source, provider.media_url(row)) as response:
        kept = storing.store_upload(apart, sha256, lambda: Stream.of(response, deadline), "served by Crossbar")
    _note(row, f"{notes.OTHER_AUDIO}; it is stored as {kept.recording_id}")


def give_up(recording: Recording, error: RejectedError) -> bool:
    """Note that a recording could not be compared, and return whether it was to be compared.

    Raises UnavailableError.
    """
    row = table.get(recording.account_id, recording.recording_id)
    if row is None or not is_due(row):
        return False
    _note(row, f"{notes.NOT_COMPARED}: {error.reason}")
    return True


def _fingerprint(provider: Kazoo, row: Recording, deadline: float) -> str:
    """Return the SHA-256 of the audio that Crossbar serves.

    An error page may be audio in the next attempt. Raises UnavailableError, RejectedError.
    """
    with transport.download(provider.source, provider.media_url(row)) as response:
        try:
            return media.fingerprint(Stream.of(response, deadline))
        except RejectedError as error:
            if error.reason == "too_large":
                raise
            raise UnavailableError(error.reason, str(error)) from None


def _note(row: Recording, *found: str) -> None:
    """Record in a row that it was compared, and what was found; raises UnavailableError."""
    if table.edit(row, COMPARED, discrepancies=notes.added(row.discrepancies, *found)) is None:
        raise UnavailableError("table_conflict", "Another writer changed the recording at the same time.")
