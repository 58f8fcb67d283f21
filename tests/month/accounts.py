"""Run the stand-ins of all providers with the books of a month, and configure their accounts."""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import Any

from tests import worlds
from tests.month.announcements import SIGNING_KEY, TOKEN
from tests.month.books import Month
from tools.local.providers.bandwidth_lists import BandwidthLists
from tools.local.providers.kazoo_api import API_KEY
from tools.local.providers.kazoo_lists import CrossbarLists
from tools.local.providers.laml_lists import CREDENTIALS, TWILIO, LamlLists
from tools.local.providers.relay_lists import SignalWireLists


@contextmanager
def stand_ins(months: Mapping[str, Month]) -> Iterator[None]:
    """Run the stand-ins until the block ends; each account has the name of its provider."""
    user, _, password = CREDENTIALS.partition(":")
    basic = {"username": user, "password": password}
    keys: dict[str, Any] = {"signing_keys": [SIGNING_KEY]}
    token: dict[str, Any] = {"token": TOKEN}
    with ExitStack() as running:
        bandwidth = running.enter_context(BandwidthLists("bandwidth", months["bandwidth"].book))
        crossbar = running.enter_context(CrossbarLists("kazoo", months["kazoo"].book))
        signalwire = running.enter_context(SignalWireLists("signalwire", months["signalwire"].book))
        twilio = running.enter_context(LamlLists(TWILIO, "twilio", months["twilio"].book))
        _put("bandwidth", worlds.oauth_api(bandwidth), token)
        _put("kazoo", {"origin": crossbar.origin, "api_key": API_KEY}, token)
        _put("signalwire", {"origin": signalwire.origin, **basic}, keys)
        _put("twilio", {"origin": twilio.origin, **basic}, keys)
        yield


def _put(provider: str, api: dict[str, Any], callback: dict[str, Any]) -> None:
    """Configure the account of a provider."""
    origins = [api["origin"]]
    worlds.put_account(
        provider, provider, provider_account_id=provider, api=api, callback=callback, media_origins=origins
    )
