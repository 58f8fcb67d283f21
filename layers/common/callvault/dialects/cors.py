"""Let web pages of other origins read responses, as the parameter CorsOrigins says.

If it is blank, a dialect's own headers decide: pages of every origin may read responses of KAZOO's
dialect and openapi.yaml, but no other response. Otherwise, pages of the listed origins may read
every response, and pages of any other origin may read none; `*` lists every origin. No cookie
authenticates, so a page has to know a secret of a reader in any case.

The functions answer preflights and set the headers. API Gateway's own configuration would override
them for all routes ("Configure CORS for HTTP APIs": "API Gateway ignores CORS headers returned from
your backend integration"). The protocol is the Fetch standard's
(https://fetch.spec.whatwg.org/#http-cors-protocol).
"""

from collections.abc import Iterable
from dataclasses import replace

from callvault import settings
from callvault.web import Request, Response

EXPOSED = "allow, content-type, etag, location, retry-after, warning, x-next-start-key, x-request-id"
"""Headers of a response that pages may read, unless the dialect names its own."""
PREFLIGHT = {
    "access-control-allow-headers": "accept, authorization, content-type, if-none-match, x-auth-token",
    "access-control-max-age": "86400",
}
"""Headers that pages may send, and how long a browser may keep the answer, in seconds."""


def allows(request: Request) -> bool:
    """Say whether CorsOrigins lists the origin of the page that sent a request."""
    listed, origin = _listed(), request.headers.get("origin", "").lower()
    return bool(origin) and not listed.isdisjoint({origin, "*"})


def preflight(methods: Iterable[str]) -> Response:
    """Return the answer to the preflight of a path with these methods, for an allowed origin."""
    allowed = ", ".join(sorted({*methods, "OPTIONS"}))
    return Response(status=204, headers=PREFLIGHT | {"access-control-allow-methods": allowed, "allow": allowed})


def mark(request: Request, response: Response) -> Response:
    """Return a response with the headers that let the page read it, or without them."""
    if not _listed():
        return response
    vary = ", ".join(filter(None, (response.headers.get("vary"), "origin")))
    headers = {name: value for name, value in response.headers.items() if not name.startswith("access-control-")}
    if allows(request):
        named = "*" if "*" in _listed() else request.headers["origin"]
        headers = {"access-control-expose-headers": EXPOSED, **response.headers, "access-control-allow-origin": named}
    return replace(response, headers=headers | {"vary": vary})


def _listed() -> frozenset[str]:
    """Return the origins in CorsOrigins."""
    return frozenset(origin.strip().lower() for origin in settings.get().cors_origins.split(",")) - {""}
