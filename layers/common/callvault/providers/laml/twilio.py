"""Twilio: https://www.twilio.com/docs/voice/api/recording#recordingstatuscallback.

A callback is signed in Base64 over URL and form. The key is the Auth Token of the account or
subaccount, or a SharedKey that a header names
(https://www.twilio.com/docs/usage/webhooks/webhook-shared-keys). The media needs HTTP Basic.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from callvault.errors import Check, ForbiddenError
from callvault.models import Recording
from callvault.providers import callback_secrets, commands
from callvault.providers.commands import Outcome, Update
from callvault.providers.laml import controls, lists, resources, signatures, twilio_media
from callvault.providers.laml.provider import Laml
from callvault.providers.laml.resource_fields import ID
from callvault.providers.listings import Page, Span
from callvault.web import Request

SIGNATURE = "x-twilio-signature"
SETTINGS = "x-twilio-webhooks-signature-settings"
"""Header with the id of the key and the algorithm: `key=…,algorithm=…`."""
ALGORITHMS = {"HMAC_SHA1": signatures.FORM_SHA1, "HMAC_SHA256": signatures.FORM_SHA256}
DUAL = 2
"""Number of channels of a recording with a channel for each party."""


@dataclass(frozen=True)
class Twilio(Laml):
    """Twilio, for one account or subaccount."""

    LISTS: ClassVar[tuple[str, ...]] = ("recordings",)
    name: ClassVar[str] = "twilio"
    root: ClassVar[str] = "/2010-04-01"
    options: ClassVar[frozenset[str]] = controls.SUPPORTED | {"configuration_id"}

    def authenticate(self, request: Request) -> None:
        """Accept a callback signed by the key that its header SETTINGS names.

        If the account has a callback token or Basic credentials, the callback must have them too.
        By default the key is the Auth Token, which is configured without an id, and the algorithm
        is HMAC_SHA1.
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
            raise ForbiddenError("The signature is missing or wrong.", check=Check.SIGNATURE)

    @staticmethod
    def is_signed(request: Request) -> bool:
        """Return whether a callback has a signature, genuine or not."""
        return bool(request.headers.get(SIGNATURE))

    def update(self, command: Update) -> Outcome:
        """Pause, resume or stop a recording; without an id, the recording in progress."""
        recording_id = command.recording_id or commands.CURRENT_RECORDING
        return controls.update(self.account, command, recording_id, self._post, ID)

    def sign(self, url: str, form: bytes) -> Mapping[str, str]:
        """Return the headers of a signature by the Auth Token.

        If the account has no Auth Token, a SharedKey signs, and a second header names that key.
        """
        key = signatures.signing_key(self.account)
        if key.id is None:
            return {SIGNATURE: signatures.sign(signatures.FORM_SHA1, key, url, form)}
        signature = signatures.sign(signatures.FORM_SHA256, key, url, form)
        return {SIGNATURE: signature, SETTINGS: f"key={key.id},algorithm=HMAC_SHA256"}

    def read(self, request: Request) -> Recording | None:
        """Return the recording of a callback. Encrypted media is always WAVE."""
        recording = super().read(request)
        if recording is None or not self.is_encrypted(recording):
            return recording
        return recording.model_copy(update={"format": "wav"})

    def is_encrypted(self, recording: Recording) -> bool:
        """Return whether the recording is encrypted with the account's public key."""
        return twilio_media.is_encrypted(recording)

    def explain(self, recording: Recording, reason: str) -> Recording | None:
        """Return a recording that is encrypted or stored elsewhere, if its resource says so.

        The resource is requested from the account's API. The URL in the resource is never
        requested. Raises UnavailableError if the resource cannot be read.
        """
        if self._api.password is None or not twilio_media.EXPLAINED(reason):
            return None
        resource = resources.read(self._resource(f"Recordings/{recording.recording_id}.json"), self._authorize())
        return twilio_media.explain(recording, resource, self._api.origin, reason)

    def list_page(self, name: str, span: Span, cursor: str | None = None) -> Page:  # noqa: ARG002 - there is one list
        """Return a page of the account's recordings, with those deleted in the last 40 days."""
        return self._list(span, cursor, lists.query(span, lists.dates, IncludeSoftDeleted="true"))

    def media_url(self, recording: Recording) -> str:
        """Return the URL of the media; two channels must be requested explicitly.

        Twilio cannot convert encrypted media: it refuses `.mp3` (error 16109).
        """
        if self.is_encrypted(recording):
            return super().media_url(recording.model_copy(update={"format": "wav"}))
        url = super().media_url(recording)
        return f"{url}?RequestedChannels={DUAL}" if recording.channels == DUAL else url
