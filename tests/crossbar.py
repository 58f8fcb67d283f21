"""Send requests of Crossbar, KAZOO's API, to the archive, and write recordings for them.

The account `a1` has the readers of READERS, and `a2` has the reader `other`: see
tests/unit/dialects/kazoo/conftest.py.
"""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from callvault import dialects
from callvault.models import Recording
from callvault.web import Request, Response
from tests import worlds

TIME = datetime(2024, 1, 5, 9, 58, 20, 375_000, UTC)
START = 63_871_667_900
"""TIME in Gregorian seconds."""
LIST = "/v2/accounts/a1/recordings"
WINDOW = {"created_from": str(START - 3600), "created_to": str(START + 3600)}
READERS: dict[str, dict[str, Any]] = {
    "ops": {"can_delete": True},
    "viewer": {},
    "admin": {"is_admin": True},
    "u1": {"can_delete": True, "is_admin": True, "user_id": "u1"},
}
"""Readers of the account `a1`, with their rights."""
MEDIA = worlds.media(
    key="media/a1/2024/01/05/r1.mp3", size=244_960, content_type="audio/mpeg", codec="mp3", duration_ms=61_200
)


def put(recording_id: str = "r1", **fields: Any) -> Recording:
    """Write the row of a recording of `a1` that began at TIME, and return it."""
    return worlds.put(recording_id, **{"account_id": "a1", "start_time": TIME, **fields})


def ask(
    path: str = LIST,
    query: Mapping[str, Any] | None = None,
    *,
    method: str = "GET",
    body: object = None,
    headers: Mapping[str, str] | None = None,
    reader: str | None = "ops",
) -> Response:
    """Return the answer to a request of a reader, by default for the list of WINDOW."""
    account_id = "a2" if reader == "other" else "a1"
    token = {"x-auth-token": f"{account_id}.{reader}"} if reader else {}
    return dialects.answer(
        Request(
            method=method,
            path=path,
            raw_query=urlencode(WINDOW if query is None else query),
            headers=token | dict(headers or {}),
            body=b"" if body is None else body if isinstance(body, bytes) else json.dumps(body).encode(),
            request_id="JKJaXmPLvHcESHA=",
        )
    )


def ids(query: Mapping[str, Any] | None = None, **options: Any) -> list[str]:
    """Return the ids of a list; parameters that the query leaves out are those of WINDOW."""
    response = ask(query=WINDOW | dict(query or {}), **options)
    assert response.status == 200, response.body
    return [item["id"] for item in worlds.content(response)["data"]]


def refusal(response: Response) -> tuple[int, str, Any]:
    """Return status, message and data of a refusal, after a check of the other members."""
    envelope = worlds.content(response)
    assert envelope["status"] == "error"
    assert envelope["error"] == str(response.status)
    assert envelope["request_id"] == response.headers["x-request-id"]
    return response.status, envelope["message"], envelope["data"]
