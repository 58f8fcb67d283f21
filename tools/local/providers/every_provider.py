"""Start the stand-ins of all providers, and return the demo's recordings of each.

A new provider needs its stand-in in `StandIns` and its scenarios in `played`.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from tools.local.providers import kazoo_scenarios, scenarios, swml_scenarios, telnyx_scenarios
from tools.local.providers.kazoo_api import Crossbar
from tools.local.providers.scenarios import Scenario
from tools.local.providers.standins import Standin
from tools.local.providers.telnyx_recordings import Storage, Telnyx
from tools.local.stack import Stack


@dataclass(frozen=True)
class StandIns:
    """The stand-ins of all providers."""

    standin: Standin
    """Bandwidth, SignalWire and Twilio."""
    crossbar: Crossbar
    telnyx: Telnyx


@contextmanager
def stand_ins() -> Iterator[StandIns]:
    """Run the stand-ins until the block ends."""
    with Standin() as standin, Crossbar() as crossbar, Storage() as storage, Telnyx(storage) as telnyx:
        yield StandIns(standin, crossbar, telnyx)


def played(stack: Stack, running: StandIns) -> dict[str, list[Scenario]]:
    """Configure an account of each provider, and return its scenarios by the provider's name."""
    return {
        "bandwidth": scenarios.bandwidth(stack, running.standin),
        "signalwire": [
            *scenarios.signalwire(stack, running.standin),
            *swml_scenarios.signalwire(stack, running.standin),
        ],
        "twilio": scenarios.twilio(stack, running.standin),
        "kazoo": kazoo_scenarios.kazoo(stack, running.crossbar),
        "telnyx": telnyx_scenarios.telnyx(stack, running.telnyx),
    }
