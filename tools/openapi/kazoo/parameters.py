"""Describe what a Crossbar list is asked by, and how its answers are presented."""

from callvault.dialects.kazoo import filters
from tools.openapi import shapes
from tools.openapi.shapes import Shape

NEXT = shapes.text("Of a page as CSV: the `start_key` of the next, if there is one.")
LIST_WORDS = f"""List the account's or one user's recordings, page by page, as JSON or CSV.

The newest come first, unless `ascending=true`. Without `created_from` a list goes back {filters.MAX_RANGE} seconds,
31 days and an hour, which is the most that one list can span. All filters have to fit. A page may hold fewer recordings
than `page_size` although more follow: `next_start_key` tells. CSV is for who accepts `text/csv` more than JSON, by
`accept` or the header Accept."""
PATH = "A dotted path in the document"


def _gregorian(description: str) -> Shape:
    return shapes.whole(f"{description} Gregorian seconds: Unix time + 62167219200.", examples=[63948960000])


COMPONENTS: dict[str, Shape] = {
    "paginate": shapes.query("paginate", shapes.word("`false`: everything in one answer, or 416.", "true", "false")),
    "page_size": shapes.query(
        "page_size", shapes.whole("How many recordings a page has.", minimum=1, default=filters.PAGE_SIZE)
    ),
    "start_key": shapes.query(
        "start_key", shapes.text("`next_start_key` of the page before; good for the same list only.")
    ),
    "ascending": shapes.query("ascending", shapes.word("`true`: the oldest first.", "true", "false")),
    "descending": shapes.query(
        "descending", shapes.word("`false`: the oldest first, unless `ascending` says otherwise.", "true", "false")
    ),
    "created_from": shapes.query("created_from", _gregorian("Only recordings that began then or later.")),
    "created_to": shapes.query("created_to", _gregorian("Only recordings that began then or before.")),
    "modified_from": shapes.query("modified_from", _gregorian("Only recordings that changed then or later.")),
    "modified_to": shapes.query("modified_to", _gregorian("Only recordings that changed then or before.")),
    **{
        name: shapes.query(
            name, shapes.text(f"Only recordings whose `{name.removeprefix('filter_')}` is this; served by an index.")
        )
        for name in filters.INDEXED
    },
    "filters": shapes.query(
        "filters",
        {
            "description": f"`filter_<path>` and `filter_not_<path>`. {PATH}, such as "
            "`filter_custom_channel_vars.queue_id`, and its value as text, or a JSON list of such values.",
            "type": "object",
            "patternProperties": {"^filter_(not_)?[a-z_.]+$": {"type": "string"}},
            "additionalProperties": False,
        },
        style="form",
        explode=True,
    ),
    "has_key": shapes.query("has_key", shapes.text(f"{PATH} that has to be there.")),
    "key_missing": shapes.query("key_missing", shapes.text(f"{PATH} that must not be there.")),
    "has_value": shapes.query("has_value", shapes.text(f"{PATH} that has to have a value that is not empty.")),
    "value_missing": shapes.query("value_missing", shapes.text(f"{PATH} that must not have such a value.")),
    "file_name": shapes.query(
        "file_name", shapes.text("Under which name CSV is downloaded; the header X-File-Name wins.")
    ),
    "accept": shapes.query(
        "accept", shapes.text("Stands for the header Accept, and is looked at before it.", examples=["audio/mpeg"])
    ),
    "inline": shapes.query(
        "inline", shapes.word("`true`: a browser plays the audio instead of saving it.", "true", "false")
    ),
    "jsonp": shapes.query(
        "jsonp",
        shapes.text("A JavaScript function to call with the answer.", pattern=r"^[A-Za-z_$][A-Za-z0-9_$.]{0,127}$"),
    ),
    "pretty_print": shapes.query("pretty_print", shapes.word("`true`: JSON is indented.", "true", "false")),
    "x_request_id": shapes.header(
        "X-Request-ID", shapes.text("The caller's own id of the request.", pattern=r"^[!-~]{1,128}$")
    ),
    "if_none_match": shapes.header("If-None-Match", shapes.text("ETags that the caller has.", pattern=r"^[ -~]*$")),
}
PRESENTATION = ("pretty_print", "jsonp", "x_request_id")
READING = ("if_none_match", *PRESENTATION)
LISTED = ("paginate", "page_size", "file_name", "accept")
"""What shapes a list's pages."""
LIST = tuple(name for name in COMPONENTS if name not in {*READING, "inline"})
RETRYING = tuple(name for name in LIST if name not in LISTED)
"""What chooses the recordings of a list."""


def refer(*names: str) -> tuple[Shape, ...]:
    """Refer to parameters."""
    return tuple(shapes.parameter(name) for name in names)
