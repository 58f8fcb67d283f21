"""The command `completeness`: show what providers list and what became of it, day by day.

The reports are those that the API serves at `/v2/accounts/ACCOUNT/completeness`. The exit status is
1 if a recording is unexplained. Days of which nothing is known are named, and are no failure: the
first reconciliation may not have run.
"""

from collections import Counter
from datetime import date
from typing import Annotated, Any

import typer

from callvault import accounts
from callvault.readers import completeness as reports
from callvault.readers.completeness import DEFAULT_DAYS, MAX_DAYS
from tools.ops import options, printing, registry, selection, stack_settings, time_arguments
from tools.ops.progress import Progress
from tools.ops.stack_settings import UsageError

type Row = dict[str, Any]

COLUMNS = ("listed", "stored", "pending", "absent", "failed", "gone", "unexplained", "unlisted", "unknown")
"""The columns of the table after the account and the date; `--json` has all of them."""


def register(app: typer.Typer) -> None:
    """Add the command."""
    registry.command(app, "completeness", completeness)


def completeness(
    context: typer.Context,
    *,
    account: Annotated[str | None, typer.Option("--account", metavar="ID", help="report on this account")] = None,
    all_accounts: Annotated[bool, typer.Option("--all-accounts", help="report on all accounts")] = False,
    since: Annotated[
        date | None,
        typer.Option(
            "--from",
            parser=time_arguments.day,
            metavar="DAY",
            help=f"first day in UTC, such as 2026-11-20; by default, {DEFAULT_DAYS} days are reported",
        ),
    ] = None,
    until: Annotated[
        date | None,
        typer.Option("--to", parser=time_arguments.day, metavar="DAY", help="last day in UTC; by default, today"),
    ] = None,
    stack: options.Stack = options.STACK,
    as_json: options.Json = False,
) -> int:
    """Show what providers list and what became of it, day by day."""
    if (account is None) is not all_accounts:
        raise typer.BadParameter("give one of the two.", context, param_hint=["--account", "--all-accounts"])
    first, last = _span(since, until)
    stack_settings.load(stack)
    if account is not None:
        selection.check_account(account)
    account_ids = [account] if account is not None else sorted(accounts.names())
    progress = Progress("accounts read:", len(account_ids))
    rows: list[Row] = []
    try:
        for account_id in account_ids:
            rows += [{"account": account_id, **day} for day in reports.read(account_id, first, last)]
            progress.step()
    finally:
        progress.end()
    unexplained = sum(row["unexplained"] or 0 for row in rows)
    unknown = [row for row in rows if row["unknown"] is not None]
    if as_json:
        printing.as_json({"days": rows, "unexplained": unexplained, "unknown_days": len(unknown)})
    else:
        _print(rows, unknown, unexplained)
    return registry.FAILURE if unexplained else 0


def _span(since: date | None, until: date | None) -> tuple[date, date]:
    """Return the first and the last day; raises UsageError."""
    first, last = reports.span(since, until)
    if first > last:
        raise UsageError(f"--from {first} is later than --to {last}.")
    if (last - first).days >= MAX_DAYS:
        raise UsageError(f"{first} to {last} are more than {MAX_DAYS} days: ask for a shorter time.")
    return first, last


def _print(rows: list[Row], unknown: list[Row], unexplained: int) -> None:
    """Print the days for people, and what they do not say."""
    shown = [{name: row[name] for name in ("account", "date", *COLUMNS)} for row in rows]
    printing.table(shown, "There are no accounts.")
    reasons = Counter((row["account"], row["unknown"]) for row in unknown)
    for (account_id, reason), number in sorted(reasons.items()):
        print(printing.visible(f"{account_id}: days of which nothing is known, because of {reason}: {number}."))
    beyond = sorted({(row["account"], what) for row in rows for what in row["unaccountable"]})
    for account_id, what in beyond:
        print(printing.visible(f"{account_id}: in no list of the provider, and in no number: {what}."))
    print(
        f"Unexplained recordings: {unexplained}. Known days: {len(rows) - len(unknown)}. Unknown days: {len(unknown)}."
    )
