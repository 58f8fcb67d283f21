"""The lists of Twilio and of SignalWire's Compatibility API, read from stand-ins."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from callvault.errors import RejectedError, UnavailableError
from callvault.models import Recording, State
from callvault.providers.laml import next_pages
from callvault.providers.list_entries import UNREADABLE
from callvault.providers.listings import Page, Span
from callvault.transport import connections
from tests import lists as reading
from tests import worlds
from tools.local.faults.replies import Reply
from tools.local.providers.books import Book, Kept
from tools.local.providers.disturbances import throttled
from tools.local.providers.laml_lists import TWILIO, LamlLists
from tools.local.providers.relay_lists import SignalWireLists

pytestmark = pytest.mark.loopback

ACCOUNTS = {TWILIO: "AC" + "0" * 31 + "1", "signalwire": "b3877c40-da60-4998-90ad-b792e98472af"}
NAMES = {TWILIO: "recordings", "signalwire": "laml"}
DAY = datetime(2026, 11, 20, tzinfo=UTC)
SPAN = Span(since=DAY, until=DAY + timedelta(days=1))
SECOND = timedelta(seconds=1)


def running(name: str) -> LamlLists:
    return LamlLists(name, ACCOUNTS[name], Book()) if name == TWILIO else SignalWireLists(ACCOUNTS[name], Book())


@pytest.fixture(params=[TWILIO, "signalwire"])
def api(request: pytest.FixtureRequest) -> Iterator[LamlLists]:
    with running(request.param) as started:
        yield started


@pytest.fixture
def twilio() -> Iterator[LamlLists]:
    with running(TWILIO) as started:
        yield started


def provider(api: LamlLists, **changes: Any) -> Any:
    known = {"provider_account_id": api.account_id, "api": worlds.basic_api(api)}
    return reading.lister(worlds.account(worlds.ACCOUNT_ID, api.provider, **(known | changes)))


def kept(number: int, time: datetime, **fields: Any) -> Kept:
    return Kept(**{"recording_id": f"r-{number}", "call_id": f"c-{number}", "time": time, "seconds": 30, **fields})


def fill(api: LamlLists, count: int, step: timedelta = SECOND, **fields: Any) -> set[str]:
    """Keep recordings at regular times from the beginning of the day, and return their ids."""
    found = [kept(number, DAY + number * step, **fields) for number in range(count)]
    api.book.add(found)
    return {one.recording_id for one in found}


def pages(api: LamlLists, span: Span = SPAN, cursor: str | None = None) -> Iterator[Page]:
    return reading.pages(provider(api), NAMES[api.provider], span, cursor)


def read(api: LamlLists, span: Span = SPAN) -> list[Page]:
    return list(pages(api, span))


# ---- pages ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("count", [0, 1, 999, 1000, 1001, 2000, 2500])
def test_every_recording_is_listed_however_many_pages_there_are(api: LamlLists, count: int) -> None:
    expected = fill(api, count)
    found = read(api)
    assert reading.ids(found) == expected
    assert reading.gaps(found) == []
    assert len(found) == max(1, -(-count // 1000))


def test_more_than_1000_recordings_of_one_time_are_all_listed(api: LamlLists) -> None:
    expected = fill(api, 2300, timedelta(0))
    assert reading.ids(read(api)) == expected


def test_equal_times_at_the_edge_of_a_page_are_all_listed(api: LamlLists) -> None:
    early = [kept(number, DAY + number * SECOND) for number in range(995)]
    equal = [kept(number, DAY + timedelta(hours=1)) for number in range(995, 1300)]
    late = [kept(number, DAY + timedelta(hours=2)) for number in range(1300, 2200)]
    api.book.add([*early, *equal, *late])
    assert len(reading.ids(read(api))) == 2200


@pytest.mark.parametrize("dates_only", [False, True])
@pytest.mark.parametrize("hours", [0, 7])
def test_a_span_begins_with_its_first_moment_and_ends_before_its_last(
    api: LamlLists, hours: int, *, dates_only: bool
) -> None:
    api.dates_only = dates_only
    span = Span(since=DAY + timedelta(hours=hours), until=DAY + timedelta(days=1, hours=hours))
    times = [span.since - SECOND, span.since, span.until - SECOND, span.until]
    api.book.add(kept(number, time) for number, time in enumerate(times))
    assert reading.times(read(api, span)) == {"r-1": times[1], "r-2": times[2]}


@pytest.mark.parametrize("dates_only", [False, True])
def test_neighbouring_spans_list_each_recording_once(api: LamlLists, *, dates_only: bool) -> None:
    api.dates_only = dates_only
    expected = fill(api, 200, timedelta(minutes=11))
    spans = [Span(since=DAY + timedelta(hours=hour), until=DAY + timedelta(hours=hour + 1)) for hour in range(37)]
    found = [reading.ids(read(api, span)) for span in spans]
    assert set.union(*found) == expected
    assert sum(map(len, found)) == 200


def test_the_limits_of_the_request_are_the_documented_ones(api: LamlLists) -> None:
    read(api, Span(since=DAY + timedelta(hours=7), until=DAY + timedelta(hours=8)))
    [request] = [one.path for one in api.asked]
    if api.provider == TWILIO:
        assert "?DateCreated%3E=2026-11-20&DateCreated%3C=2026-11-21&PageSize=1000&IncludeSoftDeleted=true" in request
    else:
        assert "?DateCreated%3E=Thu%2C+19+Nov+2026+23%3A59%3A59+%2B0000&" in request
        assert "&DateCreated%3C=Sat%2C+21+Nov+2026+00%3A00%3A00+%2B0000&PageSize=1000" in request


def test_recordings_that_are_added_between_pages_shift_nothing(api: LamlLists) -> None:
    expected = fill(api, 2500)
    later = [kept(9000 + number, DAY + timedelta(hours=20, seconds=number)) for number in range(1500)]
    api.disturbances.before_page = lambda page: api.book.add(later[700 * (page - 2) : 700 * (page - 1)])
    found = read(api)
    assert expected <= reading.ids(found)


def test_recordings_that_are_added_are_repeated_if_pages_have_numbers_only(api: LamlLists) -> None:
    api.by_number = True
    expected = fill(api, 2500)
    later = [kept(9000 + number, DAY + timedelta(hours=20, seconds=number)) for number in range(30)]
    api.disturbances.before_page = lambda page: api.book.add(later) if page == 2 else None
    found = read(api)
    assert expected <= reading.ids(found)
    assert sum(len(page.listed) for page in found) == 2500 + 30


def test_recordings_that_are_deleted_between_pages_hide_no_other(api: LamlLists) -> None:
    expected = fill(api, 2500)

    def delete(page: int) -> None:
        gone = [f"r-{2500 - 1000 * (page - 1) + 3}", f"r-{page * 5}"]
        for recording_id in gone:
            api.book.remove(recording_id)
            expected.discard(recording_id)

    api.disturbances.before_page = lambda page: delete(page) if page in {2, 3} else None
    assert expected <= reading.ids(read(api))


def test_a_page_whose_token_is_refused_begins_the_list_anew(api: LamlLists) -> None:
    """The token names the last recording of a page, which was deleted."""
    expected = fill(api, 2500)
    api.disturbances.before_page = lambda page: api.book.remove("r-1500") if page == 2 else None
    found = read(api)
    assert expected <= reading.ids(found)
    assert len(found) == 4


@pytest.mark.parametrize("count", [1, 1500, 3200])
def test_a_cursor_whose_token_has_expired_loses_nothing(api: LamlLists, count: int) -> None:
    expected = fill(api, count)
    before = read(api)
    for number, page in enumerate(before[:-1]):
        api.expire_page_tokens()
        later = list(pages(api, cursor=page.cursor))
        assert reading.ids(later) == expected
        assert reading.ids([*before[: number + 1], *later]) == expected


def test_a_list_whose_pages_are_always_refused_is_rejected(api: LamlLists) -> None:
    fill(api, 1500)
    api.disturbances.before_page = lambda _: api.expire_page_tokens()
    with pytest.raises(RejectedError) as caught:
        read(api)
    assert caught.value.reason == "http_400"
    assert api.disturbances.pages == 2 + 2 * next_pages.MAX_RESTARTS


@pytest.mark.parametrize("count", [0, 1000, 3200])
@pytest.mark.parametrize("by_number", [False, True])
def test_the_list_continues_from_every_cursor(api: LamlLists, count: int, *, by_number: bool) -> None:
    api.by_number = by_number
    expected = fill(api, count)
    before = read(api)
    for number, page in enumerate(before[:-1]):
        later = list(pages(api, cursor=page.cursor))
        assert reading.ids([*before[: number + 1], *later]) == expected
    assert reading.ids(before) == expected


def test_a_cursor_is_a_json_object_without_secrets(api: LamlLists) -> None:
    fill(api, 1001)
    cursor = next(pages(api)).cursor
    assert cursor is not None
    assert set(json.loads(cursor)) == {"query"}
    assert "password" not in cursor


def test_a_recording_of_a_clock_that_is_ahead_is_listed_in_the_future(api: LamlLists) -> None:
    ahead = datetime.now(UTC).replace(microsecond=0) + timedelta(minutes=4)
    api.book.add([kept(1, ahead)])
    found = read(api, Span(since=ahead - timedelta(hours=1), until=ahead + timedelta(hours=1)))
    assert reading.times(found) == {"r-1": ahead}


# ---- links to the next page ----------------------------------------------------------------------

LINKS: dict[str, Callable[[LamlLists], str]] = {
    "host": lambda api: f"https://evil.example{api.root}/Accounts/{api.account_id}/Recordings.json?Page=1",
    "host without scheme": lambda api: f"//evil.example{api.root}/Accounts/{api.account_id}/Recordings.json?Page=1",
    "port": lambda api: f"http://127.0.0.1:1{api.root}/Accounts/{api.account_id}/Recordings.json?Page=1",
    "user": lambda api: (
        f"{api.origin.replace('://', '://u@')}{api.root}/Accounts/{api.account_id}/Recordings.json?Page=1"
    ),
    "host after @": lambda api: f"@evil.example{api.root}/Accounts/{api.account_id}/Recordings.json?Page=1",
    "account": lambda api: f"{api.root}/Accounts/AC{'0' * 31}2/Recordings.json?Page=1",
    "path": lambda api: f"{api.root}/Accounts/{api.account_id}/Calls.json?Page=1",
    "dots": lambda api: f"{api.root}/Accounts/{api.account_id}/../AC2/Recordings.json?Page=1",
    "no query": lambda api: f"{api.root}/Accounts/{api.account_id}/Recordings.json",
    "long": lambda api: f"{api.root}/Accounts/{api.account_id}/Recordings.json?PageToken={'A' * 4000}",
    "scheme": lambda _: "file:///etc/passwd?Page=1",
    "no path": lambda _: "Recordings.json?Page=1",
    "port that is none": lambda _: "http://127.0.0.1:port/?Page=1",
}


@pytest.mark.parametrize("link", LINKS.values(), ids=LINKS)
def test_a_link_that_leads_elsewhere_is_refused(api: LamlLists, link: Callable[[LamlLists], str]) -> None:
    fill(api, 3)
    api.envelope = {"next_page_uri": link(api)}
    with pytest.raises(UnavailableError, match="not its own"):
        read(api)
    assert len(api.asked) == 1


@pytest.mark.parametrize("link", [7, [], {}, True])
def test_a_link_of_another_type_is_refused(twilio: LamlLists, link: Any) -> None:
    twilio.envelope = {"next_page_uri": link}
    with pytest.raises(UnavailableError):
        read(twilio)


def test_an_absolute_link_of_the_same_origin_is_followed(api: LamlLists) -> None:
    expected = fill(api, 1500)
    cursor = next(pages(api)).cursor
    assert cursor is not None
    link = f"{api.origin}{api.root}/Accounts/{api.account_id}/Recordings?{json.loads(cursor)['query']}"
    api.disturbances.before_page = lambda page: setattr(api, "envelope", {"next_page_uri": link} if page == 2 else {})
    assert reading.ids(read(api)) == expected
    assert api.asked[-1].path.startswith(f"{api.root}/Accounts/{api.account_id}/Recordings.json?")


def test_a_list_that_does_not_advance_is_unavailable(api: LamlLists) -> None:
    fill(api, 1500)
    cursor = next(pages(api)).cursor
    assert cursor is not None
    query = json.loads(cursor)["query"]
    api.envelope = {"next_page_uri": f"{api.root}/Accounts/{api.account_id}/Recordings.json?{query}"}
    with pytest.raises(UnavailableError, match="does not advance"):
        list(pages(api, cursor=cursor))


# ---- entries -------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", ["completed", "processing", "absent", "stopped", "paused", "failed", "curious"])
@pytest.mark.parametrize("fields", [{}, {"channels": 2}, {"conference_id": "conf-1"}])
def test_an_entry_gives_the_recording_that_a_look_up_gives(api: LamlLists, status: str, fields: dict[str, Any]) -> None:
    api.book.add([kept(1, DAY + SECOND, status=status, **fields)])
    [listed] = read(api)[0].listed
    announced = Recording(
        account_id="acme", recording_id="r-1", provider=api.provider, state=State.ANNOUNCED, format="wav"
    )
    assert listed.recording == provider(api).look_up(announced)
    assert listed.time == DAY + SECOND
    assert listed.recording.channels == fields.get("channels", 1)
    assert provider(api).listing_time(listed.recording) == listed.time


def test_the_states_are_those_of_the_provider(api: LamlLists) -> None:
    words = ["absent", "processing", "completed"]
    api.book.add(kept(number, DAY + number * SECOND, status=word) for number, word in enumerate(words))
    found = [one.recording for one in read(api)[0].listed]
    assert [(one.state, one.reason, one.duration_ms) for one in found] == [
        (State.PENDING, None, 30_000),
        (State.ANNOUNCED, None, None),
        (State.ABSENT, "absent", 0 if api.provider == "signalwire" else None),
    ]


@pytest.mark.parametrize("code", [None, 0, 16101])
def test_a_deleted_recording_is_absent_because_it_is_deleted(twilio: LamlLists, code: int | None) -> None:
    twilio.book.add([kept(1, DAY, status="deleted"), kept(2, DAY)])
    twilio.changes = {"r-1": {"error_code": code}}
    found = {one.recording.recording_id: one.recording for one in read(twilio)[0].listed}
    assert (found["r-1"].state, found["r-1"].reason) == (State.ABSENT, "deleted")
    assert found["r-2"].state is State.PENDING


def test_a_recording_that_is_deleted_between_pages_is_listed_still(twilio: LamlLists) -> None:
    expected = fill(twilio, 2500)

    def delete(page: int) -> None:
        for number in (5, 1499, 1500, 2400):
            twilio.book.change(f"r-{number}", status="deleted")

    twilio.disturbances.before_page = lambda page: delete(page) if page == 2 else None
    twilio.by_number = True
    assert reading.ids(read(twilio)) == expected


def test_an_encrypted_recording_is_wave(twilio: LamlLists) -> None:
    fill(twilio, 2)
    details = {"encryption_public_key_sid": "CR1", "encryption_cek": "x", "encryption_iv": "y"}
    twilio.changes = {"r-1": {"encryption_details": details}}
    listing = provider(twilio, media_format="mp3")
    found = {one.recording.recording_id: one.recording for one in listing.list_page("recordings", SPAN).listed}
    assert (found["r-1"].format, found["r-0"].format) == ("wav", "mp3")
    assert (listing.is_encrypted(found["r-1"]), listing.is_encrypted(found["r-0"])) == (True, False)


def test_an_entry_without_a_usable_id_is_a_gap_and_the_others_are_listed(
    api: LamlLists, caplog: pytest.LogCaptureFixture
) -> None:
    fill(api, 6)
    api.changes = {
        "r-1": {"sid": None},
        "r-2": {"sid": "../r"},
        "r-3": {"sid": ["x"]},
        "r-4": {"account_sid": "AC" + "0" * 31 + "2"},
    }
    found = read(api)
    assert reading.ids(found) == {"r-0", "r-5"}
    assert [what for _, what in reading.gaps(found)] == [UNREADABLE] * 4
    assert all(SPAN.since <= time < SPAN.until for time, _ in reading.gaps(found))
    assert "+1555" not in caplog.text
    assert "../r" not in caplog.text


@pytest.mark.parametrize("time", [None, "", "yesterday", "Fri, 20 Sept 2026 01:00:00 +0000", 7, {}])
def test_an_entry_without_a_usable_time_is_listed_at_the_time_before_it(api: LamlLists, time: Any) -> None:
    fill(api, 4)
    api.changes = {"r-3": {"date_created": time}, "r-0": {"date_created": time}}
    found = read(api)
    assert reading.times(found) == {"r-3": DAY, "r-2": DAY + 2 * SECOND, "r-1": DAY + SECOND, "r-0": DAY + SECOND}
    assert reading.gaps(found) == []


def test_an_entry_without_a_usable_time_is_not_left_out_with_its_neighbours(api: LamlLists) -> None:
    """The day is listed, and only an hour of it is asked for."""
    fill(api, 3)
    api.changes = {"r-1": {"date_created": "?"}}
    span = Span(since=DAY + timedelta(hours=5), until=DAY + timedelta(hours=6))
    assert reading.times(read(api, span)) == {"r-1": span.since}


@pytest.mark.parametrize("entry", [None, 7, "r-1", [], [[]], {}])
def test_an_entry_of_another_form_is_a_gap(api: LamlLists, entry: Any) -> None:
    fill(api, 1)
    api.envelope = {"recordings": [entry, api.resource(api.book.kept["r-0"])]}
    found = read(api)
    assert reading.ids(found) == {"r-0"}
    assert reading.gaps(found) == [(DAY, UNREADABLE)]


def test_a_deep_entry_does_not_harm_the_others(api: LamlLists) -> None:
    fill(api, 2)
    deep: Any = "x"
    for _ in range(60):
        deep = {"a": deep}
    api.changes = {"r-0": {"subresource_uris": deep, "price": deep}}
    assert reading.ids(read(api)) == {"r-0", "r-1"}


@pytest.mark.parametrize("body", [b"", b"<html>", b'{"recordings": [', b"null", b"[]", b"{}", b'{"recordings": {}}'])
def test_an_answer_that_is_not_a_list_is_unavailable(api: LamlLists, body: bytes) -> None:
    api.disturbances.failing = [Reply(body=body)]
    with pytest.raises(UnavailableError) as caught:
        read(api)
    assert caught.value.reason == "no_document"


def test_a_page_of_1000_entries_fits_the_maximum_answer(twilio: LamlLists) -> None:
    details = {"encryption_public_key_sid": "CR1", "encryption_cek": "x" * 3000, "encryption_iv": "y" * 100}
    long = {"encryption_details": details, "media_url": "https://" + "m" * 2000}
    twilio.changes = dict.fromkeys(fill(twilio, 1000), long)
    size = len(json.dumps(twilio.page("/", {"PageSize": "1000"})))
    assert 5_000_000 < size < connections.MAX_BODY_BYTES / 2
    assert len(reading.ids(read(twilio))) == 1000


def test_a_row_without_a_resource_is_listed_by_its_start(api: LamlLists) -> None:
    row = worlds.recording("r-1", start_time=DAY, extra={})
    assert provider(api).listing_time(row) == DAY
    assert provider(api).listing_time(row.model_copy(update={"start_time": None})) is None
    created = row.model_copy(update={"extra": {"date_created": "Fri, 20 Nov 2026 01:00:00 +0000"}})
    assert provider(api).listing_time(created) == DAY + timedelta(hours=1)


# ---- refusals ------------------------------------------------------------------------------------


def test_the_time_to_wait_is_handed_on(api: LamlLists) -> None:
    fill(api, 1500)
    cursor = next(pages(api)).cursor
    for where in (None, cursor):
        api.disturbances.failing = [throttled(7)]
        with pytest.raises(UnavailableError) as caught:
            list(pages(api, cursor=where))
        assert (caught.value.reason, caught.value.retry_after) == ("http_429", 7)


@pytest.mark.parametrize("status", [401, 403, 404, 500, 503])
def test_a_failure_is_unavailable(api: LamlLists, status: int) -> None:
    api.disturbances.failing = [Reply(status=status, body=b"{}")] * 2
    with pytest.raises(UnavailableError) as caught:
        read(api)
    assert caught.value.reason == f"http_{status}"


@pytest.mark.parametrize("status", [401, 403, 429, 500, 503])
def test_a_failure_of_a_later_page_does_not_begin_the_list_anew(api: LamlLists, status: int) -> None:
    fill(api, 1500)
    cursor = next(pages(api)).cursor
    api.disturbances.failing = [Reply(status=status, body=b"{}")] * 2
    with pytest.raises(UnavailableError):
        list(pages(api, cursor=cursor))
    api.disturbances.failing = []
    [page] = pages(api, cursor=cursor)
    assert len(page.listed) == 500


def test_wrong_credentials_are_unavailable(api: LamlLists) -> None:
    api.credentials = "user:other"
    with pytest.raises(UnavailableError) as caught:
        read(api)
    assert caught.value.reason == "http_401"


def test_a_request_that_is_wrong_for_good_is_rejected(api: LamlLists) -> None:
    api.disturbances.failing = [Reply(status=400, body=b"{}")]
    with pytest.raises(RejectedError) as caught:
        read(api)
    assert caught.value.reason == "http_400"


@pytest.mark.parametrize("changes", [{"api": None}, {"api": {"origin": "https://api.example.com"}}])
@pytest.mark.parametrize("name", [TWILIO, "signalwire"])
def test_an_account_without_credentials_is_unavailable(name: str, changes: dict[str, Any]) -> None:
    listing = reading.lister(worlds.account(worlds.ACCOUNT_ID, name, **changes))
    for one in listing.LISTS:
        with pytest.raises(UnavailableError) as caught:
            listing.list_page(one, SPAN)
        assert caught.value.reason == "not_configured"
    assert listing.unaccountable() == ()
