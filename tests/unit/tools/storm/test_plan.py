"""The recordings that the storm draws."""

from itertools import islice

from tools.local.faults.media import FAULTS
from tools.storm import plan
from tools.storm.plan import Way


def test_the_same_seed_gives_the_same_plan() -> None:
    first, again, other = (list(islice(plan.draw(seed), 200)) for seed in (1, 1, 2))
    assert first == again
    assert first != other


def test_every_way_of_delivery_and_every_fault_is_in_a_plan() -> None:
    drawn = list(islice(plan.draw(1), 5000))
    assert {one.way for one in drawn} == set(Way)
    assert {one.fault.name for one in drawn} == {"none", *FAULTS}
    assert any(one.big and one.killed_halfway for one in drawn)
    assert any(one.partial for one in drawn)
    assert any(one.absent for one in drawn)
