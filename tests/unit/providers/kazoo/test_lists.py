"""Crossbar's list of recordings, read from a stand-in with Crossbar's limits."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from callvault import times, transport
from callvault.errors import RejectedError, UnavailableError
from callvault.models import State
from callvault.providers.kazoo import documents, lists, windows
from callvault.providers.kazoo.provider import Kazoo
from callvault.providers.list_entries import UNREADABLE
from callvault.providers.listings import Span
from callvault.transport import connections
from tests import lists as reading
from tests import worlds
from tests.captures import ACCOUNT_ID
from tools.local.faults.replies import Reply
from tools.local.providers.books import Book, Kept
from tools.local.providers.disturbances import throttled
from tools.local.providers.kazoo_api import API_KEY
from tools.local.providers.kazoo_lists import MAX_RANGE, CrossbarLists, document_id

pytestmark = pytest.mark.loopback

DAY = datetime(2026, 11, 20, tzinfo=UTC)
SPAN = Span(since=DAY, until=DAY + timedelta(days=1))
SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)


@pytest.fixture(params=[4, 5])
def crossbar(request: pytest.FixtureRequest) -> Iterator[CrossbarLists]:
    with CrossbarLists(ACCOUNT_ID, Book()) as running:
        running.version = request.param
        yield running


@pytest.fixture(autouse=True)
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a page have five entries, so that few recordings make many pages."""
    monkeypatch.setattr(lists, "PAGE_SIZE", 5)


def provider(crossbar: CrossbarLists) -> Kazoo:
    api = {"origin": crossbar.origin, "api_key": API_KEY}
    found: Kazoo = reading.lister(worlds.account("a1", "kazoo", provider_account_id=ACCOUNT_ID, api=api))
    return found


def kept(number: int, time: datetime, **fields: Any) -> Kept:
    recording_id = fields.pop("recording_id", document_id(time - timedelta(seconds=30), number))
    return Kept(
        **{"recording_id": recording_id, "call_id": f"call-{number}@10.0.0.5", "time": time, "seconds": 30, **fields}
    )


def fill(
    crossbar: CrossbarLists, count: int, step: timedelta = MINUTE, since: datetime = DAY, **fields: Any
) -> set[str]:
    """Keep recordings at regular times, and return their ids."""
    found = [kept(number, since + number * step, **fields) for number in range(count)]
    crossbar.book.add(found)
    return {one.recording_id for one in found}


def read(crossbar: CrossbarLists, span: Span = SPAN) -> list[Any]:
    return list(reading.pages(provider(crossbar), "recordings", span))


def ranges(crossbar: CrossbarLists) -> list[int]:
    """Return the lengths of the ranges that were requested, in seconds."""
    queries = [parse_qs(urlsplit(one.path).query) for one in crossbar.state.asked if "created_to" in one.path]
    return [int(query["created_to"][0]) - int(query["created_from"][0]) for query in queries]


# ---- pages ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("count", [0, 1, 4, 5, 6, 10, 11, 130])
@pytest.mark.parametrize("step", [timedelta(0), SECOND, 11 * MINUTE])
def test_every_recording_is_listed_once_however_many_pages_there_are(
    crossbar: CrossbarLists, count: int, step: timedelta
) -> None:
    expected = fill(crossbar, count, step)
    found = read(crossbar)
    assert reading.ids(found) == expected
    assert sum(len(page.listed) for page in found) == count
    assert reading.gaps(found) == []


