"""SignalWire's list of recordings of SWML and Relay, read from a stand-in."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from callvault import transport
from callvault.errors import RejectedError, UnavailableError
from callvault.models import Recording, State
from callvault.providers.laml import next_pages
from callvault.providers.laml.relay_events import EVENT, MARK
from callvault.providers.list_entries import UNREADABLE
from callvault.providers.listings import Page, Span
from tests import lists as reading
from tests import worlds
from tools.local.faults.replies import Reply
from tools.local.providers.books import Book, Kept
from tools.local.providers.disturbances import throttled
from tools.local.providers.relay_lists import ROOT, SignalWireLists

pytestmark = pytest.mark.loopback

PROJECT = "b3877c40-da60-4998-90ad-b792e98472af"
DAY = datetime(2026, 11, 20, tzinfo=UTC)
SPAN = Span(since=DAY, until=DAY + timedelta(days=1))
SECOND, HOUR = timedelta(seconds=1), timedelta(hours=1)


@pytest.fixture
def api() -> Iterator[SignalWireLists]:
    with SignalWireLists(PROJECT, Book()) as started:
        yield started


def provider(api: SignalWireLists) -> Any:
    return reading.lister(worlds.account("acme", "signalwire", provider_account_id=PROJECT, api=worlds.basic_api(api)))


def kept(number: int, time: datetime, **fields: Any) -> Kept:
    known: dict[str, Any] = {
        "recording_id": f"r-{number}",
        "call_id": f"c-{number}",
        "time": time,
        "seconds": 30,
        "is_relay": True,
    }
    return Kept(**(known | fields))


def fill(api: SignalWireLists, count: int, step: timedelta = SECOND, start: datetime = DAY, first: int = 0) -> set[str]:
    """Keep recordings at regular times, and return their ids."""
    found = [kept(first + number, start + number * step) for number in range(count)]
    api.book.add(found)
    return {one.recording_id for one in found}


def pages(api: SignalWireLists, span: Span = SPAN, cursor: str | None = None) -> Iterator[Page]:
    return reading.pages(provider(api), "relay", span, cursor)


def read(api: SignalWireLists, span: Span = SPAN) -> list[Page]:
    return list(pages(api, span))


@pytest.mark.parametrize("count", [0, 1, 1000, 1001, 2500])
@pytest.mark.parametrize("oldest_first", [False, True])
def test_every_recording_is_listed_however_many_pages_there_are(
    api: SignalWireLists, count: int, *, oldest_first: bool
) -> None:
    api.oldest_first = oldest_first
    expected = fill(api, count)
    found = read(api)
    assert reading.ids(found) == expected
    assert reading.gaps(found) == []


def test_the_two_lists_have_each_recording_once(api: SignalWireLists) -> None:
    relay = fill(api, 3)
    api.book.add([kept(10, DAY, is_relay=False)])
    assert reading.ids(read(api)) == relay
    assert reading.ids(list(reading.pages(provider(api), "laml", SPAN))) == {"r-10"}
    assert provider(api).LISTS == ("laml", "relay")


def test_more_than_1000_recordings_of_one_time_are_all_listed(api: SignalWireLists) -> None:
    expected = fill(api, 2300, timedelta(0))
    fill(api, 1200, SECOND, DAY - 2 * HOUR, first=5000)
    assert reading.ids(read(api)) == expected


def test_a_span_begins_with_its_first_moment_and_ends_before_its_last(api: SignalWireLists) -> None:
    times = [SPAN.since - SECOND, SPAN.since, SPAN.until - SECOND, SPAN.until]
    api.book.add(kept(number, time) for number, time in enumerate(times))
    assert reading.times(read(api)) == {"r-1": times[1], "r-2": times[2]}


def test_reading_ends_at_recordings_that_are_older_than_the_span(api: SignalWireLists) -> None:
    expected = fill(api, 1500)
    fill(api, 5000, timedelta(minutes=1), DAY - timedelta(days=20), first=10_000)
    found = read(api)
    assert reading.ids(found) == expected
    assert len(found) == 2


@pytest.mark.parametrize("pages_before", [1, 2])
def test_a_list_that_begins_with_the_oldest_is_read_to_its_end(api: SignalWireLists, pages_before: int) -> None:
    api.oldest_first = True
    fill(api, 1000 * pages_before, timedelta(minutes=5), DAY - timedelta(days=20), first=10_000)
    expected = fill(api, 1500)
    assert reading.ids(read(api)) == expected


def test_a_first_page_of_less_than_an_hour_shows_no_order(api: SignalWireLists) -> None:
    api.oldest_first = True
    fill(api, 1000, SECOND, DAY - timedelta(days=20), first=10_000)
    expected = fill(api, 5)
    assert reading.ids(read(api)) == expected


def test_a_list_in_no_order_is_read_to_its_end(api: SignalWireLists) -> None:
    """Recordings of the span follow those of the month before."""
    fill(api, 500, SECOND, DAY + timedelta(days=3), first=20_000)
    fill(api, 2000, timedelta(minutes=5), DAY - timedelta(days=20), first=10_000)
    expected = fill(api, 100)
    between = api.book.between

    def shuffled(since: datetime, until: datetime) -> list[Kept]:
        """Return the span's recordings first, so that they are the last of the newest first."""
        found = between(since, until)
        return sorted(found, key=lambda one: (one.recording_id not in expected, one.recording_id[-1], one.time))

    api.book.between = shuffled  # type: ignore[method-assign]
    assert reading.ids(read(api)) == expected


