"""Speak what SignalWire and Twilio have in common: https://www.twilio.com/docs/voice/api/recording.

Callbacks are forms by POST, the same fields as the query by GET, or JSON; each provider's file says what signs them.
None of their URLs is used: a recording is fetched by its ids, from the account's own origin.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar
from urllib.parse import quote
from xml.sax.saxutils import escape

from callvault import times, transport, web
from callvault.accounts import Account, Api
from callvault.errors import ForbiddenError, RejectedError, RequestError, UnavailableError
from callvault.models import Format, Recording, State, bounded
from callvault.providers import api_tokens, forward_parameter
from callvault.providers.commands import Forward, Outcome, Start
from callvault.providers.fields import Fields, form, integer, is_json, json_object, one_of, text
from callvault.providers.laml import controls, resources
from callvault.transport import Source
from callvault.web import Request, Response

STATES = {
    "completed": State.PENDING,
    "in-progress": State.ANNOUNCED,
    "absent": State.ABSENT,
    "failed": State.ABSENT,
}
"""What a RecordingStatus means. They come in any order; the table keeps to that of the states."""
ID = re.compile(r"[A-Za-z0-9-]+").fullmatch
"""SignalWire's are UUIDs, Twilio's two letters and 32 hex digits."""
NO_ERROR = ("", "0", 0)
XML = {"content-type": "text/xml"}


@dataclass(frozen=True)
class Laml:
    """One account of either provider."""

    account: Account

    name: ClassVar[str]
    root: ClassVar[str]
    """Path of the API, up to the accounts."""

    def read(self, request: Request) -> Recording | None:
        """Return the recording of a status callback; every other callback says nothing that concerns us."""
        if request.method == "GET":
            query = request.query
            fields = Fields({name: value for name, value in query.items() if name not in forward_parameter.PARAMETERS})
        else:
            fields = Fields(json_object(request.body) if is_json(request) else form(request))
        if not fields.rest.get("RecordingStatus"):
            return None
        if fields.take("AccountSid", text) not in {None, self.account.provider_account_id}:
            raise ForbiddenError("The recording belongs to another account.")
        return self._recording(fields, forward_parameter.read_format(request) or self.account.media_format)

    def acknowledge(self) -> Response:
        """Answer with an empty document: anything else may count as an error (SignalWire, common webhook errors)."""
        return Response(status=200, headers=XML, body="<Response/>")

    def refuse(self, error: RequestError) -> Response:
        """Answer with a document that does nothing; the provider's debugger shows the comment."""
        refusal = web.refusal(error)
        comment = escape(f"{error.code}: {error}").replace("--", "- -")
        return replace(refusal, headers={**refusal.headers, **XML}, body=f"<Response><!-- {comment} --></Response>")

    def describe(self, recording: Recording) -> Recording:
        """Return the recording with what the API knows of it and of its call, which no callback tells."""
        api = self.account.api
        if api is None or api.password is None:
            return recording
        return resources.describe(recording, self._resource, self._authorize())

    def look_up(self, recording: Recording) -> Recording:
        """Return what the recording's resource says."""
        if self._api.password is None:  # enough for media that nobody protects
            raise UnavailableError("not_configured", "The account has no api.password.")
        url = self._resource(f"Recordings/{_id(recording)}.json")
        return resources.look_up(recording, url, self._authorize())

    def media_url(self, recording: Recording) -> str:
        """Return the address of the media, in the recording's format."""
        return self._resource(f"Recordings/{_id(recording)}.{recording.format or self.account.media_format}")

    def start(self, command: Start, base: str) -> Outcome:
        """Start to record a call, with our callback."""
        return controls.start(self.account, command, base, self._post, ID)

    def forward(self, request: Request) -> Forward | None:
        """Return what the callback's address, which is signed, says."""
        return forward_parameter.read(request)

    @property
    def source(self) -> Source:
        """Say that the API's origin has the media."""
        origins = self.account.media_origins
        return Source(origin=self._api.origin, authorization=lambda _: self._authorize(), media_origins=origins)

    @property
    def _api(self) -> Api:
        if self.account.api is None:
            raise UnavailableError("not_configured", "The account has no api.")
        return self.account.api

    def _authorize(self) -> str:
        """Return the Authorization header; the account itself is the user unless another one is configured."""
        username = self._api.username or self.account.provider_account_id
        return api_tokens.basic(self._api.model_copy(update={"username": username}))

    def _post(self, path: str, form: Mapping[str, str]) -> transport.Answer:
        """Send a form to a resource of the account."""
        return controls.post(self._resource(path), self._authorize(), form)

    def _resource(self, path: str) -> str:
        """Return the address of a resource of the account."""
        return f"{self._api.origin}{self.root}/Accounts/{quote(self.account.provider_account_id, safe='')}/{path}"

    def _recording(self, fields: Fields, media_format: Format) -> Recording:
        """Return what a status callback says; a status that nobody knows only announces, and is kept as it came."""
        status = fields.take("RecordingStatus", one_of(*STATES))
        state = STATES[status] if status else State.ANNOUNCED
        if fields.rest.get("ErrorCode") in NO_ERROR:
            fields.drop("ErrorCode")
        reason = (fields.take("ErrorCode", text) or status) if state is State.ABSENT else None
        seconds = fields.take("RecordingDuration", integer)
        if state is not State.PENDING:  # then it is 0 or -1, and means nothing
            seconds = seconds or None
            fields.drop("RecordingDuration")
        fields.drop("RecordingUrl")  # public for whoever knows it
        recording: dict[str, Any] = {
            "recording_id": fields.require("RecordingSid", ID),
            "call_id": fields.identify("CallSid", ID),
            "conference_id": fields.identify("ConferenceSid", ID),
            "caller": fields.take("From", text),
            "callee": fields.take("To", text),
            "direction": fields.take("Direction", resources.direction),
            "start_time": fields.take("RecordingStartTime", times.read_any),
            "channels": fields.take("RecordingChannels", integer),
        }
        return Recording(
            account_id=self.account.account_id,
            provider=self.name,
            state=state,
            reason=reason,
            duration_ms=None if seconds is None else seconds * 1000,
            format=media_format,
            **recording,
            extra=bounded(fields.rest),
        )


def _id(recording: Recording) -> str:
    """Return a recording's id, which may stand in a path; raises RejectedError."""
    if not ID(recording.recording_id):
        raise RejectedError("no_media_url", "The recording's id is not one of this provider.")
    return recording.recording_id
