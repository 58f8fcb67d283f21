"""Generate the OpenAPI description of the whole HTTP surface.

Paths and methods come from the dialects' ROUTES and from template.yaml. Texts come from the
actions' docstrings, limits from the code. The tables here add the facts that the code does not
have. To describe a new route, add one entry for its action to the `ENTRIES` of its dialect's
package, then run `make openapi`.
"""
