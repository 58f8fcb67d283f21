"""What SignalWire and Twilio share: https://www.twilio.com/docs/voice/api/recording.

A callback is a POST of a form or of JSON, or a GET with the same fields in its query. The modules
`signalwire` and `twilio` verify its signature. URLs in a callback are not used: the URL of a
recording is built from its ids and the origin of the account's API.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import ClassVar
from urllib.parse import quote
from xml.sax.saxutils import escape

from callvault import transport, web
from callvault.account_parameter import Account, Api
from callvault.errors import RejectedError, RequestError, UnavailableError
from callvault.models import Recording
from callvault.providers import api_tokens, commands, forward_parameter
from callvault.providers.commands import Forward, Outcome, Start
from callvault.providers.fields import (
    Fields,
    check_account,
    form,
    is_json,
    json_object,
    single,
    text,
)
from callvault.providers.laml import controls, events, lists, recordings, resources
from callvault.providers.laml.resource_fields import ID
from callvault.providers.listings import Page, Span
from callvault.transport.source import Source
from callvault.web import Request, Response

XML = {"content-type": "text/xml"}


@dataclass(frozen=True)
class Laml:
    """SignalWire or Twilio, for one account."""

    account: Account

    MENTION: ClassVar[re.Pattern[bytes]] = re.compile(rb'\bRecordingSid(?:=|"\s*:\s*")([A-Za-z0-9_-]{1,64})\b')
    name: ClassVar[str]
    root: ClassVar[str]
    """Path of the API, before `/Accounts`."""
    options: ClassVar[frozenset[str]] = controls.SUPPORTED
    """Options of a start."""

    def read(self, request: Request) -> Recording | None:
        """Return the recording that a callback names, or None if it names none.

        Other callbacks than those for recordings may name one too, such as that of a call which was
        recorded. The recording is then announced, and the sweep asks the provider about it.
        """
        fields = _fields(request)
        if not fields.rest.get("RecordingStatus") and not fields.rest.get("RecordingSid"):
            return None
        check_account(self.account, fields.take("AccountSid", text))
        media_format = forward_parameter.read_format(request) or self.account.media_format
        return recordings.read(self.account, self.name, fields, media_format)

    def event(self, request: Request) -> str:
        """Return the kind of a callback, if it is known."""
        return events.of(_fields(request).rest)

    def believes_query(self) -> bool:
        """Return true: the signature covers the URL."""
        return True

    @staticmethod
    def acknowledge() -> Response:
        """Return an empty document; anything else may count as an error.

        Source: SignalWire, "Common webhook errors".
        """
        return Response(status=200, headers=XML, body="<Response/>")

    @staticmethod
    def refuse(error: RequestError) -> Response:
        """Return an empty document with the error in a comment, for the provider's debugger."""
        refusal = web.refusal(error)
        comment = escape(f"{error.code}: {error}").replace("--", "- -")
        return replace(refusal, headers={**refusal.headers, **XML}, body=f"<Response><!-- {comment} --></Response>")

    def describe(self, recording: Recording) -> Recording:
        """Return the recording, completed with fields that its callbacks lack.

        If the account has no password for the API, the recording is returned unchanged.
        """
        api = self.account.api
        if api is None or api.password is None:
            return recording
        return resources.describe(recording, self._resource, self._authorize())

    def look_up(self, recording: Recording) -> Recording:
        """Return the recording as its resource describes it."""
        self._require_password()
        url = self._resource(f"Recordings/{_id(recording)}.json")
        return resources.look_up(recording, url, self._authorize())

    def listing_time(self, recording: Recording) -> datetime | None:
        """Return when the recording was created, or else its start, which is about the same."""
        return lists.created(recording) or recording.start_time

    @staticmethod
    def unaccountable() -> tuple[str, ...]:
        """Return nothing: the list has all recordings of the account."""
        return ()

    def media_url(self, recording: Recording) -> str:
        """Return the URL of the media in the recording's format."""
        return self._resource(f"Recordings/{_id(recording)}.{recording.format or self.account.media_format}")

    def is_encrypted(self, recording: Recording) -> bool:  # noqa: ARG002 - Twilio needs it
        """Return False; only Twilio encrypts media."""
        return False

    def start(self, command: Start, base: str) -> Outcome:
        """Start to record a call, with callbacks to the archive."""
        commands.refuse_unsupported(command, self.options)
        return controls.start(self.account, command, base, self._post, ID)

    def forward(self, request: Request) -> Forward | None:
        """Return the user's own callback that the signed URL names, or None."""
        return forward_parameter.read(request)

    @property
    def source(self) -> Source:
        """Return the origin of the API, which also serves the media."""
        origins = self.account.media_origins
        return Source(origin=self._api.origin, authorization=lambda _: self._authorize(), media_origins=origins)

    def _list(self, span: Span, cursor: str | None, first: str) -> Page:
        """Return a page of the account's recordings; `first` is the query of the first page."""
        self._require_password()
        url, authorization = self._resource("Recordings.json"), self._authorize()
        return lists.read(self.account, url, authorization, span, cursor, first=first)

    @property
    def _api(self) -> Api:
        if self.account.api is None:
            raise UnavailableError("not_configured", "The account has no api.")
        return self.account.api

    def _require_password(self) -> None:
        """Raise UnavailableError if the account has no password for the API.

        Such an account can still fetch unprotected media.
        """
        if self._api.password is None:
            raise UnavailableError("not_configured", "The account has no api.password.")

    def _authorize(self) -> str:
        """Return the Authorization header; the default user name is the account's id."""
        username = self._api.username or self.account.provider_account_id
        return api_tokens.basic(self._api.model_copy(update={"username": username}))

    def _post(self, path: str, form: Mapping[str, str]) -> transport.Answer:
        """Send a form to a resource; the path is relative to the account's URL."""
        return controls.post(self._resource(path), self._authorize(), form)

    def _resource(self, path: str) -> str:
        """Return the URL of a resource; the path is relative to the account's URL."""
        return f"{self._api.origin}{self.root}/Accounts/{quote(self.account.provider_account_id, safe='')}/{path}"


def _fields(request: Request) -> Fields:
    """Return the fields of a callback; raises InvalidRequestError."""
    if request.method != "GET":
        return Fields(json_object(request.body) if is_json(request) else form(request))
    return Fields({name: value for name, value in single(request).items() if name not in forward_parameter.PARAMETERS})


def _id(recording: Recording) -> str:
    """Return a recording's id; raises RejectedError if it cannot be part of a path."""
    if not ID(recording.recording_id):
        raise RejectedError("no_media_url", "The recording's id does not have the form of this provider's ids.")
    return recording.recording_id
