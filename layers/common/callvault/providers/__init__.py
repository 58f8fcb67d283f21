"""What is specific to each telephony provider: its callbacks, its API and its media.

A provider is one folder with one class that implements `base.Provider`, and one entry in
`PROVIDERS`. The modules beside the folders are shared by all providers: `fields` and `json_values`
read payloads.
`callback_urls` builds our callback URLs, and `callback_secrets` checks the secrets of a callback.
`own_secrets` masks them in a provider's text. `api_tokens` authorizes requests to a provider's API,
and `look_ups` asks it for a recording. `listings` defines how a provider's list is read, and
`list_entries` reads what a page has. `commands` and `forward_parameter` define the control of live
calls. The APIs that our own readers use are in `callvault.dialects`.
"""

from callvault.account_parameter import Account
from callvault.errors import UnavailableError
from callvault.models import Recording
from callvault.providers.bandwidth.provider import Bandwidth
from callvault.providers.base import Provider, ProviderClass, Weigher
from callvault.providers.kazoo.provider import Kazoo
from callvault.providers.laml.signalwire import SignalWire
from callvault.providers.laml.twilio import Twilio
from callvault.providers.telnyx.provider import Telnyx
from callvault.providers.transcriber import Speech

PROVIDERS: dict[str, ProviderClass] = {
    "bandwidth": Bandwidth,
    "kazoo": Kazoo,
    "signalwire": SignalWire,
    "telnyx": Telnyx,
    "twilio": Twilio,
}


def of(account: Account) -> Provider:
    """Return the provider of an account."""
    return PROVIDERS[account.provider](account)


def of_recording(account: Account, recording: Recording) -> Provider:
    """Return the provider of an account and its recording; raises UnavailableError if they differ.

    The account's parameter may name another provider by mistake, or since the customer moved there.
    That provider does not know the recording, or has another one under its id.
    """
    if recording.provider != account.provider:
        raise UnavailableError("other_provider", "The account's parameter names another provider.")
    return of(account)


def announced_bytes(recording: Recording) -> int | None:
    """Return the size of a recording's media as its provider reported it, or None."""
    provider = PROVIDERS.get(recording.provider)
    return provider.announced_bytes(recording) if isinstance(provider, Weigher) else None


def spoken(recording: Recording, body: bytes) -> list[str]:
    """Return the words of a stored text; none if the text has Bandwidth's form."""
    provider = PROVIDERS.get(recording.provider)
    return provider.spoken(body) if isinstance(provider, Speech) else []
