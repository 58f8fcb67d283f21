"""A page token holds the place that was written into it, for its own list only."""

import base64
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from callvault.bounds import MAX_SORT_KEY_BYTES
from callvault.errors import InvalidRequestError
from callvault.readers import page_tokens
from callvault.readers.page_tokens import Scope

PLACE = "2026-06-30T23:59:00.000Z#r1"
SCOPE = Scope("a1", None, ascending=False, binding="x")
EXAMPLES = settings(max_examples=25, deadline=None)


@pytest.mark.parametrize("place", [PLACE, "2026-06-30T23:59:00.000Z$", "2026-06-30T23:59:00.000Z"])
def test_a_token_reads_back_to_its_position(place: str) -> None:
    assert page_tokens.read(page_tokens.write(place, SCOPE), SCOPE) == place


@pytest.mark.parametrize("other", [{"account_id": "a2"}, {"user_id": "u1"}, {"ascending": True}, {"binding": "y"}])
def test_a_token_is_valid_for_its_own_list_only(other: dict[str, Any]) -> None:
    token = page_tokens.write(PLACE, SCOPE)
    with pytest.raises(InvalidRequestError):
        page_tokens.read(token, replace(SCOPE, **other))


def test_a_malformed_position_with_a_correct_digest_is_refused() -> None:
    token = page_tokens.write("anything", SCOPE)
    with pytest.raises(InvalidRequestError):
        page_tokens.read(token, SCOPE)


def test_a_place_that_no_sort_key_can_hold_is_refused() -> None:
    longest = PLACE + "é" * ((MAX_SORT_KEY_BYTES - len(PLACE)) // 2)
    assert page_tokens.read(page_tokens.write(longest, SCOPE), SCOPE) == longest

    with pytest.raises(InvalidRequestError):
        page_tokens.read(page_tokens.write(longest + "é", SCOPE), SCOPE)


@EXAMPLES
@given(token=st.one_of(st.text(), st.binary().map(lambda data: base64.urlsafe_b64encode(data).decode())))
def test_an_invalid_token_is_refused(token: str) -> None:
    with pytest.raises(InvalidRequestError):
        page_tokens.read(token, SCOPE)


@pytest.mark.parametrize("content", ["[1]", "1", "null", '["x", null]', '{"a": 1, "b": 2}', "[" * 100_000])
def test_a_token_of_other_json_is_refused(content: str) -> None:
    token = base64.urlsafe_b64encode(content.encode()).decode().rstrip("=")
    with pytest.raises(InvalidRequestError):
        page_tokens.read(token, SCOPE)
