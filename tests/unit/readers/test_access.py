"""Readers get what is theirs, all of it once, and nothing else."""

import base64
import hashlib
import itertools
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from callvault import clients
from callvault.accounts import Account, Reader
from callvault.errors import (
    ForbiddenError,
    InvalidRequestError,
    NotFoundError,
    TooLargeError,
    UnauthenticatedError,
    UnavailableError,
)
from callvault.models import Media, Recording, State
from callvault.readers import access
from callvault.readers.access import Principal
from callvault.storage import table
from callvault.storage.listing import Query
from callvault.web import Request

TIME = datetime(2026, 6, 30, 23, 59, tzinfo=UTC)
KEY = "media/a1/2026/06/30/r1.wav"
SHA256 = "a" * 64
MEDIA = Media(key=KEY, version_id="v1", size=44, sha256=SHA256, content_type="audio/x-wav")
EXAMPLES = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
ACCOUNTS = (f"h{number}" for number in itertools.count())


def principal(account_id: str = "a1", **reader: Any) -> Principal:
    account = Account(account_id=account_id, provider="bandwidth", provider_account_id=account_id)
    return Principal(account, Reader(name="ops", sha256=SHA256, **reader))


def put(recording_id: str = "r1", **fields: Any) -> Recording:
    given_fields = {"account_id": "a1", "provider": "bandwidth", "state": State.PENDING, "start_time": TIME} | fields
    return table.put(Recording(recording_id=recording_id, **given_fields), "seen")


def query(account_id: str = "a1", **fields: Any) -> Query:
    window: dict[str, Any] = {"since": TIME - timedelta(days=40), "until": TIME + timedelta(days=40)}
    return Query(**window | {"account_id": account_id} | fields)


def ids(page: access.Page) -> list[str]:
    return [recording.recording_id for recording in page.recordings]


def basic(text: str) -> dict[str, str]:
    return {"authorization": f"Basic {base64.b64encode(text.encode()).decode()}"}


@pytest.mark.parametrize(
    ("headers", "raw_query"),
    [
        ({"x-auth-token": "a1.s3.cret"}, ""),
        ({"x-auth-token": "a1.s3.cret", **basic("a2:other")}, "auth_token=a2.other"),
        ({}, "auth_token=a1.s3.cret"),
        (basic("a2:other"), "auth_token=a1.s3.cret"),
        (basic("a1:s3.cret"), ""),
        ({"authorization": "Bearer a1.s3.cret"}, ""),
        ({}, "authorization=a1.s3.cret"),
    ],
)
def test_credentials_are_found_wherever_they_may_be(headers: dict[str, str], raw_query: str) -> None:
    request = Request(method="GET", path="/", headers=headers, raw_query=raw_query)
    assert access.credentials(request) == ("a1", "s3.cret")


@pytest.mark.parametrize("headers", [{}, {"x-auth-token": "no-dot"}, {"x-auth-token": ".secret"}, basic("a1:")])
def test_a_request_without_usable_credentials_is_nobodys(headers: dict[str, str]) -> None:
    with pytest.raises(UnauthenticatedError):
        access.authenticate(Request(method="GET", path="/", headers=headers))


def test_a_reader_is_known_by_the_hash_of_their_secret() -> None:
    digest = "1ec1c26b50d5d3c58d9583181af8076655fe00756bf7285940ba3670f99fcba0"  # of "s3cret"
    parameter = {"provider": "bandwidth", "readers": [{"name": "ops", "sha256": digest}]}
    clients.ssm().put_parameter(Name="/callvault/accounts/a1", Value=json.dumps(parameter), Type="SecureString")
    request = Request(method="GET", path="/", headers={"x-auth-token": "a1.s3cret"})
    assert access.authenticate(request).reader.name == "ops"
    with pytest.raises(UnauthenticatedError):
        access.authenticate(replace(request, headers={"x-auth-token": "a1.wrong"}))
    with pytest.raises(UnauthenticatedError):
        access.authenticate(replace(request, headers={"x-auth-token": "a2.s3cret"}))


def test_only_ones_own_account_and_user_may_be_asked_for() -> None:
    access.check(principal(), "a1")
    access.check(principal(), "a1", "u1")
    access.check(principal(user_id="u1"), "a1")
    access.check(principal(user_id="u1"), "a1", "u1")
    with pytest.raises(ForbiddenError):
        access.check(principal(), "a2")
    with pytest.raises(ForbiddenError):
        access.check(principal(user_id="u1"), "a1", "u2")


