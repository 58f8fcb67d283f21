"""Every dialect shows in `archive.extra` what a provider sent, without credentials."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from callvault import dialects
from callvault.models import State
from callvault.providers import PROVIDERS
from callvault.web import Request, Response
from tests import worlds
from tests.worlds import content

SECRET = "s3cret-0001"
SENT: dict[str, Any] = {
    "status": "levitating",
    "eventTime": "2026-06-17T22:20:03.375833Z",
    "callUrl": "https://voice.bandwidth.com/api/v2/accounts/9900000/calls/c-1",
    "enqueuedTime": "2019-09-13-16:48:27.198Z",
    "AuthToken": SECRET,
    "X-Signature": [SECRET],
    "link": f"https://ann:{SECRET}@example.com/a?sig={SECRET}",
    "quality": {"mos": 4.2, "password": SECRET},
    "keyed": "4111 1111 1111 1111",
}
SHOWN = {
    **{name: SENT[name] for name in ("status", "eventTime", "callUrl", "enqueuedTime")},
    "link": "https://***@example.com/a?***",
    "quality": {"mos": 4.2},
    "keyed": "***",
}
ONE = {
    "bandwidth, of a call": "/api/v2/accounts/acme/calls/c-1/recordings/r-1",
    "bandwidth, of a conference": "/api/v2/accounts/acme/conferences/f-1/recordings/r-1",
    "twilio": "/2010-04-01/Accounts/acme/Recordings/r-1.json",
    "signalwire": "/api/laml/2010-04-01/Accounts/acme/Recordings/r-1.json",
    "relay": "/api/relay/rest/recordings/r-1",
    "kazoo": "/v2/accounts/acme/recordings/r-1",
}
LISTS = {
    "bandwidth": "/api/v2/accounts/acme/calls/c-1/recordings",
    "laml": "/2010-04-01/Accounts/acme/Recordings.json",
    "relay": "/api/relay/rest/recordings",
}
each_path = pytest.mark.parametrize("path", ONE.values(), ids=ONE)


@pytest.fixture(autouse=True)
def _account() -> None:
    worlds.put_account("acme", readers=worlds.readers(ops={}, alice={"user_id": "alice"}))


def put(**fields: Any) -> None:
    known: dict[str, Any] = {
        "call_id": "c-1",
        "conference_id": "f-1",
        "state": State.VERIFIED,
        "media": worlds.media(),
        "extra": SENT,
    }
    worlds.put("r-1", **known | fields)


def ask(path: str, reader: str = "ops") -> Response:
    headers = worlds.basic_header("acme", reader)
    return dialects.answer(Request(method="GET", path=path, headers=headers, origin="https://archive.example.com"))


def document(path: str, reader: str = "ops") -> Any:
    found = content(ask(path, reader))
    return found["data"] if path == ONE["kazoo"] else found


def archived(path: str, reader: str = "ops") -> Mapping[str, Any]:
    found: Mapping[str, Any] = document(path, reader)["archive"]
    return found


@pytest.mark.parametrize("provider", PROVIDERS)
@each_path
def test_a_recording_shows_what_its_provider_sent_without_secrets(path: str, provider: str) -> None:
    put(provider=provider)
    assert archived(path)["extra"] == SHOWN
    assert SECRET not in ask(path).body


@each_path
def test_a_recording_without_further_fields_has_no_extra(path: str) -> None:
    put(extra={})
    assert "extra" not in archived(path)


@each_path
def test_a_limited_reader_sees_the_fields_of_its_own_recordings_only(path: str) -> None:
    put(owner_id="bob")
    assert ask(path, "alice").status == 404
    assert "levitating" not in ask(path, "alice").body


@each_path
def test_a_limited_reader_sees_the_fields_of_a_recording_of_its_own(path: str) -> None:
    put(owner_id="alice")
    assert archived(path, "alice")["extra"] == SHOWN


@pytest.mark.parametrize("path", LISTS.values(), ids=LISTS)
def test_a_list_of_a_thousand_leaves_them_out(path: str) -> None:
    put(start_time=datetime(2026, 6, 17, tzinfo=UTC))
    body = ask(path).body
    assert '"archive"' in body
    assert "levitating" not in body


def test_kazoos_filters_find_a_recording_by_what_its_provider_sent() -> None:
    put()
    for value, number in (("levitating", 1), ("complete", 0)):
        headers = worlds.basic_header("acme", "ops")
        query = f"filter_archive.extra.status={value}"
        request = Request(method="GET", path="/v2/accounts/acme/recordings", raw_query=query, headers=headers)
        assert len(content(dialects.answer(request))["data"]) == number


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("2026-06-17T22:19:40.375833Z", "2026-06-17T22:19:40.375833Z"),
        ("2026-06-18T00:19:40.375833+02:00", "2026-06-17T22:19:40.375833Z"),
        ("2026-06-17T22:19:40.999833Z", "2026-06-17T22:19:40.375Z"),  # of an earlier event
        ("yesterday", "2026-06-17T22:19:40.375Z"),
    ],
)
def test_bandwidths_times_have_the_precision_that_bandwidth_gave(given: str, shown: str) -> None:
    time = datetime(2026, 6, 17, 22, 19, 40, 375_000, UTC)
    put(start_time=time, end_time=time, extra={"startTime": given, "endTime": given})
    found = document(ONE["bandwidth, of a call"])
    assert (found["startTime"], found["endTime"]) == (shown, shown)


def test_a_transcriptions_time_has_the_precision_that_bandwidth_gave() -> None:
    put(transcription={"id": "t-1", "status": "available", "completedTime": "2026-06-17T22:30:00.123456Z"})
    assert document(ONE["bandwidth, of a call"])["transcription"]["completedTime"] == "2026-06-17T22:30:00.123456Z"


def test_relays_times_have_the_precision_that_signalwire_gave() -> None:
    put(
        provider="signalwire",
        start_time=datetime(2026, 11, 20, 9, 30, 36, 217_000, UTC),
        end_time=datetime(2026, 11, 20, 9, 30, 55, 516_000, UTC),
        extra={"start_time": 1795167036.217461, "end_time": 1795167055},
    )
    found = archived(ONE["relay"])
    assert (found["start_time"], found["end_time"]) == ("2026-11-20T09:30:36.217461Z", "2026-11-20T09:30:55.516Z")
