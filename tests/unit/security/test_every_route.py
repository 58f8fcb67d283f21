"""Every route refuses every spelling of another account, with every shape of credentials.

The routes are those of the dialects and, for callbacks and uploads, those of the template. Nothing
of the victim may appear in an answer, and nothing of the victim's may change.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from itertools import product
from typing import Any

import pytest

from callvault import dialects, times
from callvault.completeness import Day
from callvault.ingest import callbacks, kazoo_uploads
from callvault.messaging.queues import Queue
from callvault.models import State
from callvault.providers import PROVIDERS
from callvault.storage import listing, reports, table
from callvault.web import Request, Response
from tests import samples, worlds
from tests.captures import AUDIO
from tests.unit.security.test_isolation import ROUTES, path_of

VICTIM, ATTACKER = "victim", "attacker"
PROVIDER_ID = "9900001"
"""The victim's id at its provider."""
SECRETS = {VICTIM: "of the victim", ATTACKER: "of the attacker", "u1": "of u1"}
SPELLINGS = (
    VICTIM, "VICTIM", "Victim", "%76ictim", "%2576ictim", "victim.", "./victim", "attacker/../victim", "victim/",
    "victim\x00", "victim%00", " victim", "victim\n", "v\N{CYRILLIC SMALL LETTER BYELORUSSIAN-UKRAINIAN I}ctim",
    "\N{FULLWIDTH LATIN SMALL LETTER V}ictim", "", PROVIDER_ID, "victim" * 1000,
)  # fmt: skip
"""Spellings of the victim's account. The path of an event is decoded once, so `%76` is `%2576`."""
MARKS = ("+15550009999", "spoken", "media/victim", "tag-of-victim")
"""What only the victim's readers may see, and no request names."""
RIGHTS = {"can_delete": True, "can_edit": True, "can_control": True, "is_admin": True}
BODIES = {
    "/v2/": b'{"action":"retry","data":{"action":"start","user_metadata":{"a":1},"owner_id":"u9"}}',
    "/api/v2/": b'{"state":"paused"}',
}


def shapes(account_id: str) -> Iterator[Request]:
    """Yield requests with each shape of credentials; `account_id` is the spelling in the path."""
    own, hashed = SECRETS[ATTACKER], hashlib.sha256(SECRETS[VICTIM].encode()).hexdigest()
    yield from (
        Request(method="", path="", headers=headers, raw_query=query)
        for headers, query in (
            ({}, ""),
            ({"x-auth-token": f"{ATTACKER}.{own}"}, ""),
            (worlds.basic_header(ATTACKER, own), ""),
            ({"authorization": f"Bearer {ATTACKER}.{own}"}, f"auth_token={VICTIM}.{own}"),
            ({"x-auth-token": f"{account_id}.{own}"}, ""),
            (worlds.basic_header(account_id, own), ""),
            (worlds.basic_header(VICTIM, ""), f"authorization={VICTIM}."),
            ({"x-auth-token": f"{VICTIM}.{hashed}"}, ""),
            ({"x-auth-token": f"{ATTACKER}.{own},{VICTIM}.x"}, f"auth_token={ATTACKER}.{own}&account_id={VICTIM}"),
            ({"authorization": "Basic \x00\udcff", "x-auth-token": "\x00."}, "auth_token=%00%ff"),
        )
    )


@pytest.fixture(autouse=True)
def archived(monkeypatch: pytest.MonkeyPatch) -> None:
    """Archive a recording of the victim, and a report; the attacker's account has none."""
    monkeypatch.setattr(listing, "LOOK_BACK", timedelta(days=5))
    for account_id, provider_id in ((VICTIM, PROVIDER_ID), (ATTACKER, "9900002")):
        readers = [worlds.reader(name, SECRETS[name], **RIGHTS) for name in (account_id,)]
        readers += [worlds.reader("u1", SECRETS["u1"], user_id="u1", **RIGHTS)]
        worlds.put_account(account_id, provider_account_id=provider_id, readers=readers, callback={"token": "right"})
    worlds.put(
        "rec-of-victim",
        account_id=VICTIM,
        call_id="c-victim",
        conference_id="c-victim",
        owner_id="u2",
        state=State.FAILED,
        caller="+15550009999",
        tag="tag-of-victim",
        start_time=times.now() - timedelta(minutes=1),
        transcription={"transcripts": [{"text": "spoken"}]},
        media=worlds.media(key="media/victim"),
    )
    today = Day(date=times.now().date(), failed_by={"tag-of-victim": 1}, checked_at=times.now())
    reports.write(VICTIM, today)


def ask(method: str, pattern: str, account_id: str, request: Request) -> Response:
    names = {"recording_id": "rec-of-victim", "call_id": "c-victim", "conference_id": "c-victim", "user_id": "u2"}
    path = path_of(pattern, **names, account_id=account_id)
    body = next((body for prefix, body in BODIES.items() if path.startswith(prefix)), b"Status=stopped")
    return dialects.answer(replace(request, method=method, path=path, body=body))


