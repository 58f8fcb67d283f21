"""Verify the signatures of Telnyx's webhooks: Ed25519 over the timestamp and the body.

The signed message is the header `telnyx-timestamp` (Unix seconds), a `|`, and the body as it was
sent. The signature is in `telnyx-signature-ed25519`, in Base64. Telnyx's own SDK accepts a
timestamp that differs by five minutes at most (telnyx 4.189, lib/webhook_verification.py). TeXML's
callbacks have the same headers
(https://developers.telnyx.com/api-reference/callbacks/texml-recording-completed).
"""

import base64
from collections.abc import Iterable

from callvault.errors import Check, ForbiddenError
from callvault.providers.fields import integer
from callvault.web import Request

SIGNATURE, TIMESTAMP = "telnyx-signature-ed25519", "telnyx-timestamp"
SIGNATURE_BYTES = 64
MAX_AGE_SECONDS = 300
"""Maximum time between a signature and the arrival of its webhook, in either direction."""


def verify(request: Request, keys: Iterable[str]) -> None:
    """Accept a request whose body was signed for one of the public keys; raises ForbiddenError.

    The keys are in Base64 and have the right length. A GET is refused: the signature covers the
    body only, and a GET has its fields in the URL.
    """
    stamp, signature = request.headers.get(TIMESTAMP, ""), _decoded(request.headers.get(SIGNATURE, ""))
    seconds = integer(stamp)
    if request.method == "GET" or seconds is None or len(signature) != SIGNATURE_BYTES:
        raise ForbiddenError("The signature is missing, or does not cover the request.", check=Check.SIGNATURE)
    message = f"{stamp}|".encode() + request.body
    if not any(_is_signed(message, signature, base64.b64decode(key)) for key in keys):
        raise ForbiddenError("The signature is wrong.", check=Check.SIGNATURE)
    if abs(request.arrived.timestamp() - seconds) > MAX_AGE_SECONDS:
        raise ForbiddenError("The signature is too old, or of the future.", check=Check.AGE)


def _is_signed(message: bytes, signature: bytes, key: bytes) -> bool:
    """Return whether a public key verifies a signature (RFC 8032 5.1.7)."""
    # Imported here, because this takes about 30 ms and no other provider needs it.
    from nacl.bindings import crypto_sign_open  # noqa: PLC0415
    from nacl.exceptions import BadSignatureError  # noqa: PLC0415

    try:
        crypto_sign_open(signature + message, key)
    except BadSignatureError:
        return False
    return True


def _decoded(text: str) -> bytes:
    """Return the bytes of a Base64 text; no bytes for any other text."""
    try:
        return base64.b64decode(text.encode(), validate=True)
    except ValueError:
        return b""
