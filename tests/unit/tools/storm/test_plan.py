"""The recordings that the storm draws."""

from itertools import islice

from tools.local.faults import texts
from tools.local.faults.media import FAULTS
from tools.storm import plan, variants
from tools.storm.plan import Way
from tools.storm.variants import Variant

DRAWN = list(islice(plan.draw(1), 8000))


def test_the_same_seed_gives_the_same_plan() -> None:
    first, again, other = (list(islice(plan.draw(seed), 200)) for seed in (1, 1, 2))
    assert first == again
    assert first != other


def test_every_way_of_delivery_and_every_fault_is_in_a_plan() -> None:
    assert {one.way for one in DRAWN} == set(Way)
    assert {one.fault.name for one in DRAWN} == {"none", *FAULTS}
    assert any(one.big and one.killed_halfway for one in DRAWN)
    assert any(one.partial for one in DRAWN)
    assert any(one.absent for one in DRAWN)


def test_a_tenth_of_the_listed_recordings_sends_no_callback() -> None:
    listed = [one for one in DRAWN if one.listed and one.way is not Way.INCOMING]
    assert 0.08 < sum(one.silent for one in listed) / len(listed) < 0.12
    silent = [one for one in DRAWN if one.silent]
    assert {one.way for one in silent} == {Way.BANDWIDTH, Way.SIGNALWIRE, Way.RELAY, Way.TWILIO, Way.HOOK}
    assert not any(one.text or one.partial or one.fault.expired for one in silent)


def test_every_variant_and_every_fault_of_a_text_is_in_a_plan() -> None:
    assert {one.variant for one in DRAWN} == set(Variant)
    assert {one.text.name for one in DRAWN if one.text} == {"none", *texts.FAULTS}
    assert any(one.text_again for one in DRAWN)
    assert any(one.way is Way.RELAY and one.format == "mp3" and one.fault.name == "growing" for one in DRAWN)


def test_encrypted_media_has_no_fault_that_nothing_could_show() -> None:
    faults = {one.fault.name for one in DRAWN if one.variant in variants.SEALED}
    assert faults >= {"none", "html_200", "truncated"}
    assert not faults & variants.UNSEEN
