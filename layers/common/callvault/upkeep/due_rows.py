"""Find the rows that are due for the sweep; warn of those that expire soon or waited for days."""

from collections.abc import Iterator
from datetime import datetime

from aws_lambda_powertools import Logger

from callvault import alarm_messages
from callvault.models import Recording
from callvault.storage import due, queries, rows

logger = Logger(child=True)


def read(until: datetime) -> Iterator[Recording | None]:
    """Yield the rows that are due, from each shard in turn, the longest overdue first.

    A row that is changed after its page was read is yielded as it was. None is yielded for a row
    that cannot be read, so that it does not hold up the rows behind it. Raises UnavailableError.
    """
    shards = [_due_in(shard, until) for shard in range(due.SHARDS)]
    while shards:
        for shard in list(shards):
            try:
                yield next(shard)
            except StopIteration:
                shards.remove(shard)


def warn(row: Recording) -> bool:
    """Return whether a row's provider deletes the recording soon, and log a warning if so."""
    expiring = due.is_expiring(row)
    if expiring:
        fields = {"recording": row.recording_id, "account": row.account_id, "state": row.state}
        logger.warning(alarm_messages.RECORDING_EXPIRES_SOON, extra=fields)
    return expiring


def warn_unanswered(row: Recording) -> bool:
    """Return whether a row has waited for its provider for days, and log a warning if so."""
    unanswered = due.is_unanswered(row)
    if unanswered:
        fields = {"recording": row.recording_id, "account": row.account_id, "provider": row.provider}
        logger.warning(alarm_messages.RECORDING_UNANSWERED, extra=fields | {"state": row.state})
    return unanswered


def _due_in(shard: int, until: datetime) -> Iterator[Recording | None]:
    """Yield the rows of one shard. A page is read once the one before it is used up."""
    for keys in due.pages(shard, until):
        for item in queries.items(keys):
            try:
                row = rows.read(item)
            except (ValueError, TypeError) as error:
                # The error itself is not logged: it quotes the row.
                fields = {"row": item["pk"]["S"], "error": type(error).__name__}
                logger.error(alarm_messages.ROW_UNREADABLE, extra=fields)  # noqa: TRY400
                row = None
            yield row
