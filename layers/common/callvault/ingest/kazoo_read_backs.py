"""Find the recording that KAZOO reads back from the upload address.

KAZOO 4.0, 4.1 and master push without the id of the document, and master reads back with it. So a
document whose row has no audio may be stored as a push of its call.
"""

from datetime import UTC, datetime

from callvault.account_parameter import Account
from callvault.ingest import naming, pushes
from callvault.models import Recording, State
from callvault.providers.kazoo import derived_ids, read_backs
from callvault.storage import listing, table
from callvault.web import Request

ALL_TIME = (datetime(1970, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, tzinfo=UTC))
WITHOUT_AUDIO = {State.ANNOUNCED, State.ABSENT, State.PENDING, State.FAILED}
"""States of a document's row whose audio may be a push that did not name the document."""


def find(account: Account, request: Request, path: str) -> Recording | None:
    """Return the recording to read back, found by its document id or else by its call, or None.

    If the call has several recordings that may be read back, none of them is returned. Raises
    UnavailableError.
    """
    document_id = read_backs.document_id(request, path)
    found = table.get(account.account_id, document_id) if document_id else None
    if found is not None and naming.is_pushed(found):
        found = table.get(account.account_id, str(naming.name(found)))
    call_id = read_backs.call_id(request, path)
    if not call_id or (found is not None and found.state not in WITHOUT_AUDIO):
        return found if found and pushes.may_be_read_back(account, found) else None
    since, until = ALL_TIME
    query = listing.Query(account_id=account.account_id, since=since, until=until, call_id=call_id)
    of_the_call = [one for one in listing.scan(query, 2) if query.fits(one) and pushes.may_be_read_back(account, one)]
    if found is not None:  # what was pushed for another document is not the audio of this one
        of_the_call = [one for one in of_the_call if derived_ids.is_derived(one)]
    return of_the_call[0] if len(of_the_call) == 1 else None
