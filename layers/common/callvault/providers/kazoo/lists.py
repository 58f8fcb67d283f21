"""Read Crossbar's list of an account's recordings, `GET /v2/accounts/{A}/recordings`.

`created_from` and `created_to` are Gregorian seconds, both inclusive. An entry is the whole public
document; `_read_only.content_types` has the types of its audio, and is empty while KAZOO has stored
none (cb_recordings.erl, summary_doc_fun, of 4.3, master and 5). Neither the document nor the entry
shows when it was saved: only names without the prefix `pvt_` are public (kz_doc.erl,
public_fields). `next_start_key` is the place of the next page's first entry, not a number of
entries, so that deleted and new documents shift nothing (crossbar_view.erl).

It is unconfirmed in which form KAZOO 4.0 and 4.1 return `next_start_key`; one that is not text is
sent back as JSON. A document's end time is computed, see `ended`. `windows` says how a list by end
times is made of one by the times of saving.

A cursor has the number of the window, and the key of the page in it, if it is not the first.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from functools import partial
from math import ceil
from typing import Any

from callvault import times, transport
from callvault.account_parameter import Account
from callvault.errors import InvalidRequestError, UnavailableError
from callvault.models import Recording, State
from callvault.providers import list_entries, look_ups
from callvault.providers.fields import Fields, check_account, json_value, text
from callvault.providers.kazoo import documents, windows
from callvault.providers.kazoo.windows import MARGIN, Window
from callvault.providers.listings import Gap, Listed, Page, Span
from callvault.transport import Answer, connections

type Get = Callable[[Mapping[str, str]], Answer]
"""Returns the answer to a request for the list, with a query."""

NAMES = ("recordings",)
WITHOUT_API = "pushes_without_crossbar"
"""The recordings of an account without Crossbar: KAZOO pushes them, and no list has them."""
PAGE_SIZE, SMALL_PAGE_SIZE = 500, 20
"""Numbers of entries in a page; the smaller one is used if the answer was longer than we read."""
MAX_KEY_CHARACTERS = 3000
"""Maximum length of a page's key, which becomes part of a cursor."""
STORING = timedelta(hours=6)
"""Time after a recording's end in which KAZOO may still store its audio. KAZOO tries for about an
hour, and an announced recording is looked up after six."""


def read(account: Account, get: Get, span: Span, cursor: str | None) -> Page:
    """Return a page of recordings; raises UnavailableError, RejectedError."""
    known: dict[str, Any] = json.loads(cursor) if cursor else {}
    number, asked = known.get("window", 0), windows.of(span)
    if number >= len(asked):
        return Page(listed=(), cursor=None)
    window = asked[number]
    content = _ask(get, window, known.get("key"))
    entries = content.get("data")
    if not isinstance(entries, list):
        raise UnavailableError("no_document", "Crossbar's answer has no list.")
    found = list_entries.read(entries, account.account_id, partial(_recording, account), ended, window.since)
    key = _key(content.get("next_start_key"))
    if key is not None and key == known.get("key"):
        raise UnavailableError("no_document", "Crossbar's list does not advance.")
    following = {"window": number, "key": key} if key is not None else {"window": number + 1}
    return Page(
        listed=tuple(_in_span(found.listed, span, window)),
        gaps=tuple(Gap(time=list_entries.into(span, gap.time), what=gap.what) for gap in found.gaps),
        cursor=json.dumps(following) if key is not None or number + 1 < len(asked) else None,
    )


def ended(recording: Recording) -> datetime | None:
    """Return when a recording ended: its start and its duration, or the start without a duration.

    KAZOO computes the start as the end less the duration (kzc_recording.erl, media_recording.erl).
    """
    if recording.start_time is None:
        return None
    return times.after(recording.start_time, recording.duration_ms or 0)


def _ask(get: Get, window: Window, key: str | None) -> dict[str, Any]:
    """Return the content of a page; raises UnavailableError, RejectedError."""
    query = {
        "created_from": str(_gregorian(window.since)),
        "created_to": str(_gregorian(window.until) - 1),
        "ascending": "true",
    }
    query |= {"start_key": key} if key is not None else {}
    answer = get(query | {"page_size": str(PAGE_SIZE)})
    if len(answer.body) >= connections.MAX_BODY_BYTES:
        answer = get(query | {"page_size": str(SMALL_PAGE_SIZE)})
    if answer.status != look_ups.OK:
        raise transport.failure(answer.status, answer.headers)
    try:
        content = json_value(answer.body)
    except InvalidRequestError:
        raise UnavailableError("no_document", "Crossbar's answer is not JSON.") from None
    return content if isinstance(content, dict) else {}


def _recording(account: Account, document: dict[str, Any]) -> Recording:
    """Return the recording of an entry, in the state in which a look-up would find it.

    Raises InvalidRequestError, and ForbiddenError for a recording of another account.
    """
    check_account(account, document.get("account_id"))
    recording_id = Fields(document).require("id", documents.ID.fullmatch)
    recording = documents.read(account, recording_id, State.PENDING, document)
    shown = document.get("_read_only")
    if not isinstance(shown, dict) or shown.get("content_types") != []:
        return recording
    end = ended(recording)
    if end is not None and times.now() - end < STORING:
        return recording.model_copy(update={"state": State.ANNOUNCED})
    return recording.model_copy(update={"state": State.ABSENT, "reason": documents.NO_AUDIO})


def _in_span(listed: Iterable[Listed], span: Span, window: Window) -> Iterable[Listed]:
    """Yield what a window has of a span, with times that are in the span."""
    for one in listed:
        if span.since <= one.time < span.until:
            yield one
        elif window.is_inner and not _has_neighbour(one.time, span, window):
            yield Listed(recording=one.recording, time=list_entries.into(span, one.time))


def _has_neighbour(time: datetime, span: Span, window: Window) -> bool:
    """Return whether the neighbour of a span lists what ended outside the span."""
    if time < span.since:
        return window.by_end_before and time >= span.since - MARGIN
    return window.by_end_after and time < span.until + MARGIN


def _gregorian(time: datetime) -> int:
    """Return the first whole Gregorian second that is not before a time."""
    return ceil(time.timestamp()) + times.GREGORIAN_EPOCH


def _key(value: object) -> str | None:
    """Return the key of the next page, or None; raises UnavailableError if it is too long."""
    if value is None or value == "":
        return None
    key = text(value) or json.dumps(value)
    if len(key) > MAX_KEY_CHARACTERS:
        raise UnavailableError("no_document", "Crossbar's next_start_key is too long.")
    return key
