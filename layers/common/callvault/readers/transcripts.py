"""Read, request and delete the transcripts of recordings for readers.

Whoever may see a recording may read its transcript. A request needs the right to control, because
it costs money at the provider; a deletion needs the right to delete.
"""

import hashlib
from collections.abc import Mapping
from contextlib import closing
from datetime import timedelta
from typing import Any

from aws_lambda_powertools import Logger

from callvault import providers, settings, times
from callvault.errors import NotFoundError, UnavailableError, UnprocessableError
from callvault.models import Recording
from callvault.providers.transcriber import Transcriber
from callvault.readers import access
from callvault.readers.access import Principal
from callvault.readers.edits import MAX_EDIT_ATTEMPTS
from callvault.storage import bucket, table, tombstones
from callvault.transcript import REMOVED, Transcript, TranscriptState, TranscriptText, removed
from callvault.web import Request

PATIENCE = timedelta(days=1)
"""Time in which the provider has to answer a request; after it, the transcript becomes `failed`."""

logger = Logger(child=True)


def read(recording: Recording) -> bytes | None:
    """Return the stored text of a recording's transcript, or None if there is none.

    Raises UnavailableError if the stored bytes are not those that were verified.
    """
    text = recording.transcript.text if recording.transcript else None
    found = bucket.get(text.key, text.version_id) if text else None
    if text is None or found is None:
        return None
    with closing(found):
        body = found.read()
    if hashlib.sha256(body).hexdigest() != text.sha256:
        raise UnavailableError("corrupt", "The stored text is not the verified text.")
    return body


def url(text: TranscriptText) -> str:
    """Return a presigned URL of a stored text, which is valid for some minutes."""
    return bucket.presigned_url(text)


def delete(principal: Principal, recording: Recording) -> None:
    """Delete the transcript of a recording; it is a success if it was deleted before.

    A text that the provider has already, or sent within its callback, is then never archived; that
    of a later transcription is. Raises ForbiddenError for a reader without `can_delete`,
    NotFoundError if there is no transcript, UnavailableError.
    """
    access.check_can_delete(principal)
    for _ in range(MAX_EDIT_ATTEMPTS):
        known = recording.transcript
        if known is None and recording.transcription is None:
            raise NotFoundError("The recording has no transcription.")
        if known is not None and known.state in REMOVED:
            tombstones.finish_transcript(recording)
            return
        row = table.edit(recording, f"transcript deleted by {principal.reader.name}", **_removed(known))
        if row is not None:
            tombstones.finish_transcript(row)
            return
        recording = access.find(principal, recording.recording_id)
    raise UnavailableError("table_conflict", "Too many writers changed the recording at the same time.")


def _removed(known: Transcript | None) -> dict[str, Any]:
    """Return the fields of a row that the deletion of its transcript changes.

    The text is deleted even if no row describes it: an attempt that stored it may have died before
    it wrote the row, and a release that does not know transcripts may have dropped the description.
    """
    before = known or Transcript(state=TranscriptState.ANNOUNCED, completed_time=times.now())
    gone = removed(before)
    return {"transcript": gone and gone.model_copy(update={"attempt": tombstones.LEFT}), "transcription": None}


def request(principal: Principal, recording: Recording, options: Mapping[str, Any], of: Request) -> None:
    """Ask the account's provider to transcribe a recording.

    `options` are in the provider's own terms. If no public URL is configured, the provider's
    callback goes to the origin of the request `of`. Raises ForbiddenError for a reader without
    `can_control`, NotFoundError, UnprocessableError, UnavailableError.
    """
    access.check_can_control(principal)
    provider = providers.of(principal.account)
    if not isinstance(provider, Transcriber) or recording.provider != principal.account.provider:
        raise UnprocessableError("The account's provider transcribes no recordings by its API.")
    provider.transcribe(recording, options, settings.get().public_url.rstrip("/") or of.origin)
    try:
        _note_request(principal, recording)
    except UnavailableError as error:
        fields = {"recording": recording.recording_id, "account": recording.account_id, "reason": error.reason}
        logger.exception("A requested transcription could not be written to its row", extra=fields)


def _note_request(principal: Principal, recording: Recording) -> None:
    """Record in a row that a transcription was requested; raises UnavailableError.

    If the provider has answered already, the row stays as it is.
    """
    before = recording.transcript
    for _ in range(MAX_EDIT_ATTEMPTS):
        known = recording.transcript or Transcript(state=TranscriptState.REQUESTED)
        changes = {"state": TranscriptState.REQUESTED, "reason": None, "attempt": None}
        requested = known.model_copy(update={**changes, "source_expires_time": times.after(times.now(), PATIENCE)})
        what = f"transcription requested by {principal.reader.name}"
        if table.edit(recording, what, transcript=requested) is not None:
            return
        recording = access.find(principal, recording.recording_id)
        if recording.transcript != before:
            return
    raise UnavailableError("table_conflict", "Too many writers changed the recording at the same time.")
