"""SignalWire's Recordings API, asked about recordings of SWML and Relay."""

import json
from typing import Any

import pytest
import urllib3

from callvault import transport
from callvault.errors import RejectedError, UnavailableError
from callvault.models import Recording, State
from callvault.providers.laml import relay
from callvault.providers.laml.relay_events import EVENT
from callvault.providers.laml.signalwire import SignalWire
from tests import samples

CONTRACT = samples.of("signalwire")
ID = "0d4f9d3a-6f0e-4a53-9a4e-6b2c9d7f1e05"
URL = f"https://origin.example.com/api/relay/rest/recordings/{ID}"
LIST = "https://origin.example.com/api/relay/rest/recordings?page_size=1"
LEG = "c7e6a3f2-52a8-4b8e-8f5c-2f2f9a1d4c10"
RESOURCE = {
    "id": ID,
    "project_id": CONTRACT.parameter["provider_account_id"],
    "created_at": "2026-11-20T09:30:36Z",
    "updated_at": "2026-11-20T09:30:57Z",
    "duration_in_seconds": 20,
    "error_code": None,
    "price": 0.05,
    "price_unit": "USD",
    "status": "completed",
    "url": f"https://files.signalwire.com/space/project/recordings/{ID}.mp3",
    "stereo": True,
    "byte_size": 320_044,
    "track": "inbound",
    "relay_pstn_leg_id": LEG,
}


