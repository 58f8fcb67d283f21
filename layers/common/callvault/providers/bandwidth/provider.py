"""Bandwidth Voice v2: https://dev.bandwidth.com/docs/voice/webhooks/recordingAvailable.

Callbacks are not signed. They are authenticated by a token in the path, or by HTTP Basic.
Bandwidth may send the credentials only in a second request, after a 401 with `WWW-Authenticate`.
API Gateway renames that header, so the second request may never come. A right token is therefore
enough where both are configured; credentials that do come must be right too. The request for the
media needs OAuth2 client credentials. Until 2026-12-02 HTTP Basic is also possible.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, ClassVar
from urllib.parse import quote, urlencode

from callvault import transport, web
from callvault.account_parameter import Account, Api
from callvault.errors import InvalidRequestError, RejectedError, RequestError, UnavailableError, UnprocessableError
from callvault.models import Recording
from callvault.providers import api_tokens, callback_secrets, look_ups
from callvault.providers.bandwidth import (
    conference_lists,
    controls,
    events,
    lists,
    recordings,
    resources,
    transcriptions,
)
from callvault.providers.bandwidth.recordings import AVAILABLE
from callvault.providers.bandwidth.resources import ID
from callvault.providers.commands import Outcome, Start, Update
from callvault.providers.fields import PARENT_ID, Fields, check_account, json_object, text
from callvault.providers.listings import Page, Span
from callvault.transport.source import Source
from callvault.web import Request, Response

ANNOUNCED = {"recordComplete", "recordingComplete"}
"""Event types of a recording whose media is not available yet. The documentation has the first
name, and Bandwidth's OpenAPI description has the second."""


