"""Have what failed tried again: `POST` on a recording or a list of them, as Crossbar takes actions.

The envelope is `{"action": "retry", "data": {}}`. An answer is a 202 whose `data` counts: `queued`, `pending` (somebody
else was faster) and `left` (it has not failed). A list takes the filters of its `GET`, touches failed recordings only,
and ends after MOST of them or SECONDS; `next_start_key` is there as long as more may follow, and goes on as
`?start_key=`.
"""

import time
from collections import Counter

from callvault import times
from callvault.dialects.kazoo import envelopes, filters, refusals, requests
from callvault.ingest import reopening
from callvault.ingest.reopening import Outcome
from callvault.models import Recording, State
from callvault.readers import access, pages
from callvault.readers.access import Principal
from callvault.readers.pages import PageRequest
from callvault.web import Request, Response

ACTION = "retry"
MOST = 500
"""Recordings of one request."""
CHUNK = 50
"""Recordings that are looked up at a time: so many may still be retried when the time is over."""
SECONDS = 15.0
"""After which a request begins no further chunk: the HTTP API gives up after 30."""


def check(request: Request, principal: Principal) -> None:
    """Refuse a reader who is no admin with ForbiddenError, and any other action with CrossbarError."""
    access.check_can_retry(principal)
    action = requests.envelope(request).get("action")
    if action is None:
        raise refusals.invalid("action", "required", "Field is required but missing")
    if action != ACTION:
        raise refusals.invalid("action", "enum", "Value not found in enumerated list of values", [ACTION])


def retry_one(request: Request, principal: Principal, recording: Recording) -> Response:
    """Retry one recording."""
    return _answer(request, Counter([reopening.start(recording, principal.reader.name)]), None)


def retry_list(request: Request, principal: Principal, user_id: str | None) -> Response:
    """Retry what has failed of a list."""
    query, deadline = request.query, time.monotonic() + SECONDS
    wanted = filters.query(principal.account.account_id, query, user_id, times.now())
    fits = filters.where(query)
    counts: Counter[Outcome] = Counter()
    token = query.get("start_key") or None
    while True:
        page_request = PageRequest(
            query=wanted,
            size=CHUNK,
            token=token,
            binding=filters.binding(query, user_id),
            matches=lambda recording: recording.state is State.FAILED and fits(recording),
            seconds=max(0.0, deadline - time.monotonic()),
        )
        page = pages.read(principal, page_request)
        counts.update(reopening.start(recording, principal.reader.name) for recording in page.recordings)
        token = page.next
        if token is None or counts.total() >= MOST or time.monotonic() > deadline:
            return _answer(request, counts, token)


def _answer(request: Request, counts: Counter[Outcome], token: str | None) -> Response:
    """Return the counts, and where to go on."""
    data = {outcome.value: counts[outcome] for outcome in Outcome}
    return envelopes.succeed(request, data, status=202, members={"next_start_key": token} if token else None)
