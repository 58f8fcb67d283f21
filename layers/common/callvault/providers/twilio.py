"""Twilio: https://www.twilio.com/docs/voice/api/recording#recordingstatuscallback.

Callbacks are signed in Base64 over URL and form, with the account's Auth Token (a subaccount's own), or with a
SharedKey that a header names (https://www.twilio.com/docs/usage/webhooks/webhook-shared-keys). The media needs Basic.
"""

from dataclasses import dataclass
from typing import ClassVar

from callvault.errors import ForbiddenError
from callvault.models import Recording
from callvault.providers import secrets, signatures
from callvault.providers.laml import Laml
from callvault.web import Request

SIGNATURE = "x-twilio-signature"
SETTINGS = "x-twilio-webhooks-signature-settings"
ALGORITHMS = {"HMAC_SHA1": signatures.FORM_SHA1, "HMAC_SHA256": signatures.FORM_SHA256}
DUAL = 2


@dataclass(frozen=True)
class Twilio(Laml):
    """One Twilio account or subaccount."""

    name: ClassVar[str] = "twilio"
    root: ClassVar[str] = "/2010-04-01"

    def authenticate(self, request: Request) -> None:
        """Accept a callback signed with the key and the algorithm that it names; a token must be right as well.

        Without a name the key is the Auth Token, which has none, and without an algorithm it is HMAC_SHA1.
        """
        secrets.check_configured(self.account, request)
        settings: dict[str, str] = {}
        for part in request.headers.get(SETTINGS, "").split(","):
            name, _, value = (text.strip() for text in part.partition("="))
            if value:
                settings.setdefault(name, value)
        scheme = ALGORITHMS.get(settings.get("algorithm", "HMAC_SHA1").upper())
        keys = [key for key in self.account.callback.signing_keys if key.id == settings.get("key")]
        signature = request.headers.get(SIGNATURE, "")
        if scheme is None or not signatures.verify(scheme, signature, keys, request):
            raise ForbiddenError("The signature is missing or wrong.")

    def media_url(self, recording: Recording) -> str:
        """Return the address of the media; both channels have to be asked for."""
        url = super().media_url(recording)
        return f"{url}?RequestedChannels={DUAL}" if recording.channels == DUAL else url
