"""Read the recording whose document a webhook reports as saved."""

import re

from callvault.account_parameter import Account
from callvault.models import Recording, State
from callvault.providers.fields import Fields, check_account, text
from callvault.providers.kazoo import documents
from callvault.providers.kazoo.webhooks import Hook

RECORDING = "call_recording"
"""Type of the document of a recording."""
STATES = {"doc_created": State.ANNOUNCED, "doc_edited": State.PENDING}
"""States of the recording by the webhook's action: KAZOO saves the document before it stores the
audio, and again afterwards."""
ENVELOPE = ("type", "action", "database", "is_soft_deleted")
"""Fields of a webhook that describe the webhook and not the recording."""
DATABASE = re.compile(r"account/?([0-9a-f]{2})/?([0-9a-f]{2})/?([0-9a-f]{28})(-\d{6})?")
"""Matches the name of an account's database, which has the account's id in three parts."""


def read(account: Account, hook: Hook) -> Recording | None:
    """Return the recording whose document was saved, or None for any other webhook.

    Raises InvalidRequestError, and ForbiddenError for a recording of another account.
    """
    if hook.kind != RECORDING or hook.action not in STATES or hook.deleted:
        return None
    values = hook.document
    check_account(account, values.get("account_id"), hook.values.get("account_id"))
    database = DATABASE.fullmatch(text(values.get("database")) or "")
    check_account(account, "".join(database.groups()[:3]) if database else None)
    recording_id = Fields(values).require("id", documents.ID.fullmatch)
    described = {name: value for name, value in values.items() if name not in ENVELOPE and value not in (None, "")}
    return documents.read(account, recording_id, STATES[hook.action], described)