def test_the_account_of_a_path_is_known_by_both_its_ids() -> None:
    reader = {"name": "ops", "sha256": hashlib.sha256(b"ops").hexdigest()}
    value = json.dumps({"provider": "bandwidth", "provider_account_id": "9900000", "readers": [reader]})
    clients.ssm().put_parameter(Name="/callvault/accounts/a1", Value=value, Type="SecureString")
    request = Request(method="GET", path="/", headers={"x-auth-token": "a1.ops"})
    for account_id in ("a1", "9900000"):
        assert access.enter(request, account_id).account.account_id == "a1"
    for account_id in ("a2", "", "9900001"):
        with pytest.raises(ForbiddenError):
            access.enter(request, account_id)


def test_a_recording_is_found_below_its_call_and_its_conference_only() -> None:
    put(call_id="c1", conference_id="f1")
    assert access.find(principal(), "r1", call_id="c1", conference_id="f1").recording_id == "r1"
    for parent in ({"call_id": "c2"}, {"conference_id": "c1"}):
        with pytest.raises(NotFoundError):
            access.find(principal(), "r1", **parent)


@pytest.mark.parametrize("state", [State.DELETED, State.EXPIRED])
def test_a_tombstone_is_not_found(state: State) -> None:
    put(state=state)
    with pytest.raises(NotFoundError):
        access.find(principal(), "r1")


def test_another_users_recording_is_not_found() -> None:
    put(owner_id="u1")
    assert access.find(principal(user_id="u1"), "r1").owner_id == "u1"
    with pytest.raises(NotFoundError):
        access.find(principal(user_id="u2"), "r1")


@pytest.mark.parametrize("recording_id", ["unknown", "r" * 3000])
def test_an_unknown_recording_is_not_found(recording_id: str) -> None:
    with pytest.raises(NotFoundError):
        access.find(principal(), recording_id)


def test_a_limited_reader_lists_their_own_only() -> None:
    put("mine", owner_id="u1")
    put("theirs", owner_id="u2")
    put("nobodys")
    limited = principal(user_id="u1")
    assert ids(access.page(limited, query(), 10)) == ["mine"]
    assert ids(access.page(limited, query(owner_id="u2"), 10)) == ["mine"]


def test_a_list_without_a_size_is_whole() -> None:
    for number in range(5):
        put(f"r{number}")
    page = access.page(principal(), query(), None)
    assert len(page.recordings) == 5
    assert page.next is None


