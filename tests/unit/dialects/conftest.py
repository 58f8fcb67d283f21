"""Shorten the lists of the tests of dialects."""

from datetime import timedelta

import pytest

from callvault.storage import listing


@pytest.fixture(autouse=True)
def fewer_months(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let lists without a beginning go back 900 days, because reading a month takes time."""
    monkeypatch.setattr(listing, "LOOK_BACK", timedelta(days=900))
