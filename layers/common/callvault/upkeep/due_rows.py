"""Find the rows that are due for the sweep; warn of those that expire soon or waited for days."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from itertools import chain
from typing import NamedTuple

from aws_lambda_powertools import Logger

from callvault import alarm_messages
from callvault.models import Recording
from callvault.storage import due, queries, rows, shards
from callvault.upkeep import concurrently

MAX_ROWS = 30_000
"""Maximum number of rows of one run: more than come due in the five minutes until the next one."""
MAX_KEYS_OF_SHARD = 25_000
"""Maximum number of keys that a run reads of a shard, to choose the rows from."""


class Key(NamedTuple):
    """The key of a row that is due."""

    time: str
    """When it was due, as text that sorts."""
    primary: str


logger = Logger(child=True)


def keys(until: datetime) -> list[Key]:
    """Return the keys of the rows that are due, at most MAX_ROWS, in the order of their turns.

    The shards are read at the same time. The accounts take turns, and each gives the row that is
    longest overdue. So an account with many rows holds up no other. Raises UnavailableError.
    """
    found = concurrently.run(_in_shard, [(shard, until) for shard in range(shards.SHARDS)])
    return fair(sorted(chain.from_iterable(found)))[:MAX_ROWS]


def fair(found: list[Key]) -> list[Key]:
    """Return keys, which are sorted by their times, so that the accounts take turns."""
    turns: Counter[str] = Counter()
    placed = []
    for place, key in enumerate(found):
        account_id = key.primary.partition("#")[0]
        placed.append((turns[account_id], place, key))
        turns[account_id] += 1
    return [key for _, _, key in sorted(placed)]


def read(chunk: list[Key]) -> Iterator[Recording | None]:
    """Yield the rows of keys, of which one request may name `queries.MAX_KEYS`.

    None is yielded for a row that cannot be read, so that it does not hold up the rows behind it.
    Raises UnavailableError.
    """
    for item in queries.items([{"pk": {"S": key.primary}} for key in chunk]):
        try:
            row = rows.read(item)
        except (ValueError, TypeError) as error:
            # The error itself is not logged: it quotes the row.
            fields = {"row": item["pk"]["S"], "error": type(error).__name__}
            logger.error(alarm_messages.ROW_UNREADABLE, extra=fields)  # noqa: TRY400
            row = None
        yield row


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


def _in_shard(shard: int, until: datetime) -> list[Key]:
    """Return the keys of the rows of a shard that are due, at most MAX_KEYS_OF_SHARD."""
    found: list[Key] = []
    for page in shards.pages(shard, until):
        found += [Key(one["due_time"]["S"], one["pk"]["S"]) for one in page]
        if len(found) >= MAX_KEYS_OF_SHARD:
            break
    return found
