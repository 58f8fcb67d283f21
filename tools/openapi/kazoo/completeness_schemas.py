"""Describe the reports on an account's days."""

from tools.openapi import shapes
from tools.openapi.kazoo import schemas
from tools.openapi.shapes import Shape


def _number(description: str) -> Shape:
    return shapes.whole(f"{description} Null if the day is unknown.", null=True, minimum=0)


DAY: dict[str, Shape] = {
    "date": shapes.text("The day, in UTC, by the time that the provider's list filters by.", format="date"),
    "listed": _number("Number of recordings that the provider lists."),
    "stored": _number("Those whose audio is stored, verified or not."),
    "pending": _number("Those that wait for their provider or for their copy."),
    "absent": _number("Those that the provider says have no media."),
    "failed": _number("Those that could not be copied."),
    "gone": _number("Those whose media was deleted, at the provider or in the archive."),
    "unexplained": _number("Those that the archive does not have and has no explanation for."),
    "unlisted": _number("Number of recordings of the day that the archive has and the provider does not list."),
    "failed_by": {
        "description": "`failed`, by reason.",
        "type": "object",
        "additionalProperties": {"type": "integer", "minimum": 0},
    },
    "seconds_listed": _number("Sum of the durations that the provider lists, in seconds."),
    "seconds_measured": _number("Sum of the durations of the stored audio as measured, in seconds."),
    "callbacks": _number("Number of the listed recordings that a callback or an upload reported, too."),
    "unknown": shapes.text(
        "Why nothing is known about the day, such as `http_401`, or `not_reconciled` if the day has no report. Null if "
        "the list was read.",
        null=True,
    ),
    "unaccountable": shapes.listed(
        {"type": "string"},
        "What no list of the provider has, such as `conferences`. It is not part of the numbers.",
    ),
    "checked_at": shapes.moment(
        "When the day was compared with the provider's list. Null without a report.", null=True
    ),
}
SPAN = shapes.loose(
    {
        "from": shapes.text("The first day.", format="date"),
        "to": shapes.text("The last day.", format="date"),
        "ignored": shapes.listed({"type": "string"}, "Names of parameters that are not known."),
    },
    "What was reported on.",
    required=("from", "to"),
)
SCHEMAS: dict[str, Shape] = {
    "KazooDay": shapes.record(DAY, "The report on one day of the account."),
    "KazooCompleteness": schemas.envelope(
        shapes.listed(shapes.schema("KazooDay")), {"archive": SPAN, "revision": schemas.REVISION}
    ),
}
