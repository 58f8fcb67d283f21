"""The order in which the local queues deliver messages, as SQS documents it."""

from types import SimpleNamespace
from typing import Any

from tools.local.aws import moto_fairness


def message(group_id: str | None, message_id: str = "m", *, received: int = 1, visible: bool = False) -> Any:
    return SimpleNamespace(id=message_id, group_id=group_id, approximate_receive_count=received, visible=visible)


def test_a_group_with_many_of_the_messages_in_flight_is_noisy() -> None:
    assert moto_fairness.crowding([message("slow")] * 30 + [message("quiet")] * 3) == {"slow"}


def test_fewer_than_thirty_in_flight_are_not_noisy() -> None:
    assert moto_fairness.crowding([message("slow")] * 29) == set()


def test_a_visible_message_is_not_in_flight() -> None:
    waiting = [message("slow", visible=True)] * 30
    unseen = [message("slow", received=0)] * 30

    assert moto_fairness.crowding(waiting + unseen) == set()


def test_a_message_without_a_group_is_its_own_group() -> None:
    assert moto_fairness.crowding([message(None, f"m-{number}") for number in range(40)]) == set()


def test_a_group_that_used_most_of_the_time_is_noisy_for_a_minute() -> None:
    used = moto_fairness.ConsumerTime()
    slow = message("slow")
    used.begin(slow, 0)
    for number in range(12):
        used.begin(message("quiet", f"q-{number}"), 0)
        used.end(message("quiet", f"q-{number}"), 0.1)

    assert used.noisy(30) == {"slow"}
    used.end(slow, 30)
    assert used.noisy(89) == {"slow"}
    assert used.noisy(91) == set()


def test_the_end_of_a_message_that_was_not_received_changes_nothing() -> None:
    used = moto_fairness.ConsumerTime()
    used.end(message("quiet"), 1)

    assert used.noisy(1) == set()
