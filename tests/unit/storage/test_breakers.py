"""The circuit breakers in the table."""

from datetime import UTC, datetime

import pytest

from callvault import clients, settings
from callvault.errors import UnavailableError
from callvault.storage import breaker, breakers
from tests import worlds

NOON = datetime(2026, 11, 26, 12, tzinfo=UTC)
ORIGIN = "https://api.example.com"


@pytest.fixture(autouse=True)
def noon(clock: worlds.Clock) -> None:
    clock.stop(NOON)


def fail(number: int = 1, account_id: str = "acme") -> breaker.Breaker:
    for _ in range(number):
        breakers.fail(account_id, ORIGIN, "http_503")
    known = breakers.of(account_id, ORIGIN)
    assert known is not None
    return known


def test_a_provider_that_has_not_failed_has_no_breaker() -> None:
    assert breakers.of("acme", ORIGIN) is None


def test_failures_are_counted_for_each_account_and_origin() -> None:
    assert fail(5).model_dump(include={"failures", "reason", "opened_at", "next_time"}) == {
        "failures": 5,
        "reason": "http_503",
        "opened_at": NOON,
        "next_time": NOON + breaker.MIN_SPACING,
    }
    assert fail(account_id="other").failures == 1
    assert breakers.of("acme", "https://eu.example.com") is None
    items = clients.dynamodb().scan(TableName=settings.get().table_name)["Items"]
    assert {item["pk"]["S"] for item in items} == {f"#BREAKER#acme#{ORIGIN}", f"#BREAKER#other#{ORIGIN}"}


def test_a_failure_that_others_count_at_the_same_time_is_counted_too() -> None:
    others = iter(range(3))

    def another_fails() -> None:
        if next(others, None) is not None:
            breakers.fail("acme", ORIGIN, "http_503")

    with worlds.before_each(clients.dynamodb(), "PutItem", another_fails):
        breakers.fail("acme", ORIGIN, "http_503")
    known = breakers.of("acme", ORIGIN)
    assert known is not None
    assert known.failures == 4


def test_one_fetch_goes_first() -> None:
    opened = fail(5)
    assert breakers.probe("acme", ORIGIN, opened) is not None
    assert breakers.probe("acme", ORIGIN, opened) is None


def test_a_success_deletes_the_breaker_unless_it_has_changed_since() -> None:
    before, now = fail(1), fail(4)
    assert not breakers.close("acme", ORIGIN, before)
    assert breakers.of("acme", ORIGIN) == now
    assert breakers.close("acme", ORIGIN, now)
    assert breakers.of("acme", ORIGIN) is None


def test_a_process_reads_a_breaker_once_in_some_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    assert breakers.recent("acme", ORIGIN) is None
    with monkeypatch.context() as broken:
        worlds.fail(broken, clients.dynamodb(), "get_item")
        assert breakers.recent("acme", ORIGIN) is None
        broken.setattr(breakers, "CACHE_SECONDS", 0)
        with pytest.raises(UnavailableError):
            breakers.recent("acme", ORIGIN)
    breakers.fail("acme", ORIGIN, "http_503")
    assert breakers.recent("acme", ORIGIN) is not None


def test_a_process_remembers_a_limited_number_of_breakers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(breakers, "MAX_CACHED", 2)
    for name in ("a", "b", "c"):
        breakers.recent(name, ORIGIN)
    assert len(breakers._recent) == 1
