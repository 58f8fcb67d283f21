"""Take recordings in: make durable what a provider announced, copy its audio, and say so when that fails for good."""

from collections.abc import Callable
from datetime import timedelta

from aws_lambda_powertools import Logger

from callvault import accounts, alarm_messages, providers, times
from callvault.errors import ConflictError, RejectedError, UnavailableError
from callvault.ingest import media
from callvault.ingest.media import Stream
from callvault.messaging import event_bus, fetch_requests
from callvault.models import TOMBSTONES, Recording, State
from callvault.providers.look_ups import UNKNOWN
from callvault.storage import bucket, multipart_uploads, table

UNKNOWN_AFTER = timedelta(hours=6)
"""How long after it was announced a provider may not know a recording yet."""

logger = Logger(child=True)


def take(recording: Recording, source: str = "callback", *, known: Recording | None = None) -> Recording:
    """Make an announced recording durable and return what is known of it now.

    `source` is who told of it, for the history; `known` is the row as last read. A pending one goes into the table and
    onto the queue, and either suffices: the message carries the whole recording, and the sweep finds rows that nobody
    fetches. Raises UnavailableError if nothing holds it.
    """
    try:
        row = table.put(recording, f"{source} {recording.state}", known=known)
    except UnavailableError as error:
        if recording.state is not State.PENDING:
            raise
        logger.warning("The row could not be written, the queue holds the recording", extra={"reason": error.reason})
        fetch_requests.send(recording)
        return recording
    if recording.state is State.PENDING and row.state is State.PENDING:
        try:
            fetch_requests.send(row)
        except UnavailableError as error:
            logger.warning("The queue did not take the recording, its row does", extra={"reason": error.reason})
    return row


def settle(row: Recording) -> Recording:
    """Ask the provider what became of an announced recording and return its row as it is then.

    Raises UnavailableError, RejectedError where the provider cannot be asked, NotFoundError, ConfigurationError.
    """
    news = providers.of(accounts.get(row.account_id)).look_up(row)
    if news.state is State.ANNOUNCED:
        return row
    if news.reason == UNKNOWN and times.now() - (row.created_time or times.now()) < UNKNOWN_AFTER:
        return row
    return take(news, "looked up", known=row)


def fetch(recording: Recording, deadline: float, *, doubt: bool = False) -> None:
    """Copy a pending recording's audio into S3, unless that has been done; `deadline` is of time.monotonic().

    `doubt` is of `media.copy`. Raises UnavailableError, RejectedError.
    """
    row = table.put(recording, "fetch")
    if row.state is not State.PENDING:
        _tidy(row)
        return
    provider = providers.of(accounts.await_usable(row.account_id))
    row = _placed(table.put(provider.describe(row), "described", known=row))
    if row.state is not State.PENDING:  # another attempt was faster, while this one asked
        _tidy(row)
        return
    try:
        copied = media.copy(row, provider, deadline, doubt=doubt)
    except UnavailableError as error:
        expired = row.source_expires_time is not None and row.source_expires_time < times.now()
        if error.reason == "http_404" and expired:
            raise RejectedError("gone", "The provider has deleted the recording.") from error
        raise
    row = table.put(
        row.model_copy(update={"state": State.STORED, "reason": None, "media": copied}), "stored", known=row
    )
    if row.state in TOMBSTONES:
        bucket.delete(str(row.media_key))


def keep(recording: Recording, sha256: str, body: Callable[[], Stream], what: str) -> Recording:
    """Store audio that was sent to us, whose hash is known, and return its row; what is stored already is left alone.

    The row comes first, so that a failure on the way leaves nothing stored without what was said of it. Other audio
    than what an id stands for already goes under an id of its own, `<id>-<the hash's first 8 digits>`: neither is lost.
    Raises UnavailableError, RejectedError.
    """
    row = table.put(recording, what)
    if row.state in TOMBSTONES:
        logger.warning("Audio arrived for a recording that was removed", extra={"recording": row.recording_id})
        return row
    if row.state in {State.STORED, State.VERIFIED} and row.media is not None:
        if row.media.sha256 == sha256:
            _tidy(row)
            return row
        return _keep_apart(recording, sha256, body, what)
    row = _placed(row)
    try:
        stored = media.store(row, body())
    except ConflictError:
        return _keep_apart(recording, sha256, body, what)
    row = table.put(
        row.model_copy(update={"state": State.STORED, "reason": None, "media": stored}), "stored", known=row
    )
    if row.state in TOMBSTONES:
        bucket.delete(str(row.media_key))
    return row


def _placed(row: Recording) -> Recording:
    """Return a row that has its S3 key: the same key in every attempt, so that none stores a second object."""
    if row.media_key is not None:
        return row
    return table.put(row.model_copy(update={"media_key": row.key_for()}), "key", known=row)


def _tidy(row: Recording) -> None:
    """Free what attempts that died have left of a recording that is done with, if any of them can have left something.

    A copy of one part leaves nothing; of what failed the length is not known.
    """
    if row.media_key is not None and (row.media is None or row.media.size >= media.PART_BYTES):
        multipart_uploads.abort_leftovers(row.media_key)


def _keep_apart(recording: Recording, sha256: str, body: Callable[[], Stream], what: str) -> Recording:
    """Store audio under an id of its own."""
    mark = f"-{sha256[:8]}"
    if recording.recording_id.endswith(mark):
        raise RejectedError("conflict", "Another recording is stored under the same key.")
    logger.error("Other audio came for the same recording", extra={"recording": recording.recording_id, "mark": mark})
    apart = recording.model_copy(update={"recording_id": recording.recording_id + mark})
    return keep(apart, sha256, body, f"{what}, other audio than {recording.recording_id}")


def fail(recording: Recording, error: RejectedError, *, backward: bool = False) -> None:
    """Mark a recording as failed, with the reason, and tell the event bus; raises UnavailableError."""
    failed = recording.model_copy(update={"state": State.FAILED, "reason": error.reason})
    row = table.put(failed, f"failed {error.reason}", backward=backward)
    logger.error(
        alarm_messages.RECORDING_FAILED,
        extra={"recording": row.recording_id, "account": row.account_id, "reason": error.reason},
    )
    if row.state is State.FAILED:
        _tidy(row)
        event_bus.publish(event_bus.DetailType.FAILED, row)
