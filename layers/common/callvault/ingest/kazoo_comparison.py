"""Compare audio that was sent for a recording that Crossbar announced with what Crossbar serves.

Whoever may see the upload address in KAZOO, or the key of its S3 handler, can send other audio
under the id of a document, before KAZOO has stored its own. If the audio differs, both are kept and
the recording says so. Nothing is compared if KAZOO stores the audio in this archive: Crossbar then
serves what it reads back from here, or nothing (`providers.kazoo.stores`). If a push of the call
named no document, that may be KAZOO's own, so both recordings say so. Different audio that is
sent under one id is all kept in any case (`storing.store_upload`).

Audio that is deleted before its comparison may have been the forged one. So it is compared all the
same: what Crossbar serves is stored apart if it is other audio, and not at all if it is the same.
"""

from contextlib import suppress

from aws_lambda_powertools import Logger

from callvault import accounts, alarm_messages, providers, transport
from callvault.bounds import bounded
from callvault.errors import RejectedError, UnavailableError
from callvault.ingest import media, outages, pushes, storing, unnamed_pushes
from callvault.ingest.media import Stream
from callvault.messaging import fetch_requests
from callvault.models import TOMBSTONES, Recording, State
from callvault.providers.kazoo import stores
from callvault.providers.kazoo.provider import Kazoo
from callvault.storage import history, notes, ownership, table

SERVES_NOTHING = {"http_404", "http_500"}
"""Reasons of failures after which Crossbar may have no audio to serve."""
NOT_QUEUED = "comparison not queued"
"""History entry of audio whose comparison could not be queued."""

logger = Logger(child=True)


def is_due(row: Recording) -> bool:
    """Return whether audio that was sent here was stored and not compared, deleted or not."""
    compared = False
    for event in row.history:
        compared = event.what == history.COMPARED or (compared and not event.what.startswith(history.RETRIED))
    return row.provider == "kazoo" and pushes.was_sent(row) and not compared


def lacks_comparison(row: Recording) -> bool:
    """Return whether the audio of a recording was to be compared and was not, so far."""
    return row.state in pushes.KEPT and any(one.startswith(notes.NOT_COMPARED) for one in row.discrepancies)


def enqueue(row: Recording) -> None:
    """Queue the comparison of a recording if it is announced and due; raises UnavailableError."""
    announced = history.is_announced(row.history)
    if announced and is_due(row) and accounts.await_usable(row.account_id).api is not None:
        send(row)


def send(row: Recording) -> None:
    """Queue the comparison of a recording; raises UnavailableError.

    The message is that of a fetch. If the row is lost, the recording is fetched from Crossbar.
    """
    fetch_requests.send(row.model_copy(update={"state": State.PENDING}))


def enqueue_or_note(row: Recording) -> None:
    """Queue the comparison of a recording, or else note in the row that it is not queued.

    A webhook is acknowledged all the same: the recording is durable, and KAZOO disables a webhook
    after six refusals in a minute. The next webhook queues the comparison, or a retry does.
    """
    try:
        enqueue(row)
    except UnavailableError as error:
        fields = {"account": row.account_id, "recording": row.recording_id, "reason": error.reason}
        logger.error(alarm_messages.RECORDING_NOT_COMPARED, extra=fields)  # noqa: TRY400
        with suppress(UnavailableError):
            table.edit(row, NOT_QUEUED, discrepancies=_noted(row, f"{notes.NOT_COMPARED}: {error.reason}"))


def compare(row: Recording, deadline: float) -> None:
    """Compare a recording whose comparison is due, and store what Crossbar serves if it differs.

    `deadline` is a time of time.monotonic(). Raises UnavailableError, RejectedError.
    """
    account = accounts.await_usable(row.account_id)
    provider = providers.of_recording(account, row)
    if account.api is None or not isinstance(provider, Kazoo):
        return
    with outages.watched(account):
        _compare(row, provider, deadline)


def _compare(row: Recording, provider: Kazoo, deadline: float) -> None:
    """Do what `compare` does, with the account's provider."""
    if row.state not in TOMBSTONES:
        row = _described(provider, row)
    kept = row.model_copy(update={"state": State.STORED})  # as it was before a deletion
    is_pushed_here = stores.is_pushed_here(provider, row)
    if is_pushed_here and row.state not in TOMBSTONES:
        row = unnamed_pushes.note_pushes(row)
    sha256 = None if is_pushed_here else _fingerprint(provider, kept, deadline)
    if sha256 is None or (row.media is not None and sha256 == row.media.sha256):
        _note(row)
        return
    described = provider.describe(row.model_copy(update={"state": State.PENDING}))
    apart = described.model_copy(update={"recording_id": f"{row.recording_id}-{sha256[:8]}"})
    logger.error("Different audio arrived for the same recording", extra={"recording": row.recording_id})
    with transport.download(provider.source, provider.media_url(row)) as response:
        kept = storing.store_upload(apart, sha256, lambda: Stream.of(response, deadline), "served by Crossbar")
    _note(row, f"{notes.OTHER_AUDIO}; it is stored as {kept.recording_id}")


def _described(provider: Kazoo, row: Recording) -> Recording:
    """Return a row with the facts of Crossbar's document, which replace those of the sender.

    Crossbar knows the recording better than the sender of the audio.
    """
    told = provider.describe(row)
    row = table.put(told, "described", known=row)
    known = {name: value for name in ownership.CLAIMS if (value := getattr(told, name)) is not None}
    extra = bounded(row.extra | told.extra)
    if extra == row.extra and all(getattr(row, name) == value for name, value in known.items()):
        return row
    is_other = any(getattr(row, name) != known.get(name, getattr(row, name)) for name in ownership.CALL)
    found = notes.added(row.discrepancies, *[notes.OTHER_CALL] * is_other)
    return table.change(row, "described", **known, extra=extra, discrepancies=found)


def give_up(recording: Recording, error: RejectedError) -> bool:
    """Report that a recording could not be compared, and return whether it was to be compared.

    `reopening.start` makes the comparison due again. Raises UnavailableError.
    """
    row = table.get(recording.account_id, recording.recording_id)
    if row is None or not is_due(row):
        return False
    _note(row, f"{notes.NOT_COMPARED}: {error.reason}")
    about = {"recording": row.recording_id, "account": row.account_id, "provider": row.provider}
    logger.error(alarm_messages.RECORDING_NOT_COMPARED, extra={**about, "reason": error.reason})
    return True


def _fingerprint(provider: Kazoo, row: Recording, deadline: float) -> str | None:
    """Return the SHA-256 of the audio that Crossbar serves; None if the object moved here was it.

    KAZOO 4.0 and 4.1 do not quote S3. So if no webhook announced the recording, only its list or a
    look-up, Crossbar's failure is enough: nothing would be compared without them at all. Raises
    UnavailableError, RejectedError.
    """
    try:
        return media.served_fingerprint(provider, row, deadline)
    except UnavailableError as error:
        if not pushes.is_incoming(row) or error.reason not in SERVES_NOTHING:
            raise
        if not history.was_called_back(row.history):
            return None
        if error.reason == "http_500" and stores.was_in_s3(provider, row):
            return None
        raise


def _note(row: Recording, *found: str) -> None:
    """Record in a row that it was compared, and what was found; raises UnavailableError."""
    table.change(row, history.COMPARED, discrepancies=_noted(row, *found))


def _noted(row: Recording, *found: str) -> tuple[str, ...]:
    """Return the discrepancies of a row with what a comparison found in place of what failed."""
    others = tuple(one for one in row.discrepancies if not one.startswith(notes.NOT_COMPARED))
    return notes.added(others, *found)
