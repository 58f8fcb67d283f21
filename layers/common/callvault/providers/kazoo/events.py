"""Name the events of KAZOO's webhooks that report no recording.

Source: https://docs.2600hz.com/dev/applications/webhooks/, the names of the hooks; `doc_…` are
those of the hook `object`.
"""

from callvault.providers.base import OTHER

EVENTS = frozenset(
    {
        "callflow", "channel_answer", "channel_bridge", "channel_create", "channel_destroy", "doc_created",
        "doc_deleted", "doc_edited", "inbound_fax", "inbound_fax_error", "notifications", "outbound_fax",
        "outbound_fax_error", "parking",
    }
)  # fmt: skip


def of(action: str | None) -> str:
    """Return the action of a webhook if it is in the list, or else OTHER."""
    return action if action in EVENTS else OTHER
