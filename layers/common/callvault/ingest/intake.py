"""Record what a provider announces, fetch or accept the audio, or mark a recording as failed.

Every step may be repeated, may run twice at the same time, or may be cut off. What is left to do
follows from the row's state and from the object that is already stored under the row's S3 key.
"""

from contextlib import ExitStack
from datetime import datetime

from aws_lambda_powertools import Logger

from callvault import accounts, alarm_messages, providers, times
from callvault.errors import RejectedError, UnavailableError
from callvault.ingest import (
    backfill,
    deletions,
    explanations,
    kazoo_comparison,
    media,
    outages,
    storing,
    transcripts,
    unnamed_pushes,
)
from callvault.messaging import event_bus, fetch_requests, next_attempts
from callvault.models import Media, Recording, State
from callvault.providers.base import Provider
from callvault.storage import due, table, tombstones

logger = Logger(child=True)


def record(
    recording: Recording, source: str = "callback", *, known: Recording | None = None, arrived: datetime | None = None
) -> Recording:
    """Make an announced recording durable and return its row.

    `source` says where the announcement came from and `arrived` when, for the row's history;
    `known` is the row as last read. A pending recording is written to the table and to the queue.
    Either is enough: the message carries the whole recording, and the sweep finds a pending row
    that has no message. If an attempt has failed and the next one is not due yet, nothing is
    queued: a message or the sweep makes that attempt. What waits for a backfill is queued, because
    its callback must not wait with it. A recording in any other state is written to the table only.
    Raises UnavailableError if no write succeeds.
    """
    what = f"{source} {recording.state}"
    try:
        # If audio came first, the announcement may have no news, but the history must have it.
        row = table.put(recording, what, known=known, time=arrived, entry=True)
    except UnavailableError as error:
        _queue_only(recording, error)
        return recording
    transcripts.enqueue(recording, row)
    if recording.state is State.PENDING and row.state is State.PENDING:
        if due.is_waiting(row.attempt, times.now()) and not backfill.is_held(row):
            return row
        try:
            fetch_requests.send(row)
        except UnavailableError as error:
            logger.warning(
                "The fetch could not be queued; the sweep will find the pending row", extra={"reason": error.reason}
            )
    elif kazoo_comparison.is_due(row):
        kazoo_comparison.enqueue_or_note(row)
    return row


def _queue_only(recording: Recording, error: UnavailableError) -> None:
    """Queue the fetches of a recording whose row could not be written.

    Raises `error` if there is none to queue, and UnavailableError.
    """
    pending, has_text = recording.state is State.PENDING, transcripts.is_due(recording)
    if not (pending or has_text):
        raise error
    logger.warning(
        "The row could not be written; only the queue will hold the recording", extra={"reason": error.reason}
    )
    if pending:
        fetch_requests.send(recording)
    if has_text:
        fetch_requests.send_transcript(recording)


def fetch(recording: Recording, deadline: float, *, doubt: bool = False, again: bool = False) -> None:
    """Copy the audio of a pending recording to S3, unless that is done already.

    `recording` comes from the message. If the row was never written, it is made from `recording`.
    A message that is a copy of the row, or of an earlier one, changes nothing in the row.
    `deadline` is a time of time.monotonic(); for `doubt` see `media.copy` and `unnamed_pushes`. A
    fetch usually writes the row once, when the audio is stored. Before the copy, it adds what the
    row lacks. `again` says that the message was received before. If the recording failed then, its
    event may not have been published, and is published now. Raises RejectedError,
    UnavailableError, and HeldError if the provider fails for the whole account.
    """
    known = table.get(recording.account_id, recording.recording_id)
    row = table.put(recording, "fetch", known=known, believed=fetch_requests.without_copies)
    with ExitStack() as requests:
        if row.state is State.PENDING:
            account = accounts.await_usable(row.account_id)
            provider = providers.of_recording(account, row)
            requests.enter_context(outages.watched(account))
            with deletions.told(row):
                described, is_pushed = unnamed_pushes.describe(provider, row)
            row = _describe(row, described)
        if row.state is not State.PENDING:  # fetched before, or by another attempt in the meantime
            _finish(row, deadline, again=again)
            return
        doubt = doubt and not next_attempts.is_old(row.attempt, times.now())
        try:
            if is_pushed:
                row = unnamed_pushes.find(row, described, provider, deadline, doubt=doubt)
                if row.state is not State.PENDING:
                    return
            copied = _copy(row, provider, deadline, doubt=doubt)
        except (UnavailableError, RejectedError) as error:
            explained = explanations.ask(row, provider, error)
            if explained is None:
                raise
            row = explained
            if row.state is not State.PENDING:
                return
            copied = _copy(row, provider, deadline, doubt=doubt)
    storing.mark_stored(row, copied)


def _finish(row: Recording, deadline: float, *, again: bool) -> None:
    """Do what may be left to do for a row that is not pending (see `fetch`)."""
    row = tombstones.finish(row)
    if kazoo_comparison.is_due(row):
        kazoo_comparison.compare(row, deadline)
    storing.abort_leftover_uploads(row)
    if again and row.state is State.FAILED:
        event_bus.publish(event_bus.DetailType.FAILED, row)


def _copy(row: Recording, provider: Provider, deadline: float, *, doubt: bool) -> Media:
    """Copy the audio of a row and return the stored media.

    Raises UnavailableError, RejectedError.
    """
    try:
        with deletions.told(row):
            return media.copy(row, provider, deadline, doubt=doubt)
    except RejectedError as error:
        if row.provider == "kazoo" and error.reason == "conflict":
            # Audio was pushed during the copy. The next attempt compares it with Crossbar's.
            raise UnavailableError("conflict", "Audio was pushed at the same time.") from error
        raise


def fail(
    recording: Recording,
    error: RejectedError,
    *,
    backward: bool = False,
    believed: storing.Believed = lambda update, _: update,
) -> None:
    """Mark a recording as failed, with the error's reason, and publish an event.

    A stored or verified row keeps its state, and no event is published, unless `backward` is set.
    See `table.put` for `believed`. Raises UnavailableError.
    """
    failed = recording.model_copy(update={"state": State.FAILED, "reason": error.reason})
    row = table.put(failed, f"failed {error.reason}", backward=backward, believed=believed)
    about = {"recording": row.recording_id, "account": row.account_id, "provider": row.provider}
    logger.error(alarm_messages.RECORDING_FAILED, extra={**about, "reason": error.reason})
    if row.state is State.FAILED:
        storing.abort_leftover_uploads(row)
        event_bus.publish(event_bus.DetailType.FAILED, row)


def _describe(row: Recording, described: Recording) -> Recording:
    """Add the provider's description and the S3 key to the row, in at most one write; return it.

    The key is chosen once and written before the copy begins, so that every attempt uses the same
    key and none stores a second object.
    """
    what = "described" if described is not row else "key"
    if row.media_key is None:
        key = row.model_copy(update={"format": row.format or described.format}).key_for()
        described = described.model_copy(update={"media_key": key})
    return table.put(described, what, known=row)
