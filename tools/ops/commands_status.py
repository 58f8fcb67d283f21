"""The command `status`: show what waits and what fails.

It reads no more of the table than `standing` says, and prints what it counted.
"""

from typing import Annotated, Any

import typer

from callvault import accounts
from tools.ops import options, printing, registry, selection, stack_settings, standing
from tools.ops.standing import MAX_BREAKERS, MAX_KEYS, MAX_ROWS, Row, Waiting

MAX_LINES = 20
"""Maximum number of lines of a table by account; `--json` has all of them."""


def register(app: typer.Typer) -> None:
    """Add the command."""
    registry.command(app, "status", status)


def status(
    *,
    account: Annotated[str | None, typer.Option("--account", metavar="ID", help="only this account")] = None,
    limit: Annotated[
        int,
        typer.Option("--limit", min=1, max=MAX_KEYS, metavar="N", help="read at most this many recordings that wait"),
    ] = MAX_ROWS,
    stack: options.Stack = options.STACK,
    as_json: options.Json = False,
) -> int:
    """Show what waits, expires and fails, and when each account was last reconciled."""
    stack_settings.load(stack)
    if account is not None:
        selection.check_account(account)
    waiting = standing.waiting(account, limit)
    asked = [account_id for account_id, _ in waiting.accounts.most_common(MAX_BREAKERS)]
    breakers, unread = standing.open_breakers(asked)
    account_ids = [account] if account is not None else sorted(accounts.names())
    reconciliations = standing.reconciliations(account_ids)
    content: Row = {
        "states": [waiting.states[state] for state in sorted(waiting.states)],
        "waiting": [{"account": one, "waiting": number} for one, number in waiting.accounts.most_common()],
        "queues": standing.queue_counts(),
        "breakers": breakers,
        "breakers_unread": unread,
        "reconciliations": reconciliations,
        "counted": {
            "waiting": waiting.total,
            "all_waiting_counted": waiting.all_counted,
            "read": waiting.read,
            "unreadable": waiting.unreadable,
            "breakers_of_accounts": len(asked) - len(unread),
            "accounts": len(account_ids),
        },
    }
    if as_json:
        printing.as_json(content)
    else:
        _print(content, waiting)
    return 0


def _print(content: Row, waiting: Waiting) -> None:
    """Print everything for people."""
    printing.table(content["states"], "Nothing waits.")
    _print_counted(waiting)
    print()
    _first_lines(content["waiting"], "No account waits.")
    print("\nQueues of the whole stack, as SQS counts them about:")
    printing.table(content["queues"], "")
    print()
    printing.table(content["breakers"], "No breaker is open.")
    read = content["counted"]["breakers_of_accounts"]
    print(f"Read of the accounts with the most waiting recordings: {read}, at most {MAX_BREAKERS}.")
    for account_id, reason in content["breakers_unread"].items():
        print(printing.visible(f"The breaker of {account_id} could not be read: {reason}."))
    _print_reconciliations(content["reconciliations"])


def _print_counted(waiting: Waiting) -> None:
    """Print what the table of states counts, and what it leaves out."""
    total = f"{waiting.total}" if waiting.all_counted else f"{waiting.total} or more"
    print(f"Waiting: {total}. Read, those that are due first: {waiting.read}. Unreadable: {waiting.unreadable}.")
    if waiting.read < waiting.total or not waiting.all_counted:
        print("The table counts only those that were read. --limit reads more.")
    print("EXPIRING counts those that their provider deletes within 72 hours.")
    print("Not counted: failed recordings without a known time of deletion; see callvault retry.")


def _print_reconciliations(found: list[Row]) -> None:
    """Print which accounts were not reconciled lately."""
    late = [one for one in found if standing.is_overdue(one) or one["failed_reason"]]
    print(f"\nAccounts: {len(found)}. Not reconciled for a day, or failed: {len(late)}.")
    _first_lines(late, "There is no such account.")
    if known := [one["last_success"] for one in found if one["last_success"]]:
        print(f"Last reconciliation: {printing.text(max(known))}; of the account that waits longest: ", end="")
        print(f"{printing.text(min(known))}.")


def _first_lines(rows: list[dict[str, Any]], nothing: str) -> None:
    """Print the first rows of a table, and how many more there are."""
    printing.table(rows[:MAX_LINES], nothing)
    if len(rows) > MAX_LINES:
        print(f"Not shown: {len(rows) - MAX_LINES}. --json has all of them.")
