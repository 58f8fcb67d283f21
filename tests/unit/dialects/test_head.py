"""HEAD has the status and the headers of GET in every dialect, and the same access.

The function's answer has the body too: the gateway drops it, and counts it (`dialects.answer`).
"""

import re
from datetime import timedelta

import pytest

from callvault import dialects, times
from callvault.messaging.queues import Queue
from callvault.models import State
from callvault.storage import listing
from callvault.web import Request, Response
from tests import worlds

NAMES = {"account_id": "a1", "user_id": "u1", "recording_id": "rec-1", "call_id": "c1", "conference_id": "f1"}
PATHS = [
    re.sub(r"\{(\w+)\}", lambda name: NAMES[name[1]], pattern)
    for dialect in dialects.DIALECTS.values()
    for pattern, actions in dialect.ROUTES.items()
    if "GET" in actions
]
READ_ONLY = [
    re.sub(r"\{(\w+)\}", lambda name: NAMES[name[1]], pattern)
    for dialect in dialects.DIALECTS.values()
    for pattern, actions in dialect.ROUTES.items()
    if "GET" not in actions
]
ACCEPTS = ("", "application/json", "audio/mpeg")
WHO = {"own": ("a1", "of a1"), "other user": ("a1", "of u2"), "other account": ("a2", "of a2"), "wrong": ("a1", "x")}


@pytest.fixture(autouse=True)
def archived(monkeypatch: pytest.MonkeyPatch) -> None:
    """Archive the recording that every path leads to."""
    monkeypatch.setattr(listing, "LOOK_BACK", timedelta(days=5))
    own = [worlds.reader("own", "of a1"), worlds.reader("u2", "of u2", user_id="u2")]
    worlds.put_account("a1", readers=own)
    worlds.put_account("a2", readers=[worlds.reader("other", "of a2")])
    worlds.put(
        "rec-1",
        account_id="a1",
        call_id="c1",
        conference_id="f1",
        owner_id="u1",
        state=State.VERIFIED,
        start_time=times.now() - timedelta(minutes=1),
        media=worlds.media(),
    )


def ask(method: str, path: str, who: tuple[str, str] | None = WHO["own"], accept: str = "", etag: str = "") -> Response:
    credentials = worlds.basic_header(*who) if who else {}
    headers = {**credentials, "accept": accept, "if-none-match": etag}
    return dialects.answer(Request(method=method, path=path, headers=headers, request_id="x"))


def seen(response: Response) -> tuple[int, dict[str, str]]:
    """Return status and headers, without what changes from second to second in a signed URL."""
    headers = {name: re.sub(r"X-Amz-(Date|Signature)=\w+", "", value) for name, value in response.headers.items()}
    return response.status, headers


def test_the_dialects_have_paths_of_documents_media_and_lists() -> None:
    statuses = [ask("GET", path).status for path in PATHS]
    assert {200, 302} <= set(statuses)
    assert len(READ_ONLY) >= 3


@pytest.mark.parametrize("accept", ACCEPTS)
@pytest.mark.parametrize("path", PATHS)
def test_head_is_answered_as_get(path: str, accept: str) -> None:
    head, get = (ask(method, path, accept=accept) for method in ("HEAD", "GET"))
    assert seen(head) == seen(get)
    assert head.status != 405
    assert bool(head.body) == bool(get.body)


@pytest.mark.parametrize("who", [None, *(WHO[name] for name in ("other user", "other account", "wrong"))])
@pytest.mark.parametrize("path", PATHS)
def test_head_has_the_access_of_get(path: str, who: tuple[str, str] | None) -> None:
    head, get = (ask(method, path, who) for method in ("HEAD", "GET"))
    assert seen(head) == seen(get)


def test_head_changes_nothing_and_copies_nothing() -> None:
    for path in PATHS:
        ask("HEAD", path, accept="audio/mpeg")
    assert worlds.row("rec-1", "a1").revision == 1
    assert worlds.keys() == []
    assert not any(worlds.queued(queue) for queue in Queue)


@pytest.mark.parametrize("path", READ_ONLY)
def test_head_is_refused_where_get_is(path: str) -> None:
    assert [ask(method, path).status for method in ("HEAD", "GET")] == [405, 405]


def test_a_known_etag_is_a_304() -> None:
    path = "/v2/accounts/a1/recordings/rec-1"
    etag = ask("GET", path).headers["etag"]
    answer = ask("HEAD", path, etag=etag)
    assert (answer.status, answer.body, answer.headers["etag"]) == (304, "", etag)


def test_head_of_the_description_is_answered_as_get() -> None:
    assert ask("HEAD", "/openapi.yaml") == ask("GET", "/openapi.yaml")


def test_a_post_that_names_head_is_refused_as_by_crossbar() -> None:
    token = {"x-auth-token": "a1.of a1"}
    request = Request(method="POST", path="/v2/accounts/a1/recordings", raw_query="verb=HEAD", headers=token)
    assert dialects.answer(request).status == 405
