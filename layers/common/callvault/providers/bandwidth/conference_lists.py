"""Read the recordings of an account's conferences, which no list of Bandwidth's has as a whole.

The list of conferences
(https://dev.bandwidth.com/apis/voice-apis/voice/#tag/Conferences/operation/listConferences) is
sorted by `createdTime`, the oldest first; `minCreatedTime` and `maxCreatedTime` are inclusive. A
header `Link` has the URL of the next page, of which only the parameter `pageToken` is believed.
Each conference has a list of its recordings. These are listed by their own start, as those of calls
are: a conference lasts at most 24 hours
(https://dev.bandwidth.com/docs/voice/bxml/conference), so older ones need not be asked for.

Bandwidth does not document for how long it lists a conference, nor how long a page's token is
valid. If Bandwidth refuses a token, the list is read again from the last conference on.

A cursor has the parameters of the next page, `min` and perhaps `token`, and `last`: when the last
conference was created.
"""

import json
import re
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

from callvault import times
from callvault.account_parameter import Account
from callvault.errors import InvalidRequestError, UnavailableError
from callvault.providers import list_entries, look_ups
from callvault.providers.bandwidth import recordings, resources
from callvault.providers.bandwidth.resources import Get
from callvault.providers.fields import PARENT_ID, Fields, storable
from callvault.providers.list_entries import Entries
from callvault.providers.listings import Gap, Page, Span
from callvault.transport import Answer

BEYOND = "conferences_beyond_list"
"""The recordings of conferences that Bandwidth does not list, or lists no longer."""
GONE, UNREADABLE = "conference_gone", "unreadable_conference"
"""What a gap lacks: the recordings of a conference that is listed and cannot be read."""
LONGEST = timedelta(hours=25)
"""Maximum length of a conference, and an hour for clocks that differ."""
PAGE_SIZE = 10
"""Number of conferences in a page. Each costs a request, and a page has to end soon."""
MAX_TOKEN_CHARACTERS = 3000
"""Maximum length of a token, which becomes part of a cursor."""
NEXT = re.compile(r'<([^>]*)>\s*;[^,]*\brel="?next\b')
REFUSED = {400, 404}


def read(account: Account, get: Get, span: Span, known: dict[str, str]) -> Page:
    """Return the recordings of a page of conferences; `known` is the cursor's content."""
    since = times.read(known.get("min")) or span.since - LONGEST
    answer = _list(get, since, span.until, known.get("token"))
    if "token" in known and answer.status in REFUSED:
        since = times.read(known["last"]) or since
        answer = _list(get, since, span.until, None)
    conferences = resources.entries(answer)
    found, created = Entries(), times.read(known.get("last")) or since
    for conference in conferences:
        created = _add(found, account, get, conference, created)
    listed = tuple(one for one in found.listed if span.since <= one.time < span.until)
    gaps = tuple(Gap(time=max(gap.time, span.since), what=gap.what) for gap in found.gaps if gap.time < span.until)
    following = _following(answer, since, created, full=len(conferences) >= PAGE_SIZE)
    if following is not None and following == known:
        raise UnavailableError("no_document", "Bandwidth's list of conferences does not advance.")
    return Page(listed=listed, gaps=gaps, cursor=None if following is None else json.dumps(following))


def _add(found: Entries, account: Account, get: Get, conference: Any, before: datetime) -> datetime:  # noqa: ANN401 - any JSON value
    """Add the recordings of a conference; return when it was created, or else `before`."""
    created = before
    try:
        fields = Fields(storable(conference))
        created = fields.take("createdTime", times.read) or before
        conference_id = fields.require("id", PARENT_ID)
    except InvalidRequestError:
        found.gaps.append(Gap(time=created, what=UNREADABLE))
        return created
    answer = get(f"conferences/{quote(conference_id, safe='')}/recordings", {})
    if look_ups.not_found_body(answer).get("type") == resources.NOT_FOUND:
        found.gaps.append(Gap(time=created, what=GONE))
        return created
    read_one = partial(recordings.read_entry, account, conferenceId=conference_id)
    entries = resources.entries(answer)
    more = list_entries.read(entries, account.account_id, read_one, recordings.start, created)
    found.listed += more.listed
    found.gaps += more.gaps
    return created


def _list(get: Get, since: datetime, until: datetime, token: str | None) -> Answer:
    bounds = {"minCreatedTime": times.write(since), "maxCreatedTime": times.write(until), "pageSize": str(PAGE_SIZE)}
    return get("conferences", bounds | ({"pageToken": token} if token else {}))


def _following(answer: Answer, since: datetime, last: datetime, *, full: bool) -> dict[str, str] | None:
    """Return the content of the next cursor; None after the last page.

    A full page without a token is followed from its last conference on.
    """
    link = NEXT.search(answer.headers.get("link") or "")
    token = parse_qs(urlsplit(link[1]).query).get("pageToken", [""])[0] if link else ""
    if token and len(token) <= MAX_TOKEN_CHARACTERS:
        return {"min": times.write(since), "token": token, "last": times.write(last)}
    return {"min": times.write(last), "last": times.write(last)} if (full or link) and last > since else None