def test_a_page_has_500_entries_and_fits_the_maximum_answer(
    crossbar: CrossbarLists, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.undo()
    expected = fill(crossbar, 1100, SECOND)
    long = {"user_metadata": {"note": "n" * 8000}}
    crossbar.changes = dict.fromkeys(expected, long)
    found = read(crossbar)
    assert reading.ids(found) == expected
    assert max(len(page.listed) for page in found) == 500
    assert len(json.dumps(crossbar.document(crossbar.book.kept[min(expected)]))) * 500 < connections.MAX_BODY_BYTES / 3


def test_a_page_that_is_longer_than_we_read_is_read_in_smaller_ones(
    crossbar: CrossbarLists, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = fill(crossbar, 23, SECOND)
    monkeypatch.setattr(connections, "MAX_BODY_BYTES", 4000)
    monkeypatch.setattr(lists, "SMALL_PAGE_SIZE", 2)
    assert reading.ids(read(crossbar)) == expected


@pytest.mark.parametrize("count", [0, 7, 60])
def test_the_list_continues_from_every_cursor(crossbar: CrossbarLists, count: int) -> None:
    expected = fill(crossbar, count, 23 * MINUTE)
    before = read(crossbar)
    for number, page in enumerate(before[:-1]):
        later = list(reading.pages(provider(crossbar), "recordings", SPAN, page.cursor))
        assert reading.ids([*before[: number + 1], *later]) == expected
        assert reading.times([*before[: number + 1], *later]) == reading.times(before)
    assert reading.ids(before) == expected


def test_a_recording_that_is_added_or_deleted_between_pages_shifts_nothing(crossbar: CrossbarLists) -> None:
    expected = fill(crossbar, 40, 2 * HOUR / 40, since=DAY + 2 * HOUR)
    ids = sorted(expected)

    def disturb(page: int) -> None:
        if 3 <= page <= 6:
            place = (page - 3) * 5
            crossbar.book.remove(ids[place])  # of the page to come, or its first entry
            crossbar.book.remove(ids[place + 4])
            crossbar.book.add([kept(500 + page, DAY + 2 * HOUR + page * SECOND), kept(600 + page, DAY + 5 * HOUR)])

    crossbar.disturbances.before_page = disturb
    found = reading.ids(read(crossbar))
    stayed = expected - {one for place in range(0, 20, 5) for one in (ids[place], ids[place + 4])}
    assert stayed <= found
    assert {document_id(DAY, 600 + page) for page in range(3, 7)} <= found


@pytest.mark.parametrize("span", [Span(since=DAY, until=DAY), Span(since=DAY, until=DAY - HOUR)])
def test_an_empty_span_has_one_empty_page_and_costs_no_request(crossbar: CrossbarLists, span: Span) -> None:
    fill(crossbar, 3)
    assert [(page.listed, page.cursor) for page in read(crossbar, span)] == [((), None)]
    assert crossbar.state.asked == []


# ---- spans ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("days", [31, 32, 40, 62, 63, 100])
def test_a_long_span_is_cut_to_what_crossbar_allows(crossbar: CrossbarLists, days: int) -> None:
    since = DAY - timedelta(days=days)
    expected = fill(crossbar, days * 2, 12 * HOUR, since=since)
    found = read(crossbar, Span(since=since, until=DAY))
    assert reading.ids(found) == expected
    assert sum(len(page.listed) for page in found) >= len(expected)
    assert max(ranges(crossbar)) <= MAX_RANGE
    assert min(ranges(crossbar)) >= 0


def test_a_span_begins_with_its_first_moment_and_ends_before_its_last(crossbar: CrossbarLists) -> None:
    found = [kept(number, time) for number, time in enumerate([DAY - SECOND, DAY, SPAN.until - SECOND, SPAN.until])]
    crossbar.book.add(found)
    assert reading.times(read(crossbar)) == {one.recording_id: one.time for one in found[1:3]}


@pytest.mark.parametrize("length", [timedelta(hours=1), timedelta(hours=5), timedelta(days=1)])
def test_neighbouring_spans_list_each_recording_once(crossbar: CrossbarLists, length: timedelta) -> None:
    since = datetime(2026, 10, 30, tzinfo=UTC)
    expected = fill(crossbar, 180, 29 * MINUTE, since=since)
    delays = [timedelta(0), 3 * SECOND, MINUTE, -2 * SECOND, 50 * MINUTE, -50 * MINUTE]
    for number, one in enumerate(list(crossbar.book.kept.values())):
        crossbar.ends[one.recording_id] = one.time - delays[number % len(delays)]
    found: list[str] = []
    begin = since - timedelta(days=1)
    while begin < since + timedelta(days=6):
        for page in read(crossbar, Span(since=begin, until=begin + length)):
            assert all(begin <= one.time < begin + length for one in page.listed)
        found += reading.ids(read(crossbar, Span(since=begin, until=begin + length)))
        begin += length
    assert sorted(found) == sorted(expected)


@pytest.mark.parametrize("hours", [2, 12.5, 30, 900])
def test_a_recording_whose_end_is_far_from_its_saving_is_listed_where_it_was_saved(
    crossbar: CrossbarLists, hours: float
) -> None:
    saved = DAY + 12 * HOUR
    crossbar.book.add([kept(1, saved), kept(2, saved)])
    ends = {document_id(saved, 1): saved - hours * HOUR, document_id(saved, 2): saved + hours * HOUR}
    crossbar.ends = ends
    spans = [Span(since=DAY + timedelta(days=day), until=DAY + timedelta(days=day + 1)) for day in (-1, 0, 1)]
    found = [reading.times(read(crossbar, span)) for span in spans]
    assert {one for times_found in found for one in times_found} == set(ends)
    assert set(found[1]) == set(ends)


@pytest.mark.parametrize("hours_ahead", [-12, -5, 0, 10, 14])
def test_documents_in_the_database_of_another_month_are_listed(crossbar: CrossbarLists, hours_ahead: int) -> None:
    month = datetime(2026, 11, 1, tzinfo=UTC)
    expected = set()
    for number in range(240):
        time = month + (number - 120) * 25 * MINUTE + 7 * SECOND
        began = time - timedelta(hours=2) + timedelta(hours=hours_ahead)
        recording_id = document_id(began, number)
        crossbar.book.add([kept(number, time, recording_id=recording_id, seconds=7200)])
        expected.add(recording_id)
    for step in (timedelta(days=1), timedelta(hours=7), timedelta(days=3)):
        found: list[str] = []
        begin = month - timedelta(days=3)
        while begin < month + timedelta(days=3):
            found += reading.ids(read(crossbar, Span(since=begin, until=begin + step)))
            begin += step
        assert set(found) == expected
        assert len(found) == len(expected)


def test_the_windows_of_a_span_leave_no_second_out() -> None:
    for length in (1, 59, 3600, 5400, 7200, 7201, 86_400, 40 * 86_400, 100 * 86_400):
        span = Span(since=DAY, until=DAY + timedelta(seconds=length))
        inner = [one for one in windows.of(span) if one.is_inner]
        assert (inner[0].since, inner[-1].until) == (span.since, span.until)
        assert all(one.until == other.since for one, other in pairwise(inner))


def test_a_recording_of_a_clock_that_is_ahead_is_listed_in_the_future(crossbar: CrossbarLists) -> None:
    ahead = datetime.now(UTC).replace(microsecond=0) + 4 * MINUTE
    crossbar.book.add([kept(1, ahead)])
    assert set(reading.times(read(crossbar, Span(since=ahead - HOUR, until=ahead + HOUR))).values()) == {ahead}


# ---- entries -------------------------------------------------------------------------------------


def test_an_entry_gives_the_recording_that_a_look_up_gives(crossbar: CrossbarLists) -> None:
    crossbar.book.add([kept(1, DAY + HOUR, media=b"RIFF....WAVE"), kept(2, DAY + 2 * HOUR, status="absent")])
    listed = {one.recording.recording_id: one for page in read(crossbar) for one in page.listed}
    for one in listed.values():
        known = worlds.recording(one.recording.recording_id, account_id="a1", provider="kazoo")
        assert provider(crossbar).look_up(known) == one.recording
        assert provider(crossbar).listing_time(one.recording) == one.time
    found = listed[document_id(DAY, 1)]
    assert (found.time, found.recording.duration_ms) == (DAY + HOUR, 30_000)
    assert listed[document_id(DAY, 2)].recording.reason == "no_audio"


def test_the_states_say_whether_there_is_audio(crossbar: CrossbarLists, clock: worlds.Clock) -> None:
    clock.stop(DAY + 12 * HOUR)
    early, late, middle = kept(1, DAY, status="processing"), kept(2, DAY + 7 * HOUR, status="processing"), kept(3, DAY)
    crossbar.book.add([early, late, middle, kept(4, DAY, status="deleted")])
    found = {one.recording.recording_id: one.recording for page in read(crossbar) for one in page.listed}
    states = [(found[one.recording_id].state, found[one.recording_id].reason) for one in (early, late, middle)]
    assert states == [(State.ABSENT, documents.NO_AUDIO), (State.ANNOUNCED, None), (State.PENDING, None)]
    assert len(found) == 3


@pytest.mark.parametrize("shown", [None, {}, {"content_types": None}, "x"])
def test_an_entry_that_does_not_say_whether_there_is_audio_is_pending(crossbar: CrossbarLists, shown: Any) -> None:
    crossbar.book.add([kept(1, DAY)])
    crossbar.changes = {document_id(DAY - SECOND, 1): {"_read_only": shown}}
    assert read(crossbar)[1].listed[0].recording.state is State.PENDING


def test_an_entry_without_a_usable_id_is_a_gap_and_the_others_are_listed(
    crossbar: CrossbarLists, caplog: pytest.LogCaptureFixture
) -> None:
    ids = sorted(fill(crossbar, 5, since=DAY + 2 * HOUR))
    bad: list[dict[str, Any]] = [{"id": None}, {"id": "x"}, {"id": "../202611"}, {"account_id": "f" * 32}]
    crossbar.changes = dict(zip(ids, bad, strict=False))
    found = read(crossbar)
    assert reading.ids(found) == {ids[4]}
    assert [what for _, what in reading.gaps(found)] == [UNREADABLE] * 4
    assert all(SPAN.since <= time < SPAN.until for time, _ in reading.gaps(found))
    assert "+1555" not in caplog.text


@pytest.mark.parametrize("start", ["soon", -1, {}, None, 10**14])
def test_an_entry_without_a_usable_time_is_listed_at_the_time_before_it(crossbar: CrossbarLists, start: Any) -> None:
    ids = sorted(fill(crossbar, 3, since=DAY + 2 * HOUR))
    crossbar.changes = {ids[0]: {"start": start}, ids[2]: {"start": start}}
    times_found = reading.times(read(crossbar))
    assert times_found == {ids[0]: DAY + HOUR, ids[1]: DAY + 2 * HOUR + MINUTE, ids[2]: DAY + 2 * HOUR + MINUTE}


def test_an_absurd_duration_spoils_no_other_entry(crossbar: CrossbarLists) -> None:
    expected = fill(crossbar, 5, since=DAY + 2 * HOUR)
    crossbar.changes = {min(expected): {"duration": 10**14, "duration_ms": None}}
    assert reading.ids(read(crossbar)) == expected


@pytest.mark.parametrize("depth", [40, 400])
def test_a_document_that_is_deep_spoils_no_other(crossbar: CrossbarLists, depth: int) -> None:
    deep: Any = "x"
    for _ in range(depth):
        deep = [deep]
    expected = fill(crossbar, 5, since=DAY + 2 * HOUR)
    crossbar.changes = {min(expected): {"user_metadata": deep}}
    assert reading.ids(read(crossbar)) == expected


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b'{"data": {}}', b'{"status": "success"}', b"null"])
def test_an_answer_without_a_list_is_unavailable(crossbar: CrossbarLists, body: bytes) -> None:
    crossbar.disturbances.failing = [Reply(body=body)]
    with pytest.raises(UnavailableError) as caught:
        read(crossbar)
    assert caught.value.reason == "no_document"


