"""Telnyx: https://developers.telnyx.com/api-reference/callbacks/call-recording-saved.

Webhooks of Call Control (JSON) and TeXML (forms) are signed with Ed25519 over the timestamp and the
body; `signatures` has the scheme. The URL is not signed. The API needs a Bearer key. Its resource
of a recording has links to the media at S3, which are valid for ten minutes. S3 refuses a presigned
URL together with an Authorization header, so the links get no credentials.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar

from callvault import web
from callvault.account_parameter import Account, Api
from callvault.errors import Check, ForbiddenError, RejectedError, RequestError, UnavailableError, UnprocessableError
from callvault.models import Recording
from callvault.providers import api_tokens, callback_secrets, look_ups
from callvault.providers.commands import Outcome, Start, Update
from callvault.providers.fields import form, is_json, json_object
from callvault.providers.telnyx import events, recordings, resources, signatures, texml, transcriptions
from callvault.transport import Answer
from callvault.transport.source import Source
from callvault.web import Request, Response

ADVICE = "The archive does not control calls at Telnyx. Use Telnyx's API: POST /v2/calls/{call_control_id}/actions/"


@dataclass(frozen=True)
class Telnyx:
    """Telnyx, for one account."""

    account: Account

    MENTION: ClassVar[re.Pattern[bytes]] = re.compile(
        rb'\b(?:RecordingSid=|recording_id"\s*:\s*")([A-Za-z0-9_-]{1,64})\b'
    )

    def authenticate(self, request: Request) -> None:
        """Accept a webhook that one of the account's public keys verifies.

        If the account has a callback token or Basic credentials, the webhook must have them too.
        """
        if not self.account.callback.public_keys:
            raise ForbiddenError("The account has no public key.", check=Check.CONFIGURED)
        callback_secrets.check_configured(self.account, request)
        signatures.verify(request, self.account.callback.public_keys)

    def read(self, request: Request) -> Recording | None:
        """Return the recording that a webhook reports."""
        if is_json(request):
            return recordings.read(self.account, json_object(request.body))
        return texml.read(self.account, form(request))

    def believes_query(self) -> bool:
        """Return whether the URL has a secret. The signature does not cover the URL."""
        return self.account.callback.token is not None

    def event(self, request: Request) -> str:
        """Return the event type of a webhook, if it is known."""
        return events.of(recordings.kind_of(json_object(request.body))) if is_json(request) else events.TEXML

    @staticmethod
    def is_signed(request: Request) -> bool:
        """Return whether a webhook has a signature, genuine or not."""
        return bool(request.headers.get(signatures.SIGNATURE))

    @staticmethod
    def acknowledge() -> Response:
        """Return a 200; after any other status Telnyx uses the failover URL."""
        return Response(status=200)

    @staticmethod
    def refuse(error: RequestError) -> Response:
        """Return JSON, for people who test the URL."""
        return web.refusal(error)

    def describe(self, recording: Recording) -> Recording:
        """Return the recording, completed with numbers, duration and format from its resource."""
        return resources.describe(recording, self.account, self._ask, self._api.origin)

    def look_up(self, recording: Recording) -> Recording:
        """Return the recording as its resource describes it."""
        return resources.look_up(recording, self.account, self._ask, self._api.origin)

    def explain(self, recording: Recording, reason: str) -> Recording | None:
        """Return a recording as absent if its resource says that its media is stored elsewhere."""
        return resources.explain(recording, reason, self._ask, self._api.origin)

    def media_url(self, recording: Recording) -> str:
        """Return the URL of the resource, which has the present link to the media."""
        return self._api.origin + resources.path(recording)

    def is_encrypted(self, recording: Recording) -> bool:  # noqa: ARG002 - as the protocol has it
        """Return False: Telnyx does not encrypt media with a customer's key."""
        return False

    def start(self, command: Start, base: str) -> Outcome:  # noqa: ARG002 - as the protocol has it
        """Raise UnprocessableError, which names the command of Telnyx's API."""
        raise UnprocessableError(f"{ADVICE}record_start.")

    def update(self, command: Update) -> Outcome:  # noqa: ARG002 - as the protocol has it
        """Raise UnprocessableError, which names the commands of Telnyx's API."""
        raise UnprocessableError(f"{ADVICE}record_pause, record_resume or record_stop.")

    def transcript_url(self, recording: Recording) -> str:
        """Return the URL of the transcription's resource, which has the text."""
        found = recording.transcript.transcription_id if recording.transcript else None
        if not found or not recordings.ID(found):
            raise RejectedError("no_transcripts", "Telnyx reported no transcription of the recording.")
        return f"{self._api.origin}{resources.TRANSCRIPTIONS}/{found}"

    def check_transcript(self, body: bytes, *, doubt: bool) -> None:
        """Check that a body has the text of a transcription."""
        transcriptions.check(body, doubt=doubt)

    @staticmethod
    def spoken(body: bytes) -> list[str]:
        """Return the words in the text of a transcription, as one text."""
        found = transcriptions.words(body)
        return [found] if found else []

    def transcribe(
        self,
        recording: Recording,  # noqa: ARG002 - as the protocol has it
        options: Mapping[str, Any],  # noqa: ARG002
        base: str,  # noqa: ARG002
    ) -> None:
        """Raise UnprocessableError: Telnyx transcribes only if the start requests it."""
        raise UnprocessableError("Telnyx transcribes a recording only if record_start has transcription: true.")

    @property
    def source(self) -> Source:
        """Return the origin of the API, whose resources have the links to the media."""
        return Source(
            origin=self._api.origin,
            authorization=lambda _: self._authorize(),
            media_origins=self.account.media_origins,
            locate=partial(resources.located, wanted=self.account.media_format),
        )

    @property
    def _api(self) -> Api:
        if self.account.api is None:
            raise UnavailableError("not_configured", "The account has no api.")
        return self.account.api

    def _authorize(self) -> str:
        """Return the Authorization header; raises UnavailableError if the account has no key."""
        key = self._api.api_key.get_secret_value() if self._api.api_key else None
        if not api_tokens.is_token(key):
            raise UnavailableError("not_configured", "The account has no usable api.api_key.")
        return f"Bearer {key}"

    def _ask(self, url: str) -> Answer:
        """Return the answer to a GET of the API; raises UnavailableError."""
        return look_ups.get(url, lambda _: {"authorization": self._authorize(), "accept": "application/json"})
