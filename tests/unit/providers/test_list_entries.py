"""The entries of any list: none makes a page fail, and none vanishes."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from callvault.models import Recording
from callvault.providers import list_entries
from callvault.providers.bandwidth import recordings
from callvault.providers.kazoo import lists
from tests import worlds

DAY = datetime(2026, 11, 20, tzinfo=UTC)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
    max_leaves=5,
)
BANDWIDTH: dict[str, Any] = {
    "recordingId": "r-1",
    "accountId": "9900000",
    "callId": "c-1",
    "startTime": "2026-11-20T01:00:00.000Z",
    "duration": "PT1S",
    "status": "complete",
    "mediaUrl": "https://voice.example.com",
    "transcription": {"id": "t-1"},
}
KAZOO: dict[str, Any] = {
    "id": "202611-0123456789abcdef0123456789abcdef",
    "start": 63_900_000_000,
    "duration_ms": 1000,
    "account_id": "9900000",
    "_read_only": {"content_types": []},
    "user_metadata": {},
}
READERS: list[tuple[str, dict[str, Any], Callable[..., Recording], Callable[[Recording], datetime | None]]] = [
    ("bandwidth", BANDWIDTH, recordings.read_entry, recordings.start),
    ("kazoo", KAZOO, lists._recording, lists.ended),
]


@pytest.mark.parametrize(("provider", "entry", "read_one", "time_of"), READERS)
@settings(deadline=None, max_examples=150)
@given(data=st.data())
def test_every_entry_is_listed_or_is_a_gap(
    data: st.DataObject,
    provider: str,
    entry: dict[str, Any],
    read_one: Callable[..., Recording],
    time_of: Callable[[Recording], datetime | None],
) -> None:
    changes = st.dictionaries(st.sampled_from(sorted(entry)), VALUES, max_size=4)
    entries = data.draw(st.lists(changes.map(lambda changed: entry | changed) | VALUES, max_size=5))
    account = worlds.account(provider=provider, provider_account_id="9900000")
    found = list_entries.read(entries, "acme", partial(read_one, account), time_of, DAY)
    assert len(found.listed) + len(found.gaps) == len(entries)
