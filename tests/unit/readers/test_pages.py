"""Pages bring each recording that the reader may see, once and in order."""

import base64
import functools
import itertools
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from callvault.errors import InvalidRequestError
from callvault.models import Recording, State
from callvault.readers import page_tokens, pages
from callvault.readers.access import Principal
from callvault.readers.page_tokens import Scope
from callvault.readers.pages import Page, PageRequest
from callvault.storage.listing import Query
from tests import worlds

TIME = datetime(2026, 6, 30, 23, 59, tzinfo=UTC)
EXAMPLES = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
ACCOUNTS = (f"h{number}" for number in itertools.count())

principal = functools.partial(worlds.principal, "a1")
put = functools.partial(worlds.put, account_id="a1", start_time=TIME)


def query(account_id: str = "a1", **fields: Any) -> Query:
    window: dict[str, Any] = {"since": TIME - timedelta(days=40), "until": TIME + timedelta(days=40)}
    return Query(**window | {"account_id": account_id} | fields)


def read_page(principal: Principal, query: Query, size: int | None, **fields: Any) -> Page:
    return pages.read(principal, PageRequest(query=query, size=size, **fields))


def ids(page: Page) -> list[str]:
    return [recording.recording_id for recording in page.recordings]


def test_a_limited_reader_lists_only_recordings_of_its_user() -> None:
    put("mine", owner_id="u1")
    put("theirs", owner_id="u2")
    put("nobodys")
    limited = principal(user_id="u1")
    assert ids(read_page(limited, query(), 10)) == ["mine"]
    assert ids(read_page(limited, query(owner_id="u2"), 10)) == ["mine"]


def test_a_list_without_a_page_size_is_complete() -> None:
    for number in range(5):
        put(f"r{number}")
    page = read_page(principal(), query(), None)
    assert len(page.recordings) == 5
    assert page.next is None


def test_a_page_ends_before_it_becomes_too_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "MAX_PAGE_BYTES", 250)
    for number in range(4):
        put(f"r{number}")
    first = read_page(principal(), query(ascending=True), None, weigh=lambda _: 100)
    assert ids(first) == ["r0", "r1"]
    rest = read_page(principal(), query(ascending=True), None, token=first.next, weigh=lambda _: 100)
    assert ids(rest) == ["r2", "r3"]
    assert rest.next is None


def test_a_recording_over_the_maximum_page_size_is_a_page(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "MAX_PAGE_BYTES", 250)
    put("r0")
    put("r1")
    page = read_page(principal(), query(ascending=True), 10, weigh=lambda _: 1000)
    assert ids(page) == ["r0"]
    assert page.next


def test_a_page_that_took_too_long_has_a_token_for_the_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "MAX_PAGE_SECONDS", -1.0)
    for number in range(3):
        put(f"r{number}", start_time=TIME + timedelta(minutes=number))
    token: str | None = None
    found: list[list[str]] = []
    while not found or token:
        page = read_page(
            principal(),
            query(ascending=True),
            10,
            token=token,
            matches=lambda recording: recording.recording_id == "r2",
        )
        found.append(ids(page))
        token = page.next
    assert found == [[], [], ["r2"]]


@pytest.mark.parametrize("ascending", [True, False])
def test_no_page_token_holds_the_id_of_a_recording_that_the_reader_may_not_see(
    monkeypatch: pytest.MonkeyPatch,
    ascending: bool,  # noqa: FBT001
) -> None:
    monkeypatch.setattr(pages, "MAX_PAGE_SECONDS", -1.0)
    for number in range(12):
        owner = "u1" if number % 4 == 1 else "u2"
        time = TIME + timedelta(minutes=number // 3)  # three recordings share a time
        state = State.DELETED if number == 5 else State.PENDING
        put(f"{owner}-{number}", owner_id=owner, call_id="c1", start_time=time, state=state)
    limited, wanted = principal(user_id="u1"), query(call_id="c1", ascending=ascending)
    token: str | None = None
    found: list[str] = []
    reads = 0
    while token or not reads:
        page = read_page(limited, wanted, 10, token=token)
        found, token, reads = found + ids(page), page.next, reads + 1
        held = "".join(base64.urlsafe_b64decode(f"{text}===").decode() for text in (page.start, token) if text)
        assert "u2" not in held
        assert "u1-5" not in held
    assert reads > 2
    assert sorted(found) == ["u1-1", "u1-9"]


def test_the_own_token_of_a_page_returns_the_same_page() -> None:
    for number in range(4):
        put(f"r{number}")
    for ascending in (True, False):
        first = read_page(principal(), query(ascending=ascending), 2)
        second = read_page(principal(), query(ascending=ascending), 2, token=first.next)
        for page in (first, second):
            assert read_page(principal(), query(ascending=ascending), 2, token=page.start) == page


@pytest.mark.parametrize("ascending", [True, False])
def test_pages_are_read_backward_too(ascending: bool) -> None:  # noqa: FBT001
    for number in range(5):
        put(f"r{number}", start_time=TIME - timedelta(days=20 * number))
    wanted = query(since=TIME - timedelta(days=200), ascending=ascending)
    first = read_page(principal(), wanted, 2)
    second = read_page(principal(), wanted, 2, token=first.next)
    third = read_page(principal(), wanted, 2, token=second.next)
    back = read_page(principal(), wanted, 2, token=third.start, backward=True)
    assert ids(back) == ids(second)
    assert ids(read_page(principal(), wanted, 2, token=back.next)) == ids(third)
    again = read_page(principal(), wanted, 2, token=back.start, backward=True)
    assert ids(again) == ids(first)
    nothing = read_page(principal(), wanted, 2, token=again.start, backward=True)
    assert (nothing.recordings, nothing.next) == ((), again.start)


def test_a_page_read_backward_ends_before_it_becomes_too_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "MAX_PAGE_BYTES", 10)
    for number in range(3):
        put(f"r{number}", start_time=TIME - timedelta(minutes=number))
    last = read_page(principal(), query(ascending=True), 2, token=read_page(principal(), query(ascending=True), 2).next)
    assert ids(last) == ["r0"]
    back = read_page(principal(), query(ascending=True), 2, token=last.start, backward=True, weigh=lambda _: 6)
    assert ids(back) == ["r1"]


