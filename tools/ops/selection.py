"""Find the recordings that `retry` is about, and refuse names that do not exist."""

import difflib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from callvault import accounts, clients
from callvault.account_parameter import ACCOUNT_ID
from callvault.errors import ConfigurationError, NotFoundError, UnavailableError
from callvault.ingest import kazoo_comparison, reopening
from callvault.models import Recording, State
from callvault.providers.kazoo.documents import NO_AUDIO
from callvault.providers.look_ups import STORED_ELSEWHERE, UNKNOWN
from callvault.settings import get as settings
from callvault.storage import listing, table
from tools.ops.stack_settings import UsageError

REASONS = frozenset({
    "accounts_unavailable", "backfill", "bucket_unavailable", "configuration", "conflict", "corrupt", "crashed",
    "empty", "events_unavailable", "forbidden_redirect", "gone", "no_account", "no_document", "no_media_url",
    "no_resource", "no_token", "no_transcripts", "not_audio", "not_compared", "not_configured", "not_pushed",
    "not_transcript", "other_provider", "other_size", "paced", "parked_full", "queue_unavailable", "redirect_loop",
    "short_body",
    "table_conflict", "table_unavailable", "too_large", "too_slow", "unanswered", "unhashed", "unreachable",
    "unread", "unreadable", STORED_ELSEWHERE,
})  # fmt: skip
"""Reasons of recordings that `retry` takes, apart from those with a status (STATUS)."""
ABSENT = frozenset({NO_AUDIO, UNKNOWN})
"""Reasons of absent recordings, which have nothing to fetch."""
NOT_COMPARED = "not_compared"
"""Reason of a stored recording that could not be compared with Crossbar."""
STATUS = re.compile(r"http_[1-5]\d\d")
"""Matches the reason of an attempt that the provider answered with this status."""


@dataclass(frozen=True, kw_only=True)
class Selection:
    """The recordings that the operator named."""

    account_id: str | None
    """None for all accounts."""
    since: datetime | None
    until: datetime | None
    reason: str | None
    ids: tuple[str, ...]
    """The only recordings, whatever their state; none for all that fail."""


def check(selection: Selection) -> None:
    """Check times, account and reason; raises UsageError, UnavailableError."""
    reason, account_id = selection.reason, selection.account_id
    if selection.since and selection.until and selection.since > selection.until:
        raise UsageError("--since is later than --until.")
    if reason in ABSENT:
        raise UsageError(f"{reason} is a reason of absent recordings. They have no audio that could be fetched.")
    if reason is not None and reason not in REASONS and not STATUS.fullmatch(reason):
        close = difflib.get_close_matches(reason, REASONS, n=1)
        hint = f" Did you mean {close[0]}?" if close else ""
        raise UsageError(f"There is no reason {reason}.{hint} docs/operate/failures.md lists the reasons.")
    if account_id is not None:
        check_account(account_id)


def check_account(account_id: str) -> None:
    """Check that an account has a parameter, valid or not; raises UsageError, UnavailableError."""
    if not _exists(account_id):
        raise UsageError(f"There is no account {account_id}: no parameter {settings().accounts_path}/{account_id}.")


def rows(selection: Selection) -> Iterator[Recording]:
    """Yield the recordings that fail and match the selection.

    These are the failed and the pending ones, and those that were not compared with Crossbar.
    A recording that `--id` names is yielded in any state, so that none is passed over in silence.
    Raises UsageError for an id that no recording has, before it yields any.
    """
    account_ids = [selection.account_id] if selection.account_id is not None else list(accounts.names())
    for row in _named(account_ids, selection) if selection.ids else _listed(account_ids, selection):
        if (selection.ids or fails(row)) and selection.reason in {None, reason(row)}:
            yield row


def fails(row: Recording) -> bool:
    """Say whether a recording may be fetched or compared again."""
    return row.state is State.PENDING or reopening.may_be_retried(row)


def reason(row: Recording) -> str | None:
    """Return why a recording failed, or why its last attempt failed; None before the first one."""
    if row.state is State.PENDING:
        return row.attempt.reason if row.attempt else None
    if kazoo_comparison.lacks_comparison(row):
        return NOT_COMPARED
    return row.transcript.reason if row.transcript and not row.reason and reopening.text_failed(row) else row.reason


def invalid(account_id: str) -> ConfigurationError | None:
    """Return the error of an invalid account; None for a valid one, and one that cannot be read."""
    try:
        accounts.get(account_id)
    except ConfigurationError as error:
        return error
    except (NotFoundError, UnavailableError):
        return None
    return None


def _exists(account_id: str) -> bool:
    """Say whether an account has a parameter, valid or not; raises UnavailableError."""
    if not ACCOUNT_ID.fullmatch(account_id):
        return False
    with clients.guard("accounts"):
        try:
            clients.ssm().get_parameter(Name=f"{settings().accounts_path}/{account_id}", WithDecryption=False)
        except clients.ssm().exceptions.ParameterNotFound:
            return False
    return True


def _named(account_ids: list[str], selection: Selection) -> list[Recording]:
    """Return the recordings that `--id` names; raises UsageError."""
    found = []
    for recording_id in dict.fromkeys(selection.ids):
        of_id = [row for account_id in account_ids if (row := table.get(account_id, recording_id)) is not None]
        if not of_id:
            owner = "No account has a" if selection.account_id is None else f"Account {selection.account_id} has no"
            raise UsageError(f"{owner} recording {recording_id}.")
        found += of_id
    return found


def _listed(account_ids: list[str], selection: Selection) -> Iterator[Recording]:
    """Yield the recordings of the accounts that were made in the given time."""
    for account_id in account_ids:
        yield from listing.scan(listing.within(account_id, selection.since, selection.until, ascending=True))
