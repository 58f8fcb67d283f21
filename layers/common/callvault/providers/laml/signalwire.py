"""SignalWire: its Compatibility API, and its present product, SWML and Relay.

https://signalwire.com/docs/compatibility-api/cxml/voice/recording-status-callback and
https://signalwire.com/docs/swml/reference/calling/record-call

A callback is signed with one of the project's signing keys: in Base64 over URL and form, or in hex
over URL and body. The format of the header's value shows which. The media needs no credentials
unless the project protects it; the archive always sends HTTP Basic.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, ClassVar

from callvault.errors import Check, ForbiddenError, NotFoundError
from callvault.models import Recording
from callvault.providers import callback_secrets
from callvault.providers.base import OTHER
from callvault.providers.commands import Outcome, Update
from callvault.providers.fields import is_json, json_object
from callvault.providers.laml import controls, lists, relay, relay_events, relay_lists, signatures
from callvault.providers.laml.provider import Laml
from callvault.providers.laml.resource_fields import ID
from callvault.providers.listings import Page, Span
from callvault.transport.source import Source
from callvault.web import Request

HEADERS = ("x-signalwire-sha256-signature", "x-signalwire-signature", "x-twilio-signature")
"""Headers that may have the signature. Which of them SignalWire sends depends on the product and
its age."""

LAML, RELAY = "laml", "relay"
"""The lists of recordings: of the Compatibility API, and of SWML and Relay."""


@dataclass(frozen=True)
class SignalWire(Laml):
    """SignalWire, for one project."""

    MENTION: ClassVar[re.Pattern[bytes]] = re.compile(
        rb'\b(?:RecordingSid|recording_id)(?:=|"\s*:\s*")([A-Za-z0-9_-]{1,64})\b'
    )
    LISTS: ClassVar[tuple[str, ...]] = (LAML, RELAY)
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

    def read(self, request: Request) -> Recording | None:
        """Return the recording of a callback of either product, or None if it reports none."""
        content = _relay_event(request)
        return super().read(request) if content is None else relay_events.read(self.account, content)

    def event(self, request: Request) -> str:
        """Return the kind of a callback, if it is known."""
        known = super().event(request)
        return (
            relay_events.event(relay_events.opened(json_object(request.body)))
            if known == OTHER and is_json(request)
            else known
        )

    @staticmethod
    def announced_bytes(recording: Recording) -> int | None:
        """Return the size of the media of a recording of SWML or Relay, or None."""
        return relay.announced_bytes(recording) if relay_events.is_relay(recording) else None

    @property
    def source(self) -> Source:
        """Return the origin of the API; a resource of the Recordings API names its media."""
        return replace(super().source, locate=relay.located)

    def describe(self, recording: Recording) -> Recording:
        """Return the recording, completed with fields that its callbacks lack."""
        if not relay_events.is_relay(recording):
            return super().describe(recording)
        if self.account.api is None or self.account.api.password is None:
            return recording
        return relay.describe(recording, self.account.api, self._authorize())

    def look_up(self, recording: Recording) -> Recording:
        """Return the recording as its resource in its product's API describes it."""
        if not relay_events.is_relay(recording):
            return super().look_up(recording)
        self._require_password()
        return relay.look_up(recording, self._api, self._authorize())

    def list_page(self, name: str, span: Span, cursor: str | None = None) -> Page:
        """Return a page of the Compatibility API's recordings, or of those of SWML and Relay."""
        if name == LAML:
            return self._list(span, cursor, lists.query(span, lists.rfc2822))
        self._require_password()
        return relay_lists.read(self.account, self._api, self._authorize(), span, cursor)

    def listing_time(self, recording: Recording) -> datetime | None:
        """Return when the recording was created, or else its start, which is about the same."""
        if not relay_events.is_relay(recording):
            return super().listing_time(recording)
        return relay_lists.created(recording) or recording.start_time

    def media_url(self, recording: Recording) -> str:
        """Return the URL of the media, or of the resource that says where the media is."""
        return relay.url(recording, self._api) if relay_events.is_relay(recording) else super().media_url(recording)

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


def _relay_event(request: Request) -> Mapping[str, Any] | None:
    """Return the JSON of a callback of SWML or Relay that reports a recording, or None.

    A callback of the Compatibility API may have a member that looks like the envelope of an event.
    Raises InvalidRequestError for JSON that is not an object.
    """
    if request.method == "GET" or not is_json(request):
        return None
    sent = json_object(request.body)
    content = relay_events.opened(sent)
    is_laml = any(one.get(name) for one in (sent, content) for name in ("RecordingSid", "RecordingStatus"))
    return content if not is_laml and relay_events.reports(content) else None