RECORDINGS = st.lists(
    st.fixed_dictionaries(
        {
            # Few enough times that some recordings share one, over two months.
            "start_time": st.integers(-3, 3).map(lambda minutes: TIME + timedelta(minutes=minutes)),
            "owner_id": st.sampled_from([None, "u1", "u2"]),
            "direction": st.sampled_from(["inbound", "outbound"]),
            "state": st.sampled_from([State.PENDING, State.VERIFIED, State.DELETED]),
        }
    ),
    max_size=12,
)


@EXAMPLES
@given(
    rows=RECORDINGS,
    size=st.integers(1, 5),
    ascending=st.booleans(),
    user_id=st.sampled_from([None, "u1"]),
    direction=st.sampled_from([None, "inbound"]),
    hurried=st.booleans(),
)
def test_pages_have_each_recording_once_and_in_order(  # noqa: PLR0917 - hypothesis names its arguments
    rows: list[dict[str, Any]],
    size: int,
    ascending: bool,  # noqa: FBT001
    user_id: str | None,
    direction: str | None,
    hurried: bool,  # noqa: FBT001
) -> None:
    account_id = next(ACCOUNTS)
    stored = [put(f"r{number}", account_id=account_id, **row) for number, row in enumerate(rows)]
    expected = [
        recording
        for recording in sorted(stored, key=lambda recording: str(recording.listed_at), reverse=not ascending)
        if recording.state is not State.DELETED
        and user_id in {None, recording.owner_id}
        and direction in {None, recording.direction}
    ]
    found: list[Recording] = []
    token = None
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pages, "MAX_PAGE_SECONDS", -1.0 if hurried else 60.0)
        for _ in range(len(rows) + 2):
            page = read_page(
                worlds.principal(account_id, user_id=user_id),
                query(account_id, ascending=ascending),
                size,
                token=token,
                matches=lambda recording: direction in {None, recording.direction},
            )
            assert len(page.recordings) <= size
            assert hurried or page.next is None or len(page.recordings) == size
            found += page.recordings
            if (token := page.next) is None:
                break
    assert token is None
    assert found == expected


def test_the_token_of_a_page_is_valid_for_its_own_list_only() -> None:
    put("r0")
    put("r1")
    token = read_page(principal(), query(), 1, binding="x").next
    assert ids(read_page(principal(), query(), 1, token=token, binding="x")) == ["r0"]
    for other, changed, binding in (
        (worlds.principal("a2"), query("a2"), "x"),
        (principal(user_id="u1"), query(), "x"),
        (principal(), query(ascending=True), "x"),
        (principal(), query(), "y"),
    ):
        with pytest.raises(InvalidRequestError):
            read_page(other, changed, 1, token=token, binding=binding)


@EXAMPLES
@given(
    time=st.one_of(st.datetimes().map(lambda time: f"{time.isoformat(timespec='milliseconds')}Z"), st.text()),
    rest=st.one_of(st.just(""), st.text().map(lambda text: f"#{text}"), st.just("#\ud800")),
    ascending=st.booleans(),
)
def test_a_forged_token_returns_no_other_recordings(time: str, rest: str, ascending: bool) -> None:  # noqa: FBT001
    account_id, neighbour = next(ACCOUNTS), next(ACCOUNTS)
    put("within", account_id=account_id)
    put("before", account_id=account_id, start_time=TIME - timedelta(days=1))
    put("theirs", account_id=neighbour)
    place = time + rest
    scope = Scope(account_id, None, ascending, binding="")
    text = json.dumps([page_tokens._digest(place, scope), place])
    token = base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")
    try:
        page = read_page(
            worlds.principal(account_id),
            query(account_id, since=TIME, until=TIME, ascending=ascending),
            10,
            token=token,
        )
    except InvalidRequestError:
        return
    assert set(ids(page)) <= {"within"}
