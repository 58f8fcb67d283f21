"""KAZOO: https://docs.2600hz.com/dev/applications/crossbar/doc/recordings/ and …/webhooks/.

A webhook is authenticated by a token in its path, HTTP Basic, or an HMAC (webhooks of version 2,
KAZOO 5), as the account configures. It reports that a recording's document was saved; the document
and the audio are fetched from Crossbar, KAZOO's API. Crossbar accepts its access token only in
`X-Auth-Token`: it classifies a token in `Authorization: Bearer` as another type, which none of its
modules accepts (4.3, api_util.erl get_authorization_token_type, cb_token_auth.erl).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar
from urllib.parse import urlencode

from callvault import transport, web
from callvault.account_parameter import Account, Api
from callvault.errors import NotFoundError, RejectedError, RequestError, UnavailableError
from callvault.models import Recording, State
from callvault.providers import api_tokens, callback_secrets, commands, look_ups
from callvault.providers.commands import Outcome, Start, Update
from callvault.providers.kazoo import controls, crossbar, documents, events, hook_documents, lists, webhooks
from callvault.providers.listings import Page, Span
from callvault.transport.source import Source
from callvault.web import Request, Response


@dataclass(frozen=True)
class Kazoo:
    """KAZOO, for one account."""

    account: Account

    MENTION: ClassVar[re.Pattern[bytes]] = re.compile(rb"\b(\d{6}-[0-9a-f]{32})\b")
    LISTS: ClassVar[tuple[str, ...]] = lists.NAMES

    def authenticate(self, request: Request) -> None:
        """Accept a webhook that has every secret that the account has configured.

        If the account has an HMAC key, the webhook must be signed, whatever other secrets it has.
        """
        key = self.account.callback.hmac_key
        if key is None:
            callback_secrets.check(self.account, request)
        else:
            callback_secrets.check_configured(self.account, request)
            webhooks.verify(request, key.get_secret_value())

    def read(self, request: Request) -> Recording | None:
        """Return the recording whose document was saved, or None for any other webhook."""
        return hook_documents.read(self.account, self._hook(request))

    def believes_query(self) -> bool:
        """Return whether the account has no HMAC key: an HMAC covers `data` only."""
        return self.account.callback.hmac_key is None

    def event(self, request: Request) -> str:
        """Return the action of a webhook, if it is known."""
        return events.of(self._hook(request).action)

    @staticmethod
    def is_signed(request: Request) -> bool:
        """Return whether a webhook has the field of the signature."""
        return webhooks.is_signed(request)

    @staticmethod
    def acknowledge() -> Response:
        """Return a 200.

        KAZOO counts any other status as a failure, and six failures in a minute disable the hook.
        """
        return Response(status=200)

    @staticmethod
    def refuse(error: RequestError) -> Response:
        """Return JSON, which KAZOO shows in the hook's log of attempts."""
        return web.refusal(error)

    def describe(self, recording: Recording) -> Recording:
        """Return the recording as its document describes it."""
        return documents.read(self.account, recording.recording_id, recording.state, self.document(recording))

    def document(self, recording: Recording) -> dict[str, Any]:
        """Return the recording's document; raises UnavailableError, RejectedError."""
        return self._document(look_ups.get(self.media_url(recording), self._headers))

    def look_up(self, recording: Recording) -> Recording:
        """Return the recording as its document describes it; it is absent if there is no audio.

        Only a request for the audio shows whether there is any, by Crossbar's own 404. Crossbar
        names the content types of attachments in lists only, and does not support HEAD.
        """
        url = self.media_url(recording)
        answer = look_ups.get(url, self._headers)
        if documents.is_missing(recording.recording_id, look_ups.not_found_body(answer)):
            return look_ups.unknown(recording)
        known = documents.read(self.account, recording.recording_id, State.PENDING, self._document(answer))
        try:
            with transport.download(self.source, url):
                return known
        except UnavailableError as error:
            said = look_ups.not_found_body(self.audio_answer(recording)) if error.reason == "http_404" else {}
            if not documents.is_missing(recording.recording_id, said):
                raise
        return known.model_copy(update={"state": State.ABSENT, "reason": documents.NO_AUDIO})

    def audio_answer(self, recording: Recording) -> transport.Answer:
        """Return Crossbar's whole answer to a request for the audio; raises UnavailableError."""
        accept = {"accept": self.source.accept}
        return look_ups.get(self.media_url(recording), lambda fresh: self._headers(fresh) | accept)

    def list_page(self, name: str, span: Span, cursor: str | None = None) -> Page:  # noqa: ARG002 - the only list
        """Return a page of what ended in a span."""
        return lists.read(self.account, self._list, span, cursor)

    def listing_time(self, recording: Recording) -> datetime | None:
        """Return when the recording ended, which is about when its document was saved."""
        return lists.ended(recording)

    def unaccountable(self) -> tuple[str, ...]:
        """Name the pushed recordings of an account without Crossbar, which nobody can list."""
        return () if self.account.api and self.account.api.api_key else (lists.WITHOUT_API,)

    def media_url(self, recording: Recording) -> str:
        """Return the URL of the document and of the audio; the Accept header selects one."""
        if not documents.ID.fullmatch(recording.recording_id):
            raise RejectedError("no_media_url", "The id of the recording is malformed.")
        return f"{self._url()}/recordings/{recording.recording_id}"

    def is_encrypted(self, recording: Recording) -> bool:  # noqa: ARG002 - as the protocol has it
        """Return False: KAZOO does not encrypt media."""
        return False

    def start(self, command: Start, base: str) -> Outcome:
        """Start to record a call, if this version of KAZOO can."""
        return controls.start(self.account, command, base, self._post)

    def update(self, command: Update) -> Outcome:
        """Stop recording a call, if this version of KAZOO can."""
        return controls.update(self.account, command, self._post)

    @property
    def source(self) -> Source:
        """Return Crossbar's origin, which serves the media.

        If the Accept header is exactly audio/mpeg, Crossbar returns the audio, whatever format the
        audio has. Otherwise Crossbar returns the document.
        """
        return Source(
            origin=self._api.origin,
            authorization=self._token,
            media_origins=self.account.media_origins,
            credential_header="x-auth-token",
            accept="audio/mpeg",
        )

    def _hook(self, request: Request) -> webhooks.Hook:
        """Return the content of a webhook; only what is signed if the account has an HMAC key."""
        return webhooks.read(request) if self.account.callback.hmac_key is None else webhooks.read_signed(request)

    @property
    def _api(self) -> Api:
        if self.account.api is None or self.account.api.api_key is None:
            raise UnavailableError("not_configured", "The account has no api.api_key.")
        return self.account.api

    def _headers(self, fresh: bool) -> dict[str, str]:  # noqa: FBT001 - as look_ups.get calls it
        """Return the headers of a request for a document, with a fresh token if `fresh`."""
        return {"x-auth-token": self._token(fresh), "accept": "application/json"}

    def _list(self, query: Mapping[str, str]) -> transport.Answer:
        return look_ups.get(f"{self._url()}/recordings?{urlencode(query)}", self._headers)

    def _url(self) -> str:
        if not documents.ACCOUNT_ID.fullmatch(self.account.provider_account_id):
            raise RejectedError("no_media_url", "The id of the account is malformed.")
        return f"{self._api.origin}/v2/accounts/{self.account.provider_account_id}"

    def _document(self, answer: transport.Answer) -> dict[str, Any]:
        """Return the document in Crossbar's answer; raises UnavailableError, RejectedError."""
        document = look_ups.document(answer).get("data")
        if not isinstance(document, dict):
            raise UnavailableError("no_document", "Crossbar's answer has no document.")
        return document

    def _post(self, path: str, envelope: dict[str, Any]) -> transport.Answer:
        """Send an envelope to a path below the account's URL; retry a 401 with a fresh token."""
        if not documents.ACCOUNT_ID.fullmatch(self.account.provider_account_id):
            raise NotFoundError(commands.UNKNOWN_CALL)
        url = f"{self._api.origin}/v2/accounts/{self.account.provider_account_id}/{path}"
        return transport.call_authorized("POST", url, self.source, envelope)

    def _token(self, fresh: bool) -> str:  # noqa: FBT001 - as Source.authorization is called
        """Return Crossbar's access token for the account's API key."""
        api = self._api
        secret = api.api_key.get_secret_value() if api.api_key else ""
        key = api_tokens.key(api, api.api_key)
        return api_tokens.cached(key, lambda: crossbar.obtain(api.origin, secret), fresh=fresh)
