"""Describe the variables of paths, which all dialects share."""

from tools.openapi import shapes
from tools.openapi.shapes import Shape

SEGMENT = r"^[^/?]+$"
"""Of one id in a path: the HTTP API decodes a path before it routes it, so that an escaped slash or ? is one too."""

IN_PATHS: dict[str, Shape] = {
    "account_id": shapes.text(
        "The account: its id in the archive or, but for the KAZOO API and callbacks, its id at its provider.",
        pattern=SEGMENT,
    ),
    "recording_id": shapes.text("The recording's id, as the provider gave it.", pattern=SEGMENT),
    "call_id": shapes.text(
        "The call's id, as the provider gave it; what is read has to be of this call.", pattern=SEGMENT
    ),
    "conference_id": shapes.text(
        "The conference's id, as the provider gave it; the recording has to be of this conference.", pattern=SEGMENT
    ),
    "user_id": shapes.text("The user whose recordings are asked for (`owner_id`).", pattern=SEGMENT),
    "token": shapes.text("The account's `callback.token`, which is a secret.", pattern=SEGMENT),
    "path": shapes.text(
        "Whatever the sender appends: a file's name, or the folders that a storage plan makes. It may have slashes.",
        pattern=r"^[^?]+$",
    ),
}

COMPONENTS: dict[str, Shape] = {name: shapes.in_path(name, what) for name, what in IN_PATHS.items()}
