"""Read the signature of a request: the access key, and the scope of the credential.

IAM user guide, "AWS Signature Version 4 for API requests", "Elements of an AWS API request
signature" (https://docs.aws.amazon.com/IAM/latest/UserGuide/signing-elements.html). S3 also accepts
the older version 2, which has no scope.
"""

import re
from dataclasses import dataclass
from urllib.parse import parse_qsl

from tools.local.emulator.wire import Head

CREDENTIAL = re.compile(r"(?P<key>[^/,\s]+)/\d{8}/(?P<region>[^/,\s]+)/(?P<service>[^/,\s]+)/aws4_request")
"""The value of Credential: the access key, the date, the region and the service."""
HEADER = re.compile(rf"AWS4-HMAC-SHA256 Credential={CREDENTIAL.pattern}\s*(,.*)?")
"""An Authorization header; the SDKs write the credential first, and moto reads it only there."""
OLD_HEADER = re.compile(r"AWS (?P<key>[^:\s]+):.*")
"""An Authorization header of signature version 2."""


@dataclass(frozen=True, kw_only=True)
class Signature:
    """Who signed a request, for which service and region; `key` is empty if it is malformed."""

    key: str
    in_url: bool = False
    """Whether the signature stands in the query, as in a presigned URL."""
    region: str | None = None
    """The region of the scope; None for version 2."""
    service: str | None = None
    """The service of the scope; None for version 2."""

    @property
    def malformed(self) -> bool:
        """Return whether the credential does not have the form that AWS documents."""
        return not self.key


def of(head: Head) -> Signature | None:
    """Return the signature of a request, or None if it is not signed.

    An Authorization header of another kind, such as Basic, is no signature.
    """
    header = head.header("authorization") or ""
    if header.startswith("AWS4-"):
        return _read(HEADER.fullmatch(header), in_url=False)
    if header.startswith("AWS "):
        return _read(OLD_HEADER.fullmatch(header), in_url=False)
    parameters = dict(parse_qsl(head.target.partition("?")[2], keep_blank_values=True))
    if "X-Amz-Credential" in parameters:
        return _read(CREDENTIAL.fullmatch(parameters["X-Amz-Credential"]), in_url=True)
    if "AWSAccessKeyId" in parameters:
        return Signature(key=parameters["AWSAccessKeyId"], in_url=True)
    return None


def _read(found: re.Match[str] | None, *, in_url: bool) -> Signature:
    return Signature(in_url=in_url, **found.groupdict()) if found else Signature(key="", in_url=in_url)
