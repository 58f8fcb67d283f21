"""Tell the audio that was sent to the archive, and in which way, from audio that was fetched.

Whoever may see the upload address in KAZOO can push to it and read from it, without being a reader
of the archive. So only what came by that address is read back at it. Whoever may see the key of
KAZOO's S3 handler can put objects under `incoming/`.
"""

from datetime import timedelta
from itertools import pairwise

from callvault import times
from callvault.account_parameter import Account
from callvault.models import TOMBSTONES, Recording, State
from callvault.storage.history import SENT, is_announced

UPLOAD = "upload"
"""History entry of a push, or its beginning."""
INCOMING = "incoming"
"""History entry of an object that KAZOO's S3 handler, or another owner of its key, stored."""
KEPT = {State.STORED, State.VERIFIED}
"""The states of a recording whose audio is in the bucket."""


def is_pushed(recording: Recording) -> bool:
    """Return whether the stored audio of a recording came by the upload address.

    The row of a push has the hash of the pushed audio. Releases up to 0.2.0 wrote none. Of their
    rows, the history says what came before the audio was stored.
    """
    if recording.media is None or recording.state not in KEPT:
        return False
    if recording.upload_sha256 is not None:
        return recording.upload_sha256 == recording.media.sha256
    entries = [event.what for event in recording.history if event.what != "key"]
    return any(before.startswith(UPLOAD) and what == State.STORED for before, what in pairwise(entries))


def is_incoming(recording: Recording) -> bool:
    """Return whether the stored audio of a recording came from under `incoming/`, or may have.

    The audio may have been fetched, if both happened at the same time. The row may lack the entry
    `stored`, if the object's event was processed before the row was written.
    """
    entries = [event.what for event in recording.history]
    if recording.state not in KEPT or INCOMING not in entries:
        return False
    return any(what in KEPT for what in entries[entries.index(INCOMING) :])


def was_sent(recording: Recording) -> bool:
    """Return whether a recording is stored and audio was sent here for it, in either way.

    Its audio may have been fetched all the same. Audio that was deleted since counts too, if the
    provider announced the recording: the provider may have other audio.
    """
    was_kept = recording.state in TOMBSTONES and recording.media is not None and is_announced(recording.history)
    is_sent = any(event.what.startswith(SENT) for event in recording.history)
    return is_sent and (was_kept or recording.state in KEPT)


def may_be_read_back(account: Account, recording: Recording) -> bool:
    """Return whether the upload address serves a recording, and serves it still."""
    minutes = account.callback.read_back_minutes
    if not is_pushed(recording) or minutes is None:
        return is_pushed(recording)
    stored = [event.time for event in recording.history if event.what == State.STORED]
    since = max(stored, default=recording.created_time)
    return since is not None and times.now() - since < timedelta(minutes=minutes)