def test_new_recordings_that_shift_pages_do_not_make_the_list_unsorted(api: SignalWireLists) -> None:
    api.by_number = True
    expected = fill(api, 1500)
    fill(api, 5000, timedelta(minutes=1), DAY - timedelta(days=20), first=10_000)
    later = [kept(9000 + number, SPAN.until + number * SECOND) for number in range(40)]
    api.relay_disturbances.before_page = lambda page: api.book.add(later) if page == 2 else None
    found = read(api)
    assert reading.ids(found) == expected
    assert len(found) == 2


@pytest.mark.parametrize("count", [1000, 2300])
@pytest.mark.parametrize("oldest_first", [False, True])
def test_the_list_continues_from_every_cursor(api: SignalWireLists, count: int, *, oldest_first: bool) -> None:
    api.oldest_first = oldest_first
    expected = fill(api, count)
    fill(api, 1200, timedelta(minutes=1), DAY - timedelta(days=2), first=10_000)
    before = read(api)
    for number, page in enumerate(before[:-1]):
        later = list(pages(api, cursor=page.cursor))
        assert reading.ids([*before[: number + 1], *later]) == expected


def test_a_cursor_whose_token_has_expired_loses_nothing(api: SignalWireLists) -> None:
    expected = fill(api, 2300)
    first = next(pages(api))
    api.expire_page_tokens()
    assert reading.ids(list(pages(api, cursor=first.cursor))) == expected


def test_a_recording_that_is_deleted_between_pages_hides_no_other(api: SignalWireLists) -> None:
    expected = fill(api, 2300)
    api.relay_disturbances.before_page = lambda page: (
        api.book.remove(f"r-{[0, 2299, 1300][page - 1]}") if page < 4 else None
    )
    assert expected - {"r-0", "r-2299", "r-1300"} <= reading.ids(read(api))


def test_a_list_whose_pages_are_always_refused_is_rejected(api: SignalWireLists) -> None:
    fill(api, 1500)
    api.relay_disturbances.before_page = lambda _: api.expire_page_tokens()
    with pytest.raises(RejectedError):
        read(api)
    assert api.relay_disturbances.pages == 2 + 2 * next_pages.MAX_RESTARTS


@pytest.mark.parametrize(
    "link",
    [
        f"https://evil.example{ROOT}?page_token=1",
        f"//evil.example{ROOT}?page_token=1",
        f"{ROOT}/../../../laml/2010-04-01/Accounts/x/Recordings?page_token=1",
        "/api/relay/rest/addresses?page_token=1",
        ROOT,
    ],
)
def test_a_link_that_leads_elsewhere_is_refused(api: SignalWireLists, link: str) -> None:
    api.links = {"next": link}
    with pytest.raises(UnavailableError, match="not its own"):
        read(api)
    assert len(api.asked) == 1


@pytest.mark.parametrize("links", [None, [], "x", {}, {"next": None}, {"next": ""}])
def test_a_page_without_a_link_is_the_last(api: SignalWireLists, monkeypatch: pytest.MonkeyPatch, links: Any) -> None:
    fill(api, 2)
    page = api.relay_page({"page_size": "1000"}) | {"links": links}
    monkeypatch.setattr(api, "relay_page", lambda _: page)
    assert [len(found.listed) for found in read(api)] == [2]


