"""Send a provider's callbacks on to where the user wanted them: once ours is durable, by a queue, signed as they were.

At least once, in any order, as the providers do it. The address is dialled only if it is https and public, or if its
origin is one of the account's `forward_origins`; redirects are not followed, and nothing of ours goes along.
"""

import json
import re
from urllib.parse import parse_qsl, urlencode, urlsplit

import urllib3
from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from pydantic import ValidationError

from callvault import accounts, providers, transport, web
from callvault.account_parameter import Account
from callvault.errors import RejectedError
from callvault.messaging import queues
from callvault.messaging.queues import Queue
from callvault.models import Frozen, Recording
from callvault.providers.base import Provider, Signer
from callvault.providers.commands import Method
from callvault.providers.fields import is_json, json_object
from callvault.providers.forward_parameter import PARAMETERS
from callvault.providers.laml import signatures
from callvault.web import Request

MAX_URL = 2048
"""Characters: it travels within another address, which must stay below what the HTTP API takes."""
LEGAL = re.compile(r"[!-~]+")
FORM = "application/x-www-form-urlencoded"

logger = Logger(child=True)


class Message(Frozen):
    """A callback that is to be sent on."""

    account_id: str
    recording_id: str
    url: str
    method: Method
    form: str
    """What the provider sent, as a form."""


def read_url(account: Account, value: str) -> str:
    """Return a user's address without its fragment, which at SignalWire and Twilio sets timeouts and is never sent.

    Spelled as it will be dialled and signed. Raises ValueError saying what is wrong with it.
    """
    url = value.partition("#")[0]
    if not LEGAL.fullmatch(url):
        raise ValueError("must be an absolute URL, without spaces and in ASCII")
    try:
        parts, origin = urlsplit(url), web.origin_of(url)
        parsed = urllib3.util.parse_url(url)
    except ValueError:
        raise ValueError("must be an absolute URL") from None
    if "@" in parts.netloc:
        raise ValueError("must not contain a user name or password")
    if parts.scheme != "https" and origin not in account.forward_origins:
        raise ValueError("must be https")
    if len(url) > MAX_URL:
        raise ValueError(f"must not be longer than {MAX_URL} characters")
    return parsed._replace(path=parsed.path or "/").url


def take(provider: Provider, request: Request, recording: Recording) -> None:
    """Queue a genuine callback if its address says that the user wants to hear of it; raises UnavailableError."""
    forward = provider.forward(request) if isinstance(provider, Signer) else None
    fields = _fields(request) if forward else []
    if forward is None or dict(fields).get("RecordingStatus") not in forward.events:
        return
    message = Message(
        account_id=recording.account_id,
        recording_id=recording.recording_id,
        url=forward.url,
        method=forward.method,
        form=urlencode(fields, errors="surrogateescape"),
    )
    queues.send(Queue.FORWARD, message.model_dump_json(), group=recording.account_id)


def read(record: SQSRecord) -> Message:
    """Return what a message says; raises RejectedError for a message that says nothing."""
    try:
        return Message.model_validate_json(record.body)
    except ValidationError as error:
        raise RejectedError("unreadable", "The message carries no callback.") from error


def send(message: Message) -> None:
    """Send a callback on; what is hopeless is logged, for nobody here can mend it. Raises UnavailableError."""
    try:
        _send(message)
    except RejectedError as error:
        fields = {"account": message.account_id, "recording": message.recording_id, "reason": error.reason}
        logger.exception("A callback could not be sent on", extra=fields)


def _send(message: Message) -> None:
    """Do the same; raises RejectedError too."""
    account = accounts.await_usable(message.account_id)
    provider = providers.of(account)
    if not isinstance(provider, Signer):
        raise RejectedError("not_signed", "The account's provider signs no callbacks.")
    url, form = message.url, message.form.encode()
    headers = {"content-type": FORM}
    if message.method == "GET":
        url, form, headers = f"{url}{'&' if '?' in url else '?'}{message.form}", b"", {}
    headers |= provider.sign(url, form)
    answer = transport.send(message.method, url, headers, form or None, trusted=account.forward_origins)
    if not 200 <= answer.status < 300:  # noqa: PLR2004
        raise transport.failure(answer.status, answer.headers)


def _fields(request: Request) -> list[tuple[str, str]]:
    """Return the fields of a callback, whichever way it came."""
    if request.method == "GET":
        pairs = parse_qsl(request.raw_query, keep_blank_values=True)
        return [(name, value) for name, value in pairs if name not in PARAMETERS]
    if is_json(request):
        values = json_object(request.body).items()
        return [(name, value if isinstance(value, str) else json.dumps(value)) for name, value in values]
    return signatures.pairs(request.body)
