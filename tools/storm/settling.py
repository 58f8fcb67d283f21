"""Wait after the storm until the archive has finished its work."""

import random
import time
from collections.abc import Callable
from typing import Any

from tools.local.emulator.pace import Pace
from tools.local.stack import Stack
from tools.storm import found, sweeps
from tools.storm.found import Key
from tools.storm.ledger import Ledger
from tools.storm.reconciling import Reconciliation
from tools.storm.world import ACCOUNTS

CALM_SPEED = 100_000
"""Speed of the queues' time at the end: more than a day passes in a second."""
MAX_HIDDEN_SECONDS = 10
"""Maximum time for which a message stays hidden in a long storm, in seconds."""
SWEEP_SECONDS = 5
"""Time between two sweeps, in seconds. A recording waits for a sweep before each further attempt,
so one that fails needs several."""
STEP_SECONDS = 75
"""Maximum time of each step, in seconds."""


def finish(stack: Stack, ledger: Ledger, pace: Pace) -> None:
    """Wait, without faults of AWS, until no work remains or the time is over.

    First the reconciliation takes in what no callback announced, and the recordings that can
    succeed get time to do so. Then the sweep requeues those whose message was lost, and asks the
    provider about those that are only announced. Then a day passes, so that the others fail. At the
    end the reconciliation writes its reports, and once more, in case the first run of both changed
    a row.
    """
    waiting = {key for key, entry in ledger.entries.items() if entry.waits}
    asked = {key for key, entry in ledger.entries.items() if entry.owed}
    chance = random.Random(0)  # noqa: S311
    _reconcile(stack, waiting, set(), chance)
    sweeps.age(stack, found.scan(stack).values(), 1, chance)
    sweeps.sweep(stack)
    _wait(stack, waiting, asked, chance)
    pace.speed = CALM_SPEED
    _wait(stack, set(), asked, chance)
    for _ in range(2):
        _reconcile(stack, set(), asked, chance)


def _reconcile(stack: Stack, except_for: set[Key], asked: set[Key], chance: random.Random) -> None:
    """Wait as `_wait` does, and until every account is reconciled."""
    reconciliation = Reconciliation(stack, set(ACCOUNTS.values()))
    _wait(stack, except_for, asked, chance, reconciliation.is_done)


def _wait(
    stack: Stack,
    except_for: set[Key],
    asked: set[Key],
    chance: random.Random,
    is_ready: Callable[[], bool] = lambda: True,
) -> None:
    """Wait until no callback is parked, and no row outside `except_for` has work that is due.

    Such a row is pending or stored, or its text is pending. A row in `asked` must not be announced
    either, and `is_ready` must be true. It takes at most STEP_SECONDS, and sweeps meanwhile. If
    `except_for` is empty, all queues must be empty.
    """
    began = swept = time.monotonic()
    while time.monotonic() - began < STEP_SECONDS:
        ready = is_ready()
        rows = found.scan(stack).items()
        late = [row for key, row in rows if key not in except_for and _is_busy(row, announced=key in asked)]
        waiting, parked = stack.waiting(), stack.outputs["ParkedQueueUrl"].rsplit("/", 1)[1]
        if ready and not late and not (waiting[parked] if except_for else sum(waiting.values())):
            return
        if time.monotonic() - swept > SWEEP_SECONDS:
            sweeps.age(stack, late, 1, chance, first=not except_for)
            sweeps.sweep(stack)
            swept = time.monotonic()
        time.sleep(1)


def _is_busy(row: dict[str, Any], *, announced: bool) -> bool:
    """Return whether a row has work that is due; `announced` says whether that state counts."""
    states = {"pending", "stored", *(["announced"] if announced else [])}
    return row["state"] in states or row.get("transcript", {}).get("state") == "pending"
