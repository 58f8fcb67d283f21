"""KAZOO: https://docs.2600hz.com/dev/applications/crossbar/doc/recordings/ and …/webhooks/.

A webhook brings a secret in its path, HTTP Basic, or an HMAC (version 2, KAZOO 5), as the account has configured. It
announces the document; that and the audio come from Crossbar, whose token is had for the account's API key. Crossbar
takes the token as X-Auth-Token only: of `Authorization: Bearer` it makes another kind, which no module of it accepts
(4.3, api_util.erl get_authorization_token_type, cb_token_auth.erl). What KAZOO pushes is read in `kazoo_uploads`.
"""

import json
import re
import time
from dataclasses import dataclass
from typing import Any

from callvault import transport, web
from callvault.accounts import Account, Api
from callvault.errors import (
    InvalidRequestError,
    NotFoundError,
    RejectedError,
    RequestError,
    UnavailableError,
)
from callvault.models import Recording, State
from callvault.providers import api_tokens, callback_secrets, look_ups
from callvault.providers.commands import Outcome, Start, Update
from callvault.providers.fields import Fields, json_object, text
from callvault.providers.kazoo import controls, documents, webhooks
from callvault.transport import Source
from callvault.web import Request, Response

RECORDING = "call_recording"
STATES = {"doc_created": State.ANNOUNCED, "doc_edited": State.PENDING}
"""The document is saved before the audio is stored, and once more after that."""
ENVELOPE = ("type", "action", "database", "is_soft_deleted")
"""What a webhook says of itself."""
DATABASE = re.compile(r"account/?([0-9a-f]{2})/?([0-9a-f]{2})/?([0-9a-f]{28})(-\d{6})?")
ACCOUNT_ID = re.compile(r"[A-Za-z0-9_-]+")
NO_AUDIO = "no_audio"
"""The reason of a recording whose document has no audio, long after it should have: KAZOO tries for about an hour."""


