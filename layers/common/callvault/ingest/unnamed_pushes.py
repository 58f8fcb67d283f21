"""Store a recording once whose push did not name the document that a webhook announced.

The pushes of KAZOO 4.0, 4.1 and master name no document, so that the audio is stored under an id
that the archive derived (`providers.kazoo.derived_ids`). If the document says that KAZOO pushes
here, Crossbar serves what it reads back from here. Its audio is the pushed one if one push of the
call came without a document, its audio has the announced length, and Crossbar serves the same
bytes. The row of the document then becomes absent and names the row of the push. That row gets
what Crossbar's document says, its owner too: what the sender of the audio claimed yields to it.

If KAZOO may not read the push back, because it was deleted, `read_back_minutes` are over, or the
upload token was replaced, Crossbar serves nothing for ever. After the first hour the only push of
the call is then taken for the audio of the document without that comparison, unless it is already
that of another document, and the row says so. If the push was deleted, the row of the document
becomes a tombstone too.

Whoever may see the upload address can push anything for any call. So in every other case nothing is
decided: what Crossbar serves is stored too, and the row says that the push may be the same audio.
"""

from itertools import islice

from callvault import audio
from callvault.bounds import joined
from callvault.errors import UnavailableError
from callvault.ingest import media, naming, pushes
from callvault.models import TOMBSTONES, Recording, State
from callvault.providers.base import Provider
from callvault.providers.kazoo import derived_ids, documents, stores
from callvault.providers.kazoo.provider import Kazoo
from callvault.storage import history, listing, notes, table, tombstones

MAX_ROWS = 100
"""Maximum number of recordings of a call that are read. If there are more, nothing is decided."""
ON_THE_WAY = {State.PENDING, State.STORED}
"""States of a push that is not verified yet."""
SERVES_NOTHING = {"http_404", "http_500"}
"""Reasons of failures after which Crossbar may have failed to read the audio back from here."""


def describe(provider: Provider, row: Recording) -> tuple[Recording, bool]:
    """Return a recording as its provider describes it, and whether KAZOO pushes its audio here.

    Raises UnavailableError, RejectedError.
    """
    if not isinstance(provider, Kazoo):
        return provider.describe(row), False
    document = provider.document(row)
    described = documents.read(provider.account, row.recording_id, row.state, document)
    return described, stores.names_upload(provider, document)


def find(row: Recording, described: Recording, provider: Provider, deadline: float, *, doubt: bool) -> Recording:
    """Return the row of a document whose audio KAZOO pushes here; absent if that push is its audio.

    `row` is pending, and `described` is what the document says: the row may have claims of a
    sender too. A pending row that is returned has to be fetched. With `doubt`, raises
    UnavailableError while the push is not there or not verified. `deadline` is a time of
    time.monotonic(). Raises UnavailableError, RejectedError.
    """
    found = _of_the_call(described)
    if len(found) > 1:
        return _keep_both(row)
    push = found[0] if found else None
    if push is not None and _is_named(row, push):
        return _end(row, push)
    if push is None or push.state in ON_THE_WAY:
        if doubt:
            raise UnavailableError("not_pushed", "The push of the recording is not stored and verified.")
        return row if push is None else _keep_both(row)
    kept = push.model_copy(update={"state": State.STORED})  # as it was before a deletion
    if not pushes.is_pushed(kept) or push.media is None or not _has_length(described, push):
        return _keep_both(row)
    try:
        sha256 = media.served_fingerprint(provider, row, deadline)
    except UnavailableError as error:
        is_of_another = push.extra.get(tombstones.DOCUMENT, row.recording_id) != row.recording_id
        if doubt or is_of_another or error.reason not in SERVES_NOTHING or _may_be_read_back(provider, row, push):
            raise
        row, sha256 = _keep_both(row), push.media.sha256
    if sha256 != push.media.sha256:
        return _keep_both(row)
    _announce(described.model_copy(update={"owner_id": row.owner_id}), push)
    return _end(row, push)


def note_pushes(row: Recording) -> Recording:
    """Note in the row of a document, and in each unnamed push of its call, that both are kept.

    `row` has audio that was pushed with the id of the document. KAZOO's own push may be the unnamed
    one, and the other one forged. Returns the row of the document; raises UnavailableError.
    """
    found = [one for one in _rows(row) if derived_ids.is_derived(one) and one.state in pushes.KEPT]
    for push in found:
        _keep_both(push)
    return _keep_both(row) if found else row


def note_documents(push: Recording) -> None:
    """Do what `note_pushes` does, for an unnamed push that came later; raises UnavailableError."""
    found = [one for one in _rows(push) if not derived_ids.is_derived(one)]
    found = [one for one in found if pushes.is_pushed(one) and history.is_announced(one.history)]
    for row in found:
        _keep_both(row)
    if found and push.state in pushes.KEPT:
        _keep_both(push)


def _of_the_call(described: Recording) -> list[Recording]:
    """Return the pushes of a call that named no document; at most two, in whatever state they are.

    A push that was deleted may have been the audio of the document. Raises UnavailableError.
    """
    of_the_call = _rows(described)
    found = [one for one in of_the_call if derived_ids.is_derived(one)]
    return (found if len(of_the_call) <= MAX_ROWS else of_the_call)[:2]


def _rows(recording: Recording) -> list[Recording]:
    """Return the recordings of a call, at most one more than MAX_ROWS; raises UnavailableError."""
    if not recording.call_id:
        return []
    query = listing.within(recording.account_id, None, None, call_id=recording.call_id)
    return list(islice(filter(query.fits, listing.scan(query)), MAX_ROWS + 1))


def _has_length(described: Recording, push: Recording) -> bool:
    """Return whether pushed audio has the length that a document announces, as far as is known."""
    measured = push.media.duration_ms if push.media else None
    announced = described.duration_ms
    return announced is None or measured is None or audio.is_as_long(announced, measured)


def _may_be_read_back(provider: Provider, row: Recording, push: Recording) -> bool:
    """Return whether KAZOO may read a push back; raises UnavailableError, RejectedError."""
    if not isinstance(provider, Kazoo) or not pushes.may_be_read_back(provider.account, push):
        return False
    return stores.may_be_read_back(provider, row)


def _is_named(row: Recording, push: Recording) -> bool:
    """Return whether a row was ended before with this push, and was announced again since."""
    ended = any(event.what == naming.entry(naming.PUSHED) for event in row.history)
    return ended and naming.name(row) == push.recording_id


def _announce(described: Recording, push: Recording) -> None:
    """Write into the row of a push what the document says; raises UnavailableError.

    The push has been compared with what Crossbar serves, or cannot be, so no comparison is due any
    more. Of a push that was deleted, only its document is written.
    """
    told = described.model_copy(update={"recording_id": push.recording_id, "state": State.ANNOUNCED})
    push = table.put(told, "looked up announced", known=push, entry=True)
    extra = joined(push.extra, {tombstones.DOCUMENT: described.recording_id})
    if extra != push.extra or all(event.what != history.COMPARED for event in push.history):
        table.change(push, history.COMPARED, extra=extra)


def _end(row: Recording, push: Recording) -> Recording:
    """End the row of a document, with the id of its push; raises UnavailableError."""
    if push.state in TOMBSTONES:
        return tombstones.end_with(row, push)
    return naming.end(row, push.recording_id, naming.PUSHED)


def _keep_both(row: Recording) -> Recording:
    """Note in a row that its audio may be stored by a push too; raises UnavailableError."""
    noted = notes.added(row.discrepancies, notes.PUSHED_TOO)
    return row if noted == row.discrepancies else table.change(row, "pushed too", discrepancies=noted)
