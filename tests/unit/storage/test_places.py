"""Where a recording stands in lists."""

from datetime import timedelta

import pytest

from callvault import times
from callvault.storage import places
from tests import worlds

NOW = times.now()
ROW = worlds.recording("r-1", created_time=NOW, listed_at=f"{times.write(NOW - timedelta(days=3))}#r-1")


def test_a_recording_without_a_row_has_the_place_that_it_has() -> None:
    assert places.announced(worlds.recording("r-1"), NOW) is None
    assert places.sent(worlds.recording("r-1"), NOW) is None


def test_an_announced_start_is_the_place() -> None:
    assert places.announced(ROW, NOW) == f"{times.write(NOW)}#r-1"


@pytest.mark.parametrize(("days", "moved"), [(0.5, False), (3, True)])
def test_without_an_announced_start_a_claim_counts_for_a_day(days: float, *, moved: bool) -> None:
    claimed = f"{times.write(NOW - timedelta(days=days))}#r-1"
    row = ROW.model_copy(update={"listed_at": claimed})
    assert places.announced(row, None) == (f"{times.write(NOW)}#r-1" if moved else claimed)