def shown(response: Response) -> list[str]:
    """Return what an answer shows of the victim."""
    return [mark for mark in MARKS if mark in f"{response.body}{dict(response.headers)}{response.content!r}"]


def untouched() -> bool:
    row = table.get(VICTIM, "rec-of-victim")
    return row is not None and row.revision == 1 and not any(worlds.queued(queue) for queue in Queue)


def test_no_spelling_of_an_account_leads_a_stranger_to_its_recordings() -> None:
    for (method, pattern), spelling in product(ROUTES, SPELLINGS):
        for number, shape in enumerate(shapes(spelling)):
            response = ask(method, pattern, spelling, shape)
            case = (method, pattern, spelling[:30], number)
            assert 400 <= response.status < 500, (*case, response.status)
            assert shown(response) == [], case
    assert len(ROUTES) * len(SPELLINGS) > 1_000
    assert untouched()


def test_the_marks_are_in_what_the_victims_own_reader_gets() -> None:
    token = {"x-auth-token": f"{VICTIM}.{SECRETS[VICTIM]}"}
    reads = [
        (method, pattern) for method, pattern in ROUTES if method in {"GET", "HEAD"} and "transcription" not in pattern
    ]
    answers = [ask(method, pattern, VICTIM, Request(method="", path="", headers=token)) for method, pattern in reads]
    assert {(response.status, bool(shown(response))) for response in answers} <= {
        (200, True),
        (302, True),
        (404, False),
    }
    assert sum(bool(shown(response)) for response in answers) > len(answers) / 2


def test_no_spelling_of_an_account_leads_a_limited_reader_to_recordings_of_another_user() -> None:
    token = {"x-auth-token": f"{VICTIM}.{SECRETS['u1']}"}
    for (method, pattern), spelling in product(ROUTES, SPELLINGS):
        response = ask(method, pattern, spelling, Request(method="", path="", headers=token))
        assert response.status < 500, (method, pattern, spelling)
        assert shown(response) == [], (method, pattern, spelling)
    assert untouched()


def routes_of(template: dict[str, Any], function: str) -> list[tuple[str, str]]:
    events = template["Resources"][function]["Properties"]["Events"].values()
    return [(event["Properties"]["Method"], event["Properties"]["Path"]) for event in events]


@pytest.mark.parametrize("provider", PROVIDERS)
def test_no_spelling_of_an_account_makes_a_callback_of_a_stranger_count(
    template: dict[str, Any], provider: str
) -> None:
    contract = samples.of(provider)
    sample = contract.samples[0].request
    for account_id in (VICTIM, ATTACKER):
        worlds.put_account(account_id, **contract.parameter)
    for (method, pattern), spelling in product(routes_of(template, "IngestCallback"), SPELLINGS):
        for number, shape in enumerate(shapes(spelling)):
            parameters = {"provider": provider, "account_id": spelling} | (
                {"token": "x"} if "{token}" in pattern else {}
            )
            headers = {**shape.headers, "content-type": sample.headers.get("content-type", "")}
            if number % 2:  # a signature that is genuine, but of another URL
                headers |= {name: value for name, value in sample.headers.items() if "signature" in name}
            path = "/callbacks/" + "/".join(parameters.values())
            request = replace(sample, method=method, path=path, headers=headers, raw_query=shape.raw_query)
            response = callbacks.answer(replace(request, parameters=parameters))
            assert 400 <= response.status < 500, (method, pattern, spelling[:30], number, response.status)
            assert shown(response) == []
    assert untouched()


def test_no_spelling_of_an_account_lets_a_stranger_upload_or_read_back(template: dict[str, Any]) -> None:
    for account_id, token in ((VICTIM, "right"), (ATTACKER, "own")):
        worlds.put_account(account_id, "kazoo", callback={"token": token})
    for (method, pattern), spelling in product(routes_of(template, "ReceiveUpload"), SPELLINGS):
        for shape in shapes(spelling):
            parameters = {"account_id": spelling, "token": "own"}
            parameters |= {"path": "rec-of-victim.mp3"} if "{path+}" in pattern else {}
            body = b"" if method == "GET" else AUDIO
            query = f"{shape.raw_query}&call_id=c-victim&recording_id=rec-of-victim"
            request = replace(shape, method=method, path=f"/uploads/kazoo/{spelling}/own", raw_query=query, body=body)
            response = kazoo_uploads.answer(replace(request, parameters=parameters))
            assert 400 <= response.status < 500, (method, pattern, spelling[:30], response.status)
            assert shown(response) == []
    assert untouched()
    assert {key.partition("/")[0] for key in worlds.objects()} == {"completeness"}
