"""Start the stand-ins of the providers, each with a book that its list of recordings shows."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from tools.local.providers import scenarios
from tools.local.providers.bandwidth_lists import BandwidthLists
from tools.local.providers.books import Book
from tools.local.providers.kazoo_lists import CrossbarLists
from tools.local.providers.laml_lists import TWILIO, LamlLists
from tools.local.providers.relay_lists import SignalWireLists
from tools.local.providers.standins import Standin
from tools.local.providers.telnyx_recordings import Storage, Telnyx
from tools.storm.interruptions import Interruptions
from tools.storm.plan import Way

LAML_PASSWORD = "storm-api-token"  # noqa: S105 - of a stand-in
"""The password for the APIs of SignalWire and Twilio. The name is that of the account."""


@dataclass(frozen=True)
class Providers:
    """The stand-ins of the providers."""

    bandwidth: BandwidthLists
    signalwire: SignalWireLists
    twilio: LamlLists
    crossbar: CrossbarLists
    telnyx: Telnyx
    elsewhere: Standin
    """The target of redirects that the accounts allow, and the place of Relay's media. It needs no
    credentials, and must never receive any."""
    interruptions: Interruptions
    """What disturbs the lists."""

    def book(self, way: Way) -> Book:
        """Return the book of the provider of a way."""
        return self.crossbar.book if way in {Way.HOOK, Way.INCOMING} else self.api(way).book

    def api(self, way: Way) -> BandwidthLists | LamlLists:
        """Return the stand-in with the API of Bandwidth, SignalWire or Twilio."""
        if way is Way.BANDWIDTH:
            return self.bandwidth
        return self.twilio if way is Way.TWILIO else self.signalwire

    @property
    def leaks(self) -> int:
        """Return the number of requests that sent credentials to a foreign origin."""
        asked = [*self.elsewhere.asked, *self.telnyx.storage.asked]
        return sum(one.authorization is not None for one in asked)


@contextmanager
def running(seed: int = 0) -> Iterator[Providers]:
    """Run the stand-ins until the block ends; `seed` decides what disturbs their lists."""
    interruptions = Interruptions(seed)
    with ExitStack() as cleanup:
        start = cleanup.enter_context
        bandwidth = start(BandwidthLists(scenarios.BANDWIDTH, Book()))
        signalwire = start(SignalWireLists(scenarios.SIGNALWIRE, Book()))
        twilio = start(LamlLists(TWILIO, scenarios.TWILIO, Book()))
        crossbar = start(CrossbarLists(scenarios.KAZOO, Book()))
        for laml in (signalwire, twilio):
            laml.credentials = f"{laml.account_id}:{LAML_PASSWORD}"
        bandwidth.disturbances = interruptions.of("bandwidth", bandwidth.expire)
        twilio.disturbances = interruptions.of("twilio", twilio.expire_page_tokens)
        signalwire.disturbances = interruptions.of("signalwire", signalwire.expire_page_tokens)
        signalwire.relay_disturbances = interruptions.of("signalwire relay", signalwire.expire_page_tokens)
        crossbar.disturbances = interruptions.of("kazoo", crossbar.expire)
        telnyx = start(Telnyx(start(Storage())))
        yield Providers(bandwidth, signalwire, twilio, crossbar, telnyx, start(Standin()), interruptions)
