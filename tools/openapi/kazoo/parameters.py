"""Describe the parameters of Crossbar's lists, and those that decide the form of responses."""

from callvault.dialects.kazoo import filter_names, filters
from callvault.readers.completeness import DEFAULT_DAYS, MAX_DAYS
from tools.openapi import shapes
from tools.openapi.shapes import Shape

NEXT = shapes.text("In CSV responses: the `start_key` of the next page, if there is one.")
LIST_WORDS = f"""List the account's or one user's recordings, page by page, as JSON or CSV.

The newest recordings come first; with `ascending=true`, the oldest come first. A list by user, call, conference or
number may have any time span; that of a user begins ten years before its end by default. The maximum time span of every
other list, and its default, is {filters.MAX_RANGE} seconds: 31 days and an hour. The response's member `archive` says
which span was searched, and which parameters were ignored. A recording must match all filters. A page may hold
fewer recordings than `page_size` although more follow: then the response has `next_start_key`. The response is CSV if
`accept` or the header Accept prefers `text/csv` to JSON."""
COMPLETENESS_WORDS = f"""Report, for each day, what the provider lists and what became of it.

The days are in UTC, the oldest first, {DEFAULT_DAYS} days by default and {MAX_DAYS} at most. `listed` is the sum of
`stored`, `pending`, `absent`, `failed`, `gone` and `unexplained`. The numbers of a day that is `unknown` are null: the
provider's list could not be read, or the day was never compared with it (`not_reconciled`). A reader that is limited to
one user is refused. The response is CSV if `accept` or the header Accept prefers `text/csv` to JSON."""
PATH = "Dotted path in the document"
ITEM = r'"[^"\\\u0000-\u001f]*"'
"""Pattern of a text in a JSON list, without escapes."""


def _moment(description: str) -> Shape:
    """Return the schema of a time in one of the forms that `times.read_span` understands."""
    return {
        "description": f"{description} Gregorian seconds (Unix time + 62167219200), Unix seconds, or ISO 8601. A date "
        "is a whole day in UTC.",
        "anyOf": [
            {"type": "integer", "minimum": 10**8, "maximum": 10**11 - 1},
            {"type": "string", "format": "date-time"},
            {"type": "string", "format": "date"},
        ],
        "examples": [63948960000, 1781740800, "2026-06-18", "2026-06-17T22:19:40Z"],
    }


