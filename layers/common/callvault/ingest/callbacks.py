"""Answer a provider's callback: authenticate it, read it, and acknowledge it once it is durable."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import partial

from callvault import accounts, providers, web
from callvault.account_parameter import Account
from callvault.errors import (
    CallvaultError,
    ConfigurationError,
    ForbiddenError,
    NotFoundError,
    OtherProviderError,
    RequestError,
    UnauthenticatedError,
    UnavailableError,
)
from callvault.ingest import answers, forwarding, ignored, intake, parking, tallies
from callvault.models import Recording
from callvault.providers import callback_secrets, own_secrets
from callvault.providers.base import Provider, ProviderClass
from callvault.storage.daily_counts import Kind
from callvault.web import Request, Response

MAX_BODY_BYTES = 256 * 1024
APPENDED = {"owner_id": "owner_id", "from": "caller", "to": "callee", "tag": "tag"}
"""The query parameters that a user may append to the callback URL, with the fields they fill."""
MAX_APPENDED = 256
"""Maximum length of an appended value, in characters.

A longer value might not fit into a partition key (`bounds.MAX_KEY_BYTES`).
"""


def answer(request: Request) -> Response:
    """Return the response to a callback. A callback that is acknowledged is durable.

    One whose account cannot be read, or whose account's parameter is invalid or gone, is parked.
    """
    refuse = web.refusal
    try:
        sender = _sender(request)
        refuse = partial(_refuse, sender)
        if forwarding.FORWARDED in request.headers:
            raise ForbiddenError("The archive forwarded this callback, so its signature is the archive's own.")
        try:
            account = _account(request.parameters["account_id"])
            with _counted(request), answers.before_authentication(request):
                provider = provider_of(account, request)
        except (UnavailableError, ConfigurationError) as error:
            return parking.park(request, sender, error)
        with _counted(request):
            accept(provider, request)
        parking.make_known(request.parameters["account_id"])
        return provider.acknowledge()
    except CallvaultError as error:
        return answers.failure(error, "callback", request, refuse)


def provider_of(account: Account, request: Request) -> Provider:
    """Return the account's provider; raises OtherProviderError if the path names another one.

    The path is written at the provider, so the account's parameter is likely to be the wrong one.
    But a stranger may write any path. So the request must have the account's token or its Basic
    credentials, or must pass the checks of the provider in the path. Otherwise it is refused as one
    with a wrong secret; raises ForbiddenError, UnauthenticatedError.
    """
    named = request.parameters["provider"]
    if account.provider == named:
        return providers.of(account)
    if not callback_secrets.has_right_one(account, request):
        providers.PROVIDERS[named](account).authenticate(request)
    raise OtherProviderError(account.account_id)


def accept(provider: Provider, request: Request, *, arrived: datetime | None = None) -> None:
    """Authenticate a callback, and make what it reports durable.

    `arrived` is when a parked callback arrived, for the history of its row. Raises RequestError,
    and UnavailableError if a later attempt may succeed.
    """
    with answers.before_authentication(request):
        provider.authenticate(request)
    with answers.authenticated():
        recording = provider.read(request)
    if recording is None:
        ignored.note(request.parameters, provider.event(request))
        return
    if provider.believes_query():
        recording = _completed(recording, request)
    extra = own_secrets.mask_all(provider.account, recording.extra)
    recording = recording.model_copy(update={"extra": extra})
    intake.record(recording, arrived=arrived)
    # If this fails, the callback is refused although the recording is durable. That costs nothing:
    # the provider repeats the callback, and the forward is queued then. If the callback were
    # acknowledged, the forward would be lost.
    forwarding.enqueue(provider, request, recording)


def _account(account_id: str) -> Account:
    """Return an account; raises NotFoundError, ConfigurationError, UnavailableError.

    A known account without a parameter is a ConfigurationError: the parameter may have been deleted
    by mistake, or is about to be written again.
    """
    try:
        return accounts.get(account_id)
    except NotFoundError:
        if not parking.is_known(account_id):
            raise
        raise ConfigurationError(account_id, ["account (its parameter is missing)"]) from None


def _refuse(sender: ProviderClass, error: RequestError) -> Response:
    """Return the provider's response to a refused callback.

    An unknown account and wrong credentials get the same one, so that nobody learns which accounts
    there are. The log has the difference.
    """
    hidden = isinstance(error, ForbiddenError | NotFoundError)
    return sender.refuse(ForbiddenError(answers.NOT_ACCEPTED) if hidden else error)


@contextmanager
def _counted(request: Request) -> Iterator[None]:
    """Count a refusal of a callback, apart if the provider may send credentials next.

    A provider that has credentials for Basic sends them only after a refusal of a request without
    them.
    """
    try:
        yield
    except RequestError as error:
        may_follow = isinstance(error, UnauthenticatedError) and "authorization" not in request.headers
        tallies.note(Kind.CHALLENGED if may_follow else Kind.REFUSED, request.parameters["account_id"])
        raise


def _completed(recording: Recording, request: Request) -> Recording:
    """Return the recording, its missing fields filled in from the appended query parameters.

    `extra` does not repeat the appended parameters.
    """
    appended = {name: value for name, value in request.query.items() if name in APPENDED}
    extra = {name: value for name, value in recording.extra.items() if appended.get(name) != value}
    lacking = {
        APPENDED[name]: value
        for name, value in appended.items()
        if 0 < len(value) <= MAX_APPENDED and getattr(recording, APPENDED[name]) is None
    }
    return recording.model_copy(update=lacking | {"extra": extra})


def _sender(request: Request) -> ProviderClass:
    """Return the provider that the path names; raises NotFoundError, TooLargeError."""
    web.check_size(request)
    sender = providers.PROVIDERS.get(request.parameters["provider"])
    if sender is None:
        raise NotFoundError("There is no such provider.")
    return sender
