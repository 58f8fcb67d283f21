"""Ask the providers what became of announced recordings, within limits for each account.

The accounts take turns, and a slow provider costs a run only some seconds. Each row is marked as
swept before its provider is asked. So of two runs at the same time only one asks, and a row whose
look-up fails moves behind the rows that were not looked up yet.
"""

import time
from collections import Counter, deque
from dataclasses import dataclass, field

from aws_lambda_powertools import Logger

from callvault import accounts
from callvault.errors import ConfigurationError, NotFoundError, RejectedError, UnavailableError
from callvault.ingest import following, transcripts
from callvault.messaging import fetch_requests
from callvault.models import Recording
from callvault.storage import due, table
from callvault.upkeep import due_rows

MAX_ROWS = 100
"""Maximum number of rows of one account in one run."""
MAX_FAILURES = 3
"""Number of failures after which an account's other rows are left to the next run."""
MAX_SECONDS = 30
"""Time, in seconds, after which an account's other rows are left to the next run."""
MAX_LOOK_UP_SECONDS = 75
"""Maximum time for one row, in seconds: a slow request for a token and one for the document."""

logger = Logger(child=True)


@dataclass
class AccountTurn:
    """The announced rows of one account, and the progress of their look-ups in one run."""

    rows: deque[Recording] = field(default_factory=deque)
    failures: int = 0
    seconds: float = 0
    closed: bool = False
    """Whether the provider cannot be asked.

    The account's other rows are then only marked as swept, so that they are due again later.
    """

    @property
    def done(self) -> bool:
        """Say whether no rows of the account are left, or a limit of the run is reached."""
        failing = self.failures >= MAX_FAILURES and not self.closed
        return not self.rows or failing or self.seconds >= MAX_SECONDS


class Reconciliation:
    """The announced rows that a run has found, by account."""

    def __init__(self) -> None:
        self._accounts: dict[str, AccountTurn] = {}

    def add(self, row: Recording) -> None:
        """Add a row, unless its account has reached the maximum of one run."""
        turn = self._accounts.setdefault(row.account_id, AccountTurn())
        if len(turn.rows) < MAX_ROWS:
            turn.rows.append(row)

    def run(self, deadline: float) -> Counter[str]:
        """Reconcile rows until `deadline`, a time of time.monotonic(), and return counts.

        `announced` counts the rows, `settled` those that are announced no longer, `expiring` those
        whose providers delete them soon, `unanswered` those that have waited for days, and
        `unavailable` the failures.
        """
        counts: Counter[str] = Counter()
        turns = deque(self._accounts.values())
        while turns and time.monotonic() < deadline - MAX_LOOK_UP_SECONDS:
            turn = turns.popleft()
            counts.update(_reconcile_next(turn))
            if not turn.done:
                turns.append(turn)
        return counts


def _reconcile_next(turn: AccountTurn) -> list[str]:
    """Reconcile the next row of an account and return the names of the counts that grow by one."""
    started, marked = time.monotonic(), None
    counted: list[str] = []
    row = turn.rows.popleft()
    try:
        marked = table.edit(row, due.SWEPT)
        if marked is not None:
            counted = ["announced", *(["expiring"] if due_rows.warn(marked) else [])]
            lost = transcripts.is_due(marked) and not transcripts.is_waiting(marked)
            if lost or due.has_text_left(marked):  # its message was lost while the recording is still announced
                fetch_requests.send_transcript(marked)
            counted += ["settled"] if _is_reconciled(turn, marked) else []
    except UnavailableError as error:
        counted += ["unavailable"]
        # The account's rows of its present provider are looked up all the same.
        turn.failures += error.reason != "other_provider"
        turn.closed |= error.reason == "not_configured"
        logger.warning("A row could not be reconciled", extra=_named(row) | {"reason": error.reason})
    if marked is not None and "settled" not in counted and due_rows.warn_unanswered(marked):
        counted += ["unanswered"]
    turn.seconds += time.monotonic() - started
    return counted


def _is_reconciled(turn: AccountTurn, row: Recording) -> bool:
    """Reconcile a row, unless `turn` is closed, and return whether the row is announced no longer.

    Raises UnavailableError.
    """
    if turn.closed:
        return False
    try:
        return not due.waits_for_provider(following.reconcile(row))
    except RejectedError as error:
        logger.info("A recording cannot be looked up", extra=_named(row) | {"reason": error.reason})
    except NotFoundError:
        turn.closed = True
        logger.warning("Announced recordings belong to a missing account", extra={"account": row.account_id})
    except ConfigurationError as error:
        turn.closed = True
        accounts.log_invalid(error)
    return False


def _named(row: Recording) -> dict[str, str]:
    """Return the fields of a log line that name a recording."""
    return {"account": row.account_id, "provider": row.provider, "recording": row.recording_id}