class Api:
    """The API without a network: status and content by URL; `asked` has the requested URLs."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, **answers: tuple[int, Any]) -> None:
        self.asked: list[str] = []
        self.answers = {"resource": (200, RESOURCE), "list": (200, {"links": {}, "data": []})} | answers
        monkeypatch.setattr(transport, "call", self.call)

    def call(self, method: str, url: str, *, headers: dict[str, str]) -> transport.Answer:
        """Answer as transport.call does."""
        assert method == "GET"
        assert headers["authorization"].startswith("Basic ")
        self.asked.append(url)
        status, content = self.answers[{URL: "resource", LIST: "list"}[url]]
        body = content if isinstance(content, bytes) else json.dumps(content).encode()
        return transport.Answer(status=status, headers=urllib3.HTTPHeaderDict(), body=body)


def recording(**fields: Any) -> Recording:
    known = {"account_id": "acme", "provider": "signalwire", "recording_id": ID, "state": State.ANNOUNCED}
    return Recording.model_validate(known | {"extra": {"event_type": EVENT}} | fields)


def provider(**changes: Any) -> SignalWire:
    return SignalWire(CONTRACT.account(**changes))


def look_up(monkeypatch: pytest.MonkeyPatch, **changes: Any) -> Recording:
    Api(monkeypatch, resource=(200, RESOURCE | changes))
    return provider().look_up(recording())


@pytest.mark.parametrize(
    ("status", "state", "reason"),
    [
        ("completed", State.PENDING, None),
        ("finished", State.PENDING, None),
        ("recording", State.ANNOUNCED, None),
        ("paused", State.ANNOUNCED, None),
        ("of-next-year", State.ANNOUNCED, None),
        (None, State.ANNOUNCED, None),
        ("no_input", State.ABSENT, "no_input"),
        ("failed", State.ABSENT, "failed"),
        ("error", State.ABSENT, "error"),
        ("deleted", State.ABSENT, "deleted"),
    ],
)
def test_the_resources_status_determines_the_state(
    monkeypatch: pytest.MonkeyPatch, status: str | None, state: State, reason: str | None
) -> None:
    found = look_up(monkeypatch, status=status)
    assert (found.state, found.reason) == (state, reason)
    assert found.duration_ms == (None if state is State.ANNOUNCED else 20_000)


@pytest.mark.parametrize(("status", "kept"), [("of-next-year", "of-next-year"), ("completed", None), (None, None)])
def test_a_status_of_a_resource_that_is_not_known_is_kept(
    monkeypatch: pytest.MonkeyPatch, status: str | None, kept: str | None
) -> None:
    assert look_up(monkeypatch, status=status).extra.get("status") == kept


def test_an_error_code_is_the_reason_of_an_absent_recording(monkeypatch: pytest.MonkeyPatch) -> None:
    assert look_up(monkeypatch, status="failed", error_code="13223").reason == "13223"
    assert look_up(monkeypatch, status="completed", error_code="13223").reason is None


def test_a_look_up_reads_what_the_resource_has(monkeypatch: pytest.MonkeyPatch) -> None:
    found = look_up(monkeypatch)
    assert (found.call_id, found.channels, found.format) == (LEG, 2, "mp3")
    assert found.extra == {"event_type": EVENT} | {
        name: RESOURCE[name]
        for name in ("byte_size", "track", "price", "price_unit", "created_at", "updated_at", "relay_pstn_leg_id")
    }


@pytest.mark.parametrize("leg", ["relay_sip_leg_id", "relay_webrtc_leg_id"])
def test_the_leg_may_be_of_any_kind(monkeypatch: pytest.MonkeyPatch, leg: str) -> None:
    assert look_up(monkeypatch, relay_pstn_leg_id=None, **{leg: "leg-1"}).call_id == "leg-1"


def test_a_conferences_recording_has_its_conference(monkeypatch: pytest.MonkeyPatch) -> None:
    assert look_up(monkeypatch, relay_conference_id="conf-1").conference_id == "conf-1"


@pytest.mark.parametrize("changes", [{"stereo": "yes"}, {"url": None}, {"url": 7}, {"byte_size": "big"}, {"price": []}])
def test_a_malformed_member_of_the_resource_does_no_harm(
    monkeypatch: pytest.MonkeyPatch, changes: dict[str, Any]
) -> None:
    assert look_up(monkeypatch, **changes).state is State.PENDING


def test_what_the_events_reported_is_not_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    Api(monkeypatch)
    found = provider().look_up(recording(call_id="c-1", channels=1, format="wav"))
    assert (found.call_id, found.channels, found.format) == ("c-1", 1, "wav")


def test_another_recordings_resource_is_not_believed(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UnavailableError) as caught:
        look_up(monkeypatch, id="other")
    assert caught.value.reason == "no_document"


def test_a_recording_is_unknown_only_if_the_api_lists_others(monkeypatch: pytest.MonkeyPatch) -> None:
    not_found = (404, {"error": "Not Found"})
    api = Api(monkeypatch, resource=not_found)
    found = provider().look_up(recording())
    assert (found.state, found.reason) == (State.ABSENT, "unknown")
    assert api.asked == [URL, LIST]
    for answer in [not_found, (401, {}), (200, {}), (200, {"data": None})]:
        Api(monkeypatch, resource=not_found, list=answer)
        with pytest.raises(UnavailableError) as caught:
            provider().look_up(recording())
        assert caught.value.reason == "http_404"


@pytest.mark.parametrize(
    "body", [b"", b"<html>404 Not Found</html>", {}, {"message": "no route"}, {"error": None}, {"error": ["x"]}]
)
def test_a_404_that_is_not_signalwires_own_does_not_make_a_recording_unknown(
    monkeypatch: pytest.MonkeyPatch, body: Any
) -> None:
    api = Api(monkeypatch, resource=(404, body))
    with pytest.raises(UnavailableError) as caught:
        provider().look_up(recording())
    assert caught.value.reason == "http_404"
    assert api.asked == [URL]


def test_a_404_with_a_list_of_errors_is_signalwires_own(monkeypatch: pytest.MonkeyPatch) -> None:
    Api(monkeypatch, resource=(404, {"errors": [{"status": "404"}]}))
    assert provider().look_up(recording()).reason == "unknown"


@pytest.mark.parametrize("status", [401, 403, 429, 500, 503])
def test_a_look_up_that_the_api_does_not_answer_is_retried(monkeypatch: pytest.MonkeyPatch, status: int) -> None:
    Api(monkeypatch, resource=(status, {}))
    with pytest.raises(UnavailableError) as caught:
        provider().look_up(recording())
    assert caught.value.reason == f"http_{status}"


def test_without_a_password_nothing_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    api = Api(monkeypatch)
    one = provider(api={"origin": "https://origin.example.com"})
    with pytest.raises(UnavailableError):
        one.look_up(recording())
    assert one.describe(recording()) == recording()
    assert provider(api=None).describe(recording()) == recording()
    assert api.asked == []


def test_a_recording_without_an_id_of_signalwires_is_not_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    api = Api(monkeypatch)
    for recording_id in ("unnamed-1", "../r", ""):
        with pytest.raises(RejectedError):
            provider().look_up(recording(recording_id=recording_id))
    assert api.asked == []


def test_a_finished_event_needs_no_description(monkeypatch: pytest.MonkeyPatch) -> None:
    api = Api(monkeypatch)
    finished = provider().read(CONTRACT.sample("relay_finished.json").request)
    assert finished is not None
    assert provider().describe(finished) is finished
    assert api.asked == []


@pytest.mark.parametrize("lacking", [{"call_id": "c-1"}, {"extra": {"event_type": EVENT, "size": 320_044}}])
def test_a_missing_size_or_call_is_read_from_the_resource(
    monkeypatch: pytest.MonkeyPatch, lacking: dict[str, Any]
) -> None:
    Api(monkeypatch)
    found = provider().describe(recording(state=State.PENDING, **lacking))
    assert (relay.announced_bytes(found), found.duration_ms) == (320_044, 20_000)
    assert found.call_id == lacking.get("call_id", LEG)


@pytest.mark.parametrize("status", [404, 429, 500])
def test_media_is_not_fetched_before_the_api_describes_it(monkeypatch: pytest.MonkeyPatch, status: int) -> None:
    Api(monkeypatch, resource=(status, {}))
    with pytest.raises(UnavailableError, match=str(status)):
        provider().describe(recording())


def test_the_resources_size_precedes_the_events() -> None:
    extra = {"event_type": EVENT, "size": 5, "byte_size": 7}
    assert SignalWire.announced_bytes(recording(extra=extra)) == 7
    assert SignalWire.announced_bytes(recording(extra=extra | {"byte_size": None})) == 5
    assert SignalWire.announced_bytes(recording(extra=extra | {"byte_size": 0, "size": 0})) is None
    assert SignalWire.announced_bytes(recording(extra={"byte_size": 7})) is None


@pytest.mark.parametrize("document", [b"", b"[]", b"{}", b'{"url": null}', b'{"url": ""}', b'{"url": ["x"]}'])
def test_a_resource_without_a_url_names_no_media_yet(document: bytes) -> None:
    with pytest.raises(UnavailableError):
        relay.located(document)


def test_a_resource_names_its_media() -> None:
    assert relay.located(json.dumps(RESOURCE).encode()) == RESOURCE["url"]