@pytest.mark.parametrize("key", [63_870_000_000, [63_870_000_000, "202311-a"]])
def test_a_key_that_is_not_text_is_sent_back_as_json(crossbar: CrossbarLists, key: Any) -> None:
    crossbar.disturbances.failing = [Reply(body=json.dumps({"data": [], "next_start_key": key}).encode())]
    provider_of = provider(crossbar)
    first = provider_of.list_page("recordings", SPAN)
    crossbar.disturbances.failing = [Reply(body=b'{"data": []}')]
    provider_of.list_page("recordings", SPAN, first.cursor)
    assert parse_qs(urlsplit(crossbar.state.asked[-1].path).query)["start_key"] == [json.dumps(key)]


def test_a_list_that_does_not_advance_is_unavailable(crossbar: CrossbarLists) -> None:
    crossbar.disturbances.failing = [Reply(body=b'{"data": [], "next_start_key": "again"}')] * 2
    with pytest.raises(UnavailableError, match="does not advance"):
        read(crossbar)


def test_a_key_that_is_too_long_for_a_cursor_is_unavailable(crossbar: CrossbarLists) -> None:
    crossbar.disturbances.failing = [Reply(body=json.dumps({"data": [], "next_start_key": "k" * 5000}).encode())]
    with pytest.raises(UnavailableError, match="too long"):
        read(crossbar)


