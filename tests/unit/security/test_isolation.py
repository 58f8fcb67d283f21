"""A reader gets only its own recordings, by every route, kind of credentials and path.

`test_dialects.py` asks every route as another reader with `X-Auth-Token`. These tests do so with
all other kinds of credentials, and verify that a refusal does not reveal
whether a recording exists.
"""

import hashlib
import json
import re
from dataclasses import replace
from datetime import timedelta
from urllib.parse import quote

import pytest

from callvault import dialects, times
from callvault.completeness import Day
from callvault.models import State
from callvault.storage import listing, reports, table
from callvault.web import Request, Response
from tests import worlds

SECRETS = {"a1": "of a1", "a2": "of a2", "u1": "of u1", "u2": "of u2"}
RIGHTS = {"can_delete": True, "can_control": True, "is_admin": True}
NAMES = {"account_id": "a1", "user_id": "u2", "recording_id": "rec-of-u1", "call_id": "c1", "conference_id": "f1"}
ROUTES = [
    (method, pattern)
    for dialect in dialects.DIALECTS.values()
    for pattern, actions in dialect.ROUTES.items()
    for method in actions
    if "{account_id}" in pattern
]
"""Each method and path. tests/unit/dialects/test_head.py shows that HEAD is answered as GET is."""
UNNAMED = [(method, pattern) for pattern, actions in dialects.DIALECTS["relay"].ROUTES.items() for method in actions]
"""Routes whose path names no account: it is that of the credentials."""
ONE = [route for route in [*ROUTES, *UNNAMED] if "{recording_id}" in route[1]]
COMMANDS = [route for route in ROUTES if route[0] in {"POST", "PUT"}]
REPORTS = [route for route in ROUTES if route[1].endswith("/completeness")]
"""Routes whose answers have numbers of the whole account."""
LISTS = [route for route in [*ROUTES, *UNNAMED] if route not in [*ONE, *COMMANDS, *REPORTS]]
WAYS = ("header", "query", "basic", "bearer", "authorization", "envelope")
"""By which credentials may come; the last one is KAZOO's."""
ODD = (
    "..", "%2e%2e", "../a2", "a1#rec-of-u1", "rec-of-u1\x00", "rec-of-u1\n", "rec-of-u1.wav", "REC-OF-U1",
    "r" * 1000, "é\u2028",
)  # fmt: skip


@pytest.fixture(autouse=True)
def archived(monkeypatch: pytest.MonkeyPatch) -> None:
    """Archive a recording of each of two users of `a1`, and let lists go back five days."""
    monkeypatch.setattr(listing, "LOOK_BACK", timedelta(days=5))
    for account_id in ("a1", "a2"):
        users = {account_id: None, "u1": "u1", "u2": "u2"}
        readers = [worlds.reader(name, SECRETS[name], user_id=user_id, **RIGHTS) for name, user_id in users.items()]
        worlds.put_account(account_id, readers=readers)
    for owner_id in ("u1", "u2"):
        put(owner_id)
    reports.write("a1", Day(date=times.now().date(), failed_by={"rec-of-u1": 1}, checked_at=times.now()))


def put(owner_id: str) -> None:
    worlds.put(
        f"rec-of-{owner_id}",
        account_id="a1",
        call_id="c1",
        conference_id="f1",
        state=State.VERIFIED,
        owner_id=owner_id,
        caller="+15550001111",
        callee="+15550002222",
        start_time=times.now() - timedelta(minutes=1),
        transcription={"transcripts": [{"text": f"spoken by {owner_id}"}]},
        media=worlds.media(key=f"media/{owner_id}"),
    )


def path_of(pattern: str, **names: str) -> str:
    return re.sub(r"\{(\w+)\}", lambda name: (NAMES | names)[name[1]], pattern)


def ask(method: str, path: str, way: str, who: tuple[str, str], *, query: str = "") -> Response:
    """Ask with the credentials of an account and a secret, brought in some way."""
    token = ".".join(who)
    request = Request(method=method, path=path, raw_query=query, body=b'{"data":{"user_metadata":{"seen":true}}}')
    match way:
        case "header":
            request = replace(request, headers={"x-auth-token": token})
        case "query" | "authorization":
            name = {"query": "auth_token", "authorization": "authorization"}[way]
            request = replace(request, raw_query=f"{query}&{name}={quote(token)}")
        case "basic":
            request = replace(request, headers=worlds.basic_header(*who))
        case "bearer":
            request = replace(request, headers={"authorization": f"Bearer {token}"})
        case "envelope":
            body = {"auth_token": token, "data": {"user_metadata": {"seen": True}}}
            request = replace(request, body=json.dumps(body).encode())
    return dialects.answer(request)


def changed() -> list[str]:
    """Return whose recordings are not as they were."""
    rows = {owner_id: table.get("a1", f"rec-of-{owner_id}") for owner_id in ("u1", "u2")}
    return [owner_id for owner_id, row in rows.items() if row is None or row.revision != 1]


def test_credentials_of_another_account_are_refused_in_every_form() -> None:
    for method, pattern in ROUTES:
        for way in WAYS:
            response = ask(method, path_of(pattern), way, ("a2", SECRETS["a2"]))
            # An envelope's token is KAZOO's way only: to the others there are no credentials.
            expected = 401 if way == "envelope" and not pattern.startswith("/v2/") else 403
            assert (method, pattern, way, response.status) == (method, pattern, way, expected)
            assert "rec-of" not in response.body
    assert changed() == []


