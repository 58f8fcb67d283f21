"""Entries for the event bus. Other programs read them: fields may be added, none may go."""

import json
from typing import Any

from callvault import clients
from callvault.messaging import event_bus
from callvault.messaging.event_bus import DetailType
from callvault.models import State
from callvault.storage import rows as encoding
from callvault.storage import table
from tools.releases import messages, rows

STATES = {DetailType.STORED: State.VERIFIED, DetailType.FAILED: State.FAILED, DetailType.DELETED: State.EXPIRED}


def write() -> dict[str, Any]:
    """Return a published entry of each type, with the row that it reports."""
    written = {}
    for detail_type in DetailType:
        state = STATES[detail_type]
        row = table.put(messages.recording(f"event {detail_type}", **rows.values(state)), f"callback {state}")
        written[str(detail_type)] = {"detail_type": str(detail_type), "row": encoding.write(row)}
    return written


def read(written: Any) -> Any:  # noqa: ANN401 - JSON
    """Return the entry that is published for a row."""
    published: list[Any] = []
    bus = clients.events().meta.events
    bus.register("provide-client-params.events.PutEvents", _noting := lambda params, **_: published.append(params))
    try:
        event_bus.publish(DetailType(written["detail_type"]), encoding.read(written["row"]))
    finally:
        bus.unregister("provide-client-params.events.PutEvents", _noting)
    ((entry,),) = (params["Entries"] for params in published)
    return entry | {"Detail": json.loads(entry["Detail"])}