COMPONENTS: dict[str, Shape] = {
    "paginate": shapes.query(
        "paginate",
        shapes.word("`false`: the whole list in one response, or a 416 if it does not fit.", "true", "false"),
    ),
    "page_size": shapes.query(
        "page_size", shapes.whole("Maximum number of recordings on a page.", minimum=1, default=filters.PAGE_SIZE)
    ),
    "start_key": shapes.query(
        "start_key", shapes.text("`next_start_key` of the previous page. It is valid for the same list only.")
    ),
    "bookmark": shapes.query(
        "bookmark", shapes.text("The name of `start_key` in KAZOO 5. It has precedence over `start_key`.")
    ),
    "ascending": shapes.query("ascending", shapes.word("`true`: the oldest first.", "true", "false")),
    "descending": shapes.query(
        "descending", shapes.word("`false`: the oldest first. `ascending` has precedence.", "true", "false")
    ),
    "created_from": shapes.query(
        "created_from", _moment("Only recordings whose start, or else first announcement, is at this time or later.")
    ),
    "created_to": shapes.query(
        "created_to", _moment("Only recordings whose start, or else first announcement, is at this time or before.")
    ),
    "modified_from": shapes.query("modified_from", _moment("Only recordings that changed at this time or later.")),
    "modified_to": shapes.query("modified_to", _moment("Only recordings that changed at this time or before.")),
    **{
        name: shapes.query(
            name,
            shapes.text(f"Only recordings with this `{name.removeprefix('filter_')}`. The table has an index for it."),
        )
        for name in filters.INDEXED
    },
    filter_names.EXPIRES_BEFORE: shapes.query(
        filter_names.EXPIRES_BEFORE,
        _moment("Only recordings whose provider deletes its own copy before this time (`source_expires_time`)."),
    ),
    "filters": shapes.query(
        "filters",
        {
            "description": "Only recordings whose value at a dotted path in the document equals "
            "(`filter_<path>`) or does not equal (`filter_not_<path>`) the given text, or one item of a given JSON "
            "list. For example: `filter_custom_channel_vars.queue_id`.",
            "type": "object",
            "patternProperties": {"^filter_(not_)?[a-z_.]+$": {"type": "string"}},
            "additionalProperties": False,
        },
        style="form",
        explode=True,
    ),
    "list_filters": shapes.query(
        "list_filters",
        {
            "description": "Filters of KAZOO 5 whose value is a JSON list. `filter_any_<path>`: the value at the path "
            "is one of the texts; `filter_none_<path>`: it is none of them. `filter_array_intersect_all_<path>`: the "
            "list at the path has all items; `…_any_<path>`: at least one; `…_none_<path>`: not the one item. For "
            'example: `filter_any_direction=["inbound","outbound"]`.',
            "type": "object",
            "patternProperties": {
                "^filter_(any|none|array_intersect_all|array_intersect_any)_[a-z_.]+$": {
                    "type": "string",
                    "pattern": rf"^\[{ITEM}(,{ITEM})*\]$",
                },
                "^filter_array_intersect_none_[a-z_.]+$": {"type": "string", "pattern": rf"^\[{ITEM}\]$"},
            },
            "additionalProperties": False,
        },
        style="form",
        explode=True,
    ),
    "has_key": shapes.query("has_key", shapes.text(f"{PATH} that must exist.")),
    "key_missing": shapes.query("key_missing", shapes.text(f"{PATH} that must not exist.")),
    "has_value": shapes.query("has_value", shapes.text(f"{PATH} whose value must not be empty.")),
    "value_missing": shapes.query("value_missing", shapes.text(f"{PATH} that must be missing or have an empty value.")),
    "fields": shapes.query(
        "fields",
        shapes.text(
            "JSON list of dotted paths. An item then has its `id` and these fields only. A path that begins with "
            "`pvt_` or `_` is skipped, except `_id` and `_read_only`.",
            pattern=rf"^\[{ITEM}(,{ITEM})*\]$",
            examples=['["from","archive.state"]'],
        ),
    ),
    "full_docs": shapes.query(
        "full_docs", shapes.word("Changes nothing, because every item is the whole document.", "true", "false")
    ),
    "file_name": shapes.query(
        "file_name", shapes.text("File name of a download as CSV. The header X-File-Name has precedence.")
    ),
    "accept": shapes.query(
        "accept", shapes.text("Replacement for the header Accept, with precedence over it.", examples=["audio/mpeg"])
    ),
    "inline": shapes.query(
        "inline", shapes.word("`true`: a browser plays the audio instead of saving it.", "true", "false")
    ),
    "jsonp": shapes.query(
        "jsonp",
        shapes.text(
            "Name of a JavaScript function that is called with the response. Refused with Basic credentials.",
            pattern=r"^[A-Za-z_$][A-Za-z0-9_$.]{0,127}$",
        ),
    ),
    "pretty_print": shapes.query("pretty_print", shapes.word("`true`: JSON is indented.", "true", "false")),
    "x_request_id": shapes.header(
        "X-Request-ID", shapes.text("The caller's id for the request.", pattern=r"^[!-~]{1,128}$")
    ),
    "if_none_match": shapes.header(
        "If-None-Match", shapes.text("ETags that the caller has cached.", pattern=r"^[ -~]*$")
    ),
}
DAYS: dict[str, Shape] = {
    "completeness_from": shapes.query(
        "from", shapes.text(f"The first day. By default, {DEFAULT_DAYS} days are reported.", format="date")
    ),
    "completeness_to": shapes.query("to", shapes.text("The last day. By default, it is today.", format="date")),
}
"""The parameters of the reports on days."""
PRESENTATION = ("pretty_print", "jsonp", "x_request_id")
READING = ("if_none_match", *PRESENTATION)
LISTED = ("paginate", "page_size", "fields", "full_docs", "file_name", "accept")
"""Parameters that decide the form of a list's pages."""
LIST = tuple(name for name in COMPONENTS if name not in {*READING, "inline"})
COMPLETENESS = (*DAYS, "file_name", "accept")
RETRYING = tuple(name for name in LIST if name not in LISTED)
"""Parameters that select the recordings of a list."""


def refer(*names: str) -> tuple[Shape, ...]:
    """Return references to parameters."""
    return tuple(shapes.parameter(name) for name in names)
