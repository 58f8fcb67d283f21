"""Run the storm, wait until it has passed and everything has settled, and count."""

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
from tools.local.providers import kazoo_api, scenarios, standins
from tools.local.stack import Stack
from tools.local.start import running
from tools.storm import audit, plan, sweeps, weather
from tools.storm.audit import Found, Verdict
from tools.storm.kills import Killer
from tools.storm.ledger import Ledger
from tools.storm.plan import Drawn
from tools.storm.senders import Sender
from tools.storm.world import World

SENDERS = 24
MOST_WAITING = 250
"""Messages in the queues beyond which the providers pause, so that what is left in the end is soon done."""
STORM_SPEED, CALM_SPEED = 60, 100_000
"""How fast the queues' time passes: an hour in a minute; and at last a day in a second."""
LONGEST_SECONDS, SHORT_LONGEST_SECONDS = 10, 3
SWEEP_SECONDS = 6
SWEPT_SHARE = 0.05
SETTLE_SECONDS = 75
"""How long each step of settling may take."""
SHORT_SECONDS = 30
"""A shorter storm hangs shorter, waits shorter and has fewer processes, which take longer to start than it lasts."""


@dataclass(frozen=True)
class Outcome:
    """What came of it."""

    ledger: Ledger
    found: Found
    verdict: Verdict
    aws: AwsFaults
    killer: Killer
    leaks: int
    """Requests with credentials to where they do not belong."""
    seconds: dict[str, float]
    """How long each step took."""


def blow(seconds: float, seed: int) -> Outcome:
    """Run a storm of that length and return what came of it."""
    short = seconds < SHORT_SECONDS
    longest = SHORT_LONGEST_SECONDS if short else LONGEST_SECONDS
    aws, pace, ledger = AwsFaults(seed=seed), Pace(STORM_SPEED, longest), Ledger()
    with ExitStack() as cleanup:
        standin = cleanup.enter_context(standins.Standin())
        elsewhere = cleanup.enter_context(standins.Standin())
        crossbar = cleanup.enter_context(kazoo_api.Crossbar())
        parameters = {"MaxMediaBytes": str(MAX_BYTES), "AccountCacheSeconds": "10"}
        stack = cleanup.enter_context(
            running(faults=aws, pace=pace, parameters=parameters, processes=2 if short else 4)
        )
        killer = Killer(stack, aws, seed)
        hang_seconds = 4 if short else 35
        world = World(stack, standin, elsewhere, crossbar, ledger, killer.kill_owner, hang_seconds)
        world.configure()
        aws.kill = killer.kill_owner
        took = {"storm": _timed(lambda: _storm(world, aws, killer, seconds, seed))}
        took["settling"] = _timed(lambda: settle(stack, ledger, pace))
        began = time.monotonic()
        found = audit.look(stack)
        verdict = audit.judge(ledger, found)
        took["count"] = time.monotonic() - began
        leaks = sum(asked.authorization is not None for asked in elsewhere.asked)
        return Outcome(ledger, found, verdict, aws, killer, leaks, took)


def _storm(world: World, aws: AwsFaults, killer: Killer, seconds: float, seed: int) -> None:
    """Announce recordings under fire until the time is up."""
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
    killer.start()
    for thread in threads:
        thread.start()
    sweeper = threading.Thread(target=_sweep, args=(world.stack, stop, seed), name="sweep")
    sweeper.start()
    try:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            (crowded.set if sum(world.stack.waiting().values()) > MOST_WAITING else crowded.clear)()
            stop.wait(min(1, max(0, deadline - time.monotonic())))
    finally:
        stop.set()
        aws.rules = ()
        killer.stop()
        for thread in (*threads, sweeper):
            thread.join()
        sender.close()


def _warm(world: World) -> None:
    """Have the functions' processes started: a short storm would be over before they are."""
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
    """Let some of the rows that wait become old, and sweep, again and again."""
    chance = random.Random(seed)  # noqa: S311 - guards nothing
    while not stop.wait(SWEEP_SECONDS):
        sweeps.age(stack, audit.scan(stack).values(), SWEPT_SHARE, chance)
        sweeps.sweep(stack)


def settle(stack: Stack, ledger: Ledger, pace: Pace) -> None:
    """Wait in calm weather until nothing waits any more, or time is up.

    First everything that can succeed gets its time to; then the sweep takes up what was dropped; only then does a day
    pass for what is to be given up.
    """
    waiting = {key for key, entry in ledger.entries.items() if entry.waits}
    chance = random.Random(0)  # noqa: S311
    _wait(stack, waiting, chance, sweep_after=SETTLE_SECONDS / 3)
    sweeps.age(stack, audit.scan(stack).values(), 1, chance)
    sweeps.sweep(stack)
    _wait(stack, waiting, chance, sweep_after=SETTLE_SECONDS / 3)
    pace.speed = CALM_SPEED
    _wait(stack, set(), chance, sweep_after=LONGEST_SECONDS + 5)


def _wait(stack: Stack, but: set[audit.Key], chance: random.Random, *, sweep_after: float) -> None:
    """Wait until no row but these is on its way; the sweep helps where it takes long."""
    began = swept = time.monotonic()
    while time.monotonic() - began < SETTLE_SECONDS:
        rows = audit.scan(stack)
        late = [row for key, row in rows.items() if row["state"] in {"pending", "stored"} and key not in but]
        if not late and (but or not sum(stack.waiting().values())):
            return
        if time.monotonic() - swept > sweep_after:
            sweeps.age(stack, late, 1, chance)
            sweeps.sweep(stack)
            swept = time.monotonic()
        time.sleep(1)


def _timed(step: Callable[[], None]) -> float:
    began = time.monotonic()
    step()
    return time.monotonic() - began
