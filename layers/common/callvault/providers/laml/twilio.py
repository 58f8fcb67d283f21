"""Twilio: https://www.twilio.com/docs/voice/api/recording#recordingstatuscallback.

Callbacks are signed in Base64 over URL and form, with the account's Auth Token (a subaccount's own), or with a
SharedKey that a header names (https://www.twilio.com/docs/usage/webhooks/webhook-shared-keys). The media needs Basic.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from callvault.errors import ForbiddenError
from callvault.models import Recording
from callvault.providers import callback_secrets, commands
from callvault.providers.commands import Outcome, Update
from callvault.providers.laml import controls, signatures
from callvault.providers.laml.provider import ID, Laml
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
        callback_secrets.check_configured(self.account, request)
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

    def update(self, command: Update) -> Outcome:
        """Pause, resume or stop a recording; Twilio has a word for the one that runs."""
        recording_id = command.recording_id or commands.CURRENT_RECORDING
        return controls.update(self.account, command, recording_id, self._post, ID)

    def sign(self, url: str, form: bytes) -> Mapping[str, str]:
        """Sign as Twilio does: with the Auth Token, or else with a SharedKey that a header names."""
        key = signatures.first(self.account)
        if key.id is None:
            return {SIGNATURE: signatures.sign(signatures.FORM_SHA1, key, url, form)}
        signature = signatures.sign(signatures.FORM_SHA256, key, url, form)
        return {SIGNATURE: signature, SETTINGS: f"key={key.id},algorithm=HMAC_SHA256"}

    def media_url(self, recording: Recording) -> str:
        """Return the address of the media; both channels have to be asked for."""
        url = super().media_url(recording)
        return f"{url}?RequestedChannels={DUAL}" if recording.channels == DUAL else url
