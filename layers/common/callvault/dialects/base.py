"""Define the protocol of a dialect: one provider's HTTP API, in which callers query the archive."""

from typing import Protocol

from callvault.dialects.dispatch import Routes
from callvault.errors import CallvaultError
from callvault.web import Request, Response


class Dialect(Protocol):
    """One provider's HTTP API for recordings; each package of `dialects` is one."""

    PREFIXES: tuple[str, ...]
    """The path prefixes that belong to the dialect."""
    ROUTES: Routes
    """All routes of the dialect. Tests and the OpenAPI description use this table."""

    def answer(self, request: Request) -> Response:
        """Answer a request; raises the errors of `errors.py` for requests that are refused."""

    def refuse(self, error: CallvaultError, request: Request) -> Response:
        """Return the error response in the dialect's own shape.

        A RequestError has its own status. A ConfigurationError becomes a 500, and an
        UnavailableError a 503 with Retry-After. A plain CallvaultError, which stands for an
        unexpected error, becomes a 500 without details.
        """
