"""Compare the ledger with a second witness: the reports of the archive on each account's days.

The archive adds them up from the providers' lists and its table. The ledger is the storm's own.
"""

from collections import Counter
from collections.abc import Iterable

from callvault.completeness import Day
from tools.storm.found import Found
from tools.storm.ledger import Entry, Ledger
from tools.storm.plan import Way
from tools.storm.world import ACCOUNTS

OUTCOMES = {"verified": "stored", "absent": "absent", "failed": "failed"}
"""The number of a report that counts an entry, by its state."""
GONE = {"gone", "http_404", "http_410"}
"""Reasons of failed recordings that are counted as `gone`."""
NUMBERS = ("listed", "stored", "pending", "absent", "failed", "gone", "unexplained", "unlisted", "seconds_listed")
"""The numbers of a report that both witnesses have; the ledger has nothing pending or unlisted."""
NO_LIST = "no_list"
"""Why nothing is known of the days of an account whose provider lists nothing."""


def disagreements(ledger: Ledger, found: Found) -> list[str]:
    """Return what the reports on each account have otherwise than the ledger."""
    problems = []
    for account_id in sorted(set(ACCOUNTS.values())):
        days = found.reports.get(account_id, [])
        if not days:
            problems.append(f"{account_id}: there is no report")
        elif account_id == ACCOUNTS[Way.TELNYX]:
            problems += [f"{account_id}: numbers without a list: {day}" for day in days if day.unknown != NO_LIST]
        else:
            entries = [entry for entry in ledger.entries.values() if entry.account_id == account_id and entry.listed]
            problems += [f"{account_id}: {problem}" for problem in _differences(entries, days)]
    return problems


def _differences(entries: list[Entry], days: list[Day]) -> Iterable[str]:
    """Yield how the reports on the days of an account differ from its entries."""
    yield from (f"{day.date} is unknown, {day.unknown}" for day in days if day.unknown is not None)
    own, reported = expected(entries), summed(days)
    for name in sorted(own.keys() | reported.keys()):
        if own[name] != reported[name]:
            yield f"{name} {reported[name]} in the reports, {own[name]} in the ledger"
    # A callback that only the queue took, because the table failed, is not in the row's history.
    sent, callbacks = sum(not entry.drawn.silent for entry in entries), sum(day.callbacks or 0 for day in days)
    if callbacks > sent:
        yield f"callbacks {callbacks} in the reports, at most {sent} in the ledger"


def expected(entries: Iterable[Entry]) -> Counter[str]:
    """Return the numbers that the reports must have; those that are 0 are missing."""
    numbers: Counter[str] = Counter()
    for entry in entries:
        is_gone = entry.state == "failed" and entry.reason in GONE
        outcome = "gone" if is_gone else OUTCOMES[entry.state]
        numbers.update({"listed": 1, outcome: 1, "seconds_listed": entry.seconds})
        if outcome == "failed":
            numbers[f"failed_by {entry.reason}"] += 1
    return numbers


def summed(days: Iterable[Day]) -> Counter[str]:
    """Return the sums of the reports' numbers; those that are 0 are missing."""
    numbers: Counter[str] = Counter()
    for day in days:
        for name in NUMBERS:
            numbers[name] += getattr(day, name) or 0
        numbers.update({f"failed_by {reason}": number for reason, number in day.failed_by.items()})
    return +numbers
