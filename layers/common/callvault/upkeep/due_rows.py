"""Find the rows that wait too long, by the index `by_due`, and tell of those that cannot wait much longer."""

from collections.abc import Iterator
from datetime import datetime

from aws_lambda_powertools import Logger

from callvault import alarm_messages
from callvault.models import Recording
from callvault.storage import due, queries, rows

logger = Logger(child=True)


def read(until: datetime) -> Iterator[Recording | None]:
    """Yield the rows that are due, those first that are so the longest, from each shard in turn.

    A row that was changed since its page was read is yielded as it was. None stands for one that cannot be read: those
    behind it must not wait until somebody mends it. Raises UnavailableError.
    """
    shards = [_due_in(shard, until) for shard in range(due.SHARDS)]
    while shards:
        for shard in list(shards):
            try:
                yield next(shard)
            except StopIteration:
                shards.remove(shard)


def warn(row: Recording) -> bool:
    """Tell of a row whose provider deletes the recording soon, and say whether it is one."""
    expiring = due.is_expiring(row)
    if expiring:
        told = {"recording": row.recording_id, "account": row.account_id, "state": row.state}
        logger.warning(alarm_messages.RECORDING_EXPIRES_SOON, extra=told)
    return expiring


def _due_in(shard: int, until: datetime) -> Iterator[Recording | None]:
    """Yield the rows of one shard, reading a page when the one before is done with."""
    for keys in due.pages(shard, until):
        for item in queries.items(keys):
            try:
                row = rows.read(item)
            except (ValueError, TypeError) as error:
                # Not the error itself: it quotes what it could not read.
                told = {"row": item["pk"]["S"], "error": type(error).__name__}
                logger.error(alarm_messages.ROW_UNREADABLE, extra=told)  # noqa: TRY400
                row = None
            yield row
