"""Answer what KAZOO pushes and reads back: who sent it, what it is, and that it is safe with us.

KAZOO takes any 2xx for success, and what got anything else it sends again, up to 30 times in an hour. A redirect turns
its POST into a GET, whose success it takes for the upload's: the audio is lost. So none is ever sent for an upload.
"""

import hashlib
import io
import time
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from urllib.parse import quote

from aws_lambda_powertools import Logger

from callvault import accounts, alarm_messages, audio, settings, web
from callvault.account_parameter import Account
from callvault.errors import (
    ConfigurationError,
    InvalidRequestError,
    NotFoundError,
    RejectedError,
    RequestError,
    TooLargeError,
    UnavailableError,
    UnsupportedError,
)
from callvault.ingest import intake
from callvault.ingest.media import Stream
from callvault.models import Recording, State
from callvault.providers import callback_secrets
from callvault.providers.kazoo import read_backs, uploads
from callvault.providers.kazoo.uploads import KazooUpload
from callvault.storage import bucket, listing, table
from callvault.web import Request, Response

MAX_BODY_BYTES = 4_500_000
"""An event of Lambda's, and an answer, has 6 MB at most, of which Base64 takes a quarter and headers the rest."""
PROBE_BYTES = 4096
STORE_SECONDS = 25
EVER = (datetime(1970, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, tzinfo=UTC))

logger = Logger(child=True)


def answer(request: Request) -> Response:
    """Return the answer to an upload or to its reading back; what is acknowledged is durable."""
    try:
        account, path = _enter(request)
        if request.method == "GET":
            return _read_back(account, request, path)
        return _receive(account, request, path)
    except RequestError as error:
        logger.info(alarm_messages.UPLOAD_REFUSED, extra={"status": error.status, "code": error.code})
        return web.refusal(error)
    except RejectedError as error:
        logger.exception("An upload cannot be kept", extra={"reason": error.reason})
        return web.json_response(409, {"error": error.reason, "message": str(error)})
    except ConfigurationError as error:
        accounts.log_invalid(error)
        return web.json_response(500, {"error": "configuration", "message": "The account is not configured correctly."})
    except UnavailableError as error:
        logger.exception("An upload could not be made durable", extra={"reason": error.reason})
        message = {"error": "unavailable", "message": "The upload could not be stored; send it again."}
        # Of one or two digits: then KAZOO's HTTP client waits and sends again by itself.
        return web.json_response(503, message, {"retry-after": str(web.RETRY_AFTER)})


def _enter(request: Request) -> tuple[Account, str]:
    """Return the account and the path under its address; raises NotFoundError, ForbiddenError, UnauthenticatedError.

    An account without a token has none in its address: what stands there belongs to the path.
    """
    account = accounts.get(request.parameters["account_id"])
    if account.provider != "kazoo":
        raise NotFoundError("There is no such account.")
    path = request.parameters.get("path", "")
    if account.callback.token is None:
        path = "/".join(filter(None, (request.parameters.get("token"), path)))
        request = replace(request, parameters={})
    callback_secrets.check(account, request)
    return account, path


def _receive(account: Account, request: Request, path: str) -> Response:
    """Store what was sent; raises InvalidRequestError, TooLargeError, UnsupportedError."""
    size = len(request.body)
    if size > min(MAX_BODY_BYTES, settings.get().max_media_bytes):
        advice = "A recording is too long for this way: configure KAZOO's own S3 handler (docs/connect/kazoo.md)"
        logger.error(advice, extra={"account": account.account_id, "bytes": size, "most": MAX_BODY_BYTES})
        raise TooLargeError(f"The body is over {MAX_BODY_BYTES} bytes.")
    if not size:
        raise InvalidRequestError("body", "The body is empty.")
    upload = uploads.read(request, path)
    if upload.probe is not None:
        return _store_probe(account, upload.probe, uploads.decoded(upload.body) or upload.body)
    body = _audio(upload)
    sha256 = hashlib.sha256(body).hexdigest()
    recording = upload.recording(account, sha256)
    deadline = time.monotonic() + STORE_SECONDS
    kept = intake.keep(recording, sha256, lambda: Stream(io.BytesIO(body).read, len(body), deadline), "upload")
    return web.json_response(201, {"id": kept.recording_id})


def _audio(upload: KazooUpload) -> bytes:
    """Return the audio of an upload, in Base64 or not; raises InvalidRequestError, UnsupportedError."""
    if not upload.body:
        raise InvalidRequestError("body", "The body is empty.")
    for body in (upload.body, uploads.decoded(upload.body)):
        try:
            audio.check((body or b"")[: audio.HEAD_BYTES])
        except RejectedError:
            continue
        return body or b""
    raise UnsupportedError("The body is not audio that a telephone system records.")


def _store_probe(account: Account, name: str, body: bytes) -> Response:
    """Keep a probe for the day that the bucket's rules give it; raises TooLargeError."""
    if len(body) > PROBE_BYTES:
        raise TooLargeError(f"The probe is over {PROBE_BYTES} bytes.")
    bucket.write(_probe_key(account, name), body, "text/plain")
    return web.json_response(201, {"name": name})


def _read_back(account: Account, request: Request, path: str) -> Response:
    """Return a probe or a recording's audio; raises NotFoundError."""
    probe = read_backs.probe(request, path)
    if probe is not None:
        content = _read(_probe_key(account, probe))
        if content is None:
            raise NotFoundError("There is no such probe.")
        return Response(status=200, headers={"content-type": "text/plain"}, content=content)
    recording = _find(account, request, path)
    media = recording.media if recording and recording.state in {State.STORED, State.VERIFIED} else None
    if recording is None or media is None:
        raise NotFoundError("There is no such recording.")
    if media.size > MAX_BODY_BYTES:
        return Response(status=302, headers={"location": bucket.presigned_url(media)})
    content = _read(media.key, media.version_id)
    if content is None:
        raise UnavailableError("bucket_unavailable", "The stored version is not in the bucket.")
    return Response(status=200, headers={"content-type": media.content_type}, content=content)


def _find(account: Account, request: Request, path: str) -> Recording | None:
    """Return the recording that is read back: by its document's id, else the one of its call if there is one only."""
    document_id = read_backs.document_id(request, path)
    found = table.get(account.account_id, document_id) if document_id else None
    call_id = read_backs.call_id(request, path)
    if found is not None or not call_id:
        return found
    since, until = EVER
    query = listing.Query(account_id=account.account_id, since=since, until=until, call_id=call_id)
    of_the_call = [recording for recording in listing.scan(query, 2) if query.fits(recording)]
    return of_the_call[0] if len(of_the_call) == 1 else None


def _read(key: str, version_id: str | None = None) -> bytes | None:
    """Return the whole of a version of an object, or None if it does not exist; raises UnavailableError."""
    found = bucket.get(key, version_id)
    if found is None:
        return None
    with closing(found):
        return found.read()


def _probe_key(account: Account, name: str) -> str:
    """Return the key under which a probe is stored."""
    return f"probes/{quote(account.account_id)}/{name}"