def test_a_page_ends_before_it_weighs_too_much(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(access, "PAGE_BYTES", 250)
    for number in range(4):
        put(f"r{number}")
    first = access.page(principal(), query(ascending=True), None, weigh=lambda _: 100)
    assert ids(first) == ["r0", "r1"]
    rest = access.page(principal(), query(ascending=True), None, token=first.next, weigh=lambda _: 100)
    assert ids(rest) == ["r2", "r3"]
    assert rest.next is None


def test_a_recording_that_alone_weighs_too_much_is_a_page(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(access, "PAGE_BYTES", 250)
    put("r0")
    put("r1")
    page = access.page(principal(), query(ascending=True), 10, weigh=lambda _: 1000)
    assert ids(page) == ["r0"]
    assert page.next


def test_a_page_that_read_too_long_says_where_to_go_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(access, "PAGE_SECONDS", -1.0)
    for number in range(3):
        put(f"r{number}")
    token: str | None = None
    pages: list[list[str]] = []
    while not pages or token:
        page = access.page(
            principal(), query(ascending=True), 10, token=token, where=lambda recording: recording.recording_id == "r2"
        )
        pages.append(ids(page))
        token = page.next
    assert pages == [[], [], ["r2"]]


def test_the_own_token_of_a_page_brings_it_again() -> None:
    for number in range(4):
        put(f"r{number}")
    for ascending in (True, False):
        first = access.page(principal(), query(ascending=ascending), 2)
        second = access.page(principal(), query(ascending=ascending), 2, token=first.next)
        for page in (first, second):
            assert access.page(principal(), query(ascending=ascending), 2, token=page.start) == page


@pytest.mark.parametrize("ascending", [True, False])
def test_pages_are_read_backward_too(ascending: bool) -> None:  # noqa: FBT001
    for number in range(5):
        put(f"r{number}", start_time=TIME - timedelta(days=20 * number))
    wanted = query(since=TIME - timedelta(days=200), ascending=ascending)
    first = access.page(principal(), wanted, 2)
    second = access.page(principal(), wanted, 2, token=first.next)
    third = access.page(principal(), wanted, 2, token=second.next)
    back = access.page(principal(), wanted, 2, token=third.start, backward=True)
    assert ids(back) == ids(second)
    assert ids(access.page(principal(), wanted, 2, token=back.next)) == ids(third)
    again = access.page(principal(), wanted, 2, token=back.start, backward=True)
    assert ids(again) == ids(first)
    nothing = access.page(principal(), wanted, 2, token=again.start, backward=True)
    assert (nothing.recordings, nothing.next) == ((), again.start)


def test_a_page_backward_is_cut_where_the_earlier_would_weigh_too_much(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(access, "PAGE_BYTES", 10)
    for number in range(3):
        put(f"r{number}", start_time=TIME - timedelta(minutes=number))
    last = access.page(
        principal(), query(ascending=True), 2, token=access.page(principal(), query(ascending=True), 2).next
    )
    assert ids(last) == ["r0"]
    back = access.page(principal(), query(ascending=True), 2, token=last.start, backward=True, weigh=lambda _: 6)
    assert ids(back) == ["r1"]


def test_a_token_is_good_for_its_own_list_only() -> None:
    put("r0")
    put("r1")
    token = access.page(principal(), query(), 1, binding="x").next
    assert ids(access.page(principal(), query(), 1, token=token, binding="x")) == ["r0"]
    for other, changed, binding in (
        (principal("a2"), query("a2"), "x"),
        (principal(user_id="u1"), query(), "x"),
        (principal(), query(ascending=True), "x"),
        (principal(), query(), "y"),
    ):
        with pytest.raises(InvalidRequestError):
            access.page(other, changed, 1, token=token, binding=binding)


RECORDINGS = st.lists(
    st.fixed_dictionaries(
        {
            # Few enough times that some recordings share one, over two months.
            "start_time": st.integers(-3, 3).map(lambda minutes: TIME + timedelta(minutes=minutes)),
            "owner_id": st.sampled_from([None, "u1", "u2"]),
            "direction": st.sampled_from(["inbound", "outbound"]),
            "state": st.sampled_from([State.PENDING, State.VERIFIED, State.DELETED]),
        }
    ),
    max_size=12,
)


@EXAMPLES
@given(
    rows=RECORDINGS,
    size=st.integers(1, 5),
    ascending=st.booleans(),
    user_id=st.sampled_from([None, "u1"]),
    direction=st.sampled_from([None, "inbound"]),
    hurried=st.booleans(),
)
def test_pages_bring_each_recording_once_and_in_order(  # noqa: PLR0917 - hypothesis names its arguments
    rows: list[dict[str, Any]],
    size: int,
    ascending: bool,  # noqa: FBT001
    user_id: str | None,
    direction: str | None,
    hurried: bool,  # noqa: FBT001
) -> None:
    account_id = next(ACCOUNTS)
    stored = [put(f"r{number}", account_id=account_id, **row) for number, row in enumerate(rows)]
    expected = [
        recording
        for recording in sorted(stored, key=lambda recording: str(recording.listed_at), reverse=not ascending)
        if recording.state is not State.DELETED
        and user_id in {None, recording.owner_id}
        and direction in {None, recording.direction}
    ]
    found: list[Recording] = []
    token = None
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(access, "PAGE_SECONDS", -1.0 if hurried else 60.0)
        for _ in range(len(rows) + 2):
            page = access.page(
                principal(account_id, user_id=user_id),
                query(account_id, ascending=ascending),
                size,
                token=token,
                where=lambda recording: direction in {None, recording.direction},
            )
            assert len(page.recordings) <= size
            assert hurried or page.next is None or len(page.recordings) == size
            found += page.recordings
            if (token := page.next) is None:
                break
    assert token is None
    assert found == expected


@EXAMPLES
@given(token=st.one_of(st.text(), st.binary().map(lambda data: base64.urlsafe_b64encode(data).decode())))
def test_garbage_is_no_token(token: str) -> None:
    with pytest.raises(InvalidRequestError):
        access.page(principal(), query(), 1, token=token)


@pytest.mark.parametrize("content", ["[1]", "1", "null", '["x", null]', '{"a": 1, "b": 2}', "[" * 100_000])
def test_json_of_another_shape_is_no_token(content: str) -> None:
    token = base64.urlsafe_b64encode(content.encode()).decode().rstrip("=")
    with pytest.raises(InvalidRequestError):
        access.page(principal(), query(), 1, token=token)


@EXAMPLES
@given(
    time=st.one_of(st.datetimes().map(lambda time: f"{time.isoformat(timespec='milliseconds')}Z"), st.text()),
    rest=st.one_of(st.just(""), st.text().map(lambda text: f"#{text}"), st.just("#\ud800")),
    ascending=st.booleans(),
)
def test_a_forged_token_leads_nowhere_else(time: str, rest: str, ascending: bool) -> None:  # noqa: FBT001
    account_id, neighbour = next(ACCOUNTS), next(ACCOUNTS)
    put("within", account_id=account_id)
    put("before", account_id=account_id, start_time=TIME - timedelta(days=1))
    put("theirs", account_id=neighbour)
    place = time + rest
    scope = [account_id, None, ascending, ""]
    text = json.dumps([access._digest(place, scope), place])
    token = base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")
    try:
        page = access.page(
            principal(account_id), query(account_id, since=TIME, until=TIME, ascending=ascending), 10, token=token
        )
    except InvalidRequestError:
        return
    assert set(ids(page)) <= {"within"}


def test_audio_is_at_the_version_that_was_stored() -> None:
    url = urlsplit(access.media_url(put(media=MEDIA, state=State.STORED), disposition="inline"))
    values = parse_qs(url.query)
    assert url.path.endswith(KEY)
    assert values["versionId"] == ["v1"]
    assert values["response-content-type"] == ["audio/x-wav"]
    assert values["response-content-disposition"] == ["inline"]
    assert values["X-Amz-Expires"] == ["900"]


def test_audio_without_a_version_is_at_its_key() -> None:
    media = MEDIA.model_copy(update={"version_id": None})
    assert "versionId" not in access.media_url(put(media=media, state=State.STORED))


def test_there_is_no_address_of_audio_that_is_not_there() -> None:
    with pytest.raises(NotFoundError):
        access.media_url(put())


def test_metadata_is_merged_and_null_removes() -> None:
    first = access.edit_metadata(principal(), put(), {"a": 1, "b": {"c": 1, "d": 2}, "e": "x"})
    assert first.user_metadata == {"a": 1, "b": {"c": 1, "d": 2}, "e": "x"}
    changes = {"a": None, "b": {"c": None, "f": [None]}, "e": {"g": None, "h": 1}, "i": None}
    second = access.edit_metadata(principal(), first, changes)
    assert second.user_metadata == {"b": {"d": 2, "f": [None]}, "e": {"h": 1}}
    assert access.find(principal(), "r1") == second
    assert second.history[-1].what == "metadata by ops"


def test_an_edit_starts_again_from_what_another_writer_left() -> None:
    stale = put()
    access.edit_metadata(principal(), stale, {"theirs": 1})
    assert access.edit_metadata(principal(), stale, {"mine": 2}).user_metadata == {"theirs": 1, "mine": 2}


def test_an_edit_gives_up_when_others_are_always_faster(monkeypatch: pytest.MonkeyPatch) -> None:
    recording = put()
    monkeypatch.setattr(table, "edit", lambda *_, **__: None)
    with pytest.raises(UnavailableError):
        access.edit_metadata(principal(), recording, {"a": 1})


@pytest.mark.parametrize("value", [float("nan"), "\ud800"])
def test_metadata_that_is_no_json_is_refused(value: object) -> None:
    with pytest.raises(InvalidRequestError):
        access.edit_metadata(principal(), put(), {"a": value})


def test_metadata_that_is_nested_too_deeply_is_refused() -> None:
    deep: Any = "bottom"
    for _ in range(access.METADATA_DEPTH):
        deep = [deep]
    with pytest.raises(InvalidRequestError):
        access.edit_metadata(principal(), put(), {"a": deep})
    assert access.edit_metadata(principal(), put(), {"a": deep[0]}).user_metadata == {"a": deep[0]}


def test_metadata_that_is_too_large_is_refused() -> None:
    recording = access.edit_metadata(principal(), put(), {"a": "x" * 10_000})
    with pytest.raises(TooLargeError):
        access.edit_metadata(principal(), recording, {"b": "x" * 10_000})


def test_deleting_removes_the_audio_and_leaves_a_tombstone() -> None:
    version = clients.s3().put_object(Bucket="callvault-bucket", Key=KEY, Body=b"RIFF")["VersionId"]
    media = MEDIA.model_copy(update={"version_id": version})
    deleted = access.delete(principal(can_delete=True), put(media=media, state=State.VERIFIED))
    assert deleted.state is State.DELETED
    assert deleted.history[-1].what == "deleted by ops"
    assert clients.s3().list_objects_v2(Bucket="callvault-bucket")["KeyCount"] == 0
    with pytest.raises(NotFoundError):
        access.find(principal(), "r1")


def test_a_recording_without_audio_can_be_deleted() -> None:
    assert access.delete(principal(can_delete=True), put()).state is State.DELETED


def test_only_who_may_delete_deletes() -> None:
    recording = put()
    with pytest.raises(ForbiddenError):
        access.delete(principal(), recording)
    assert access.find(principal(), "r1") == recording
