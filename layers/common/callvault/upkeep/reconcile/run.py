"""Reconcile one account: begin its run or go on with it, and end it.

A run covers its days one after another and writes the report on each. The account's cursor has the
days that are left, and the time up to which the run covers the lists, so that another message can
go on after a kill. When the time of the function ends, the run sends itself a new message.
"""

from datetime import date, timedelta

from aws_lambda_powertools import Logger

from callvault import accounts, providers, times
from callvault.errors import ConfigurationError, NotFoundError, UnavailableError
from callvault.providers.listings import Lister
from callvault.storage import reports
from callvault.storage.cursors import Cursor
from callvault.upkeep.reconcile import day, outcomes, plan, schedule
from callvault.upkeep.reconcile.day import ListError
from callvault.upkeep.reconcile.lease import BusyError, Lease, LostError
from callvault.upkeep.reconcile.pace import Pace, TimeIsUpError
from callvault.upkeep.reconcile.progress import Progress
from callvault.upkeep.reconcile.schedule import Message

MAX_FAILURES = 4
"""Number of failures of a list without a page between them after which its day is passed over."""
MAX_SKIPPED = 2
"""Number of days that one run passes over because their lists cannot be read.

If there are more, the provider's list is not available at all, and the run ends.
"""
MAX_RECEIVES = 20
"""Number of receives of one message after which a run goes on with a new message."""
FINAL = frozenset({"http_401", "http_403", "no_token", "not_configured", "other_provider"})
"""Reasons that an operator has to remove. The run ends with them at once."""

logger = Logger(child=True)


def run(message: Message, deadline: float) -> None:
    """Reconcile an account until `deadline`, a time of time.monotonic().

    Raises UnavailableError if the message is to be delivered again, after `retry_after` at the
    earliest.
    """
    try:
        lease = Lease(message.account_id, message.message_id)
        if _has_work(lease.cursor, message):
            _run(lease, message, deadline)
        else:
            lease.release()
    except LostError:
        logger.info("Another run works on the account", extra={"account": message.account_id})
    except BusyError:
        # The second time, the other run is alive: it has renewed its lease.
        if message.receives == 1:
            raise


def _has_work(cursor: Cursor, message: Message) -> bool:
    """Return whether a message has to begin or to continue a run.

    It has not if a run that began after it was sent has done everything, or if another message
    waits until the provider may be asked again. Raises UnavailableError for that other message.
    """
    if not plan.is_continued(cursor):
        return cursor.began is None or cursor.began <= message.sent_at
    wait = (cursor.not_before - times.now()).total_seconds() if cursor.not_before is not None else 0
    if wait > 0 and message.receives > 1:
        raise UnavailableError(cursor.failed_reason or "waiting", "The provider asked to wait.", wait)
    return wait <= 0


def _run(lease: Lease, message: Message, deadline: float) -> None:
    """Begin or continue the run of an account; raises LostError and UnavailableError."""
    if not plan.is_continued(lease.cursor):
        end = plan.until()
        days = plan.days(lease.cursor, end)
        again = tuple(one for one in lease.cursor.again if one in days)
        lease.keep(began=times.now(), until=end, days=days, again=again, skipped=(), failures=0, not_before=None)
    try:
        account = accounts.get(message.account_id)
    except NotFoundError:
        lease.release(until=None, days=())
        logger.info("A message names no account", extra={"account": message.account_id})
        return
    except ConfigurationError as error:
        accounts.log_invalid(error)
        outcomes.fail(lease, "configuration")
        return
    provider = providers.of(account)
    if not isinstance(provider, Lister):
        outcomes.fail(lease, outcomes.NO_LIST, unaccountable=outcomes.EVERYTHING)
    elif account.api is None:
        outcomes.fail(lease, outcomes.NO_API, unaccountable=(*outcomes.EVERYTHING, *provider.unaccountable()))
    elif message.is_shared:
        outcomes.fail(lease, outcomes.SHARED, unaccountable=outcomes.EVERYTHING)
    else:
        _cover(provider, lease, message, deadline)


def _cover(lister: Lister, lease: Lease, message: Message, deadline: float) -> None:
    """Cover the days that are left; raises LostError and UnavailableError."""
    pace = Pace(deadline, lease.renew)
    while lease.cursor.days:
        first = lease.cursor.days[0]
        progress = Progress.of(lease.cursor, first)
        try:
            _cover_day(lister, progress, lease, pace)
        except TimeIsUpError:
            progress.write(lease.cursor)
            _go_on(lease, first)
            return
        except ListError as error:
            progress.write(lease.cursor)
            if not _is_passed_over(lister, error, lease, message):
                return
    outcomes.succeed(lease)


def _cover_day(lister: Lister, progress: Progress, lease: Lease, pace: Pace) -> None:
    """Cover one day, and write its report."""
    report = day.cover(lister, progress, lease.cursor.until or times.now(), lease, pace)
    lease.renew()
    reports.write(lease.cursor.account_id, report)
    outcomes.log_day(lease.cursor, report)
    again = {*lease.cursor.again} - {progress.day} | ({progress.day} if progress.tally.unverified else set())
    lease.keep(days=lease.cursor.days[1:], again=tuple(sorted(again)))


def _go_on(lease: Lease, first: date) -> None:
    """Let a new message continue the run."""
    account_id = lease.release().account_id
    schedule.send(account_id)
    logger.info("A new message continues the run", extra={"account": account_id, "day": str(first)})


def _is_passed_over(lister: Lister, error: ListError, lease: Lease, message: Message) -> bool:
    """Pass over a day whose list cannot be read, and return whether the run goes on.

    It goes on with the next day: one bad day must not keep the archive from what is missing of all
    others. It ends if that cannot help: without credentials, or after MAX_SKIPPED such days.
    Raises UnavailableError to put the message off until the provider may be asked again.
    """
    failures = lease.cursor.failures + 1
    if error.reason in FINAL or len(lease.cursor.skipped) >= MAX_SKIPPED:
        outcomes.fail(lease, error.reason, unaccountable=lister.unaccountable())
        return False
    if error.is_final or failures >= MAX_FAILURES:
        # If the next day cannot be read at once either, that is no matter of one day.
        failures = 0 if error.is_final else MAX_FAILURES - 1
        outcomes.skip(lease, error.reason, failures=failures, unaccountable=lister.unaccountable())
        return True
    wait = None if error.retry_after is None else times.now() + timedelta(seconds=error.retry_after)
    account_id = lease.release(failures=failures, not_before=wait, failed_reason=error.reason).account_id
    if message.receives >= MAX_RECEIVES:
        schedule.send(account_id)
        return False
    raise UnavailableError(error.reason, "The provider's list could not be read.", error.retry_after)
