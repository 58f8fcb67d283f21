"""Fetch failed recordings again, by a `POST` on a recording or a list.

As for Crossbar's own actions, the envelope names the action: `{"action": "retry", "data": {}}`. The
response is a 202 whose `data` counts the recordings: `queued`, `pending` (already, for example
because of another retry) and `left` (not failed, or deleted). A recording whose audio could not be
compared with Crossbar counts as failed.

A `POST` on a list accepts the filters of the list's `GET`, and retries only failed recordings. A
parameter that the list does not know is refused, and so is a filter on a field that no document has
(`filter_fields`). The response's `archive` has the span that was searched, as that of the `GET`. It
reads no further page after MAX_RECORDINGS or MAX_SECONDS. If more may follow, the response has
`next_start_key`. Send it as `?start_key=` or `?bookmark=` to continue.
"""

import time
from collections import Counter

from callvault import times
from callvault.dialects import ignored
from callvault.dialects.dispatch import Names
from callvault.dialects.kazoo import authorization, envelopes, filters, lists, refusals
from callvault.dialects.kazoo.documents import Document
from callvault.dialects.kazoo.filter_fields import Watch
from callvault.ingest import reopening
from callvault.ingest.reopening import RetryOutcome
from callvault.readers import access
from callvault.readers.access import Principal
from callvault.readers.pages import PageRequest
from callvault.web import Request, Response

ACTION = "retry"
MAX_RECORDINGS = 500
"""Number of recordings after which a request reads no further page."""
PAGE_SIZE = 50
"""Number of recordings on a page of the list.

Up to this many recordings may still be retried after MAX_SECONDS.
"""
MAX_SECONDS = 15.0
"""Time after which a request reads no further page, in seconds.

The HTTP API gives up after 30 s.
"""


def retry_recordings(request: Request, names: Names) -> Response:
    """Fetch the failed recordings of the account or of one user again."""
    principal = authorization.enter(request, names)
    _check(request, principal)
    _check_parameters(request)
    query, user_id, deadline = filters.read(request), names.get("user_id"), time.monotonic() + MAX_SECONDS
    wanted = filters.query(principal.account.account_id, query, user_id, times.now())
    matches = filters.where(query)
    counts: Counter[RetryOutcome] = Counter()
    place, token = filters.place(query)
    while True:
        page_request = PageRequest(
            query=wanted,
            size=PAGE_SIZE,
            token=token,
            binding=filters.binding(query, user_id),
            matches=lambda recording: reopening.may_be_retried(recording) and matches(recording),
            seconds=max(0.0, deadline - time.monotonic()),
        )
        page = lists.read_page(principal, page_request, place)
        counts.update(reopening.start(recording, principal.reader.name) for recording in page.recordings)
        token = page.next
        if token is None or counts.total() >= MAX_RECORDINGS or time.monotonic() > deadline:
            return _counted(request, counts, token, {"archive": lists.span(wanted)})


def retry_recording(request: Request, names: Names) -> Response:
    """Fetch a recording again, if it failed."""
    principal = authorization.enter(request, names)
    _check(request, principal)
    recording = authorization.find(principal, names)
    return _counted(request, Counter([reopening.start(recording, principal.reader.name)]), None)


def _check(request: Request, principal: Principal) -> None:
    """Check that the reader may retry and that the action is `retry`.

    Raises ForbiddenError, CrossbarError.
    """
    access.check_can_retry(principal)
    action = request.json_object.get("action")
    if action is None:
        raise refusals.invalid("action", "required", "Field is required but missing")
    if action != ACTION:
        raise refusals.invalid("action", "enum", "Value not found in enumerated list of values", [ACTION])


def _check_parameters(request: Request) -> None:
    """Refuse a parameter that a list does not know: raises CrossbarError.

    A list ignores it, as Crossbar does. A retry of the same recordings would fetch all of them.
    """
    for name in ignored.find(request, filters.known(request.query) - Watch(request.query).unknown.keys()):
        raise refusals.invalid(name, "forbidden", "Unknown parameter")


def _counted(
    request: Request, counts: Counter[RetryOutcome], token: str | None, members: Document | None = None
) -> Response:
    """Return the counts, the key that continues the list, and further members."""
    data = {outcome.value: counts[outcome] for outcome in RetryOutcome}
    return envelopes.succeed(
        request, data, status=202, members=(members or {}) | ({"next_start_key": token} if token else {})
    )