@pytest.mark.parametrize("status", ["completed", "processing", "absent", "failed", "curious"])
@pytest.mark.parametrize("fields", [{}, {"channels": 2}, {"conference_id": "conf-1"}, {"media": b"ID3"}])
def test_an_entry_gives_the_recording_that_a_look_up_gives(
    api: SignalWireLists, status: str, fields: dict[str, Any]
) -> None:
    api.book.add([kept(1, DAY + SECOND, status=status, **fields)])
    [listed] = read(api)[0].listed
    known = {"account_id": "acme", "provider": "signalwire", "recording_id": "r-1", "extra": {MARK: EVENT}}
    assert listed.recording == provider(api).look_up(Recording(state=State.ANNOUNCED, **known))
    assert provider(api).listing_time(listed.recording) == listed.time == DAY + SECOND
    states = {"completed": State.PENDING, "absent": State.ABSENT, "failed": State.ABSENT}
    assert listed.recording.state is states.get(status, State.ANNOUNCED)


def test_the_media_of_a_listed_recording_is_found(api: SignalWireLists) -> None:
    api.book.add([kept(1, DAY, media=b"RIFF-media")])
    [listed] = read(api)[0].listed
    found = provider(api).describe(listed.recording)
    with transport.download(provider(api).source, provider(api).media_url(found)) as response:
        assert response.read() == b"RIFF-media"


def test_a_resource_that_says_deleted_is_absent_because_it_is_deleted(api: SignalWireLists) -> None:
    fill(api, 1)
    api.changes = {"r-0": {"status": "deleted", "error_code": "13223"}}
    [listed] = read(api)[0].listed
    assert (listed.recording.state, listed.recording.reason) == (State.ABSENT, "deleted")


def test_an_entry_without_a_usable_id_is_a_gap_and_the_others_are_listed(api: SignalWireLists) -> None:
    fill(api, 5)
    api.changes = {"r-1": {"id": None}, "r-2": {"id": "../r"}, "r-3": {"project_id": "another"}}
    found = read(api)
    assert reading.ids(found) == {"r-0", "r-4"}
    assert [what for _, what in reading.gaps(found)] == [UNREADABLE] * 3


@pytest.mark.parametrize("time", [None, "", "yesterday", 7])
def test_an_entry_without_a_usable_time_is_listed(api: SignalWireLists, time: Any) -> None:
    fill(api, 3)
    api.changes = {"r-1": {"created_at": time}}
    assert reading.times(read(api))["r-1"] == DAY + 2 * SECOND


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b"{}", b'{"data": null}'])
def test_an_answer_that_is_not_a_list_is_unavailable(api: SignalWireLists, body: bytes) -> None:
    api.relay_disturbances.failing = [Reply(body=body)]
    with pytest.raises(UnavailableError) as caught:
        read(api)
    assert caught.value.reason == "no_document"


def test_the_time_to_wait_is_handed_on(api: SignalWireLists) -> None:
    api.relay_disturbances.failing = [throttled(7)]
    with pytest.raises(UnavailableError) as caught:
        read(api)
    assert (caught.value.reason, caught.value.retry_after) == ("http_429", 7)


@pytest.mark.parametrize("status", [401, 403, 404, 500])
def test_a_failure_is_unavailable(api: SignalWireLists, status: int) -> None:
    api.relay_disturbances.failing = [Reply(status=status, body=b"{}")] * 2
    with pytest.raises(UnavailableError) as caught:
        read(api)
    assert caught.value.reason == f"http_{status}"


def test_a_row_without_a_resource_is_listed_by_its_start(api: SignalWireLists) -> None:
    row = worlds.recording("r-1", start_time=DAY, extra={MARK: EVENT})
    assert provider(api).listing_time(row) == DAY
    created = row.model_copy(update={"extra": row.extra | {"created_at": "2026-11-20T01:00:00Z"}})
    assert provider(api).listing_time(created) == DAY + HOUR


def test_a_cursor_is_a_json_object_without_secrets(api: SignalWireLists) -> None:
    fill(api, 1001)
    cursor = next(pages(api)).cursor
    assert cursor is not None
    assert set(json.loads(cursor)) == {"query", "first", "lowest", "unsorted"}
