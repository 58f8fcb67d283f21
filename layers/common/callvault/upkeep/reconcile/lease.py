"""Let one message at a time work on an account, and keep the account's cursor while it does.

A lease ends by itself soon after its holder was killed. If a holder is only slow, another message
may go on with its run at the same time: then the next write of one of the two fails, and that one
stops. Nothing that both did is counted or stored twice, because a row is written on condition that
nobody has changed it, and a day's report is added up from its list.
"""

from datetime import timedelta
from typing import Any

from callvault import times
from callvault.errors import UnavailableError
from callvault.storage import cursors
from callvault.storage.cursors import Cursor

LENGTH = timedelta(seconds=30)
"""Time for which a lease holds. So long an account waits after its run was killed."""
RENEWED_BEFORE = timedelta(seconds=20)
"""Remaining time of a lease at which it is renewed."""


class BusyError(UnavailableError):
    """Another message holds the lease; `retry_after` is the time until it ends."""


class LostError(Exception):
    """Another message works on the account, or has just begun to."""


class Lease:
    """The right of one message to work on an account."""

    def __init__(self, account_id: str, holder: str) -> None:
        """Take the lease; raises BusyError while another message holds it, and UnavailableError."""
        self.cursor = cursors.of_known(account_id)
        self._holder = holder
        now, taken_until = times.now(), self.cursor.lease_until
        if self.cursor.holder not in {None, holder} and taken_until is not None and taken_until > now:
            wait = (taken_until - now).total_seconds()
            raise BusyError("reconciling", "Another run works on the account.", wait)
        self.keep()

    def keep(self, **changes: Any) -> Cursor:  # noqa: ANN401 - any field of Cursor
        """Change the account's cursor, renew the lease, and return the cursor.

        Raises LostError if another message has the lease now, and UnavailableError.
        """
        return self._change(holder=self._holder, lease_until=times.now() + LENGTH, **changes)

    def renew(self) -> None:
        """Renew the lease if it ends soon; raises LostError and UnavailableError."""
        ends = self.cursor.lease_until
        if ends is None or ends - times.now() < RENEWED_BEFORE:
            self.keep()

    def release(self, **changes: Any) -> Cursor:  # noqa: ANN401 - any field of Cursor
        """Change the account's cursor, give the lease up, and return the cursor.

        Raises the same errors as `keep`.
        """
        return self._change(holder=None, lease_until=None, **changes)

    def _change(self, **changes: Any) -> Cursor:  # noqa: ANN401 - any field of Cursor
        """Write the cursor; raises LostError if another message wrote it."""
        changed = cursors.change(self.cursor, **changes)
        if changed is None:
            raise LostError
        self.cursor = changed
        return changed
