"""Know the providers: each is one file, and one line here."""

from collections.abc import Callable

from callvault.accounts import Account
from callvault.errors import ConfigurationError
from callvault.providers.bandwidth.provider import Bandwidth
from callvault.providers.base import Provider
from callvault.providers.kazoo.provider import Kazoo
from callvault.providers.laml.signalwire import SignalWire
from callvault.providers.laml.twilio import Twilio

PROVIDERS: dict[str, Callable[[Account], Provider]] = {
    "bandwidth": Bandwidth,
    "kazoo": Kazoo,
    "signalwire": SignalWire,
    "twilio": Twilio,
}


def of(account: Account) -> Provider:
    """Return the provider of an account; raises ConfigurationError for one that nobody knows."""
    if account.provider not in PROVIDERS:
        raise ConfigurationError(account.account_id, [f"provider (must be one of {', '.join(PROVIDERS)})"])
    return PROVIDERS[account.provider](account)
