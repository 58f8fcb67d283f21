"""Callbacks of all providers through the real template, while their accounts cannot be read."""

import hashlib
import time
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from callvault.models import Recording
from callvault.providers import PROVIDERS
from tests import samples, worlds
from tests.e2e import archive
from tools.local.emulator.pace import Pace
from tools.local.faults.aws import AwsFaults, Effect, Rule
from tools.local.providers import every_provider, scenarios
from tools.local.providers.scenarios import Scenario
from tools.local.stack import Stack
from tools.local.start import running

OUTAGE = Rule(operations="ssm.GetParameter", effect=Effect.UNAVAILABLE)
PUSHED = {"pushed twice by PUT", "by KAZOO's S3 handler"}
"""Titles of the scenarios without a callback."""
SPEED = 180
"""Speed of the queues' time: an hour in twenty seconds."""


@dataclass(frozen=True)
class Played:
    """A stack on which SSM can fail, and each provider's recordings that a callback announces."""

    stack: Stack
    aws: AwsFaults
    announced: dict[str, list[Scenario]]

    def send(self, scenario: Scenario) -> None:
        """Send the callbacks of a recording, each of which must be acknowledged."""
        [provider] = [name for name, scenarios in self.announced.items() if scenario in scenarios]
        for request in scenario.requests:
            assert request().status == samples.of(provider).acknowledgement.status

    def row(self, scenario: Scenario) -> Recording | None:
        """Return the row of a recording."""
        return archive.row(self.stack, scenario.account_id, scenario.recording_id)

    def is_verified(self, scenario: Scenario) -> bool:
        """Return whether a recording is verified."""
        row = self.row(scenario)
        return row is not None and row.state == "verified"

    def parked(self) -> int:
        """Return the number of parked callbacks."""
        return self.stack.waiting()[self.stack.outputs["ParkedQueueUrl"].rsplit("/", 1)[1]]

    def assert_verified(self, scenario: Scenario) -> None:
        """Wait until a recording is verified, and compare its audio with the provider's."""
        worlds.until(lambda: self.is_verified(scenario), 60)
        row = self.row(scenario)
        assert row is not None
        assert row.media is not None
        assert row.media.sha256 == hashlib.sha256(scenario.audio).hexdigest()


@pytest.fixture(scope="module")
def played() -> Iterator[Played]:
    aws = AwsFaults()
    with (
        every_provider.stand_ins() as stand_ins,
        # No function may know the account of before a typo.
        running(faults=aws, pace=Pace(SPEED, 3), processes=2, parameters={"AccountCacheSeconds": "0"}) as stack,
    ):
        by_provider = every_provider.played(stack, stand_ins)
        announced = {name: [one for one in by_provider[name] if one.title not in PUSHED] for name in PROVIDERS}
        stack.run_schedule("SweepRecordings")  # the hourly one makes the accounts known
        yield Played(stack, aws, announced)


# This test is the first: no function has read an account before the outage.
def test_while_ssm_is_down_every_callback_is_acknowledged_and_ends_verified(played: Played) -> None:
    announced = [played.announced[provider][0] for provider in PROVIDERS]
    played.aws.rules = (OUTAGE,)
    for scenario in announced:
        played.send(scenario)
    assert played.parked() == sum(len(scenario.requests) for scenario in announced)
    time.sleep(2)  # some attempts fail
    assert [played.row(scenario) for scenario in announced] == [None] * len(PROVIDERS)
    assert played.aws.struck[OUTAGE.name] > len(PROVIDERS)
    played.aws.rules = ()
    for scenario in announced:
        played.assert_verified(scenario)
    played.stack.drain()


@pytest.mark.parametrize(
    ("title", "word", "wrong"),
    [
        ("mp3 of a call", '"callback"', '"calback"'),
        ("stereo wav", '"provider": "bandwidth"', '"provider": "bandwith"'),
        ("conference", '"provider": "bandwidth"', '"provider": "kazoo"'),
    ],
)
def test_callbacks_wait_until_a_typo_in_the_parameter_is_corrected(
    played: Played, title: str, word: str, wrong: str
) -> None:
    [scenario] = [one for one in played.announced["bandwidth"] if one.title == title]
    name = f"/{played.stack.name}/accounts/{scenarios.BANDWIDTH}"
    ssm = played.stack.client("ssm")
    right = ssm.get_parameter(Name=name, WithDecryption=True)["Parameter"]["Value"]
    assert word in right
    ssm.put_parameter(Name=name, Value=right.replace(word, wrong), Type="SecureString", Overwrite=True)
    played.send(scenario)
    time.sleep(2)
    assert (played.row(scenario), played.parked()) == (None, 1)
    ssm.put_parameter(Name=name, Value=right, Type="SecureString", Overwrite=True)
    played.assert_verified(scenario)
    played.stack.drain()
