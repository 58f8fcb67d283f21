"""How often and how late the local S3 delivers its events."""

from tools.local.aws.deliveries import Deliveries


def drawn(seed: int, count: int = 4000) -> list[tuple[int, ...]]:
    deliveries = Deliveries(seed)
    return [deliveries.draw(f"media/{number}", "ObjectCreated:Put") for number in range(count)]


def test_one_event_in_twenty_is_repeated_and_one_in_twenty_is_late() -> None:
    delays = drawn(0)

    assert 0.04 < sum(len(one) == 2 for one in delays) / len(delays) < 0.06
    assert 0.04 < sum(one[0] > 0 for one in delays) / len(delays) < 0.06
    assert {one[1] - one[0] for one in delays if len(one) == 2} == {0, 1, 2}


def test_the_same_seed_draws_the_same_deliveries() -> None:
    assert drawn(7) == drawn(7)
    assert drawn(7) != drawn(8)


def test_the_deliveries_of_an_object_do_not_depend_on_other_objects() -> None:
    alone, among = Deliveries(3), Deliveries(3)
    expected = [alone.draw("a", "ObjectRemoved:Delete") for _ in range(200)]
    found = []
    for number in range(200):
        among.draw(f"b-{number % 5}", "ObjectRemoved:Delete")
        among.draw("a", "ObjectCreated:Put")
        found.append(among.draw("a", "ObjectRemoved:Delete"))

    assert found == expected
    assert len(set(found)) > 1
