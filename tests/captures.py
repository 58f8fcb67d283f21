"""Read the wire captures of `events/kazoo/*.http`, which are requests of KAZOO without their audio.

A capture is byte for byte what KAZOO sends, and ends where the audio begins. Its Content-Length
includes `AUDIO` and the end of a multipart body.
"""

import re
from base64 import b64encode
from pathlib import Path

from callvault.web import Request
from tools import audio_samples

FOLDER = Path(__file__).parents[1] / "events" / "kazoo"
ACCOUNT_ID = "4642f64f71dcf9e0fb8ed0b2d2a7a4a1"
TOKEN = "s3cret-upload-token"
OWNER_ID = "72855158432d790dfb22d03ff64c033e"
AUDIO = audio_samples.mp3(1.44, tag=audio_samples.id3(padding=99))
"""Audio of 3,000 bytes and 1,440 ms, which are the values in the captures."""
PROBE = b"some random content: 5f2b9c1e7d3a4b60"
BOUNDARY = re.compile(rb"boundary=(\w+)")


def names(pattern: str) -> list[str]:
    """Return the names of the captures that match a pattern."""
    return sorted(path.stem for path in FOLDER.glob(f"{pattern}.http"))


def document_id(number: int) -> str:
    """Return the id of a document of the captures."""
    return f"202401-9d6e7a3f0c1b4e58a2f7c6d5e4b3a2{number:02x}"


def raw(name: str, audio: bytes = AUDIO) -> bytes:
    """Return the bytes of a capture with its audio."""
    head = (FOLDER / f"{name}.http").read_bytes()
    boundary = BOUNDARY.search(head)
    if boundary:
        return head + (b64encode(audio) if "base64" in name else audio) + b"\r\n--" + boundary[1] + b"--"
    return head + audio if name.startswith(("put", "post")) else head


def request(name: str, audio: bytes = AUDIO) -> tuple[Request, str]:
    """Return the request of a capture, and its path below the account's upload URL."""
    head, _, body = raw(name, audio).partition(b"\r\n\r\n")
    line, *lines = head.decode().split("\r\n")
    method, target, _ = line.split(" ")
    path, _, query = target.partition("?")
    headers = dict(header.split(": ", 1) for header in lines)
    return Request(method=method, path=path, raw_query=query, headers=headers, body=body), under(path)


def under(path: str) -> str:
    """Return the path below the account's upload URL, decoded as the HTTP API does."""
    return path.removeprefix(f"/uploads/kazoo/{ACCOUNT_ID}").removeprefix(f"/{TOKEN}").strip("/").replace("%40", "@")
