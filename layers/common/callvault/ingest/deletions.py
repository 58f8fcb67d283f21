"""Let a recording fail visibly that its provider deleted before the archive fetched it."""

from collections.abc import Iterator
from contextlib import contextmanager

from callvault import times
from callvault.errors import RejectedError, UnavailableError
from callvault.models import Recording, State
from callvault.providers.look_ups import DELETED, UNKNOWN
from callvault.storage import due

LOST = {UNKNOWN, DELETED}
"""Reasons of look-ups that found no recording, or one whose media the provider has deleted."""


def pending(row: Recording, update: Recording) -> Recording:
    """Return what a look-up found of a row; as pending if the provider has deleted the recording.

    The fetch then proves that there is no media: its first 404 makes the recording `failed`, reason
    `gone`, with an event and an alarm. A recording that never existed stays absent.
    """
    if not _existed(row, update):
        return update
    expiry = row.source_expires_time if due.is_over(row, row.source_expires_time) else times.now()
    return update.model_copy(update={"state": State.PENDING, "reason": None, "source_expires_time": expiry})


@contextmanager
def told(row: Recording) -> Iterator[None]:
    """Raise RejectedError after a 404 if the provider no longer keeps the recording."""
    try:
        yield
    except UnavailableError as error:
        if error.reason == "http_404" and due.is_over(row, row.source_expires_time):
            raise RejectedError("gone", "The provider has deleted the recording.") from error
        raise


def _existed(row: Recording, update: Recording) -> bool:
    """Return whether an announced recording, of which a look-up found no more, did exist.

    It did if it has a duration, or if the time for which the provider keeps it is over.
    """
    is_lost = row.state is State.ANNOUNCED and update.state is State.ABSENT and update.reason in LOST
    return is_lost and bool(update.duration_ms or row.duration_ms or due.is_over(row, row.source_expires_time))
