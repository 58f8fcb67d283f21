"""Fetch the text of a recording's transcription, store it beside the audio, and read it back.

The text has its own messages in the fetch queue, its own state in the row and its own object. So
nothing that happens to it touches the audio, and the audio need not be stored first. As for audio,
every step may be repeated, may run twice at the same time, or may be cut off.
"""

from dataclasses import replace

from aws_lambda_powertools import Logger

from callvault import accounts, alarm_messages, providers, times, transport
from callvault.errors import RejectedError, UnavailableError
from callvault.ingest import outages, overwrites, texts
from callvault.ingest.media import PART_BYTES, Stream
from callvault.messaging import fetch_requests, next_attempts
from callvault.messaging.bucket_events import ChangeKind, ObjectChange
from callvault.models import TOMBSTONES, Recording
from callvault.providers.transcriber import Transcriber
from callvault.storage import bucket, due, history, table, tombstones
from callvault.transcript import REMOVED, WAITING, Transcript, TranscriptState, TranscriptText, without_text

GONE = "gone"
"""Reason of a text that the provider has deleted."""
UNANSWERED = "unanswered"
"""Reason of a transcription that was requested or announced, and of which no text came."""
MAX_BYTES = PART_BYTES - 1
"""Maximum size of a text. The words of four hours, the longest that Bandwidth transcribes, take up
about a tenth of it."""

logger = Logger(child=True)


def is_due(recording: Recording) -> bool:
    """Return whether the text of a recording is to be fetched."""
    found = recording.transcript
    return found is not None and found.state is TranscriptState.PENDING and recording.state not in TOMBSTONES


def is_waiting(recording: Recording) -> bool:
    """Return whether the next attempt at the text of a recording is not due yet."""
    found = recording.transcript
    return found is not None and due.is_waiting(found.attempt, times.now())


def enqueue(update: Recording, row: Recording) -> None:
    """Queue the fetch of a text that an update announced, if it is due by the row.

    A text whose next attempt is not due yet is left to its message or the sweep.
    If the queue refuses, the row is enough, because the sweep finds it.
    """
    if not (is_due(update) and is_due(row)) or is_waiting(row):
        return
    try:
        fetch_requests.send_transcript(row)
    except UnavailableError as error:
        logger.warning(
            "The fetch of a transcript could not be queued; the sweep will find the row", extra={"reason": error.reason}
        )


def fetch(recording: Recording, deadline: float, *, doubt: bool = False) -> None:
    """Copy the text of a recording's transcription to S3, unless that is done already.

    `recording` comes from the message. If the row was never written, it is made from `recording`.
    `deadline` is a time of time.monotonic(). With `doubt`, a text without content is refused.
    Raises UnavailableError, RejectedError.
    """
    known = table.get(recording.account_id, recording.recording_id)
    row = table.put(recording, "fetch", known=known, believed=fetch_requests.without_copies)
    wanted = row.transcript
    if wanted is None or not is_due(row):
        _delete_left(row)
        return
    account = accounts.await_usable(row.account_id)
    provider = providers.of_recording(account, row)
    if not isinstance(provider, Transcriber):
        raise RejectedError("no_transcripts", "The account's provider has no transcriptions.")
    doubt = doubt and not next_attempts.is_old(wanted.attempt, times.now())
    try:
        with outages.watched(account):
            body = _download(row, provider, deadline)
    except UnavailableError as error:
        if error.reason == "http_404" and due.is_over(row, wanted.source_expires_time):
            raise RejectedError(GONE, "The provider has deleted the transcription.") from error
        raise
    provider.check_transcript(body, doubt=doubt)
    _mark_stored(row, wanted, texts.store(row, body))


def _delete_left(row: Recording) -> None:
    """Delete a text that was stored during its removal, or that a deletion has left behind."""
    tombstones.finish_transcript(row)
    is_removed = row.state in TOMBSTONES or (row.transcript is not None and row.transcript.state in REMOVED)
    if is_removed and (left := bucket.get(row.transcript_key())) is not None:
        left.close()
        bucket.delete(row.transcript_key())