def test_a_listed_recording_is_described_and_fetched(crossbar: CrossbarLists) -> None:
    crossbar.book.add([kept(1, DAY, media=b"RIFF....WAVE"), kept(2, DAY, media_status=410)])
    one, other = sorted(read(crossbar)[1].listed, key=lambda listed: listed.recording.recording_id)
    source = provider(crossbar)
    assert source.describe(one.recording) == one.recording
    with transport.download(source.source, source.media_url(one.recording)) as response:
        assert response.read() == b"RIFF....WAVE"
    with (
        pytest.raises(RejectedError, match="410"),
        transport.download(source.source, source.media_url(other.recording)),
    ):
        pass


# ---- refusals ------------------------------------------------------------------------------------


def test_a_token_that_expires_between_pages_is_replaced(crossbar: CrossbarLists) -> None:
    expected = fill(crossbar, 30)
    crossbar.disturbances.before_page = lambda page: crossbar.expire() if page in {2, 5} else None
    assert reading.ids(read(crossbar)) == expected
    assert sum(one.method == "PUT" for one in crossbar.state.asked) == 3


def test_a_401_is_repeated_once_only(crossbar: CrossbarLists) -> None:
    crossbar.disturbances.failing = [Reply(status=401)] * 2
    with pytest.raises(UnavailableError) as caught:
        read(crossbar)
    assert caught.value.reason == "http_401"
    assert crossbar.disturbances.failing == []


