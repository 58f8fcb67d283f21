"""Park a callback whose account cannot be read: queue the raw request, and acknowledge it.

SSM may not answer, or the account's parameter may be missing or not validate. Bandwidth and KAZOO
repeat a callback only after a connection error, so they would not repeat one that is refused. Six
failures in a minute make KAZOO disable its webhook. So the request is queued as it came, and
`parked_callbacks` authenticates and processes it once the account can be read. Until then nobody
has authenticated it. So a callback is parked only for an account that is known to exist, the number
of parked callbacks is bounded, and their content is never logged.
"""

import time
from base64 import b64decode, b64encode
from collections.abc import Mapping
from typing import Self

from aws_lambda_powertools import Logger

from callvault import accounts
from callvault.account_parameter import ACCOUNT_ID
from callvault.errors import ConfigurationError, UnauthenticatedError, UnavailableError
from callvault.messaging import queues
from callvault.messaging.queues import Queue
from callvault.providers import callback_secrets
from callvault.providers.base import ProviderClass
from callvault.storage import parked_counts
from callvault.storage.parked_counts import Outcome
from callvault.values import Frozen, Timestamp
from callvault.web import Request, Response

MAX_PARKED = 100_000
"""Maximum number of parked callbacks of all accounts.

A message between two attempts is in flight, and SQS allows about 120,000 of those for each queue
(Amazon SQS, "Quotas related to queues").
"""
MAX_REMEMBERED = 1_000
"""Maximum number of full accounts that a process remembers."""
COUNT_SECONDS = 5
"""Time for which a process uses the number of parked callbacks that it read, in seconds."""

logger = Logger(child=True)

_full: dict[str, str] = {}
"""The hour in which each account has too many parked callbacks, as far as this process knows."""
_known: set[str] = set()
"""The accounts that this process has made known to the table."""
_counted: tuple[float, int] = (float("-inf"), 0)
"""When the parked callbacks were last counted, and how many there were."""


class ParkedCallback(Frozen):
    """A callback as the queue carries it.

    The body has at most 256 KB (`callbacks.MAX_BODY_BYTES`), in Base64 342 KB, and API Gateway
    limits the request line and the headers to 10,240 bytes. The message is written in ASCII, where
    each of these bytes becomes at most 6 bytes, as a control character does. So the message stays
    far below SQS's 1 MiB.
    """

    account_id: str
    method: str
    path: str
    raw_query: str
    headers: Mapping[str, str]
    body: str
    """The body in Base64."""
    parameters: Mapping[str, str]
    origin: str
    request_id: str
    arrived: Timestamp
    api_id: str = ""

    @classmethod
    def of(cls, request: Request) -> Self:
        """Return the message of a request."""
        return cls(
            account_id=request.parameters["account_id"],
            method=request.method,
            path=request.path,
            raw_query=request.raw_query,
            headers=request.headers,
            body=b64encode(request.body).decode(),
            parameters=request.parameters,
            origin=request.origin,
            request_id=request.request_id,
            arrived=request.arrived,
            api_id=request.api_id,
        )

    def request(self) -> Request:
        """Return the request as it came; raises ValueError if the body is not Base64."""
        return Request(
            method=self.method,
            path=self.path,
            raw_query=self.raw_query,
            headers=self.headers,
            body=b64decode(self.body, validate=True),
            parameters=self.parameters,
            origin=self.origin,
            request_id=self.request_id,
            arrived=self.arrived,
            api_id=self.api_id,
        )


def park(request: Request, provider: ProviderClass, error: UnavailableError | ConfigurationError) -> Response:
    """Queue a callback whose account could not be used, because of `error`, and acknowledge it.

    Raises UnauthenticatedError with a challenge for a callback without any credential: a provider
    that has credentials for Basic sends them in a second request only, after a 401. Raises
    UnavailableError if the account or the queue has too many parked callbacks, or the queue does
    not answer.
    """
    if isinstance(error, ConfigurationError):
        accounts.log_invalid(error)
    if not callback_secrets.are_given(request) and not provider.is_signed(request):
        raise UnauthenticatedError("The credentials are missing.", callback_secrets.CHALLENGE)
    parked = ParkedCallback.of(request)
    _check_bounds(parked.account_id, exists=isinstance(error, ConfigurationError))
    queues.send(Queue.PARKED, parked.model_dump_json(ensure_ascii=True), group=parked.account_id)
    reason = "configuration" if isinstance(error, ConfigurationError) else error.reason
    logger.warning("A callback was parked", extra={"account": parked.account_id, "reason": reason})
    return provider.acknowledge()


def make_known(account_id: str) -> None:
    """Let the table know that an account exists, once in each process.

    Without that, none of its callbacks could be parked. A failure costs nothing now: the hourly
    sweep makes all accounts known.
    """
    if account_id in _known:
        return
    _known.add(account_id)
    try:
        parked_counts.know(account_id)
    except UnavailableError as error:
        logger.warning("An account could not be made known", extra={"account": account_id, "reason": error.reason})


def is_known(account_id: str) -> bool:
    """Say whether the table knows that an account exists; if it does not answer, say no."""
    if not ACCOUNT_ID.fullmatch(account_id):
        return False
    try:
        return parked_counts.is_known(account_id)
    except UnavailableError as error:
        logger.warning("Whether an account is known could not be read", extra={"reason": error.reason})
        return False


def forget() -> None:
    """Forget how many callbacks were parked, and for whom."""
    global _counted  # noqa: PLW0603
    _counted = (float("-inf"), 0)
    _full.clear()
    _known.clear()


def _check_bounds(account_id: str, *, exists: bool) -> None:
    """Raise UnavailableError if no further callback may be parked.

    `exists` says that SSM has a parameter of the account, though an invalid one. If one of the two
    limits cannot be checked, only the other one applies, because a refused callback may be lost.
    """
    if _full.get(account_id) == parked_counts.current_hour() or _count() >= MAX_PARKED:
        raise UnavailableError("parked_full", "Too many callbacks are parked.")
    try:
        outcome = parked_counts.add(account_id)
        if outcome is Outcome.UNKNOWN and exists:
            parked_counts.know(account_id)
            outcome = parked_counts.add(account_id)
    except UnavailableError as error:
        logger.warning("A parked callback could not be counted", extra={"reason": error.reason})
        return
    if outcome is Outcome.FULL:
        if len(_full) >= MAX_REMEMBERED:
            _full.clear()
        _full[account_id] = parked_counts.current_hour()
        raise UnavailableError("parked_full", "Too many callbacks of the account were parked in this hour.")
    if outcome is Outcome.UNKNOWN:
        raise UnavailableError("accounts_unavailable", "The account cannot be read, and is not known to exist.")


def _count() -> int:
    """Return about how many callbacks are parked; the last number if SQS does not report it."""
    global _counted  # noqa: PLW0603
    counted_at, number = _counted
    if time.monotonic() - counted_at >= COUNT_SECONDS:
        try:
            number = queues.count(Queue.PARKED)
        except UnavailableError as error:
            logger.warning("The parked callbacks could not be counted", extra={"reason": error.reason})
        _counted = (time.monotonic(), number)
    return number
