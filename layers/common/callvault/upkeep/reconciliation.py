"""Settle announced rows: ask their providers what became of them, each account within bounds.

A provider that is slow or does not answer costs a run some seconds and not its time, and the accounts take turns. Each
row is marked before it is asked for: of two runs at the same time one asks, and whatever goes wrong, the row is moved
behind those that have not been asked for yet.
"""

import time
from collections import Counter, deque
from dataclasses import dataclass, field

from aws_lambda_powertools import Logger

from callvault import accounts
from callvault.errors import ConfigurationError, NotFoundError, RejectedError, UnavailableError
from callvault.ingest import intake
from callvault.models import Recording, State
from callvault.storage import due, table
from callvault.upkeep import due_rows

MOST_ROWS = 100
"""Of one account in one run."""
MOST_FAILURES = 3
"""After so many the account's other rows are left to the next run."""
MOST_SECONDS = 30
"""After so long, too."""
LONGEST_LOOK_UP = 75
"""Seconds that asking for one row may take: a token and a document, each of which may be slow."""

logger = Logger(child=True)


@dataclass
class Account:
    """The announced rows of one account, and how asking for them went."""

    rows: deque[Recording] = field(default_factory=deque)
    failures: int = 0
    seconds: float = 0
    closed: bool = False
    """Cannot be asked at all: its rows are marked, so that they wait with growing gaps, and that is all."""

    @property
    def done(self) -> bool:
        """Say whether this run has done what it may for the account."""
        failing = self.failures >= MOST_FAILURES and not self.closed
        return not self.rows or failing or self.seconds >= MOST_SECONDS


class Settlement:
    """The announced rows that a run has met."""

    def __init__(self) -> None:
        self._accounts: dict[str, Account] = {}

    def add(self, row: Recording) -> None:
        """Take in a row, unless its account has as many as one run asks for."""
        account = self._accounts.setdefault(row.account_id, Account())
        if len(account.rows) < MOST_ROWS:
            account.rows.append(row)

    def run(self, deadline: float) -> Counter[str]:
        """Settle rows until `deadline` (of time.monotonic()) and return how many were `announced` and `settled`.

        `expiring` are those whose providers delete them soon.
        """
        counts: Counter[str] = Counter()
        turns = deque(self._accounts.values())
        while turns and time.monotonic() < deadline - LONGEST_LOOK_UP:
            account = turns.popleft()
            counts.update(_settle(account))
            if not account.done:
                turns.append(account)
        return counts


def _settle(account: Account) -> list[str]:
    """Settle the next row of an account and return what to count it as."""
    started, told = time.monotonic(), []
    try:
        marked = table.edit(account.rows.popleft(), due.SWEPT)
        if marked is not None:
            told = ["announced", *(["expiring"] if due_rows.warn(marked) else [])]
            told += ["settled"] if _is_settled(account, marked) else []
    except UnavailableError as error:
        told += ["unavailable"]
        account.failures += 1
        account.closed |= error.reason == "not_configured"
        logger.warning("A row could not be taken up", extra={"reason": error.reason})
    account.seconds += time.monotonic() - started
    return told


def _is_settled(account: Account, row: Recording) -> bool:
    """Ask for a row, unless its account cannot be asked, and say whether it is settled; raises UnavailableError."""
    if account.closed:
        return False
    try:
        return intake.reconcile(row).state is not State.ANNOUNCED
    except RejectedError as error:
        logger.info("A recording cannot be asked for", extra={"recording": row.recording_id, "reason": error.reason})
    except NotFoundError:
        account.closed = True
        logger.warning("Recordings wait for an account that is gone", extra={"account": row.account_id})
    except ConfigurationError as error:
        account.closed = True
        accounts.log_invalid(error)
    return False
