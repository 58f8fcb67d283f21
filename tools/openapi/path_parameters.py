"""Describe the variables of paths, for all dialects."""

from tools.openapi import shapes
from tools.openapi.shapes import Shape

SEGMENT = r"^[^/?]+$"
"""Pattern of an id in a path.

The HTTP API decodes a path before it chooses the route. So an id cannot contain a slash or a
question mark, not even an escaped one.
"""

IN_PATHS: dict[str, Shape] = {
    "account_id": shapes.text(
        "The account's id in the archive. The APIs of Bandwidth, Twilio and SignalWire also accept the account's id "
        "at its provider.",
        pattern=SEGMENT,
    ),
    "recording_id": shapes.text("The recording's id, the same as at the provider.", pattern=SEGMENT),
    "call_id": shapes.text(
        "The call's id, the same as at the provider. A recording in the path must belong to this call.", pattern=SEGMENT
    ),
    "conference_id": shapes.text(
        "The conference's id, the same as at the provider. A recording in the path must belong to this conference.",
        pattern=SEGMENT,
    ),
    "user_id": shapes.text("The user whose recordings are requested (`owner_id`).", pattern=SEGMENT),
    "token": shapes.text(
        "The account's `callback.token`, or for uploads its `callback.upload_token`; a secret.", pattern=SEGMENT
    ),
    "path": shapes.text(
        "The part that the sender appends: a file name, or the folders of a storage plan. It may contain slashes.",
        pattern=r"^[^?]+$",
    ),
}

COMPONENTS: dict[str, Shape] = {name: shapes.in_path(name, what) for name, what in IN_PATHS.items()}
