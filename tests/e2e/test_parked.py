"""Callbacks of all providers through the real template, while their accounts cannot be read."""

import hashlib
import time
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

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
    """A stack on which SSM can fail, and a recording of each provider that a callback announces."""

    stack: Stack
    aws: AwsFaults
    announced: dict[str, Scenario]

    def send(self, provider: str) -> None:
        """Send the callbacks of a provider's recording, each of which must be acknowledged."""
        for request in self.announced[provider].requests:
            assert request().status == samples.of(provider).acknowledgement.status

    def state(self, provider: str) -> str | None:
        """Return the state of a provider's recording, or None if it has no row."""
        scenario = self.announced[provider]
        row = archive.row(self.stack, scenario.account_id, scenario.recording_id)
        return row.state if row else None

    def parked(self) -> int:
        """Return the number of parked callbacks."""
        return self.stack.waiting()[self.stack.outputs["ParkedQueueUrl"].rsplit("/", 1)[1]]

    def assert_verified(self, provider: str) -> None:
        """Wait until a recording is verified, and compare its audio with the provider's."""
        worlds.until(lambda: self.state(provider) == "verified", 60)
        scenario = self.announced[provider]
        row = archive.row(self.stack, scenario.account_id, scenario.recording_id)
        assert row is not None
        assert row.media is not None
        assert row.media.sha256 == hashlib.sha256(scenario.audio).hexdigest()


@pytest.fixture
def played() -> Iterator[Played]:
    aws = AwsFaults()
    with (
        every_provider.stand_ins() as stand_ins,
        running(faults=aws, pace=Pace(SPEED, 3), processes=2) as stack,
    ):
        by_provider = every_provider.played(stack, stand_ins)
        announced = {name: next(one for one in by_provider[name] if one.title not in PUSHED) for name in PROVIDERS}
        stack.run_schedule("SweepRecordings")  # the hourly one makes the accounts known
        yield Played(stack, aws, announced)


def test_while_ssm_is_down_every_callback_is_acknowledged_and_ends_verified(played: Played) -> None:
    played.aws.rules = (OUTAGE,)
    for provider in PROVIDERS:
        played.send(provider)
    assert played.parked() == sum(len(scenario.requests) for scenario in played.announced.values())
    time.sleep(2)  # some attempts fail
    assert [played.state(provider) for provider in PROVIDERS] == [None] * len(PROVIDERS)
    assert played.aws.struck[OUTAGE.name] > len(PROVIDERS)
    played.aws.rules = ()
    for provider in PROVIDERS:
        played.assert_verified(provider)
    played.stack.drain()


@pytest.mark.parametrize(
    ("word", "wrong"),
    [
        ('"callback"', '"calback"'),
        ('"provider": "bandwidth"', '"provider": "bandwith"'),
        ('"provider": "bandwidth"', '"provider": "kazoo"'),
    ],
)
def test_callbacks_wait_until_a_typo_in_the_parameter_is_corrected(played: Played, word: str, wrong: str) -> None:
    name = f"/{played.stack.name}/accounts/{scenarios.BANDWIDTH}"
    ssm = played.stack.client("ssm")
    right = ssm.get_parameter(Name=name, WithDecryption=True)["Parameter"]["Value"]
    assert word in right
    ssm.put_parameter(Name=name, Value=right.replace(word, wrong), Type="SecureString", Overwrite=True)
    played.send("bandwidth")
    time.sleep(2)
    assert (played.state("bandwidth"), played.parked()) == (None, 1)
    ssm.put_parameter(Name=name, Value=right, Type="SecureString", Overwrite=True)
    played.assert_verified("bandwidth")
    played.stack.drain()
