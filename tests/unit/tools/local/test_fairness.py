"""The order of delivery that the local queues have from SQS's documentation."""

from types import SimpleNamespace
from typing import Any

from tools.local.aws import moto_fairness


def message(group_id: str | None, message_id: str = "m", *, received: int = 1, visible: bool = False) -> Any:
    return SimpleNamespace(id=message_id, group_id=group_id, approximate_receive_count=received, visible=visible)


def test_a_group_with_many_of_the_messages_in_flight_is_noisy() -> None:
    assert moto_fairness.crowding([message("slow")] * 30 + [message("quiet")] * 3) == {"slow"}


def test_fewer_than_thirty_in_flight_are_not_noisy() -> None:
    assert moto_fairness.crowding([message("slow")] * 29) == set()


def test_what_waits_is_not_in_flight() -> None:
    waiting = [message("slow", visible=True)] * 30
    unseen = [message("slow", received=0)] * 30

    assert moto_fairness.crowding(waiting + unseen) == set()


def test_messages_without_a_group_are_each_their_own() -> None:
    assert moto_fairness.crowding([message(None, f"m-{number}") for number in range(40)]) == set()


def test_a_group_that_took_most_of_the_time_is_noisy_for_a_minute() -> None:
    spent = moto_fairness.Spent()
    slow = message("slow")
    spent.begin(slow, 0)
    for number in range(12):
        spent.begin(message("quiet", f"q-{number}"), 0)
        spent.end(message("quiet", f"q-{number}"), 0.1)

    assert spent.noisy(30) == {"slow"}
    spent.end(slow, 30)
    assert spent.noisy(89) == {"slow"}
    assert spent.noisy(91) == set()


def test_a_message_that_nobody_received_ends_nothing() -> None:
    spent = moto_fairness.Spent()
    spent.end(message("quiet"), 1)

    assert spent.noisy(1) == set()
