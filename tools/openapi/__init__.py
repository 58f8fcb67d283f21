"""Generate the OpenAPI description of the whole HTTP surface.

Paths and methods come from the dialects' ROUTES and from template.yaml, words from the actions' docstrings, limits from
the code; the tables here add what code does not say of itself. To describe a new route, add one entry for its action to
the `ENTRIES` of its dialect's module, then `make openapi`.
"""
