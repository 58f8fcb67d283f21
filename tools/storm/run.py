"""Run the storm, wait until the archive has finished, and compare the archive with the ledger."""

import random
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass

from tools.local.emulator.pace import Pace
from tools.local.faults.aws import AwsFaults
from tools.local.faults.media import MAX_BYTES
from tools.local.providers import scenarios
from tools.local.stack import Stack
from tools.local.start import running
from tools.storm import audit, found, plan, providers, reconciling, settling, sweeps, weather, witness
from tools.storm.audit import Verdict
from tools.storm.found import Found
from tools.storm.kills import Killer
from tools.storm.ledger import Ledger
from tools.storm.plan import Drawn
from tools.storm.providers import Providers
from tools.storm.senders import Sender
from tools.storm.world import World

SENDERS = 24
"""Number of threads that send the providers' requests."""
MAX_WAITING = 250
"""Number of messages in the queues above which the senders pause, so that few remain at the end."""
STORM_SPEED = 60
"""Speed of the queues' time in the storm: an hour passes in a minute."""
SHORT_MAX_HIDDEN_SECONDS = 3
"""Maximum time for which a message stays hidden in a short storm, in seconds. In a long one it is
`settling.MAX_HIDDEN_SECONDS`."""
SWEEP_SECONDS = 6
"""Seconds between two runs of the sweep."""
SWEPT_SHARE = 0.05
"""Fraction of the waiting rows that are made old enough before each run of the sweep."""
RECONCILE_SECONDS = 5
"""Seconds between two runs of the reconciliation."""
PARAMETERS = {
    "AccountCacheSeconds": "10",
    "MaxMediaBytes": str(MAX_BYTES),
    "ReconcileDays": "3",
    "ReconcileLagMinutes": "1",
    "ReconcilePerMinute": "6000",
}
"""Parameters of the stack. All recordings are listed today, or yesterday just after midnight UTC,
and they are older than the lag (`ledger.AGE`)."""
SHORT_SECONDS = 30
"""Length below which a storm is short, in seconds. In a short storm, answers hang for less time.
Each function has fewer processes, because more would take longer to start than the storm lasts."""


@dataclass(frozen=True)
class Outcome:
    """The outcome of a storm."""

    ledger: Ledger
    found: Found
    verdict: Verdict
    aws: AwsFaults
    killer: Killer
    providers: Providers
    seconds: dict[str, float]
    """Duration of each step."""


def blow(seconds: float, seed: int) -> Outcome:
    """Run a storm of this length and return its outcome."""
    short = seconds < SHORT_SECONDS
    max_hidden = SHORT_MAX_HIDDEN_SECONDS if short else settling.MAX_HIDDEN_SECONDS
    aws, pace, ledger = AwsFaults(seed=seed), Pace(STORM_SPEED, max_hidden), Ledger()
    with ExitStack() as cleanup:
        standins = cleanup.enter_context(providers.running(seed))
        stack = cleanup.enter_context(
            running(faults=aws, pace=pace, parameters=PARAMETERS, processes=2 if short else 4)
        )
        killer = Killer(stack, aws, seed)
        hang_seconds = 4 if short else 35
        world = World(stack, standins, ledger, killer.kill_owner, hang_seconds)
        world.configure()
        aws.kill = killer.kill_owner
        took = {"storm": _timed(lambda: _storm(world, aws, killer, seconds, seed))}
        took["settling"] = _timed(lambda: settling.finish(stack, ledger, pace))
        began = time.monotonic()
        left = found.look(stack)
        verdict = audit.compare(ledger, left)
        verdict.unexplained = witness.disagreements(ledger, left)
        took["count"] = time.monotonic() - began
        return Outcome(ledger, left, verdict, aws, killer, standins, took)


def _storm(world: World, aws: AwsFaults, killer: Killer, seconds: float, seed: int) -> None:
    """Announce recordings, with faults and kills, until the time is over."""
    stop = threading.Event()
    drawn, lock = plan.draw(seed), threading.Lock()
    sender = Sender(world, seed, stop)
    crowded = threading.Event()
    threads = [
        threading.Thread(target=_send, args=(sender, _locked(drawn, lock), stop, crowded), name=f"send-{number}")
        for number in range(SENDERS)
    ]
    _warm(world)
    aws.start()
    aws.rules = weather.rules(seconds)
    world.providers.interruptions.rages = True
    killer.start()
    for thread in threads:
        thread.start()
    schedules = [
        threading.Thread(target=_sweep, args=(world.stack, stop, seed), name="sweep"),
        threading.Thread(target=_reconcile, args=(world.stack, stop), name="reconcile"),
    ]
    for thread in schedules:
        thread.start()
    try:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            (crowded.set if sum(world.stack.waiting().values()) > MAX_WAITING else crowded.clear)()
            stop.wait(min(1, max(0, deadline - time.monotonic())))
    finally:
        stop.set()
        aws.rules = ()
        world.providers.interruptions.rages = False
        killer.stop()
        for thread in (*threads, *schedules):
            thread.join()
        sender.close()


def _warm(world: World) -> None:
    """Start processes of the functions that receive requests.

    Otherwise a short storm would be over before they have started.
    """
    refused = ["/callbacks/bandwidth/nobody", "/uploads/kazoo/nobody/token"] * 4
    with ThreadPoolExecutor(len(refused)) as pool:
        list(pool.map(lambda path: scenarios.http.request("POST", world.stack.url + path, body=b"{}").status, refused))


def _locked(drawn: Iterator[Drawn], lock: threading.Lock) -> Iterator[Drawn]:
    while True:
        with lock:
            one = next(drawn)
        yield one


def _send(sender: Sender, drawn: Iterator[Drawn], stop: threading.Event, crowded: threading.Event) -> None:
    while not stop.is_set():
        if crowded.is_set():
            stop.wait(0.1)
            continue
        sender.play(next(drawn))


def _sweep(stack: Stack, stop: threading.Event, seed: int) -> None:
    """Make some of the waiting rows old and run the sweep, repeatedly."""
    chance = random.Random(seed)  # noqa: S311 - guards nothing
    while not stop.wait(SWEEP_SECONDS):
        sweeps.age(stack, found.scan(stack).values(), SWEPT_SHARE, chance)
        sweeps.sweep(stack)


def _reconcile(stack: Stack, stop: threading.Event) -> None:
    """Run the reconciliation repeatedly."""
    while not stop.is_set():
        reconciling.run(stack)
        stop.wait(RECONCILE_SECONDS)


def _timed(step: Callable[[], None]) -> float:
    began = time.monotonic()
    step()
    return time.monotonic() - began
