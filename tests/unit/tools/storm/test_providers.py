"""The stand-ins of the storm: their lists, and what disturbs them."""

from typing import Any

import pytest
import urllib3
from urllib3.exceptions import HTTPError

from tools.local.faults.replies import Reply
from tools.local.providers import books, scenarios
from tools.storm import interruptions, providers
from tools.storm.interruptions import Interruptions
from tools.storm.ledger import started
from tools.storm.providers import LAML_PASSWORD

pytestmark = pytest.mark.loopback


def get(url: str) -> urllib3.BaseHTTPResponse:
    headers = urllib3.make_headers(basic_auth=f"{scenarios.TWILIO}:{LAML_PASSWORD}")
    return urllib3.request("GET", url, headers=headers, retries=False)


def test_a_script_takes_precedence_over_the_book() -> None:
    with providers.running() as running:
        path = f"/2010-04-01/Accounts/{scenarios.TWILIO}/Recordings"
        kept = books.Kept(recording_id="RE1", call_id="CA1", time=started(), seconds=2, media=b"RIFF")
        running.twilio.book.add([kept])
        running.twilio.serve(f"{path}/RE1.wav", Reply(status=503), Reply(body=b"played"))
        answers = [get(f"{running.twilio.origin}{path}/RE1.wav") for _ in range(2)]
        assert [(one.status, one.data) for one in answers] == [(503, b""), (200, b"played")]
        listed: dict[str, Any] = get(f"{running.twilio.origin}{path}.json").json()
        assert [one["sid"] for one in listed["recordings"]] == ["RE1"]


def test_the_lists_are_disturbed_only_while_the_storm_rages() -> None:
    all_lists, expired = Interruptions(1), []
    disturbed = all_lists.of("calls", lambda: expired.append(1))
    assert [disturbed.next_page() for _ in range(200)] == [None] * 200
    all_lists.rages = True
    replies = [disturbed.next_page() for _ in range(600)]
    assert {id(one) for one in replies if one} == {id(one) for one in interruptions.REPLIES.values()}
    assert len(expired) == all_lists.struck["calls expired"] > 0
    assert sum(all_lists.struck.values()) == sum(one is not None for one in replies) + len(expired)


def test_a_disturbed_list_answers_with_the_drawn_error() -> None:
    with providers.running() as running:
        running.interruptions.rages = True
        url = f"{running.twilio.origin}/2010-04-01/Accounts/{scenarios.TWILIO}/Recordings.json"
        statuses = {status(url) for _ in range(150)}
        assert statuses == {200, 429, 500, 503, None}


def status(url: str) -> int | None:
    """Return the status of an answer; None without an answer."""
    try:
        return get(url).status
    except HTTPError:
        return None