def test_credentials_of_another_account_show_nothing_where_no_path_names_the_account() -> None:
    for method, pattern in UNNAMED:
        for way in WAYS:
            response = ask(method, path_of(pattern), way, ("a2", SECRETS["a2"]))
            expected = 401 if way == "envelope" else 404 if (method, pattern) in ONE else 200
            assert (method, pattern, way, response.status) == (method, pattern, way, expected)
            assert "rec-of" not in response.body
    assert changed() == []


def test_a_secret_is_valid_for_its_own_account_only_in_every_form() -> None:
    for method, pattern in [*ROUTES, *UNNAMED]:
        for way in WAYS:
            for who in (("a1", SECRETS["a2"]), ("a1", SECRETS["a1"] + "x"), ("nobody", SECRETS["a1"])):
                status = ask(method, path_of(pattern), way, who).status
                assert (method, pattern, way, who, status) == (method, pattern, way, who, 401)
    assert changed() == []


def test_a_limited_reader_reads_only_recordings_of_its_user() -> None:
    for method, pattern in [*LISTS, *(route for route in ONE if route not in COMMANDS)]:
        for way in ("header", "basic"):
            response = ask(method, path_of(pattern), way, ("a1", SECRETS["u2"]))
            status = 404 if (method, pattern) in ONE else 200
            assert (method, pattern, response.status) == (method, pattern, status)
            text = f"{response.body} {response.headers}".replace("/rec-of-u1", "/")  # the path that was asked
            assert not re.search(r'rec-of-u1[^"]|spoken by u1|media/u1', text)
            assert status == 404 or "rec-of-u2" in text
    assert changed() == []


def test_a_limited_reader_reads_no_numbers_of_the_account() -> None:
    assert REPORTS
    for method, pattern in REPORTS:
        for way in WAYS:
            for query in ("", "accept=text/csv", "user_id=u2"):
                assert "rec-of-u1" in ask(method, path_of(pattern), way, ("a1", SECRETS["a1"]), query=query).body
                response = ask(method, path_of(pattern), way, ("a1", SECRETS["u2"]), query=query)
                assert (pattern, way, query, response.status) == (pattern, way, query, 403)
                assert "rec-of-u1" not in response.body


def test_a_limited_reader_changes_no_recording_of_another_user() -> None:
    for body in (
        b"{}",
        b'{"data":{"action":"start"}}',
        b'{"data":{},"action":"retry"}',
        b'{"state":"paused"}',
        b"Status=stopped",
    ):
        for method, pattern in COMMANDS:
            headers = {"x-auth-token": f"a1.{SECRETS['u2']}"}
            response = dialects.answer(Request(method=method, path=path_of(pattern), headers=headers, body=body))
            is_retried_list = (response.status, b"retry" in body, "calls" in pattern.lower()) == (202, True, False)
            assert is_retried_list or 400 <= response.status < 500, (method, pattern, response.status)
            assert not re.search(r'rec-of-u1[^"]|spoken by u1|media/u1', response.body.replace("/rec-of-u1", "/"))
    assert changed() == []


def test_no_parameter_shows_a_limited_reader_recordings_of_another_user() -> None:
    for method, pattern in LISTS:
        for query in (
            "owner_id=u1", "user_id=u1", "filter_owner_id=u1", 'filter_owner_id=["u1","u2"]', "filter_not_owner_id=u2",
            "paginate=false", "has_key=owner_id", "filter_call_id=c1", "CallSid=c1", "ConferenceSid=f1",
            "ascending=true",
            "from=%2B15550001111", "to=%2B15550002222", "filter_from=%2B15550001111", "page_size=1", "PageSize=1",
            "accept=text/csv",
        ):  # fmt: skip
            response = ask(method, path_of(pattern), "header", ("a1", SECRETS["u2"]), query=query)
            assert (pattern, query, "rec-of-u1" in response.body) == (pattern, query, False)
            assert response.status < 500


def test_a_refusal_does_not_reveal_whether_a_recording_of_another_user_exists() -> None:
    def said(method: str, pattern: str, recording_id: str) -> tuple[int, str, dict[str, str]]:
        response = ask(method, path_of(pattern, recording_id=recording_id), "header", ("a1", SECRETS["u2"]))
        body = re.sub(r'"timestamp":"[^"]*"', "", response.body).replace(recording_id, "…")
        return response.status, body, dict(response.headers)

    for method, pattern in ONE:
        assert said(method, pattern, "rec-of-u1") == said(method, pattern, "rec-of-u9")


def test_no_path_leads_to_recordings_of_another_user() -> None:
    for method, pattern in [*ROUTES, *UNNAMED]:
        for name in re.findall(r"\{(\w+)\}", pattern):
            for odd in ODD:
                response = ask(method, path_of(pattern, **{name: odd}), "header", ("a1", SECRETS["u2"]))
                assert (method, pattern, odd, response.status < 500) == (method, pattern, odd, True)
                assert "spoken by u1" not in response.body
    assert changed() == []


@pytest.mark.parametrize("account_id", [*ODD, "\ud800", "a2", "accounts/a2", "a1/../a2", "A1", "a1\n", "~"])
def test_no_account_id_reads_another_ssm_parameter(account_id: str) -> None:
    assert ask("GET", "/v2/accounts/a1/recordings", "header", (account_id, SECRETS["a1"])).status == 401


@pytest.mark.parametrize("secret", [" ", "\x00", "\ud800", "é", "a" * 100_000, hashlib.sha256(b"of a1").hexdigest()])
def test_an_unusual_secret_is_refused_as_wrong(secret: str) -> None:
    assert ask("GET", "/v2/accounts/a1/recordings", "header", ("a1", secret)).status == 401