@dataclass(frozen=True)
class Kazoo:
    """One KAZOO account."""

    account: Account

    def authenticate(self, request: Request) -> None:
        """Accept a webhook with every secret that the account has configured.

        With an HMAC key, an unsigned webhook is refused whatever else it brings.
        """
        key = self.account.callback.hmac_key
        if key is None:
            callback_secrets.check(self.account, request)
        else:
            callback_secrets.check_configured(self.account, request)
            webhooks.check(request, key.get_secret_value())

    def read(self, request: Request) -> Recording | None:
        """Return the recording whose document was saved."""
        hook = webhooks.read(request)
        if hook.kind != RECORDING or hook.action not in STATES or hook.deleted:
            return None
        values = hook.document
        documents.check_account(self.account, values.get("account_id"), hook.values.get("account_id"))
        database = DATABASE.fullmatch(text(values.get("database")) or "")
        documents.check_account(self.account, "".join(database.groups()[:3]) if database else None)
        recording_id = Fields(values).require("id", documents.ID.fullmatch)
        told = {name: value for name, value in values.items() if name not in ENVELOPE and value not in (None, "")}
        return documents.read(self.account, recording_id, STATES[hook.action], told)

    def acknowledge(self) -> Response:
        """Answer 200: anything else is a failure to KAZOO, and six of them in a minute switch the hook off."""
        return Response(status=200)

    def refuse(self, error: RequestError) -> Response:
        """Answer in JSON, which KAZOO shows in the hook's log of attempts."""
        return web.refusal(error)

    def describe(self, recording: Recording) -> Recording:
        """Return what the recording's document says."""
        document = self._document(look_ups.get(self.media_url(recording), self._headers))
        return documents.read(self.account, recording.recording_id, recording.state, document)

    def look_up(self, recording: Recording) -> Recording:
        """Return what the recording's document says, and whether its audio is there: only asking for it tells.

        Crossbar lists the kinds of a document's attachments in lists, not in the document itself, and has no HEAD.
        """
        url = self.media_url(recording)
        answer = look_ups.get(url, self._headers)
        if documents.is_missing(recording.recording_id, look_ups.refusal(answer)):
            return look_ups.unknown(recording)
        known = documents.read(self.account, recording.recording_id, State.PENDING, self._document(answer))
        try:
            with transport.download(self.source, url):
                return known
        except UnavailableError as error:
            if error.reason != "http_404":
                raise
        return known.model_copy(update={"state": State.ABSENT, "reason": NO_AUDIO})

    def media_url(self, recording: Recording) -> str:
        """Return the document's address, which is the audio's too: what is asked for decides."""
        account_id, recording_id = self.account.provider_account_id, recording.recording_id
        if not documents.ID.fullmatch(recording_id) or not ACCOUNT_ID.fullmatch(account_id):
            raise RejectedError("no_media_url", "The recording's id is no document's id.")
        return f"{self._api.origin}/v2/accounts/{account_id}/recordings/{recording_id}"

    def start(self, command: Start, base: str) -> Outcome:
        """Start to record a call, where Crossbar can."""
        return controls.start(self.account, command, base, self._post)

    def update(self, command: Update) -> Outcome:
        """Stop recording a call, where Crossbar can."""
        return controls.update(self.account, command, self._post)

    @property
    def source(self) -> Source:
        """Say that Crossbar has the media.

        It gives audio to who accepts audio/mpeg and nothing else, WAVE files too; to all others it gives the document.
        """
        return Source(
            origin=self._api.origin,
            authorization=self._token,
            media_origins=self.account.media_origins,
            credential_header="x-auth-token",
            accept="audio/mpeg",
        )

    @property
    def _api(self) -> Api:
        if self.account.api is None or self.account.api.api_key is None:
            raise UnavailableError("not_configured", "The account has no api.api_key.")
        return self.account.api

    def _headers(self, fresh: bool) -> dict[str, str]:  # noqa: FBT001 - the shape that resources.get calls
        """Return the headers of a request for a document."""
        return {"x-auth-token": self._token(fresh), "accept": "application/json"}

    def _document(self, answer: transport.Answer) -> dict[str, Any]:
        """Return the document that Crossbar answered with."""
        document = look_ups.document(answer).get("data")
        if not isinstance(document, dict):
            raise UnavailableError("no_document", "Crossbar answered something else than a document.")
        return document

    def _post(self, path: str, envelope: dict[str, Any]) -> transport.Answer:
        """Send an envelope to a path of the account's, a second time with a fresh token if the first is refused."""
        if not ACCOUNT_ID.fullmatch(self.account.provider_account_id):
            raise NotFoundError("The provider knows no such call or recording.")
        url = f"{self._api.origin}/v2/accounts/{self.account.provider_account_id}/{path}"
        return transport.call_authorized("POST", url, self.source, envelope)

    def _token(self, fresh: bool) -> str:  # noqa: FBT001 - the shape that Source calls
        """Return Crossbar's token for the account's API key."""
        api = self._api
        key = api.api_key.get_secret_value() if api.api_key else ""
        return api_tokens.cached((api.origin, key), lambda: _obtain(api.origin, key), fresh=fresh)


def _obtain(origin: str, key: str) -> api_tokens.Token:
    """Obtain a token: Crossbar, "API Authentication". It is good for an hour after its last use, or as configured."""
    answer = transport.call(
        "PUT",
        f"{origin}/v2/api_auth",
        headers={"content-type": "application/json", "accept": "application/json"},
        body=json.dumps({"data": {"api_key": key}}).encode(),
        timeout=transport.QUICK,
    )
    token = None
    if answer.status in {200, 201}:
        try:
            token = json_object(answer.body).get("auth_token")
        except InvalidRequestError:
            """Not what Crossbar answers."""
    if not api_tokens.is_token(token):
        retry_after = transport.retry_after(answer.headers.get("retry-after"))
        raise UnavailableError("no_token", f"Crossbar gave no token, status {answer.status}.", retry_after)
    return api_tokens.Token(token, time.monotonic() + api_tokens.DEFAULT_LIFETIME - api_tokens.SPARE_SECONDS)
