"""Run the reconciliation, as its schedule does, and tell when it has covered every account."""

import time
from collections.abc import Iterable
from contextlib import suppress
from typing import Any

from boto3.dynamodb.types import TypeDeserializer

from callvault import times
from tools.local.stack import FailedError, Stack

RETRY_SECONDS = 5
"""Seconds after which the schedule runs again if an account is not covered. After its run was
killed, nobody works on an account for up to 30 seconds (`lease.LENGTH`)."""


def run(stack: Stack) -> None:
    """Run the reconciliation as its schedule does. If it fails, the next run repeats its work."""
    with suppress(FailedError):
        stack.run_schedule("ReconcileAccounts")


class Reconciliation:
    """A reconciliation of all accounts that begins now."""

    def __init__(self, stack: Stack, account_ids: Iterable[str]) -> None:
        self._stack = stack
        self._waiting = set(account_ids)
        self._began = times.write(times.now())
        self._ran_at: float | None = None

    def is_done(self) -> bool:
        """Return whether a later run has ended for each account, and run it if it is time."""
        self._waiting = {account_id for account_id in self._waiting if not self._is_covered(account_id)}
        if self._waiting and (self._ran_at is None or time.monotonic() - self._ran_at > RETRY_SECONDS):
            run(self._stack)
            self._ran_at = time.monotonic()
        return not self._waiting

    def _is_covered(self, account_id: str) -> bool:
        """Return whether a run of an account began after this reconciliation, and has ended."""
        cursor = self._cursor(account_id)
        return cursor.get("began", "") >= self._began and "until" not in cursor

    def _cursor(self, account_id: str) -> dict[str, Any]:
        """Return the row of an account's cursor (`storage.cursors`); empty before its first run."""
        answer = self._stack.client("dynamodb").get_item(
            TableName=self._stack.outputs["TableName"],
            Key={"pk": {"S": f"#RECONCILE#{account_id}"}},
            ConsistentRead=True,
        )
        return {name: TypeDeserializer().deserialize(value) for name, value in answer.get("Item", {}).items()}