def fail(recording: Recording, error: RejectedError) -> None:
    """Mark the transcript of a recording as failed, with the error's reason; change nothing else.

    A text that was stored stays. A message about an earlier transcription fails none, because the
    later one has a message of its own. Raises UnavailableError.
    """
    row = table.get(recording.account_id, recording.recording_id)
    if row is not None and is_due(row) and _is_of_same(recording, row):
        _fail(row, error.reason)


def without_expired(row: Recording) -> Recording:
    """Return a row; its transcript is failed if the provider had the time to make it and did not.

    Raises UnavailableError.
    """
    found = row.transcript
    if found is None or found.state not in WAITING:
        return row
    expiry = found.source_expires_time or row.source_expires_time
    if not due.is_over(row, expiry):
        return row
    # A merge regards any other update as one about the transcription before the request.
    return table.edit(row, f"transcript failed {UNANSWERED}", transcript=_failed(row, UNANSWERED)) or row


def _is_of_same(recording: Recording, row: Recording) -> bool:
    """Return whether a message and a row are about the same transcription."""
    sent, known = recording.transcript, row.transcript
    return sent is not None and known is not None and sent.completed_time == known.completed_time


def _fail(row: Recording, reason: str) -> None:
    """Mark the transcript of a row as failed; raises UnavailableError."""
    table.put(row.model_copy(update={"transcript": _failed(row, reason)}), f"transcript failed {reason}", known=row)


def _failed(row: Recording, reason: str) -> Transcript | None:
    """Return the transcript of a row as failed, and log it."""
    changes = {"state": TranscriptState.FAILED, "reason": reason, "attempt": None}
    about = {"recording": row.recording_id, "account": row.account_id, "provider": row.provider}
    logger.error(alarm_messages.TRANSCRIPT_FAILED, extra={**about, "reason": reason})
    return row.transcript.model_copy(update=changes) if row.transcript else None


def _download(row: Recording, provider: Transcriber, deadline: float) -> bytes:
    """Return the text as the provider serves it; raises UnavailableError, RejectedError."""
    source = replace(provider.source, locate=None)  # the document itself is the text
    with transport.download(source, provider.transcript_url(row)) as response:
        body = next(Stream.of(response, deadline).parts(), b"")
    if len(body) > MAX_BYTES:
        raise RejectedError("too_large", f"The text is longer than {MAX_BYTES} bytes.")
    return body


def notice(change: ObjectChange, row: Recording | None) -> None:
    """Record that the text of a recording was removed from the bucket; raises UnavailableError.

    Events of new texts are ignored, because a text is verified when it is stored. A late event of
    an earlier text changes nothing. A later transcription whose text is still to come, or failed,
    keeps its state: only the text of the one before is gone.
    """
    found = row.transcript if row is not None and row.state not in TOMBSTONES else None
    if row is None or found is None or found.text is None or change.kind is ChangeKind.CREATED:
        return
    if not change.marker and change.version_id not in {None, found.text.version_id}:
        return
    if change.marker and overwrites.is_current(found.text):
        return
    state = TranscriptState.EXPIRED if change.kind is ChangeKind.EXPIRED else TranscriptState.DELETED
    left = without_text(found, state)
    described = None if left.state in {state, TranscriptState.REQUESTED} else row.transcription
    table.change(row, f"transcript {state} in the bucket", transcript=left, transcription=described)


def _mark_stored(row: Recording, wanted: Transcript, text: TranscriptText) -> None:
    """Mark the transcript as verified. If it was removed in the meantime, delete the text again.

    The row may be about a later transcription by then.
    """
    verified = wanted.model_copy(
        update={"state": TranscriptState.VERIFIED, "reason": None, "attempt": None, "text": text}
    )
    before = row.history

    def believed(update: Recording, known: Recording | None) -> Recording:
        return known if known is not None and history.was_text_removed(before, known.history) else update

    update = row.model_copy(update={"transcript": verified})
    row = table.put(update, "transcript verified", known=row, believed=believed)
    is_removed = row.state in TOMBSTONES or row.transcript is None or row.transcript.state in REMOVED
    if is_removed or (history.was_text_removed(before, row.history) and overwrites.is_current(text)):
        bucket.delete(text.key)
