"""The stand-in of Bandwidth's API: one function behind a function URL, without any state.

The recording's id, `<run>-<behaviour>-<number>`, selects the behaviour, so that every process of
the function behaves the same:

| behaviour | number | the answer |
|---|---|---|
| `whole` | any | the audio |
| `slow` | seconds | the audio, after a wait |
| `late` | Unix time | 404 before that time, then the audio |
| `cut` | Unix time | half of the audio before that time, then all of it |

This file is the whole code of the function, so it imports the standard library only.
"""

import base64
import hmac
import os
import re
import struct
import time

PATH = re.compile(r"/api/v2/accounts/[^/]+/calls/[^/]+/recordings/(?P<id>\w+-(?P<behaviour>\w+)-(?P<number>\d+))/media")
RATE = 8000
"""Samples a second; one byte each."""
SECONDS = 4


def audio(recording_id: str) -> bytes:
    """Return a WAV file of mu-law, different for every recording."""
    seed = recording_id.encode()
    samples = (seed * (RATE * SECONDS // len(seed) + 1))[: RATE * SECONDS]
    layout = struct.pack("<HHIIHHH", 7, 1, RATE, RATE, 1, 8, 0)
    fact = b"fact" + struct.pack("<II", 4, len(samples))
    chunks = b"WAVEfmt " + struct.pack("<I", len(layout)) + layout + fact + b"data" + struct.pack("<I", len(samples))
    return b"RIFF" + struct.pack("<I", len(chunks) + len(samples)) + chunks + samples


def answer(path: str, authorization: str, expected: str) -> tuple[int, bytes]:
    """Return the status and the body of the answer to a GET; `expected` is `user:password`."""
    allowed = "Basic " + base64.b64encode(expected.encode()).decode()
    if not hmac.compare_digest(authorization.encode(), allowed.encode()):
        return 401, b"{}"
    found = PATH.fullmatch(path)
    if found is None:
        return 404, b'{"type":"validation"}'
    body, number = audio(found["id"]), int(found["number"])
    match found["behaviour"]:
        case "slow":
            time.sleep(number)
        case "late" if time.time() < number:
            return 404, b'{"type":"validation"}'
        case "cut" if time.time() < number:
            body = body[: len(body) // 2]
    return 200, body


def handler(event: dict, context: object) -> dict:  # type: ignore[type-arg]
    """Answer a request to the function URL."""
    del context
    status, body = answer(event["rawPath"], event["headers"].get("authorization", ""), os.environ["CREDENTIALS"])
    return {
        "statusCode": status,
        "headers": {"content-type": "audio/vnd.wave" if body[:4] == b"RIFF" else "application/json"},
        "body": base64.b64encode(body).decode(),
        "isBase64Encoded": True,
    }
