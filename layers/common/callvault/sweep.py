"""Take up again what has waited too long, with growing gaps, as much of it as one run has time for.

A pending row's message may have been refused by the queue; a stored object's event may never have come. What is taken
up is marked in its row first, under the row's revision: of two runs at the same time one does it, and a run that dies
leaves the rest due. An announced row waits for its provider, who has no media yet: it is looked at, and waits on.
"""

import time
from collections import Counter

from aws_lambda_powertools import Logger

from callvault import clients, jobs, listing, objects, rows, settings, table, times
from callvault.errors import UnavailableError
from callvault.models import Recording, State

SHARD_ROWS = 500
"""How many rows of one shard a run looks at: what is due longest comes first, and the next run goes on."""

logger = Logger(child=True)


def run(deadline: float) -> dict[str, int]:
    """Take up what is due until `deadline` (of time.monotonic()) and return how many of each state there were."""
    counts: Counter[str] = Counter()
    for shard in range(rows.SHARDS):
        for account_id, recording_id in listing.due(shard, times.now(), SHARD_ROWS):
            if time.monotonic() > deadline:
                return _told(counts)
            try:
                row = table.get(account_id, recording_id)
                if row is not None and _take_up(row):
                    counts[row.state] += 1
            except UnavailableError as error:
                logger.warning("A row could not be taken up", extra={"reason": error.reason})
                counts["unavailable"] += 1
    return _told(counts)


def _take_up(row: Recording) -> bool:
    """Queue a row's next step again; False where it has moved on, or another run was faster."""
    if row.state not in rows.DUE_AFTER or rows.due_time(row) > times.now():
        return False
    marked = table.edit(row, rows.SWEPT)
    if marked is None:
        return False
    if row.state is State.PENDING:
        jobs.send(marked)
    elif row.state is State.STORED and row.media is not None:
        body = objects.write(row.media.key, row.media.version_id)
        with clients.guard("queue"):
            clients.sqs().send_message(QueueUrl=settings.get().objects_queue_url, MessageBody=body)
    return True


def _told(counts: Counter[str]) -> dict[str, int]:
    """Return the counts, once they are in the log."""
    logger.info("Swept", extra={"counts": dict(counts)})
    return dict(counts)
