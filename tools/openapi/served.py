"""Describe the route that serves this description."""

from tools.openapi import shapes
from tools.openapi.entries import PUBLIC, Entry
from tools.openapi.shapes import YAML

ETAG = shapes.text("Version of the description. It changes with the content.")
ORIGIN = shapes.text("The origin whose pages may read the response: all, unless the stack lists origins.")

ENTRIES: dict[tuple[str, str], Entry] = {
    ("GET", "/openapi.yaml"): Entry(
        security=PUBLIC,
        answers={
            200: shapes.answer(
                "The description, in OpenAPI 3.1.",
                {YAML: {"type": "object"}},
                ETag=ETAG,
                Access_Control_Allow_Origin=ORIGIN,
            ),
            304: shapes.answer("The description still has the ETag in If-None-Match.", ETag=ETAG),
        },
        parameters=(shapes.parameter("if_none_match"),),
        words="Return this description.",
    )
}
