"""Bandwidth Voice v2: https://dev.bandwidth.com/docs/voice/webhooks/recordingAvailable.

Callbacks are not signed. They are authenticated by a token in the path, or by HTTP Basic.
Bandwidth may send the credentials only in a second request, after a 401 with `WWW-Authenticate`.
API Gateway renames that header, so the second request may never come. A right token is therefore
enough where both are configured; credentials that do come must be right too. The request for the
media needs OAuth2 client credentials. Until 2026-12-02 HTTP Basic is also possible.
"""

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, ClassVar
from urllib.parse import quote

from callvault import times, transport, web
from callvault.account_parameter import Account, Api
from callvault.bounds import bounded
from callvault.errors import InvalidRequestError, RejectedError, RequestError, UnavailableError
from callvault.models import Recording, State
from callvault.providers import api_tokens, callback_secrets, look_ups
from callvault.providers.bandwidth import controls, resources
from callvault.providers.commands import Outcome, Start, Update
from callvault.providers.fields import PARENT_ID, Fields, check_account, integer, json_object, one_of, text
from callvault.transport.source import Source
from callvault.web import Request, Response

AVAILABLE = {"recordingAvailable", "conferenceRecordingAvailable"}
ANNOUNCED = {"recordComplete", "recordingComplete"}
"""Event types of a recording whose media is not available yet. The documentation has the first
name, and Bandwidth's OpenAPI description has the second."""
TRANSCRIBED = "transcriptionAvailable"
RETENTION = timedelta(days=30)
"""How long Bandwidth keeps the media."""
MAX_TRANSCRIPTION_BYTES = 64 * 1024
ID = re.compile(r"[A-Za-z0-9_-]+").fullmatch
"""Matches an id that can be part of a path."""
REDUNDANT = ("callUrl", "mediaUrl", "eventTime")
"""Fields that are not kept. The URLs are built from the ids, and the time is that of the
callback."""


@dataclass(frozen=True)
class Bandwidth:
    """Bandwidth, for one account."""

    account: Account

    MENTION: ClassVar[re.Pattern[bytes]] = re.compile(rb'\brecordingId(?:=|"\s*:\s*")([A-Za-z0-9_-]{1,64})\b')

    def authenticate(self, request: Request) -> None:
        """Accept a callback with the right token, or with Basic if the account has no token."""
        callback_secrets.check_token_or_basic(self.account, request)

    def read(self, request: Request) -> Recording | None:
        """Return the recording of a callback.

        A callback is a POST of JSON, or a GET with the same fields in its query.
        """
        fields = Fields(request.query if request.method == "GET" else json_object(request.body))
        kind = fields.take("eventType", text)
        if kind not in AVAILABLE | ANNOUNCED | {TRANSCRIBED}:
            return None
        check_account(self.account, fields.take("accountId", text))
        return self._recording(kind, fields)

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
        """Return the recording as its resource describes it.

        The resource has all fields of the callback except the tag.
        """
        url = self.media_url(recording).removesuffix("/media")
        answer = look_ups.get(url, lambda fresh: {"authorization": self._authorize(fresh)})
        fields = resources.read(recording, answer)
        if fields is None:
            return look_ups.unknown(recording)
        kind = "recordingAvailable" if resources.is_finished(fields) else "recordComplete"
        try:
            return self._recording(kind, Fields(fields))
        except InvalidRequestError as error:
            raise UnavailableError("no_document", f"Bandwidth answered with an invalid {error.field}.") from error

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
        return controls.update(command, lambda state: self._put(command.call_id, state), ID)

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

    def _put(self, call_id: str, state: str) -> transport.Answer:
        """Request a state for a call's recording; after a 401, once more with a fresh token."""
        url = f"{self._api.origin}/api/v2/accounts/{self.account.provider_account_id}/calls/{call_id}/recording"
        return transport.call_authorized("PUT", url, self.source, {"state": state})

    def _recording(self, kind: str, fields: Fields) -> Recording:
        """Return the recording that the fields of an event of type `kind` describe.

        Malformed optional fields are kept in `extra`.
        """
        result = _take_result(kind, fields)
        fields.drop(*REDUNDANT)
        start, end = fields.take("startTime", times.read), fields.take("endTime", times.read)
        recorded = end or start
        recording: dict[str, Any] = {
            "recording_id": fields.require("recordingId", ID),
            "call_id": fields.identify("callId", PARENT_ID),
            "parent_call_id": fields.identify("parentCallId", PARENT_ID),
            "conference_id": fields.identify("conferenceId", PARENT_ID),
            "caller": fields.take("from", text),
            "callee": fields.take("to", text),
            "direction": fields.take("direction", one_of("inbound", "outbound")),
            "duration_ms": fields.take("duration", times.read_duration),
            "channels": fields.take("channels", integer),
            "format": fields.take("fileFormat", one_of("wav", "mp3")),
            "tag": fields.take("tag", text),
            "name": fields.take("recordingName", text),
            "transcription": fields.take("transcription", _transcription),
        }
        return Recording(
            account_id=self.account.account_id,
            provider="bandwidth",
            **result,
            start_time=start,
            end_time=end,
            source_expires_time=times.after(recorded, RETENTION) if recorded else None,
            **recording,
            extra=bounded(fields.rest),
        )


def _take_result(kind: str, fields: Fields) -> dict[str, Any]:
    """Return state and reason of a recording, and whether it is partial."""
    status = (fields.take("status", text) or "").lower()
    if kind not in AVAILABLE:
        return {"state": State.ANNOUNCED}
    if status in resources.WITHOUT_MEDIA and not fields.rest.get("mediaUrl"):
        return {"state": State.ABSENT, "reason": status}
    return {"state": State.PENDING, "partial": status == "partial"}


def _transcription(value: object) -> dict[str, Any] | None:
    """Return the description of a transcription, cut to its maximum size, or None."""
    return bounded(value, MAX_TRANSCRIPTION_BYTES) if isinstance(value, dict) else None