def test_the_time_to_wait_is_handed_on(crossbar: CrossbarLists) -> None:
    crossbar.disturbances.failing = [throttled(7)]
    with pytest.raises(UnavailableError) as caught:
        read(crossbar)
    assert (caught.value.reason, caught.value.retry_after) == ("http_429", 7)


@pytest.mark.parametrize("status", [403, 404, 423, 500, 503])
def test_a_failure_is_unavailable(crossbar: CrossbarLists, status: int) -> None:
    crossbar.disturbances.failing = [Reply(status=status, body=b"{}")]
    with pytest.raises(UnavailableError) as caught:
        read(crossbar)
    assert caught.value.reason == f"http_{status}"


@pytest.mark.parametrize("status", [400, 416])
def test_a_request_that_is_wrong_for_good_is_rejected(crossbar: CrossbarLists, status: int) -> None:
    crossbar.disturbances.failing = [Reply(status=status, body=b"{}")]
    with pytest.raises(RejectedError) as caught:
        read(crossbar)
    assert caught.value.reason == f"http_{status}"


@pytest.mark.parametrize("api", [None, {"origin": "https://crossbar.example.com"}])
def test_without_crossbar_pushes_are_unaccountable(api: dict[str, str] | None) -> None:
    without = Kazoo(worlds.account("a1", "kazoo", provider_account_id=ACCOUNT_ID, api=api))
    assert without.unaccountable() == ("pushes_without_crossbar",)
    with pytest.raises(UnavailableError) as caught:
        without.list_page("recordings", SPAN)
    assert caught.value.reason == "not_configured"


def test_with_crossbar_nothing_is_unaccountable(crossbar: CrossbarLists) -> None:
    assert provider(crossbar).unaccountable() == ()


@pytest.mark.parametrize(
    ("start", "milliseconds", "end"),
    [
        (DAY, 1500, DAY + timedelta(seconds=1.5)),
        (DAY, None, DAY),
        (None, 1500, None),
        (times.read("9999-12-31"), 10**12, None),
    ],
)
def test_a_row_is_listed_at_its_end(start: datetime | None, milliseconds: int | None, end: datetime | None) -> None:
    row = worlds.recording("202611-1", provider="kazoo", start_time=start, duration_ms=milliseconds)
    assert Kazoo(worlds.account("a1", "kazoo")).listing_time(row) == end
