"""Authenticate and process the callbacks that were parked.

A parked callback is treated as a direct one, except that its provider received an acknowledgement
when the callback arrived, and will not send it again. The account's parameter, which could not be
used then, may be wrong in another way now. So a callback without the right credentials is tried
again for a day before it is dead-lettered, and each refusal is logged with `parked`, which the
alarm ParkedCallbacksRefused counts. A callback of another provider than the account's waits for a
day too, although it has the account's secrets.
"""

from datetime import timedelta

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord

from callvault import accounts, alarm_messages, times
from callvault.account_parameter import Account
from callvault.errors import (
    ConfigurationError,
    NotFoundError,
    OtherProviderError,
    RejectedError,
    RequestError,
    UnavailableError,
)
from callvault.ingest import answers, callbacks
from callvault.ingest.parking import ParkedCallback
from callvault.messaging import next_attempts
from callvault.storage import parked_counts
from callvault.web import Request

REFUSED = {401, 403, 404}
"""The statuses of a callback whose credentials or account are wrong, which may be corrected."""

logger = Logger(child=True)


def read(record: SQSRecord) -> Request:
    """Return the request that a message carries; raises RejectedError if it carries none."""
    try:
        return ParkedCallback.model_validate_json(record.body).request()
    except ValueError as error:
        raise RejectedError("unreadable", "The message carries no callback.") from error


def process(request: Request, waited: timedelta) -> None:
    """Process a parked callback, which has been tried for `waited`.

    A callback that cannot be read is only logged. Raises UnavailableError if a later attempt may
    succeed, and RejectedError for a callback that is refused after GIVE_UP_AFTER.
    """
    account_id = request.parameters["account_id"]
    kind = UnavailableError if waited < next_attempts.GIVE_UP_AFTER else RejectedError
    try:
        callbacks.accept(callbacks.provider_of(_account(request, waited), request), request, arrived=request.arrived)
    except RequestError as error:
        fields = {"account": account_id, "parked": True, **answers.refusal(error, request)}
        logger.info(alarm_messages.CALLBACK_REFUSED, extra=fields)
        if error.status in REFUSED:
            raise kind(f"refused_{error.status}", str(error)) from error
    except OtherProviderError as error:
        accounts.log_invalid(error)
        raise kind("configuration", str(error)) from error
    except ConfigurationError as error:
        accounts.log_invalid(error)
        raise UnavailableError("configuration", str(error)) from error
    else:
        seconds = round((times.now() - request.arrived).total_seconds())
        logger.info("A parked callback was processed", extra={"account": account_id, "seconds": seconds})


def _account(request: Request, waited: timedelta) -> Account:
    """Return the account; raises NotFoundError.

    If there has been none for GIVE_UP_AFTER, forget that it existed: it was removed on purpose, and
    no further callback of it is parked.
    """
    account_id = request.parameters["account_id"]
    try:
        return accounts.get(account_id)
    except NotFoundError:
        if waited >= next_attempts.GIVE_UP_AFTER:
            parked_counts.delete(account_id)
        raise
