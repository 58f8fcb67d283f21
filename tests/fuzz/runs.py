"""Send random callbacks or uploads in batches, with Hypothesis as the source of seeds.

Hypothesis draws only one random generator per callback, which makes all choices. If it drew each
choice by itself, it could shrink a failing callback, but it would draw extreme values too often:
most callbacks would be forged, and a run would take five times as long.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from random import Random

from hypothesis import HealthCheck, Phase, given, note, seed, settings
from hypothesis import strategies as st

from callvault.web import Request, Response
from tests.fuzz import callbacks, properties, senders, uploads
from tests.fuzz.callbacks import Callback
from tests.fuzz.properties import World

BATCH = 500
"""Number of examples per Hypothesis run. It remembers all of them, and slows down with more."""


@dataclass(frozen=True)
class Target:
    """A kind of request to fuzz: how to make one, what answers it, and in which world."""

    make: Callable[[Random], Callback]
    answer: Callable[[Request], Response]
    world: Callable[[], AbstractContextManager[World]]


def _to_callbacks(name: str) -> Target:
    sender = senders.SENDERS[name]
    secrets = senders.secrets(sender)
    return Target(
        make=lambda random: callbacks.make(random, sender),
        answer=properties.to_callbacks,
        world=lambda: properties.world(
            "acme", sender.parameter, secrets, [callbacks.CALLER], callbacks.contract_of(sender.provider).other_callback
        ),
    )


TARGETS = {name: _to_callbacks(name) for name in senders.SENDERS} | {
    "kazoo-uploads": Target(
        make=uploads.make,
        answer=properties.to_uploads,
        world=lambda: properties.world(uploads.ACCOUNT, uploads.PARAMETER, uploads.secrets(), [callbacks.CALLER]),
    )
}


def run(target: Target, count: int, first_seed: int) -> Counter[str]:
    """Send `count` requests and return the number of answers by status.

    Raises the error of the first request that violates a property.
    """
    with target.world() as world:
        for number, size in enumerate(_sizes(count)):
            _batch(target, world, size, first_seed * 1_000_000 + number)
        return world.statuses


def _sizes(count: int) -> Iterator[int]:
    """Yield the sizes of the batches."""
    while count > 0:
        yield min(BATCH, count)
        count -= BATCH


def _batch(target: Target, world: World, size: int, batch_seed: int) -> None:
    """Send one batch."""

    @seed(batch_seed)
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
        world.send(target.answer, callback.request, random, genuine=callback.genuine, reports=callback.reports)

    send()
