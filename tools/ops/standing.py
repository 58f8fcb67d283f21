"""Find how the archive stands, without reading the whole table.

Everything that waits has a key in the index `by_due`: announced, pending and unverified recordings,
failed ones that their provider deletes at a known time, and what else the sweep will look at. It is
a small part of the table, but half a million rows while a provider is down. So the keys are counted
up to MAX_KEYS, and only the rows that are due first are read. A query costs half a read unit for
each 4 KB of keys, which are about 25 keys; a batch of rows costs half a read unit for each row of
up to 4 KB (DynamoDB developer guide, "DynamoDB read and write operations").
"""

import heapq
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from callvault import accounts, clients, times
from callvault.errors import CallvaultError
from callvault.messaging import queues
from callvault.messaging.queues import Queue
from callvault.storage import breakers, cursors, due, queries, rows, shards

MAX_KEYS = 200_000
"""Maximum number of waiting rows that are counted. They cost about 4,000 read units."""
MAX_ROWS = 10_000
"""Default maximum number of waiting rows that are read. They cost about 5,000 read units."""
MAX_BREAKERS = 100
"""Maximum number of accounts whose breaker is read: those with the most waiting rows.

An open breaker makes rows wait, so an account without waiting rows has none. Each costs one request
to SSM, which answers 40 in a second.
"""
OVERDUE_AFTER = timedelta(days=1)
"""Age of the last reconciliation after which an account counts as not reconciled."""
CONNECTIONS = 10
"""Maximum number of cursors that are read at the same time."""

type Row = dict[str, Any]


@dataclass
class Waiting:
    """The recordings that wait."""

    total: int = 0
    """Number of waiting rows, at most MAX_KEYS."""
    all_counted: bool = True
    """Whether there are no more than `total`."""
    read: int = 0
    """Number of rows that were read: `states` describes these."""
    unreadable: int = 0
    """Number of rows that could not be understood."""
    states: dict[str, Row] = field(default_factory=dict)
    """By state: number of rows, the oldest, and how many expire within 72 hours."""
    accounts: Counter[str] = field(default_factory=Counter)
    """Number of waiting rows by account."""


def waiting(account_id: str | None, most: int) -> Waiting:
    """Count what waits, of one account or of all, and read at most `most` rows.

    The rows that are due first are read. Raises UnavailableError.
    """
    found = Waiting()
    first: list[str] = []
    for number, key in enumerate(_keys()):
        if number == MAX_KEYS:
            found.all_counted = False
            break
        of = key.partition("#")[0]
        if account_id in {None, of}:
            found.accounts[of] += 1
            if len(first) < most:
                first.append(key)
    found.total = found.accounts.total()
    for start in range(0, len(first), queries.MAX_KEYS):
        for item in queries.items([{"pk": {"S": key}} for key in first[start : start + queries.MAX_KEYS]]):
            _count(found, item)
    return found


def queue_counts() -> list[Row]:
    """Return about how many messages each queue has, by whether they wait or are in flight.

    Raises UnavailableError.
    """
    found = []
    for queue in Queue:
        visible, hidden = _messages(queue.url)
        found.append(
            {
                "queue": queue.value,
                "waiting": visible,
                "in_flight": hidden,
                "dead_letters": sum(_messages(queue.dead_letters_url)),
            }
        )
    return found


def open_breakers(account_ids: list[str]) -> tuple[list[Row], dict[str, str]]:
    """Return the open breakers of accounts, and why those of some accounts could not be read."""
    found, unread = [], {}
    for account_id in account_ids:
        try:
            api = accounts.get(account_id).api
            known = breakers.of(account_id, api.origin) if api else None
        except CallvaultError as error:
            unread[account_id] = getattr(error, "reason", type(error).__name__)
            continue
        if api and known and known.is_open:
            times_of = {"opened_at": known.opened_at, "next_attempt": known.next_time}
            found.append({"account": account_id, "origin": api.origin, "reason": known.reason, **times_of})
    return found, unread


def reconciliations(account_ids: list[str]) -> list[Row]:
    """Return how far the reconciliation of each account has come; raises UnavailableError."""
    with ThreadPoolExecutor(CONNECTIONS) as readers:
        return [
            {
                "account": account_id,
                "last_success": cursor and cursor.last_success,
                "reached": cursor and cursor.reached,
                "failed_reason": cursor and cursor.failed_reason,
            }
            for account_id, cursor in zip(account_ids, readers.map(cursors.of, account_ids), strict=True)
        ]


def is_overdue(reconciliation: Row) -> bool:
    """Say whether an account was not reconciled for OVERDUE_AFTER."""
    last: datetime | None = reconciliation["last_success"]
    return last is None or times.now() - last > OVERDUE_AFTER


def _keys() -> Iterator[str]:
    """Yield the primary keys of the waiting rows of all shards, first due first."""
    end = datetime.max.replace(tzinfo=UTC)
    found = [
        ((key["due_time"]["S"], key["pk"]["S"]) for page in shards.pages(shard, end) for key in page)
        for shard in range(shards.SHARDS)
    ]
    return (key for _, key in heapq.merge(*found))


def _count(found: Waiting, item: queries.Item) -> None:
    """Count a row that was read."""
    found.read += 1
    try:
        row = rows.read(item)
    except (ValueError, TypeError):
        found.unreadable += 1
        return
    since = row.created_time
    state = found.states.setdefault(row.state, {"state": str(row.state), "count": 0, "oldest": since, "expiring": 0})
    state["count"] += 1
    state["oldest"] = min(filter(None, (state["oldest"], since)), default=None)
    state["expiring"] += due.is_expiring(row)


def _messages(url: str) -> tuple[int, int]:
    """Return about how many messages of a queue wait, and how many are in flight.

    Messages whose delay is not over wait, too. In flight are those that were received and are
    hidden (SQS API reference, "GetQueueAttributes"). SQS allows 120,000 of them in a queue.
    """
    names: Any = [*queues.COUNTS, "ApproximateNumberOfMessagesDelayed"]
    with clients.guard("queue"):
        answer = clients.sqs().get_queue_attributes(QueueUrl=url, AttributeNames=names)
    visible, hidden, delayed = (int(answer["Attributes"][name]) for name in names)
    return visible + delayed, hidden
