"""Refuse a presigned request that also carries an Authorization header, as S3 does.

S3 answers such a request with 400, InvalidArgument and the message below. The message is quoted in
github.com/r-lib/httr/issues/626 and many like it. Other headers, such as X-Auth-Token, are ignored.
"""

from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import parse_qs

MESSAGE = (
    "Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, Signature query string parameter "
    "or the Authorization header should be specified"
)
PARAMETERS = {"X-Amz-Algorithm", "Signature"}
"""Query parameters of presigned URLs: of signature version 4, and of version 2."""

type Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


def refusing_two_authentications(application: Application) -> Application:
    """Return a WSGI application that answers 400 to requests with two authentications."""

    def answer(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        presigned = PARAMETERS & parse_qs(environ.get("QUERY_STRING", ""), keep_blank_values=True).keys()
        if not presigned or "HTTP_AUTHORIZATION" not in environ:
            return application(environ, start_response)
        body = f"<?xml version='1.0'?><Error><Code>InvalidArgument</Code><Message>{MESSAGE}</Message></Error>".encode()
        start_response("400 Bad Request", [("content-type", "application/xml"), ("content-length", str(len(body)))])
        return [body]

    return answer
