"""Wait after the storm until the archive has finished its work."""

import random
import time
from typing import Any

from tools.local.emulator.pace import Pace
from tools.local.stack import Stack
from tools.storm import found, sweeps
from tools.storm.found import Key
from tools.storm.ledger import Ledger

CALM_SPEED = 100_000
"""Speed of the queues' time at the end: more than a day passes in a second."""
MAX_HIDDEN_SECONDS = 10
"""Maximum time for which a message stays hidden in a long storm, in seconds."""
DAY_SECONDS = 5
"""Time between two sweeps at the end, in seconds: a recording that fails needs some of them."""
STEP_SECONDS = 75
"""Maximum time of each step, in seconds."""


def finish(stack: Stack, ledger: Ledger, pace: Pace) -> None:
    """Wait, without faults of AWS, until no work remains or the time is over.

    First the recordings that can succeed get time to do so. Then the sweep requeues those whose
    message was lost, and asks the provider about those that are only announced. Then a day passes,
    so that the others fail.
    """
    waiting = {key for key, entry in ledger.entries.items() if entry.waits}
    asked = {key for key, entry in ledger.entries.items() if entry.owed}
    chance = random.Random(0)  # noqa: S311
    _wait(stack, waiting, set(), chance, sweep_after=STEP_SECONDS / 3)
    sweeps.age(stack, found.scan(stack).values(), 1, chance)
    sweeps.sweep(stack)
    _wait(stack, waiting, asked, chance, sweep_after=STEP_SECONDS / 3)
    pace.speed = CALM_SPEED
    _wait(stack, set(), asked, chance, sweep_after=DAY_SECONDS)


def _wait(stack: Stack, except_for: set[Key], asked: set[Key], chance: random.Random, *, sweep_after: float) -> None:
    """Wait until no callback is parked, and no row outside `except_for` has work that is due.

    Such a row is pending or stored, or its text is pending. A row in `asked` must not be announced
    either. It takes at most STEP_SECONDS. The sweep runs every `sweep_after` seconds. If
    `except_for` is empty, all queues must be empty.
    """
    began = swept = time.monotonic()
    while time.monotonic() - began < STEP_SECONDS:
        rows = found.scan(stack).items()
        late = [row for key, row in rows if key not in except_for and _is_busy(row, announced=key in asked)]
        waiting, parked = stack.waiting(), stack.outputs["ParkedQueueUrl"].rsplit("/", 1)[1]
        if not late and not (waiting[parked] if except_for else sum(waiting.values())):
            return
        if time.monotonic() - swept > sweep_after:
            sweeps.age(stack, late, 1, chance, first=not except_for)
            sweeps.sweep(stack)
            swept = time.monotonic()
        time.sleep(1)


def _is_busy(row: dict[str, Any], *, announced: bool) -> bool:
    """Return whether a row has work that is due; `announced` says whether that state counts."""
    states = {"pending", "stored", *(["announced"] if announced else [])}
    return row["state"] in states or row.get("transcript", {}).get("state") == "pending"
