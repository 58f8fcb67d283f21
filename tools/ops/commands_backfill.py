"""The command `backfill`: find recordings that the archive lacks at its provider, and fetch them.

Without `--yes` it only reads: the provider's lists, the account's parameter and the table. With
`--yes` it lists, prints the same figures, and then queues what is missing in the backfill's own
queue. It returns the exit status: 1 if something could not be listed, queued or fetched.
"""

import tempfile
from contextlib import nullcontext
from datetime import datetime, timedelta
from typing import IO, Annotated

import typer

from callvault import settings, times
from callvault.providers.listings import Span
from tools.ops import (
    backfill_output,
    backfill_sending,
    missing,
    options,
    printing,
    provider_lists,
    registry,
    selection,
    stack_settings,
    time_arguments,
)
from tools.ops.backfill_sending import Sent
from tools.ops.missing import Found
from tools.ops.sizes import Sizes
from tools.ops.stack_settings import UsageError
from tools.ops.stopping import Stop

DEFAULT_RATE, MAX_RATE = 300, 6000
"""Recordings in a minute. Five copies at a time (BackfillConcurrency) of a second each make 300."""
INTERRUPTED = "interrupted; what was queued stays queued, and the same command goes on with the rest."


def register(app: typer.Typer) -> None:
    """Add the command."""
    registry.command(app, "backfill", backfill, interrupted=INTERRUPTED)


def backfill(
    *,
    account: Annotated[str, typer.Option("--account", metavar="ID", help="fetch recordings of this account")],
    since: Annotated[
        datetime,
        typer.Option(
            "--from",
            parser=time_arguments.moment,
            metavar="TIME",
            help="only recordings that the provider lists at this time or later: ISO 8601, or a duration before now",
        ),
    ],
    until: Annotated[
        datetime | None,
        typer.Option(
            "--to",
            parser=time_arguments.end,
            metavar="TIME",
            help="only those at this time or earlier; a day counts as a whole; by default, until some minutes ago",
        ),
    ] = None,
    rate: Annotated[
        int, typer.Option("--rate", min=1, max=MAX_RATE, metavar="N", help="queue at most this many in a minute")
    ] = DEFAULT_RATE,
    yes: Annotated[bool, typer.Option("--yes", help="fetch what is missing; without it, only count it")] = False,
    stack: options.Stack = options.STACK,
    as_json: options.Json = False,
) -> int:
    """Show which recordings a provider has and the archive lacks, and fetch them."""
    stack_settings.load(stack)
    selection.check_account(account)
    known, lister = provider_lists.lister_of(account)
    span = _span(since, until)
    found, sent = Found(Sizes(known.media_format)), Sent()
    content = backfill_output.Content(account, span, rate, found, lister.unaccountable(), sent if yes else None)
    with tempfile.TemporaryFile("w+", encoding="utf-8") if yes else nullcontext() as kept:
        missing.find(lister, account, span, found, kept)
        if not as_json:
            backfill_output.print_found(content)
        if kept is not None:
            with Stop() as stop:
                _fetch(kept, backfill_sending.Job(known, found, rate, stop), sent)
                content.interrupted = stop.is_set
    if as_json:
        printing.as_json(backfill_output.document(content))
    else:
        backfill_output.print_end(content)
    if content.interrupted:
        printing.error(INTERRUPTED)
        return registry.INTERRUPTED
    return registry.FAILURE if yes and content.is_incomplete else 0


def _fetch(kept: IO[str], job: backfill_sending.Job, sent: Sent) -> None:
    """Queue what is missing, and wait for what becomes of it."""
    backfill_sending.send(kept, job, sent)
    if sent.failure is None and not job.stop.is_set:
        backfill_sending.follow(kept, job, sent)


def _span(since: datetime, until: datetime | None) -> Span:
    """Return the span of the list; raises UsageError.

    It ends some minutes ago, as that of the reconciliation: until then, a callback may be on its
    way, and the list may lack a recording.
    """
    latest = times.now() - timedelta(minutes=settings.get().reconcile_lag_minutes)
    end = latest if until is None else min(until + timedelta(milliseconds=1), latest)
    if since >= end:
        raise UsageError(
            f"--from {times.write(since)} is not before the end, {times.write(end)}. "
            f"The list of the last {settings.get().reconcile_lag_minutes} minutes is not read."
        )
    return Span(since=since, until=end)
