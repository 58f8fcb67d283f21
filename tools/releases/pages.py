"""Requests for another page of a list, with the page token that the previous page gave."""

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from unittest import mock
from urllib.parse import quote, urlsplit

from callvault import dialects
from callvault.dialects.kazoo import retries
from callvault.models import State
from callvault.storage import listing, table
from callvault.web import Request, Response
from tools.releases import messages, world

SPAN = "created_from=63961488000&created_to=63964088000"
"""30 days around the recordings of the samples, in Gregorian seconds."""
LOOK_BACK = timedelta(days=60)
"""Length of a list without dates: the default of ten years would cost 121 queries for each page."""
RETRY = '{"action": "retry", "data": {}}'


@dataclass(frozen=True)
class List:
    """A list of recordings that has pages."""

    provider: str
    path: str
    query: str
    reader: str = "ops"
    accept: str = "application/json"
    body: str = ""  # of a POST; blank for a GET


KAZOO = "/v2/accounts/acme-kazoo"
LAML = "2010-04-01/Accounts/acme-{}"
LISTS = {
    "twilio": List("twilio", f"/{LAML.format('twilio')}/Recordings.json", "PageSize=1"),
    "relay": List("signalwire", "/api/relay/rest/recordings", "page_size=1"),
    "kazoo": List("kazoo", f"{KAZOO}/recordings", f"{SPAN}&page_size=1"),
    "kazoo, oldest first": List("kazoo", f"{KAZOO}/recordings", f"{SPAN}&page_size=1&ascending=true"),
    "kazoo, filtered": List("kazoo", f"{KAZOO}/recordings", f"{SPAN}&page_size=1&filter_call_id=c-1&has_value=name"),
    "kazoo, a user's": List("kazoo", f"{KAZOO}/users/u1/recordings", f"{SPAN}&page_size=1", reader="limited"),
    "kazoo, CSV": List("kazoo", f"{KAZOO}/recordings", f"{SPAN}&page_size=1", accept="text/csv"),
    "kazoo, retries": List(
        "kazoo", f"{KAZOO}/recordings", "created_from=63929952000&created_to=63932552000", body=RETRY
    ),
    **{
        f"{provider}, {name}": List(provider, f"{root}{LAML.format(provider)}{parent}/Recordings{extension}", query)
        for provider, root, extension in (("twilio", "/", ".json"), ("signalwire", "/api/laml/", ""))
        for name, parent, query in (
            ("dates", "", "PageSize=1&DateCreated%3E=2026-11-01&DateCreated%3C=2026-11-30"),
            ("call", "/Calls/c-1", "PageSize=1"),
            ("conference", "/Conferences/CF-1", "PageSize=1"),
        )
    },
}


def write() -> dict[str, Any]:
    """Return the requests for the pages that the second page of each list names."""
    written: dict[str, Any] = {}
    kept = {(wanted.provider, bool(wanted.body)): wanted for wanted in LISTS.values()}
    rows = {key: _recordings(wanted) for key, wanted in kept.items()}
    for name, wanted in LISTS.items():
        second = _others(wanted, wanted.query, _answer(wanted, wanted.query))["next"]
        for kind, query in _others(wanted, second, _answer(wanted, second)).items():
            written[f"{name}, {kind}"] = _written(wanted, query, rows[wanted.provider, bool(wanted.body)])
    return written


def read(written: Any) -> Any:  # noqa: ANN401 - JSON
    """Return the recordings on the page that a request with a token gets."""
    world.put_account(written["account"])
    for item in written["rows"]:
        world.put_item(item)
    with mock.patch.object(listing, "LOOK_BACK", LOOK_BACK):
        answer = dialects.answer(_request(written))
    return {"status": answer.status, "page": list(_ids(answer))}


def _recordings(wanted: List) -> list[dict[str, Any]]:
    """Write four rows that are in the list, and return them."""
    world.put_account(world.account(wanted.provider))
    state, year = (State.FAILED, 2025) if wanted.body else (State.PENDING, 2026)
    for number in range(1, 5):
        start = f"{year}-11-2{number}T12:00:00.000Z"
        fields = {"call_id": "c-1", "conference_id": "CF-1", "owner_id": "u1", "name": "n", "start_time": start}
        table.put(messages.recording(f"{state}-{number}", wanted.provider, state=state, **fields), "callback")
    return [item for item in world.items() if item["pk"]["S"].startswith(f"acme-{wanted.provider}#{state}-")]


def _written(wanted: List, query: str, items: list[dict[str, Any]]) -> dict[str, Any]:
    """Return a sample: the request, and the world in which it is sent."""
    return {
        "account": world.account(wanted.provider),
        "rows": items,
        "path": wanted.path,
        "query": query,
        "accept": wanted.accept,
        "secret": f"{world.account_id(wanted.provider)}.{wanted.reader}",
        "body": wanted.body,
    }


def _answer(wanted: List, query: str) -> Response:
    """Return the answer to a request for a page; a retry ends after one recording."""
    short = mock.patch.multiple(retries, MAX_RECORDINGS=1, PAGE_SIZE=1)
    with short, mock.patch.object(listing, "LOOK_BACK", LOOK_BACK):
        return dialects.answer(_request(_written(wanted, query, [])))


def _request(written: dict[str, Any]) -> Request:
    """Return the request of a sample."""
    return Request(
        method="POST" if written["body"] else "GET",
        path=written["path"],
        raw_query=written["query"],
        headers={"accept": written["accept"], "x-auth-token": written["secret"]},
        body=written["body"].encode(),
        origin="https://api.example.com",
    )


def _others(wanted: List, query: str, answer: Response) -> dict[str, str]:
    """Return the queries for the pages that an answer names."""
    query = "&".join(part for part in query.split("&") if not part.startswith("start_key="))
    if "csv" in wanted.accept:
        return {"next": f"{query}&start_key={quote(answer.headers['x-next-start-key'])}"}
    content = json.loads(answer.body)
    if wanted.provider == "kazoo":
        keys = {"same": content.get("start_key"), "next": content.get("next_start_key")}  # KAZOO has no previous page
        return {kind: f"{query}&start_key={quote(key)}" for kind, key in keys.items() if key}
    if links := content.get("links"):
        uris = {"previous": links.get("prev"), "next": links.get("next")}
    else:
        uris = {"previous": content["previous_page_uri"], "next": content["next_page_uri"]}
    return {kind: urlsplit(uri).query for kind, uri in uris.items() if uri}


def _ids(answer: Response) -> Iterator[str]:
    """Yield the ids of the recordings on a page; for a retry, the number queued."""
    if "csv" in answer.headers.get("content-type", ""):
        yield from (row["id"] for row in csv.DictReader(io.StringIO(answer.body)))
        return
    content = json.loads(answer.body)
    data = content.get("data", content.get("recordings", []))
    yield from (
        [f"queued: {data.get('queued')}"] if isinstance(data, dict) else [one.get("id", one.get("sid")) for one in data]
    )
