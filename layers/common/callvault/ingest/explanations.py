"""Ask a provider why a fetch failed: its media may be encrypted, or may not be at the provider.

The provider is asked as soon as a fetch fails for a reason that the provider may be able to
explain. So the first attempt learns the cause, and fetches that succeed need no request more. If
the provider does not answer, a recording does not fail for a reason that the answer might have
explained.
"""

from aws_lambda_powertools import Logger

from callvault.errors import RejectedError, UnavailableError
from callvault.models import Recording, State
from callvault.providers.base import Explainer, Provider
from callvault.storage import table

logger = Logger(child=True)


def ask(row: Recording, provider: Provider, error: UnavailableError | RejectedError) -> Recording | None:
    """Return the updated row if the provider explains why its media could not be fetched, or None.

    If the row is still pending, its media has to be fetched again. A row that another attempt has
    moved on in the meantime stays as it is. Raises UnavailableError, also if the provider does not
    answer and the error is final. A 404 to the question is no reason of its own, so the attempt
    then has that of the fetch.
    """
    try:
        explained = provider.explain(row, error.reason) if isinstance(provider, Explainer) else None
    except UnavailableError as asked:
        if not isinstance(error, RejectedError):
            return None
        if asked.reason == "http_404":
            raise UnavailableError(error.reason, f"{error} The provider does not explain it.") from asked
        raise
    if explained is None:
        return None
    is_absent = explained.state is State.ABSENT
    what = f"{explained.state} {explained.reason}" if is_absent else "described"
    found = table.put(explained, what, known=row, backward=True, believed=_if_pending)
    if is_absent and found.state is State.ABSENT:
        about = {"account": row.account_id, "provider": row.provider, "recording": row.recording_id}
        logger.warning("The media of a recording is not at its provider", extra={**about, "reason": found.reason})
    return found


def _if_pending(update: Recording, known: Recording | None) -> Recording:
    """Return the update, or the row itself if it is not pending any more."""
    return update if known is None or known.state is State.PENDING else known
