"""Text of callers and providers never adds a header, a line of the log or markup."""

import io
import json
from typing import Any
from urllib.parse import quote

import pytest
from aws_lambda_powertools import Logger
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from callvault import accounts, dialects, web
from callvault.errors import ForbiddenError
from callvault.models import Recording, State
from callvault.providers.kazoo import uploads
from callvault.readers import access, pages
from callvault.readers.pages import Page
from callvault.storage import listing
from tests import worlds

SECRET = "the-secret-of-ops"
ROUTES = [
    (method, pattern)
    for dialect in dialects.DIALECTS.values()
    for pattern, actions in dialect.ROUTES.items()
    for method in actions
    if method == "GET"
]
BREAKS = st.sampled_from(
    # What ends a line, a quotation or a header somewhere.
    ["\r\nset-cookie: a=b", "\n", "\r", "\x00", "\x1b[31m", "\u2028", "\u2029", "\x85",
     "\x0b", "\x0c", "\x1c", '"', "\\", "é", "\ud800"]
)  # fmt: skip
TEXTS = st.lists(st.one_of(BREAKS, st.text(max_size=8)), max_size=4).map("".join)
unhurried = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


class Lines(io.TextIOBase):
    """Keep the lines of a log, because logging swallows exceptions that a stream raises."""

    def __init__(self) -> None:
        super().__init__()
        self.kept: list[str] = []

    def write(self, text: str) -> int:
        """Keep a line."""
        self.kept.append(text)
        return len(text)

    def check(self) -> None:
        """See that every line is one JSON object, without what it may not have."""
        for text in self.kept:
            assert not set(text.removesuffix("\n")) & {"\n", "\r", "\x00", "\x1b"}  # CloudWatch ends a line at \n only
            assert isinstance(json.loads(text.encode()), dict)
            assert SECRET not in text
            assert "+1555" not in text
        self.kept.clear()


@pytest.fixture(autouse=True)
def log(monkeypatch: pytest.MonkeyPatch) -> Lines:
    lines = Lines()
    monkeypatch.setattr(Logger(service="service_undefined").registered_handler, "stream", lines)
    account = worlds.account("a1", "kazoo", readers=[worlds.reader("ops", SECRET)])
    monkeypatch.setattr(accounts, "get", lambda *_, **__: account)
    return lines


def recording(said: str) -> Recording:
    said = said.encode(errors="replace").decode()
    return worlds.recording(
        f"r{said}",
        account_id="a1",
        provider="kazoo",
        state=State.VERIFIED,
        name=said or None,
        caller=f"+1555{said}",
        callee=said,
        call_id=said,
        tag=said,
        reason=said,
        extra={said: {said: [said]}, "content_type": said, "etag": said},
        media=worlds.media(),
        listed_at=f"2026-01-01T00:00:00.000Z#r{said}",
    )


@unhurried
@given(
    route=st.sampled_from(ROUTES),
    said=TEXTS,
    headers=st.dictionaries(
        st.sampled_from(
            ["x-request-id", "x-file-name", "accept", "if-none-match", "x-pretty-print", "authorization", "origin"]
        ),
        TEXTS,
    ),
    query=st.dictionaries(
        st.sampled_from(
            [
                "file_name",
                "jsonp",
                "accept",
                "inline",
                "start_key",
                "page_size",
                "PageToken",
                "DateCreated",
                "pretty_print",
            ]
        ),
        TEXTS,
    ),
)
@example(route=ROUTES[0], said="", headers={"x-file-name": "a\r\nset-cookie: b"}, query={"accept": "text/csv"})
def test_every_header_of_every_answer_is_one_line_of_printable_text(
    log: Lines, route: tuple[str, str], said: str, headers: dict[str, str], query: dict[str, str]
) -> None:
    method, pattern = route
    found = recording(said)
    path = pattern
    for name in ("account_id", "user_id", "recording_id", "call_id", "conference_id"):
        path = path.replace(f"{{{name}}}", {"account_id": "a1"}.get(name, f"x{said}"))
    event: dict[str, Any] = {
        "rawPath": path,
        "rawQueryString": "&".join(f"{name}={quote(value, errors='replace')}" for name, value in query.items()),
        "headers": {"x-auth-token": f"a1.{SECRET}"} | headers,
        "requestContext": {"http": {"method": method}, "domainName": "api.example.com", "requestId": "r-1"},
    }
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setattr(access, "find", lambda *_, **__: found)
        monkeypatch.setattr(pages, "read", lambda *_: Page((found,), "start", "next"))
        monkeypatch.setattr(listing, "scan", lambda *_: iter(()))
        answer = web.write(dialects.answer(web.read(event, dialects.MAX_BODY_BYTES)))
    for name, value in answer["headers"].items():
        assert f"{name}{value}".isascii()
        assert f"{name}{value}".isprintable()
        assert name.replace("-", "").isalnum()
    assert answer["statusCode"] < 500
    assert SECRET not in json.dumps(answer, ensure_ascii=False).encode().decode()
    log.check()


@unhurried
@given(said=TEXTS)
@example(said="\n")
@example(said="\u2028")
def test_every_line_of_a_log_is_one_json_object_for_any_value(log: Lines, said: str) -> None:
    said = said.encode(errors="replace").decode()  # as web.read leaves it
    Logger(service="service_undefined", child=True).info("An object stays", extra={"account": said})
    assert len(log.kept) == 1
    log.check()


@unhurried
@given(
    segments=st.lists(
        st.one_of(TEXTS, st.sampled_from(["..", ".", "", "acme", "other", "account_id=other"])), max_size=6
    )
)
def test_every_key_under_incoming_belongs_to_the_account_of_its_folder(segments: list[str]) -> None:
    read = uploads.read_key(f"{uploads.PREFIX}acme/" + "/".join(segments))
    if read is None:
        return
    account_id, upload = read
    assert account_id == "acme"
    try:
        made = upload.recording(worlds.account("acme", "kazoo"), "ab" * 32)
    except ForbiddenError:
        return
    assert made.account_id == "acme"
    assert made.recording_id.isascii()
    assert "/" not in made.recording_id
