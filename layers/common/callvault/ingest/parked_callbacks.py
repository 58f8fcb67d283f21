"""Authenticate and process the callbacks that were parked.

A parked callback is processed like any other, but its provider received an acknowledgement when
the callback arrived. So a refusal is final. Its log line has `parked: true`, which the alarm
CallbacksRefused counts.
"""

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord

from callvault import accounts, alarm_messages, times
from callvault.account_parameter import Account
from callvault.errors import ConfigurationError, NotFoundError, RejectedError, RequestError, UnavailableError
from callvault.ingest import callbacks
from callvault.ingest.parking import ParkedCallback
from callvault.storage import parked_counts
from callvault.web import Request

logger = Logger(child=True)


def read(record: SQSRecord) -> Request:
    """Return the request that a message carries; raises RejectedError if it carries none."""
    try:
        return ParkedCallback.model_validate_json(record.body).request()
    except ValueError as error:
        raise RejectedError("unreadable", "The message carries no callback.") from error


def process(request: Request) -> None:
    """Process a parked callback; raises UnavailableError if a later attempt may succeed.

    A callback that is refused is only logged: no later attempt would be accepted.
    """
    fields = {"account": request.parameters["account_id"], "parked": True}
    try:
        callbacks.accept(callbacks.provider_of(_account(request), request), request)
    except RequestError as error:
        refusal = {"status": error.status, "code": error.code}
        logger.info(alarm_messages.CALLBACK_REFUSED, extra=fields | refusal)
    except ConfigurationError as error:
        accounts.log_invalid(error)
        raise UnavailableError("configuration", str(error)) from error
    else:
        seconds = round((times.now() - request.arrived).total_seconds())
        logger.info("A parked callback was processed", extra={"account": fields["account"], "seconds": seconds})


def _account(request: Request) -> Account:
    """Return the account; if there is none, delete its count and raise NotFoundError."""
    account_id = request.parameters["account_id"]
    try:
        return accounts.get(account_id)
    except NotFoundError:
        parked_counts.delete(account_id)
        raise
