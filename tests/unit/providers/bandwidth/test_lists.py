"""Bandwidth's lists, read from a stand-in with Bandwidth's documented limits."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from callvault import transport
from callvault.errors import RejectedError, UnavailableError
from callvault.models import State
from callvault.providers.bandwidth import conference_lists, lists, recordings
from callvault.providers.bandwidth.provider import Bandwidth
from callvault.providers.list_entries import UNREADABLE
from callvault.providers.listings import Span
from callvault.transport import connections
from tests import lists as reading
from tests import worlds
from tools.local.faults.replies import Reply
from tools.local.providers.bandwidth_lists import BandwidthLists
from tools.local.providers.books import Book, Kept
from tools.local.providers.disturbances import throttled

pytestmark = pytest.mark.loopback

ACCOUNT = "9900000"
DAY = datetime(2026, 11, 20, tzinfo=UTC)
SPAN = Span(since=DAY, until=DAY + timedelta(days=1))
SECOND, MILLISECOND = timedelta(seconds=1), timedelta(milliseconds=1)


@pytest.fixture
def bandwidth() -> Iterator[BandwidthLists]:
    with BandwidthLists(ACCOUNT, Book()) as running:
        yield running


def provider(bandwidth: BandwidthLists) -> Bandwidth:
    account = worlds.account(provider_account_id=ACCOUNT, api=worlds.oauth_api(bandwidth))
    found: Bandwidth = reading.lister(account)
    return found


def kept(number: int, time: datetime, **fields: Any) -> Kept:
    return Kept(**{"recording_id": f"r-{number}", "call_id": f"c-{number}", "time": time, "seconds": 30, **fields})


def fill(bandwidth: BandwidthLists, count: int, step: timedelta = SECOND, **fields: Any) -> set[str]:
    """Keep recordings at regular times from the beginning of the day, and return their ids."""
    found = [kept(number, DAY + number * step, **fields) for number in range(count)]
    bandwidth.book.add(found)
    return {one.recording_id for one in found}


def read(bandwidth: BandwidthLists, name: str = "calls", span: Span = SPAN) -> list[Any]:
    return list(reading.pages(provider(bandwidth), name, span))


# ---- the list of calls ---------------------------------------------------------------------------


@pytest.mark.parametrize("count", [0, 1, 2, 999, 1000, 1001, 1999, 2000, 2500])
def test_every_recording_is_listed_however_many_pages_there_are(bandwidth: BandwidthLists, count: int) -> None:
    expected = fill(bandwidth, count)
    found = read(bandwidth)
    assert reading.ids(found) == expected
    assert reading.gaps(found) == []


def test_recordings_with_equal_starts_at_the_edge_of_a_page_are_all_listed(bandwidth: BandwidthLists) -> None:
    early = [kept(number, DAY + number * SECOND) for number in range(995)]
    equal = [kept(number, DAY + 995 * SECOND) for number in range(995, 1300)]
    bandwidth.book.add([*early, *equal, kept(1300, DAY + 1000 * SECOND)])
    found = read(bandwidth)
    assert len(reading.ids(found)) == 1301
    assert reading.gaps(found) == []


def test_starts_within_one_millisecond_are_all_listed(bandwidth: BandwidthLists) -> None:
    bandwidth.precise = True
    expected = fill(bandwidth, 1500, timedelta(microseconds=7))
    found = read(bandwidth)
    assert reading.ids(found) == expected
    assert all(time.microsecond % 1000 == 0 for time in reading.times(found).values())


@pytest.mark.parametrize("count", [1000, 1001, 2500])
def test_more_than_1000_recordings_with_one_start_are_listed_by_number_and_are_a_gap(
    bandwidth: BandwidthLists, count: int
) -> None:
    moment = DAY + timedelta(hours=1)
    bandwidth.book.add(kept(number, moment, callee=f"+1555010{number % 9}") for number in range(count))
    bandwidth.book.add([kept(5000, DAY), kept(5001, moment + MILLISECOND), kept(5002, moment + SECOND)])
    found = read(bandwidth)
    assert len(reading.ids(found)) == count + 3
    assert set(reading.gaps(found)) == {(moment, lists.CROWDED)}


def test_what_no_number_reaches_is_in_the_gap(bandwidth: BandwidthLists) -> None:
    fill(bandwidth, 1200, timedelta(0))
    found = read(bandwidth)
    assert len(reading.ids(found)) == 1000
    assert reading.gaps(found) == [(DAY, lists.CROWDED)]


def test_a_cursor_contains_no_number(bandwidth: BandwidthLists) -> None:
    fill(bandwidth, 1200, timedelta(0), callee="+15550123")
    assert not [page for page in read(bandwidth) if page.cursor and "5550123" in page.cursor]


def test_a_maximum_below_the_documented_one_hides_nothing(bandwidth: BandwidthLists) -> None:
    bandwidth.max_entries = 100
    expected = fill(bandwidth, 950)
    assert reading.ids(read(bandwidth)) == expected


def test_a_span_begins_with_its_first_moment_and_ends_before_its_last(bandwidth: BandwidthLists) -> None:
    times = [SPAN.since - MILLISECOND, SPAN.since, SPAN.until - MILLISECOND, SPAN.until]
    bandwidth.book.add(kept(number, time) for number, time in enumerate(times))
    assert reading.times(read(bandwidth)) == {"r-1": times[1], "r-2": times[2]}


def test_neighbouring_spans_list_each_recording_once(bandwidth: BandwidthLists) -> None:
    expected = fill(bandwidth, 300, timedelta(minutes=7))
    spans = [Span(since=DAY + timedelta(hours=hour), until=DAY + timedelta(hours=hour + 1)) for hour in range(36)]
    found = [reading.ids(read(bandwidth, span=span)) for span in spans]
    assert set.union(*found) == expected
    assert sum(map(len, found)) == 300


def test_a_recording_that_is_added_or_deleted_between_pages_shifts_nothing(bandwidth: BandwidthLists) -> None:
    expected = fill(bandwidth, 2500)

    def disturb(page: int) -> None:
        bandwidth.book.remove(f"r-{page * 7}")
        bandwidth.book.remove(f"r-{1000 * page - 1}")
        bandwidth.book.add([kept(9000 + page, DAY + page * SECOND), kept(9100 + page, DAY + timedelta(hours=20))])

    bandwidth.disturbances.before_page = lambda page: disturb(page) if page <= 2 else None
    found = reading.ids(read(bandwidth))
    stayed = expected - {"r-7", "r-14", "r-999", "r-1999"}
    assert stayed <= found
    assert {"r-9101", "r-9102"} <= found


@pytest.mark.parametrize("count", [0, 40, 2300])
def test_the_list_continues_from_every_cursor(bandwidth: BandwidthLists, count: int) -> None:
    expected = fill(bandwidth, count)
    before = read(bandwidth)
    for number, page in enumerate(before[:-1]):
        later = list(reading.pages(provider(bandwidth), "calls", SPAN, page.cursor))
        assert reading.ids([*before[: number + 1], *later]) == expected
    assert reading.ids(before) == expected


def test_the_list_by_number_continues_from_every_cursor(bandwidth: BandwidthLists) -> None:
    bandwidth.book.add(kept(number, DAY, callee=f"+1555010{number % 4}") for number in range(1700))
    before = read(bandwidth)
    for number, page in enumerate(before[:-1]):
        later = list(reading.pages(provider(bandwidth), "calls", SPAN, page.cursor))
        assert reading.ids([*before[: number + 1], *later]) == reading.ids(before)
    assert len(reading.ids(before)) == 1700


def test_a_recording_of_a_clock_that_is_ahead_is_listed_in_the_future(bandwidth: BandwidthLists) -> None:
    ahead = datetime.now(UTC).replace(microsecond=0) + timedelta(minutes=4)
    bandwidth.book.add([kept(1, ahead)])
    found = read(bandwidth, span=Span(since=ahead - timedelta(hours=1), until=ahead + timedelta(hours=1)))
    assert reading.times(found) == {"r-1": ahead}


# ---- entries -------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", ["completed", "partial", "processing", "absent", "deleted", "curious"])
@pytest.mark.parametrize("conference_id", [None, "conf-1"])
@pytest.mark.parametrize("odd", [False, True])
def test_an_entry_gives_the_recording_that_a_look_up_gives(
    bandwidth: BandwidthLists, status: str, conference_id: str | None, *, odd: bool
) -> None:
    bandwidth.odd = odd
    bandwidth.book.add([kept(1, DAY + SECOND, status=status, conference_id=conference_id, channels=2)])
    ((listed,), *_) = [page.listed for page in read(bandwidth, "conferences" if conference_id else "calls")]
    looked_up = provider(bandwidth).look_up(worlds.recording("r-1", call_id="c-1", conference_id=conference_id))
    assert listed.recording == looked_up
    assert (listed.time, listed.recording.duration_ms, listed.recording.channels) == (DAY + SECOND, 30_000, 2)
    assert provider(bandwidth).listing_time(listed.recording) == listed.time


def test_the_states_are_those_of_the_provider(bandwidth: BandwidthLists) -> None:
    words = ["completed", "partial", "processing", "absent", "deleted"]
    bandwidth.book.add(kept(number, DAY + number * SECOND, status=word) for number, word in enumerate(words))
    found = [one.recording for one in read(bandwidth)[0].listed]
    assert [(one.state, one.reason, one.partial) for one in found] == [
        (State.PENDING, None, False),
        (State.PENDING, None, True),
        (State.ANNOUNCED, None, False),
        (State.ABSENT, "error", False),
        (State.ABSENT, "deleted", False),
    ]


def test_an_entry_without_a_usable_id_is_a_gap_and_the_others_are_listed(
    bandwidth: BandwidthLists, caplog: pytest.LogCaptureFixture
) -> None:
    fill(bandwidth, 6)
    bandwidth.changes = {
        "r-1": {"recordingId": None},
        "r-2": {"recordingId": "../r"},
        "r-3": {"callId": "a b"},
        "r-4": {"accountId": "1"},
    }
    found = read(bandwidth)
    assert reading.ids(found) == {"r-0", "r-5"}
    assert reading.gaps(found[:1]) == [(DAY, UNREADABLE)] * 4
    assert "+1555" not in caplog.text


@pytest.mark.parametrize("start", [None, "", "yesterday", 7, {}])
def test_an_entry_without_a_usable_time_is_listed_at_the_time_before_it(bandwidth: BandwidthLists, start: Any) -> None:
    fill(bandwidth, 4)
    bandwidth.changes = {"r-0": {"startTime": start}, "r-3": {"startTime": start}}
    found = read(bandwidth)
    assert reading.times(found) == {"r-0": DAY, "r-1": DAY + SECOND, "r-2": DAY + 2 * SECOND, "r-3": DAY + 2 * SECOND}
    assert reading.gaps(found) == []


def test_a_full_page_without_any_time_is_refused(bandwidth: BandwidthLists) -> None:
    bandwidth.changes = {recording_id: {"startTime": "?"} for recording_id in fill(bandwidth, 1000)}
    with pytest.raises(UnavailableError, match="not sorted"):
        read(bandwidth)


def test_a_full_page_that_is_not_sorted_is_refused(bandwidth: BandwidthLists) -> None:
    fill(bandwidth, 1000)
    bandwidth.changes = {"r-10": {"startTime": "2026-11-20T23:00:00Z"}}
    with pytest.raises(UnavailableError, match="not sorted"):
        read(bandwidth)


@pytest.mark.parametrize("body", [b"", b"<html>", b'[{"recordingId": "r-1"', b"\xff"])
def test_an_answer_that_is_not_json_is_unavailable(bandwidth: BandwidthLists, body: bytes) -> None:
    bandwidth.disturbances.failing = [Reply(body=body)]
    with pytest.raises(UnavailableError, match="not JSON"):
        read(bandwidth)


@pytest.mark.parametrize("body", [b"null", b"[]"])
def test_an_empty_list_may_be_null(bandwidth: BandwidthLists, body: bytes) -> None:
    bandwidth.disturbances.failing = [Reply(body=body)]
    assert [(page.listed, page.gaps) for page in read(bandwidth)] == [((), ())]


@pytest.mark.parametrize("body", [b'{"recordings": []}', b"7", b'["r-1"]', b"[null]", b"[[[]]]"])
def test_an_answer_of_another_form_is_a_gap(bandwidth: BandwidthLists, body: bytes) -> None:
    bandwidth.disturbances.failing = [Reply(body=body)]
    assert reading.gaps(read(bandwidth)) == [(DAY, UNREADABLE)]


def test_a_page_of_1000_entries_fits_the_maximum_answer(bandwidth: BandwidthLists) -> None:
    long = {"transcription": {"id": "t-1", "url": "https://x.example/" + "a" * 2000}, "recordingName": "n" * 4000}
    bandwidth.changes = dict.fromkeys(fill(bandwidth, 1000), long)
    size = len(json.dumps([bandwidth.resource(one) for one in bandwidth.book.kept.values()]))
    assert 6_000_000 < size < connections.MAX_BODY_BYTES / 2
    assert len(reading.ids(read(bandwidth))) == 1000


@pytest.mark.parametrize("conference_id", [None, "conf-1"])
def test_a_listed_recording_is_described_and_fetched(bandwidth: BandwidthLists, conference_id: str | None) -> None:
    shared = {"conference_id": conference_id}
    bandwidth.book.add([kept(1, DAY, media=b"RIFF....WAVE", **shared), kept(2, DAY, media_status=410, **shared)])
    one, other = read(bandwidth, "conferences" if conference_id else "calls")[0].listed
    source = provider(bandwidth)
    assert source.describe(one.recording) == one.recording
    with transport.download(source.source, source.media_url(one.recording)) as response:
        assert response.read() == b"RIFF....WAVE"
    with (
        pytest.raises(RejectedError, match="410"),
        transport.download(source.source, source.media_url(other.recording)),
    ):
        pass


@pytest.mark.parametrize("start", ["2026-11-19T23:59:59Z", "2026-11-21T00:00:00Z", "9999-12-31T23:59:59Z"])
def test_an_entry_with_a_start_outside_the_span_is_counted_in_the_span(bandwidth: BandwidthLists, start: str) -> None:
    expected = fill(bandwidth, 3)
    bandwidth.changes = {"r-2": {"startTime": start}}
    found = read(bandwidth)
    assert reading.ids(found) == expected
    assert all(SPAN.since <= time < SPAN.until for time in reading.times(found).values())


# ---- refusals ------------------------------------------------------------------------------------


def test_a_token_that_expires_between_pages_is_replaced(bandwidth: BandwidthLists) -> None:
    expected = fill(bandwidth, 2500)
    bandwidth.disturbances.before_page = lambda page: bandwidth.expire() if page == 1 else None
    assert reading.ids(read(bandwidth)) == expected
    assert sum(one.method == "POST" for one in bandwidth.asked) == 2


def test_a_401_is_repeated_once_only(bandwidth: BandwidthLists) -> None:
    bandwidth.disturbances.failing = [Reply(status=401)] * 2
    with pytest.raises(UnavailableError) as caught:
        read(bandwidth)
    assert caught.value.reason == "http_401"
    assert bandwidth.disturbances.failing == []


@pytest.mark.parametrize("name", ["calls", "conferences"])
def test_the_time_to_wait_is_handed_on(bandwidth: BandwidthLists, name: str) -> None:
    bandwidth.disturbances.failing = [throttled(7)]
    with pytest.raises(UnavailableError) as caught:
        read(bandwidth, name)
    assert (caught.value.reason, caught.value.retry_after) == ("http_429", 7)


@pytest.mark.parametrize("name", ["calls", "conferences"])
@pytest.mark.parametrize("status", [403, 404, 500, 503])
def test_a_failure_is_unavailable(bandwidth: BandwidthLists, name: str, status: int) -> None:
    bandwidth.disturbances.failing = [Reply(status=status, body=b"{}")]
    with pytest.raises(UnavailableError) as caught:
        read(bandwidth, name)
    assert caught.value.reason == f"http_{status}"


def test_a_request_that_is_wrong_for_good_is_rejected(bandwidth: BandwidthLists) -> None:
    bandwidth.disturbances.failing = [Reply(status=400, body=b"{}")]
    with pytest.raises(RejectedError) as caught:
        read(bandwidth)
    assert caught.value.reason == "http_400"


def test_an_account_without_api_is_unavailable() -> None:
    with pytest.raises(UnavailableError) as caught:
        Bandwidth(worlds.account()).list_page("calls", SPAN)
    assert caught.value.reason == "not_configured"


# ---- conferences ---------------------------------------------------------------------------------


def hold(bandwidth: BandwidthLists, count: int, step: timedelta = SECOND) -> set[str]:
    """Keep two recordings of each of some conferences, and return their ids."""
    found = []
    for number in range(count):
        time = DAY + number * step
        found += [
            kept(number * 10 + part, time + part * MILLISECOND, conference_id=f"conf-{number}") for part in (0, 1)
        ]
    bandwidth.book.add(found)
    return {one.recording_id for one in found}


@pytest.mark.parametrize("count", [0, 1, 9, 10, 11, 20, 35])
@pytest.mark.parametrize("step", [SECOND, timedelta(0)])
def test_the_recordings_of_all_conferences_are_listed(bandwidth: BandwidthLists, count: int, step: timedelta) -> None:
    expected = hold(bandwidth, count, step)
    bandwidth.empty_conferences = {"conf-empty": DAY}
    found = read(bandwidth, "conferences")
    assert reading.ids(found) == expected
    assert reading.gaps(found) == []
    assert all(one.recording.conference_id for page in found for one in page.listed)
    assert reading.ids(read(bandwidth)) == set()


def test_a_conference_that_began_before_the_span_is_listed_by_its_recordings(bandwidth: BandwidthLists) -> None:
    times = [DAY - timedelta(hours=23), DAY - MILLISECOND, DAY, SPAN.until - MILLISECOND, SPAN.until]
    bandwidth.book.add(kept(number, time, conference_id="conf-1") for number, time in enumerate(times))
    assert reading.ids(read(bandwidth, "conferences")) == {"r-2", "r-3"}


def test_a_page_token_that_expires_costs_no_recording(bandwidth: BandwidthLists) -> None:
    expected = hold(bandwidth, 35)
    first = provider(bandwidth).list_page("conferences", SPAN)
    bandwidth.expire_page_tokens()
    later = list(reading.pages(provider(bandwidth), "conferences", SPAN, first.cursor))
    assert reading.ids([first, *later]) == expected


def test_conferences_that_come_and_go_between_pages_shift_nothing(bandwidth: BandwidthLists) -> None:
    expected = hold(bandwidth, 35)

    def disturb(page: int) -> None:
        bandwidth.forgotten |= {"conf-0", "conf-9"}
        bandwidth.book.add([kept(9000 + page, DAY + timedelta(hours=2), conference_id=f"conf-later-{page}")])

    bandwidth.disturbances.before_page = lambda page: disturb(page) if page == 12 else None
    found = reading.ids(read(bandwidth, "conferences"))
    assert expected <= found
    assert "r-9012" in found


def test_the_list_of_conferences_continues_from_every_cursor(bandwidth: BandwidthLists) -> None:
    expected = hold(bandwidth, 35)
    before = read(bandwidth, "conferences")
    assert len(before) == 4
    for number, page in enumerate(before[:-1]):
        later = list(reading.pages(provider(bandwidth), "conferences", SPAN, page.cursor))
        assert reading.ids([*before[: number + 1], *later]) == expected


def test_a_conference_that_is_gone_when_it_is_read_is_a_gap(bandwidth: BandwidthLists) -> None:
    hold(bandwidth, 3)
    conferences = bandwidth.conferences

    def listed_still() -> dict[str, datetime]:
        return conferences() | ({"conf-1": DAY + SECOND} if bandwidth.disturbances.pages == 1 else {})

    bandwidth.conferences = listed_still  # type: ignore[method-assign]
    bandwidth.disturbances.before_page = lambda page: bandwidth.forgotten.add("conf-1") if page == 2 else None
    found = read(bandwidth, "conferences")
    assert reading.ids(found) == {"r-0", "r-1", "r-20", "r-21"}
    assert reading.gaps(found) == [(DAY + SECOND, conference_lists.GONE)]


def test_a_conference_without_a_usable_id_is_a_gap(bandwidth: BandwidthLists) -> None:
    entries = [{"createdTime": "2026-11-20T01:00:00Z"}, {"id": "..", "createdTime": None}, "x", None]
    bandwidth.disturbances.failing = [Reply(body=json.dumps(entries).encode())]
    time = DAY + timedelta(hours=1)
    assert reading.gaps(read(bandwidth, "conferences")) == [(time, conference_lists.UNREADABLE)] * 4


def test_a_full_page_without_a_link_is_followed_by_time(
    bandwidth: BandwidthLists, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = hold(bandwidth, 35)
    call = transport.call

    def without_link(*arguments: Any, **options: Any) -> transport.Answer:
        answer = call(*arguments, **options)
        answer.headers.pop("link", None)
        return answer

    monkeypatch.setattr(transport, "call", without_link)
    assert reading.ids(read(bandwidth, "conferences")) == expected


def test_a_list_of_conferences_that_does_not_advance_is_unavailable(bandwidth: BandwidthLists) -> None:
    link = {"link": '<https://evil.example/?pageToken=again>; rel="next"'}
    bandwidth.disturbances.failing = [Reply(body=b"[]", headers=link)] * 3
    with pytest.raises(UnavailableError, match="does not advance"):
        read(bandwidth, "conferences")
    assert all(one.path.startswith("/api/") for one in bandwidth.asked)


def test_conferences_beyond_the_list_are_unaccountable(bandwidth: BandwidthLists) -> None:
    assert provider(bandwidth).unaccountable() == ("conferences_beyond_list",)


def test_a_row_without_a_start_has_no_listing_time() -> None:
    assert Bandwidth(worlds.account()).listing_time(worlds.recording("r-1", start_time=None)) is None


def test_one_function_reads_a_resource_and_an_entry() -> None:
    fields = {"recordingId": "r-1", "callId": "c-1", "status": "complete", "mediaUrl": "https://x.example"}
    account = worlds.account()
    assert recordings.read_entry(account, fields) == recordings.read_resource(account, fields)
