"""Let Hypothesis seed the dice for a number of callbacks or uploads, and say what breaks something.

Each is made by dice of its own: drawn one by one, so that they could be shrunk, they come out at their ends too often,
most callbacks are forged then, and it takes five times as long.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from random import Random

from hypothesis import HealthCheck, Phase, given, note, seed, settings
from hypothesis import strategies as st

from callvault.web import Request, Response
from tests.fuzz import callbacks, properties, uploads
from tests.fuzz.callbacks import Callback
from tests.fuzz.properties import World

BATCH = 500
"""Hypothesis remembers what it has tried; this is as much as it does so well."""


@dataclass(frozen=True)
class Target:
    """Whom to send what."""

    make: Callable[[Random], Callback]
    answer: Callable[[Request], Response]
    world: Callable[[], AbstractContextManager[World]]


def _to_callbacks(name: str) -> Target:
    sender = callbacks.SENDERS[name]
    secrets = callbacks.secrets(sender)
    return Target(
        make=lambda random: callbacks.made(random, sender),
        answer=properties.to_callbacks,
        world=lambda: properties.world("acme", sender.parameter, secrets, [callbacks.CALLER]),
    )


TARGETS = {name: _to_callbacks(name) for name in callbacks.SENDERS} | {
    "kazoo-uploads": Target(
        make=uploads.made,
        answer=properties.to_uploads,
        world=lambda: properties.world(uploads.ACCOUNT, uploads.PARAMETER, uploads.secrets(), [callbacks.CALLER]),
    )
}


def run(target: Target, count: int, first_seed: int) -> Counter[str]:
    """Send so many and return how many got which status; raises what the first one broke that broke something."""
    with target.world() as world:
        for number, size in enumerate(_sizes(count)):
            _batch(target, world, size, first_seed * 1_000_000 + number)
        return world.statuses


def _sizes(count: int) -> Iterator[int]:
    """Yield the sizes of the batches."""
    while count > 0:
        yield min(BATCH, count)
        count -= BATCH


def _batch(target: Target, world: World, size: int, dice: int) -> None:
    """Send one batch."""

    @seed(dice)
    @settings(
        max_examples=size,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate],
    )
    @given(st.randoms(use_true_random=True))
    def send(random: Random) -> None:
        callback = target.make(random)
        note(f"{callback.request}, genuine: {callback.genuine}")
        world.send(target.answer, callback.request, random, genuine=callback.genuine)

    send()