@dataclass(frozen=True)
class Bandwidth:
    """Bandwidth, for one account."""

    account: Account

    MENTION: ClassVar[re.Pattern[bytes]] = re.compile(rb'\brecordingId(?:=|"\s*:\s*")([A-Za-z0-9_-]{1,64})\b')
    LISTS: ClassVar[tuple[str, ...]] = lists.NAMES

    def authenticate(self, request: Request) -> None:
        """Accept a callback with the right token, or with Basic if the account has no token."""
        callback_secrets.check_token_or_basic(self.account, request)

    def read(self, request: Request) -> Recording | None:
        """Return the recording of a callback.

        A callback is a POST of JSON, or a GET with the same fields in its query.
        """
        fields = _fields(request)
        kind = fields.take("eventType", text)
        if kind not in AVAILABLE | ANNOUNCED | {transcriptions.AVAILABLE}:
            return None
        check_account(self.account, fields.take("accountId", text))
        return recordings.read(self.account, kind, fields)

    def event(self, request: Request) -> str:
        """Return the event type of a callback, if it is known."""
        return events.of(_fields(request).take("eventType", text))

    def believes_query(self) -> bool:
        """Return true: whoever has the secrets may write any field."""
        return True

    @staticmethod
    def is_signed(request: Request) -> bool:  # noqa: ARG004 - as the protocol calls it
        """Return false, because Bandwidth does not sign."""
        return False

    @staticmethod
    def acknowledge() -> Response:
        """Return a 204, which Bandwidth's documentation of these events asks for."""
        return Response(status=204)

    @staticmethod
    def refuse(error: RequestError) -> Response:
        """Return JSON, for people who test the URL; Bandwidth reads only the status."""
        return web.refusal(error)

    def describe(self, recording: Recording) -> Recording:
        """Return the recording unchanged, because Bandwidth's callbacks have all fields."""
        return recording

    def look_up(self, recording: Recording) -> Recording:
        """Return the recording as its resource describes it."""
        url = self.media_url(recording).removesuffix("/media")
        answer = look_ups.get(url, lambda fresh: {"authorization": self._authorize(fresh)})
        fields = resources.read(recording, answer)
        if fields is None:
            return look_ups.unknown(recording)
        try:
            return recordings.read_resource(self.account, fields)
        except InvalidRequestError as error:
            raise UnavailableError("no_document", f"Bandwidth answered with an invalid {error.field}.") from error

    def list_page(self, name: str, span: Span, cursor: str | None = None) -> Page:
        """Return a page of the recordings of calls, or of those of conferences."""
        return lists.read(self.account, self._get, name, span, cursor)

    def listing_time(self, recording: Recording) -> datetime | None:
        """Return the recording's start."""
        return recordings.start(recording)

    def unaccountable(self) -> tuple[str, ...]:
        """Name the recordings of conferences that Bandwidth lists no longer.

        Bandwidth does not document for how long it lists a conference.
        """
        return (conference_lists.BEYOND,)

    def media_url(self, recording: Recording) -> str:
        """Return the URL of the media, below the conference's URL or else the call's URL."""
        kind, parent = "calls", recording.call_id
        if recording.conference_id:
            kind, parent = "conferences", recording.conference_id
        if not parent or not PARENT_ID(parent) or not ID(recording.recording_id):
            raise RejectedError(
                "no_media_url", "The id of the recording, or of its call or conference, is missing or malformed."
            )
        account, path = self.account.provider_account_id, f"{kind}/{quote(parent, safe='')}"
        return f"{self._api.origin}/api/v2/accounts/{account}/{path}/recordings/{recording.recording_id}/media"

    def is_encrypted(self, recording: Recording) -> bool:  # noqa: ARG002 - as the protocol has it
        """Return False: Bandwidth does not encrypt media."""
        return False

    def start(self, command: Start, base: str) -> Outcome:
        """Raise UnprocessableError with the BXML to use; its API cannot start a recording."""
        raise controls.explain_start(self.account, command, base)

    def update(self, command: Update) -> Outcome:
        """Pause or resume the recording of a call."""
        return controls.update(self.account, command, lambda state: self._put(command.call_id, state), ID)

    def transcript_url(self, recording: Recording) -> str:
        """Return the URL of the text, below the call's URL; conferences have none."""
        if recording.conference_id or not recording.call_id:
            raise RejectedError("no_transcripts", "Bandwidth transcribes recordings of calls only.")
        return self.media_url(recording).removesuffix("/media") + "/transcription"

    def check_transcript(self, body: bytes, *, doubt: bool) -> None:
        """Check that a body is the text of a transcription."""
        transcriptions.check(body, doubt=doubt)

    def transcribe(self, recording: Recording, options: Mapping[str, Any], base: str) -> None:
        """Ask for a transcription of a call's recording."""
        try:
            url = self.transcript_url(recording)
        except RejectedError as error:
            raise UnprocessableError(str(error)) from error
        post = partial(transport.call_authorized, "POST", url, self.source)
        transcriptions.order(self.account, options, base, post)

    @property
    def source(self) -> Source:
        """Return the origin of the API, which also serves the media."""
        return Source(origin=self._api.origin, authorization=self._authorize, media_origins=self.account.media_origins)

    @property
    def _api(self) -> Api:
        if self.account.api is None:
            raise UnavailableError("not_configured", "The account has no api.")
        return self.account.api

    def _authorize(self, fresh: bool) -> str:  # noqa: FBT001 - the shape that Source calls
        """Return the Authorization header: Bearer with a token endpoint, else Basic."""
        api = self._api
        if api.token_url is None:
            return api_tokens.basic(api)
        key = api_tokens.key(api, api.password)
        return "Bearer " + api_tokens.cached(key, lambda: api_tokens.client_credentials(api), fresh=fresh)

    def _get(self, path: str, query: Mapping[str, str]) -> transport.Answer:
        """Return the answer to a GET below the account's URL; after a 401, with a fresh token."""
        url = f"{self._api.origin}/api/v2/accounts/{self.account.provider_account_id}/{path}"
        url += f"?{urlencode(query)}" if query else ""
        return look_ups.get(url, lambda fresh: {"authorization": self._authorize(fresh)})

    def _put(self, call_id: str, state: str) -> transport.Answer:
        """Request a state for a call's recording; after a 401, once more with a fresh token."""
        url = f"{self._api.origin}/api/v2/accounts/{self.account.provider_account_id}/calls/{call_id}/recording"
        return transport.call_authorized("PUT", url, self.source, {"state": state})


def _fields(request: Request) -> Fields:
    """Return the fields of a callback; raises InvalidRequestError."""
    return Fields(request.query if request.method == "GET" else json_object(request.body))
