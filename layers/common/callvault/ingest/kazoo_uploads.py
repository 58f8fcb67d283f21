"""Answer KAZOO's uploads and read-backs. An upload is acknowledged once it is durable.

KAZOO treats any 2xx as success. After any other status it repeats the upload, up to 30 times within
about an hour. After a redirect it sends a GET instead of its POST and treats the success of the GET
as that of the upload, so the audio is lost. Therefore no upload is answered with a redirect.
"""

import hashlib
import io
import time
from contextlib import closing
from dataclasses import replace
from urllib.parse import quote

from aws_lambda_powertools import Logger

from callvault import accounts, audio, settings, web
from callvault.account_parameter import Account
from callvault.errors import (
    CallvaultError,
    ForbiddenError,
    InvalidRequestError,
    NotFoundError,
    RejectedError,
    TooLargeError,
    UnavailableError,
    UnsupportedError,
)
from callvault.ingest import answers, kazoo_comparison, kazoo_read_backs, storing, unnamed_pushes
from callvault.ingest.media import Stream
from callvault.providers import callback_secrets
from callvault.providers.kazoo import read_backs, uploads
from callvault.providers.kazoo.uploads import KazooUpload
from callvault.storage import bucket
from callvault.web import Request, Response

MAX_BODY_BYTES = 4_500_000
"""Maximum size of an upload or a direct read-back, in bytes.

Lambda limits an event and a response to 6 MB. Base64 encoding and the headers take up the rest.
"""
MAX_PROBE_BYTES = 4096
MAX_STORE_SECONDS = 25
"""Maximum time for storing an upload, in seconds. The HTTP API gives up after 30 s."""

logger = Logger(child=True)


def answer(request: Request) -> Response:
    """Return the response to an upload or a read-back. An acknowledged upload is durable."""
    try:
        account, path = _entered(request)
        if request.method == "GET":
            return _read_back(account, request, path)
        with answers.authenticated():
            return _receive(account, request, path)
    except RejectedError as error:
        extra = {**answers.named(request, "upload"), "reason": error.reason, "authenticated": True}
        logger.exception("An upload cannot be stored", extra=extra)
        return web.json_response(409, {"error": error.reason, "message": str(error)})
    except CallvaultError as error:
        return answers.failure(error, "upload", request)


def _entered(request: Request) -> tuple[Account, str]:
    """Return what `_enter` does; an unknown account is refused in the same way as a wrong token."""
    try:
        return _enter(request)
    except (ForbiddenError, NotFoundError) as error:
        raise ForbiddenError(answers.NOT_ACCEPTED, check=error.check) from None


def _enter(request: Request) -> tuple[Account, str]:
    """Return the account and the part of the path below the account's upload URL.

    If the account has no token, the first segment below the upload URL is not a token, and is
    returned as the beginning of that part. Raises NotFoundError, ForbiddenError,
    UnauthenticatedError, ConfigurationError, UnavailableError.
    """
    account = accounts.get(request.parameters["account_id"])
    if account.provider != "kazoo":
        raise NotFoundError("There is no such account.")
    path = request.parameters.get("path", "")
    account = account.model_copy(update={"callback": account.callback.for_uploads()})
    if account.callback.token is None:
        path = "/".join(filter(None, (request.parameters.get("token"), path)))
        request = replace(request, parameters={})
    callback_secrets.check(account, request)
    return account, path


def _receive(account: Account, request: Request, path: str) -> Response:
    """Store an upload and return the response to it.

    Raises InvalidRequestError, TooLargeError, UnsupportedError, ForbiddenError, RejectedError,
    UnavailableError.
    """
    size, most = request.excess_bytes or len(request.body), min(MAX_BODY_BYTES, settings.get().max_media_bytes)
    if size > most:
        advice = "A recording is too large for an upload: configure KAZOO's own S3 handler (docs/connect/kazoo.md)"
        logger.error(advice, extra={"account": account.account_id, "bytes": size, "most": most})
        raise TooLargeError(f"The body is over {most} bytes.")
    if not size:
        raise InvalidRequestError("body", "The body is empty.")
    upload = uploads.read(request, path)
    if upload.probe is not None:
        return _store_probe(account, upload.probe, uploads.decoded(upload.body) or upload.body)
    body = _audio(upload)
    sha256 = hashlib.sha256(body).hexdigest()
    recording = upload.recording(account, sha256).model_copy(update={"upload_sha256": sha256})
    deadline = time.monotonic() + MAX_STORE_SECONDS
    kept = storing.store_upload(recording, sha256, lambda: Stream(io.BytesIO(body).read, len(body), deadline), "upload")
    if upload.document_id is None:
        unnamed_pushes.note_documents(kept)
    kazoo_comparison.enqueue(kept)
    return web.json_response(201, {"id": kept.recording_id})


def _audio(upload: KazooUpload) -> bytes:
    """Return the audio of an upload, decoded if it came as Base64; raises RequestError."""
    if not upload.body:
        raise InvalidRequestError("body", "The body is empty.")
    for body in (upload.body, uploads.decoded(upload.body) or b""):
        try:
            audio.measure(audio.head(body), len(body))
        except RejectedError:
            continue
        return body
    raise UnsupportedError("The body is not audio in a supported format.")


def _store_probe(account: Account, name: str, body: bytes) -> Response:
    """Store a probe and return the response to it; raises TooLargeError, UnavailableError.

    The bucket's lifecycle deletes the probe after a day.
    """
    if len(body) > MAX_PROBE_BYTES:
        raise TooLargeError(f"The probe is over {MAX_PROBE_BYTES} bytes.")
    bucket.write(_probe_key(account, name), body, "text/plain")
    return web.json_response(201, {"name": name})


def _read_back(account: Account, request: Request, path: str) -> Response:
    """Return a response with a probe or a recording's audio.

    Only audio that was pushed here is served: everybody who may see the address in KAZOO can read
    it. For audio over MAX_BODY_BYTES, the response redirects to it. Raises NotFoundError,
    UnavailableError.
    """
    probe = read_backs.probe(request, path)
    if probe is not None:
        content = _read(_probe_key(account, probe))
        if content is None:
            raise NotFoundError("There is no such probe.")
        return Response(status=200, headers={"content-type": "text/plain"}, content=content)
    recording = kazoo_read_backs.find(account, request, path)
    media = recording.media if recording else None
    if media is None:
        raise NotFoundError("There is no such recording.")
    if media.size > MAX_BODY_BYTES:
        return Response(status=302, headers={"location": bucket.presigned_url(media)})
    content = _read(media.key, media.version_id)
    if content is None:
        raise UnavailableError("bucket_unavailable", "The stored version is not in the bucket.")
    return Response(status=200, headers={"content-type": media.content_type}, content=content)


def _read(key: str, version_id: str | None = None) -> bytes | None:
    """Return the bytes of a version of an object, or None if it does not exist.

    Raises UnavailableError.
    """
    found = bucket.get(key, version_id)
    if found is None:
        return None
    with closing(found):
        return found.read()


def _probe_key(account: Account, name: str) -> str:
    """Return the key under which a probe is stored."""
    return f"probes/{quote(account.account_id)}/{name}"
