"""An account is reported if it has callbacks, but none of them reports a recording."""

from datetime import timedelta

import pytest

from callvault import alarm_messages, times
from callvault.storage import daily_counts
from callvault.storage.daily_counts import Kind
from callvault.upkeep import ignored
from tests import worlds


@pytest.mark.parametrize(("number", "reported"), [(0, False), (4, False), (5, True), (500, True)])
def test_five_callbacks_without_a_recording_are_reported(
    number: int, caplog: pytest.LogCaptureFixture, *, reported: bool
) -> None:
    if number:
        daily_counts.add(Kind.IGNORED, "acme", number)
    assert ignored.is_ignored("acme") is reported
    assert (alarm_messages.ACCOUNT_IGNORED in caplog.messages) is reported


def test_an_account_with_a_recording_is_not_reported() -> None:
    daily_counts.add(Kind.IGNORED, "acme", 500)
    worlds.put(start_time=times.now() - timedelta(days=3))
    assert ignored.is_ignored("acme")
    worlds.put("r-2", start_time=times.now() - timedelta(minutes=1))
    assert not ignored.is_ignored("acme")


def test_refused_callbacks_do_not_count() -> None:
    daily_counts.add(Kind.REFUSED, "acme", 500)
    assert not ignored.is_ignored("acme")
