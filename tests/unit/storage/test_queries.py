"""The index is read page by page, and its items in batches."""

from typing import Any

import pytest
from botocore.stub import Stubber

from callvault import clients, times
from callvault.errors import UnavailableError
from callvault.models import Recording, State
from callvault.storage import queries, table
from callvault.storage.queries import Span

TABLE = "callvault-recordings"
KEYS = [{"pk": {"S": "a1#r1"}}]


def span(count: int) -> Span:
    """Return the span of an index that has so many rows."""
    for number in range(count):
        row = Recording(
            account_id="a1", recording_id=f"r{number}", provider="bandwidth", state=State.PENDING, call_id="c1"
        )
        table.put(row, "callback")
    return Span(index="by_call", partition=("call_key", "a1#c1"), low="0", high=f"{times.write(times.now())}$")


def leave_unread(stubber: Stubber, count: int) -> None:
    """Leave the key of a batch unread so many times."""
    answer: dict[str, Any] = {"Responses": {}, "UnprocessedKeys": {TABLE: {"Keys": KEYS}}}
    for _ in range(count):
        stubber.add_response("batch_get_item", answer)


@pytest.mark.parametrize(("size", "sizes"), [(1, [1, 2, 4, 3]), (4, [4, 6]), (10, [10]), (None, [10])])
def test_each_page_is_twice_as_long_as_the_one_before(size: int | None, sizes: list[int]) -> None:
    pages = [len(page) for page in queries.pages(span(10), size=size)]
    assert [length for length in pages if length] == sizes


def test_no_page_is_longer_than_a_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries, "MAX_KEYS", 3)
    assert max(len(page) for page in queries.pages(span(10), size=10)) == 3


def test_both_orders_find_the_same() -> None:
    there, back = ([key for page in queries.pages(span(5), ascending=order) for key in page] for order in (True, False))
    assert there == back[::-1]


def test_unread_keys_are_read_again() -> None:
    with Stubber(clients.dynamodb()) as stubber:
        leave_unread(stubber, queries.MAX_ATTEMPTS - 1)
        stubber.add_response("batch_get_item", {"Responses": {TABLE: KEYS}, "UnprocessedKeys": {}})
        assert queries.items(KEYS) == KEYS


def test_keys_that_stay_unread_raise_unavailable() -> None:
    with Stubber(clients.dynamodb()) as stubber:
        leave_unread(stubber, queries.MAX_ATTEMPTS)
        with pytest.raises(UnavailableError):
            queries.items(KEYS)
