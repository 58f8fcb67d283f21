"""Answer a provider's callback: who sent it, what it says, and that it is safe with us."""

from aws_lambda_powertools import Logger

from callvault import accounts, alarm_messages, providers, web
from callvault.errors import ConfigurationError, NotFoundError, RequestError, TooLargeError, UnavailableError
from callvault.ingest import forwarding, intake
from callvault.models import Recording
from callvault.providers.base import Provider
from callvault.web import Request, Response

MAX_BODY_BYTES = 256 * 1024
APPENDED = {"owner_id": "owner_id", "from": "caller", "to": "callee", "tag": "tag"}
"""Parameters that a user may append to the callback's address, and what they tell."""
MAX_APPENDED = 256
"""Characters; what is longer would fit into no key."""

logger = Logger(child=True)


def answer(request: Request) -> Response:
    """Return the answer to a callback; what is acknowledged is durable."""
    provider: Provider | None = None
    try:
        provider = _provider(request)
        provider.authenticate(request)
        recording = provider.read(request)
        if recording is not None:
            intake.take(_completed(recording, request))
            # Where this fails the callback is refused although the recording is safe: that costs nothing, and whom the
            # user wants to be told is told if the provider repeats it. Acknowledged, it would never be.
            forwarding.take(provider, request, recording)
        return provider.acknowledge()
    except RequestError as error:
        logger.info(alarm_messages.CALLBACK_REFUSED, extra={"status": error.status, "code": error.code})
        return provider.refuse(error) if provider else web.refusal(error)
    except ConfigurationError as error:
        accounts.log_invalid(error)
        return web.json_response(500, {"error": "configuration", "message": "The account is not configured correctly."})
    except UnavailableError as error:
        logger.exception("A callback could not be made durable", extra={"reason": error.reason})
        message = {"error": "unavailable", "message": "The callback could not be stored; send it again."}
        return web.json_response(503, message, {"retry-after": str(web.RETRY_AFTER)})


def _completed(recording: Recording, request: Request) -> Recording:
    """Return a recording with what the user wrote into the callback's address, where the callback itself lacks it."""
    appended = {name: value for name, value in request.query.items() if name in APPENDED}
    extra = {name: value for name, value in recording.extra.items() if appended.get(name) != value}
    lacking = {
        APPENDED[name]: value
        for name, value in appended.items()
        if 0 < len(value) <= MAX_APPENDED and getattr(recording, APPENDED[name]) is None
    }
    return recording.model_copy(update=lacking | {"extra": extra})


def _provider(request: Request) -> Provider:
    """Return the account that the path names, at its provider; raises NotFoundError, TooLargeError."""
    if len(request.body) > MAX_BODY_BYTES:
        raise TooLargeError(f"The body is over {MAX_BODY_BYTES} bytes.")
    account = accounts.get(request.parameters["account_id"])
    if account.provider != request.parameters["provider"]:
        raise NotFoundError("There is no such account.")
    return providers.of(account)
