"""Forward a provider's callbacks to the URL that the user named, once the archive has stored them.

Like the providers, the queue delivers each callback at least once and in any order. Each forwarded
callback carries a new signature, made in the same way as the provider's. To prevent SSRF, the URL
must be https on a public address, or its origin must be one of the account's `forward_origins`.
Redirects are not followed, and no credentials of the archive are sent.

The new signature is as good as the provider's, and a user writes the URL that it covers. So no
forwarded callback may count as one of the provider's at the archive itself: an origin of the
archive is refused as a forward URL, and each forwarded callback has the header FORWARDED, which the
routes for callbacks refuse. A webhook of the customer's own would accept it as the provider's. So a
reader that is limited to one user may name only an origin in the account's `forward_origins`.
"""

import contextlib
import json
import re
from urllib.parse import parse_qsl, urlencode

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from pydantic import ValidationError
from urllib3.util import Url

from callvault import accounts, providers, settings, transport, urls
from callvault.account_parameter import Account
from callvault.errors import RejectedError
from callvault.messaging import queues
from callvault.messaging.queues import Queue
from callvault.models import Recording
from callvault.providers.base import Provider, Signer
from callvault.providers.commands import Method
from callvault.providers.fields import is_json, json_object
from callvault.providers.forward_parameter import PARAMETERS
from callvault.providers.laml import signatures
from callvault.values import Frozen
from callvault.web import Request

MAX_URL = 2048
"""Maximum length of a forward URL, in characters.

The forward URL is sent in the query of the callback URL, whose length the HTTP API limits.
"""
LEGAL = re.compile(r"[!-\[\]-~]+")
"""The characters that a URL may have: printable ASCII without the space and the backslash."""
FORWARDED = "x-callvault-forwarded"
"""The header of every forwarded callback. `callbacks` refuses a callback that has it."""
FORM = "application/x-www-form-urlencoded"

logger = Logger(child=True)


class QueuedForward(Frozen):
    """A callback to be forwarded, as the queue carries it."""

    account_id: str
    recording_id: str
    url: str
    method: Method
    form: str
    """The fields that the provider sent, form-encoded."""


def read_url(account: Account, request: Request, value: str, *, only_listed: bool = False) -> str:
    """Return a user's forward URL as it will be requested and signed, without its fragment.

    `request` is the one that names the URL. With `only_listed`, the URL must be at one of the
    account's `forward_origins`. SignalWire and Twilio read connection timeouts from the
    fragment and never send it. Raises a ValueError whose text says which rule the URL breaks.
    """
    url = value.partition("#")[0]
    if not LEGAL.fullmatch(url):
        raise ValueError("must be an absolute URL, without spaces and backslashes and in ASCII")
    try:
        parts = urls.parse_url(url)
    except ValueError:
        raise ValueError("must be an absolute URL") from None
    if parts.auth is not None:
        raise ValueError("must not contain a user name or password")
    if _is_own(parts, request):
        raise ValueError("must not be a URL of the archive itself")
    listed = urls.origin_of(parts) in account.forward_origins
    if only_listed and not listed:
        raise ValueError("must be at an origin in the account's forward_origins, because the reader has a user_id")
    if parts.scheme != "https" and not listed:
        raise ValueError("must be https")
    if len(url) > MAX_URL:
        raise ValueError(f"must not be longer than {MAX_URL} characters")
    return parts._replace(path=parts.path or "/").url


def enqueue(provider: Provider, request: Request, recording: Recording) -> None:
    """Queue an authenticated callback for forwarding, if the query of its URL asks for that.

    The query names the URL to forward to, and the recording statuses whose callbacks are forwarded.
    Raises UnavailableError.
    """
    forward = provider.forward(request) if isinstance(provider, Signer) else None
    fields = _fields(request) if forward else []
    if forward is None or dict(fields).get("RecordingStatus") not in forward.events:
        return
    if not LEGAL.fullmatch(forward.url):
        logger.error("A callback is not forwarded to an illegal URL", extra={"account": recording.account_id})
        return
    if _is_own_text(forward.url, request):
        logger.error("A callback is not forwarded to the archive itself", extra={"account": recording.account_id})
        return
    message = QueuedForward(
        account_id=recording.account_id,
        recording_id=recording.recording_id,
        url=forward.url,
        method=forward.method,
        form=urlencode(fields, errors="surrogateescape"),
    )
    queues.send(Queue.FORWARD, message.model_dump_json(), group=recording.account_id)


def read(record: SQSRecord) -> QueuedForward:
    """Return the callback of a message; raises RejectedError for a message without one."""
    try:
        return QueuedForward.model_validate_json(record.body)
    except ValidationError as error:
        raise RejectedError("unreadable", "The message carries no callback.") from error


def send(forward: QueuedForward) -> None:
    """Forward a callback; raises UnavailableError if a later attempt may succeed.

    A forward that cannot succeed is only logged and not dead-lettered, because the operator of the
    archive cannot correct it.
    """
    try:
        _send(forward)
    except RejectedError as error:
        fields = {"account": forward.account_id, "recording": forward.recording_id, "reason": error.reason}
        logger.exception("A callback could not be forwarded", extra=fields)


def _send(forward: QueuedForward) -> None:
    """Sign and send a callback; raises UnavailableError, RejectedError."""
    account = accounts.await_usable(forward.account_id)
    provider = providers.of(account)
    if not isinstance(provider, Signer):
        raise RejectedError("not_signed", "The account's provider signs no callbacks.")
    url, form = forward.url, forward.form.encode()
    headers = {"content-type": FORM}
    if forward.method == "GET":
        url, form, headers = f"{url}{'&' if '?' in url else '?'}{forward.form}", b"", {}
    headers |= {**provider.sign(url, form), FORWARDED: "1"}
    answer = transport.send(forward.method, url, headers, form or None, trusted=account.forward_origins)
    if not 200 <= answer.status < 300:  # noqa: PLR2004
        raise transport.failure(answer.status, answer.headers)


def _is_own_text(url: str, request: Request) -> bool:
    """Say whether a URL leads to the archive itself; one that cannot be parsed leads nowhere."""
    try:
        return _is_own(urls.parse_url(url), request)
    except ValueError:
        return False


def _is_own(url: Url, request: Request) -> bool:
    """Say whether a URL leads to the archive itself.

    The archive's origins are PublicUrl, the one that the request was sent to, and the domain that
    API Gateway gives every API. A DNS name may end with a dot.
    """
    if request.api_id and str(url.host).startswith(f"{request.api_id}.execute-api."):
        return True
    own = []
    for known in (settings.get().public_url, request.origin):
        with contextlib.suppress(ValueError):  # PublicUrl may be blank
            own.append(_place(urls.parse_url(known)))
    return _place(url) in own


def _place(url: Url) -> tuple[str, int | None]:
    """Return the host and the port that a URL leads to."""
    return str(url.host).rstrip("."), url.port or {"https": 443, "http": 80}.get(str(url.scheme))


def _fields(request: Request) -> list[tuple[str, str]]:
    """Return the fields of a callback from its query, JSON or form.

    JSON text is not escaped to ASCII. Form-encoded, it would be four times as long as the body, and
    the message of the largest callback longer than SQS allows.
    """
    if request.method == "GET":
        pairs = parse_qsl(request.raw_query, keep_blank_values=True)
        return [(name, value) for name, value in pairs if name not in PARAMETERS]
    if is_json(request):
        values = json_object(request.body).items()
        return [
            (name, value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)) for name, value in values
        ]
    return signatures.pairs(request.body)
