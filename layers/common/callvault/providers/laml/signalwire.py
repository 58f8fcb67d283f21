"""SignalWire, Compatibility API.

https://signalwire.com/docs/compatibility-api/cxml/voice/recording-status-callback

A callback is signed with one of the project's signing keys: in Base64 over URL and form, or in hex
over URL and body. The format of the header's value shows which. The media needs no credentials
unless the project protects it; the archive always sends HTTP Basic.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from callvault.errors import Check, ForbiddenError, NotFoundError
from callvault.providers import callback_secrets
from callvault.providers.commands import Outcome, Update
from callvault.providers.laml import controls, signatures
from callvault.providers.laml.provider import Laml
from callvault.providers.laml.resources import ID
from callvault.web import Request

HEADERS = ("x-signalwire-sha256-signature", "x-signalwire-signature", "x-twilio-signature")
"""Headers that may have the signature. Which of them SignalWire sends depends on the product and
its age."""


@dataclass(frozen=True)
class SignalWire(Laml):
    """SignalWire, for one project."""

    name: ClassVar[str] = "signalwire"
    root: ClassVar[str] = "/api/laml/2010-04-01"

    def authenticate(self, request: Request) -> None:
        """Accept a callback that one of the project's keys has signed.

        If the account has a callback token or Basic credentials, the callback must have them too.
        """
        callback_secrets.check_configured(self.account, request)
        if not any(self._is_signed(value, request) for name in HEADERS if (value := request.headers.get(name))):
            raise ForbiddenError("The signature is missing or wrong.", check=Check.SIGNATURE)

    @staticmethod
    def is_signed(request: Request) -> bool:
        """Return whether a callback has a signature, genuine or not."""
        return any(request.headers.get(name) for name in HEADERS)

    def update(self, command: Update) -> Outcome:
        """Pause, resume or stop a recording.

        SignalWire has no name for the recording in progress. A command without an id is for the
        call's newest recording in the archive that may still be in progress.
        """
        recording_id = command.recording_id or command.newest()
        if recording_id is None:
            raise NotFoundError("The archive knows no recording in progress of this call.")
        return controls.update(self.account, command, recording_id, self._post, ID)

    def sign(self, url: str, form: bytes) -> Mapping[str, str]:
        """Return SignalWire's signature in both headers that its SDKs read."""
        signature = signatures.sign(signatures.ORDERED_SHA1, signatures.signing_key(self.account), url, form)
        return {"x-signalwire-signature": signature, "x-twilio-signature": signature}

    def _is_signed(self, signature: str, request: Request) -> bool:
        scheme = signatures.scheme_of(signature)
        keys = self.account.callback.signing_keys
        return scheme is not None and signatures.verify(scheme, signature, keys, request)
