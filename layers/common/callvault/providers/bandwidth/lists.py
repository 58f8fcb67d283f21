"""Read Bandwidth's list of an account's recordings of calls; `conference_lists` reads the others.

https://dev.bandwidth.com/apis/voice-apis/voice/#tag/Recordings/operation/listAccountCallRecordings:
the list has at most 1000 entries and no pages. `minStartTime` is inclusive, `maxStartTime` is
exclusive. The entries are sorted by `startTime`, the oldest first, according to an older
description (`voice/methods/recordings/getRecordings.md`). So the next page begins at the last start
of a page, and pages overlap.

More than 1000 recordings that start in one millisecond cannot all be listed in this way. They are
then listed by the called numbers of the first 1000, and the page with the first 1000 has a gap,
because nobody can tell whether these numbers are all.

A cursor has the start of the next page, `min`. While one millisecond is listed by numbers, it also
has `after`: the hash of the last number, empty before the first.
"""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from itertools import pairwise
from typing import Any

from callvault import times
from callvault.account_parameter import Account
from callvault.errors import UnavailableError
from callvault.providers import list_entries
from callvault.providers.bandwidth import conference_lists, recordings, resources
from callvault.providers.bandwidth.resources import Get
from callvault.providers.fields import text
from callvault.providers.list_entries import Entries
from callvault.providers.listings import Gap, Page, Span

CALLS, CONFERENCES = "calls", "conferences"
NAMES = (CALLS, CONFERENCES)
MAX_ENTRIES = 1000
"""Maximum number of entries that Bandwidth returns."""
CROWDED = "over_1000_recordings_in_a_millisecond"
"""What a gap lacks: recordings that may have started at the same time as 1000 others."""
MILLISECOND = timedelta(milliseconds=1)


def read(account: Account, get: Get, name: str, span: Span, cursor: str | None) -> Page:
    """Return a page of the list `name`; raises UnavailableError, RejectedError."""
    known: dict[str, str] = json.loads(cursor) if cursor else {}
    if name == CONFERENCES:
        return conference_lists.read(account, get, span, known)
    since = times.read(known.get("min")) or times.truncated(span.since)
    if "after" in known:
        return _read_crowded(account, get, span, since, known["after"])
    return _read_calls(account, get, span, since)


def _read_calls(account: Account, get: Get, span: Span, since: datetime) -> Page:
    """Return the page that begins at a time.

    A page that is not full is read once more from its last start. A maximum below the documented
    one therefore cannot hide recordings.
    """
    entries = _list(get, since, span.until)
    found = _recordings(account, entries, span, since)
    starts = [one.recording.start_time for one in found.listed if one.recording.start_time]
    full = len(entries) >= MAX_ENTRIES
    if full and not (starts and _is_ascending(starts)):
        raise UnavailableError("no_document", "Bandwidth's list is not sorted by startTime.")
    last = max(starts, default=since)
    if since < last < span.until:
        following: dict[str, str] | None = {"min": times.write(last)}
    elif full and last <= since:
        following = {"min": times.write(since), "after": ""}
        found.gaps.append(Gap(time=since, what=CROWDED))
    else:
        following = None
    return _page(found, following)


def _read_crowded(account: Account, get: Get, span: Span, time: datetime, after: str) -> Page:
    """Return what starts in one millisecond and has the next called number in the order of hashes.

    The numbers are read anew for each page, so that a cursor does not contain them.
    """
    end = time + MILLISECOND
    numbers = {_hash(number): number for number in map(_number, _list(get, time, end)) if number}
    found = min((digest for digest in numbers if digest > after), default=None)
    if found is None:
        return _page(Entries(), {"min": times.write(end)} if end < span.until else None)
    entries = _list(get, time, end, to=numbers[found])
    return _page(_recordings(account, entries, span, time), {"min": times.write(time), "after": found})


def _list(get: Get, since: datetime, until: datetime, **query: str) -> list[Any]:
    bounds = {"minStartTime": times.write(since), "maxStartTime": times.write(until)}
    return resources.entries(get("recordings", bounds | query))


def _recordings(account: Account, entries: Iterable[object], span: Span, since: datetime) -> Entries:
    read_one = partial(recordings.read_entry, account)
    found = list_entries.read(entries, account.account_id, read_one, recordings.start, since)
    found.listed = [replace(one, time=list_entries.into(span, one.time)) for one in found.listed]
    return found


def _page(found: Entries, following: dict[str, str] | None) -> Page:
    cursor = None if following is None else json.dumps(following)
    return Page(listed=tuple(found.listed), gaps=tuple(found.gaps), cursor=cursor)


def _is_ascending(starts: list[datetime]) -> bool:
    return all(one <= other for one, other in pairwise(starts))


def _number(entry: object) -> str | None:
    return text(entry.get("to")) if isinstance(entry, dict) else None


def _hash(number: str) -> str:
    return hashlib.sha256(number.encode(errors="replace")).hexdigest()[:16]
