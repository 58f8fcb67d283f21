"""Answer a provider's callback: authenticate it, read it, and acknowledge it once it is durable."""

from callvault import accounts, providers, web
from callvault.errors import CallvaultError, NotFoundError, TooLargeError
from callvault.ingest import answers, forwarding, intake
from callvault.models import Recording
from callvault.providers.base import Provider
from callvault.web import Request, Response

MAX_BODY_BYTES = 256 * 1024
APPENDED = {"owner_id": "owner_id", "from": "caller", "to": "callee", "tag": "tag"}
"""The query parameters that a user may append to the callback URL, with the fields they fill."""
MAX_APPENDED = 256
"""Maximum length of an appended value, in characters.

A longer value might not fit into a partition key (`models.MAX_KEY_BYTES`).
"""


def answer(request: Request) -> Response:
    """Return the response to a callback. A callback that is acknowledged is durable."""
    provider: Provider | None = None
    try:
        provider = _provider(request)
        provider.authenticate(request)
        recording = provider.read(request)
        if recording is not None:
            intake.record(_completed(recording, request))
            # If this fails, the callback is refused although the recording is durable. That costs
            # nothing: the provider repeats the callback, and the forward is queued then. If the
            # callback were acknowledged, the forward would be lost.
            forwarding.enqueue(provider, request, recording)
        return provider.acknowledge()
    except CallvaultError as error:
        return answers.failure(error, "callback", provider.refuse if provider else web.refusal)


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


def _provider(request: Request) -> Provider:
    """Return the provider of the account in the path.

    Raises NotFoundError, TooLargeError, ConfigurationError, UnavailableError.
    """
    if len(request.body) > MAX_BODY_BYTES:
        raise TooLargeError(f"The body is over {MAX_BODY_BYTES} bytes.")
    account = accounts.get(request.parameters["account_id"])
    if account.provider != request.parameters["provider"]:
        raise NotFoundError("There is no such account.")
    return providers.of(account)
