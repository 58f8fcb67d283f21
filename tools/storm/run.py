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
from tools.local.providers import kazoo_api, scenarios, standins
from tools.local.providers.telnyx_recordings import Storage, Telnyx
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
"""Number of threads that send the providers' requests."""
MAX_WAITING = 250
"""Number of messages in the queues above which the senders pause, so that few remain at the end."""
STORM_SPEED, CALM_SPEED = 60, 100_000
"""Speed of the queues' time: in the storm an hour passes in a minute, and at the end more than a
day in a second."""
MAX_HIDDEN_SECONDS, SHORT_MAX_HIDDEN_SECONDS = 10, 3
"""Maximum time for which a message stays hidden, in seconds, in a long storm and in a short one."""
SWEEP_SECONDS = 6
"""Seconds between two runs of the sweep."""
SWEPT_SHARE = 0.05
"""Fraction of the waiting rows that are made old enough before each run of the sweep."""
FINISH_SECONDS = 75
"""Maximum time of each step after the storm, in seconds."""
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
    leaks: int
    """Number of requests that sent credentials to a foreign origin."""
    seconds: dict[str, float]
    """Duration of each step."""


def blow(seconds: float, seed: int) -> Outcome:
    """Run a storm of this length and return its outcome."""
    short = seconds < SHORT_SECONDS
    max_hidden = SHORT_MAX_HIDDEN_SECONDS if short else MAX_HIDDEN_SECONDS
    aws, pace, ledger = AwsFaults(seed=seed), Pace(STORM_SPEED, max_hidden), Ledger()
    with ExitStack() as cleanup:
        standin = cleanup.enter_context(standins.Standin())
        elsewhere = cleanup.enter_context(standins.Standin())
        crossbar = cleanup.enter_context(kazoo_api.Crossbar())
        storage = cleanup.enter_context(Storage())
        telnyx = cleanup.enter_context(Telnyx(storage))
        parameters = {"MaxMediaBytes": str(MAX_BYTES), "AccountCacheSeconds": "10"}
        stack = cleanup.enter_context(
            running(faults=aws, pace=pace, parameters=parameters, processes=2 if short else 4)
        )
        killer = Killer(stack, aws, seed)
        hang_seconds = 4 if short else 35
        world = World(stack, standin, elsewhere, crossbar, telnyx, ledger, killer.kill_owner, hang_seconds)
        world.configure()
        aws.kill = killer.kill_owner
        took = {"storm": _timed(lambda: _storm(world, aws, killer, seconds, seed))}
        took["settling"] = _timed(lambda: finish(stack, ledger, pace))
        began = time.monotonic()
        found = audit.look(stack)
        verdict = audit.compare(ledger, found)
        took["count"] = time.monotonic() - began
        leaks = sum(asked.authorization is not None for asked in [*elsewhere.asked, *storage.asked])
        return Outcome(ledger, found, verdict, aws, killer, leaks, took)


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
    killer.start()
    for thread in threads:
        thread.start()
    sweeper = threading.Thread(target=_sweep, args=(world.stack, stop, seed), name="sweep")
    sweeper.start()
    try:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            (crowded.set if sum(world.stack.waiting().values()) > MAX_WAITING else crowded.clear)()
            stop.wait(min(1, max(0, deadline - time.monotonic())))
    finally:
        stop.set()
        aws.rules = ()
        killer.stop()
        for thread in (*threads, sweeper):
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
        sweeps.age(stack, audit.scan(stack).values(), SWEPT_SHARE, chance)
        sweeps.sweep(stack)


def finish(stack: Stack, ledger: Ledger, pace: Pace) -> None:
    """Wait, without faults of AWS, until no work remains or the time is over.

    First the recordings that can succeed get time to do so. Then the sweep requeues those whose
    message was lost. Then a day passes, so that the others fail.
    """
    waiting = {key for key, entry in ledger.entries.items() if entry.waits}
    chance = random.Random(0)  # noqa: S311
    _wait(stack, waiting, chance, sweep_after=FINISH_SECONDS / 3)
    sweeps.age(stack, audit.scan(stack).values(), 1, chance)
    sweeps.sweep(stack)
    _wait(stack, waiting, chance, sweep_after=FINISH_SECONDS / 3)
    pace.speed = CALM_SPEED
    _wait(stack, set(), chance, sweep_after=MAX_HIDDEN_SECONDS + 5)


def _wait(stack: Stack, except_for: set[audit.Key], chance: random.Random, *, sweep_after: float) -> None:
    """Wait until no callback is parked and no row outside `except_for` is pending or stored.

    It takes at most FINISH_SECONDS. The sweep runs every `sweep_after` seconds. If `except_for` is
    empty, all queues must be empty.
    """
    began = swept = time.monotonic()
    while time.monotonic() - began < FINISH_SECONDS:
        rows = audit.scan(stack)
        late = [row for key, row in rows.items() if row["state"] in {"pending", "stored"} and key not in except_for]
        waiting, parked = stack.waiting(), stack.outputs["ParkedQueueUrl"].rsplit("/", 1)[1]
        if not late and not (waiting[parked] if except_for else sum(waiting.values())):
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
