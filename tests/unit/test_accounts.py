"""Accounts: what validates, how long it is kept, and who may read."""

import hashlib
import json
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.stub import Stubber
from hypothesis import given, settings
from hypothesis import strategies as st

from callvault import accounts, alarm_messages, clients
from callvault.accounts import Account
from callvault.errors import ConfigurationError, NotFoundError, UnauthenticatedError, UnavailableError

SECRET = "hunter2"
ORIGIN = "https://voice.example.com"
CACHE_SECONDS = 30
"""As the environment of the tests says."""


class Clock:
    """A monotonic clock that a test moves."""

    def __init__(self) -> None:
        self.now = 1000.0

    def monotonic(self) -> float:
        """Return what the clock says."""
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(accounts, "time", SimpleNamespace(monotonic=clock.monotonic))
    return clock


def configure(account_id: str = "a1", **fields: Any) -> None:
    clients.ssm().put_parameter(
        Name=f"/callvault/accounts/{account_id}",
        Value=json.dumps({"provider": "bandwidth"} | fields),
        Type="SecureString",
        Overwrite=True,
    )


@contextmanager
def outage() -> Iterator[None]:
    """Let SSM answer with a server's error."""
    stubber = Stubber(clients.ssm())
    for _ in range(10):
        stubber.add_client_error("get_parameter", "InternalServerError", http_status_code=500)
    with stubber:
        yield


def reader(name: str, secret: str, **fields: Any) -> dict[str, Any]:
    return {"name": name, "sha256": hashlib.sha256(secret.encode()).hexdigest()} | fields


def parse(**fields: Any) -> Account:
    return accounts.parse("a1", json.dumps({"provider": "bandwidth"} | fields))


def test_a_parameter_becomes_an_account_with_its_secrets_readable() -> None:
    configure(callback={"token": SECRET}, api={"origin": ORIGIN, "username": "u", "password": SECRET})
    account = accounts.get("a1")
    assert account.account_id == account.provider_account_id == "a1"
    assert account.callback.token is not None
    assert account.callback.token.get_secret_value() == SECRET
    assert account.api is not None
    assert account.api.origin == ORIGIN


def test_an_account_may_have_another_name_at_its_provider() -> None:
    assert parse(provider_account_id="9900000").provider_account_id == "9900000"


def test_a_parameter_cannot_claim_another_accounts_id() -> None:
    assert parse(account_id="a2").account_id == "a1"


def test_an_account_does_not_show_its_secrets() -> None:
    account = parse(callback={"token": SECRET, "signing_keys": [SECRET], "username": "u", "password": SECRET})
    assert SECRET not in f"{account!r}{account}{account.model_dump_json()}"


def test_a_signing_key_may_have_a_name() -> None:
    keys = parse(callback={"signing_keys": ["one", {"id": "SK2", "secret": "two"}]}).callback.signing_keys
    assert [(key.id, key.secret.get_secret_value()) for key in keys] == [(None, "one"), ("SK2", "two")]


def test_an_account_is_kept_until_its_time_is_up(clock: Clock) -> None:
    configure(retention_days=1)
    accounts.get("a1")
    configure(retention_days=2)
    clock.now += CACHE_SECONDS - 1
    assert accounts.get("a1").retention_days == 1
    clock.now += 1
    assert accounts.get("a1").retention_days == 2


def test_each_account_is_kept_by_itself() -> None:
    configure("a1", retention_days=1)
    configure("a2", retention_days=2)
    assert [accounts.get(name).retention_days for name in ("a1", "a2", "a1")] == [1, 2, 1]


def test_forgetting_asks_ssm_again() -> None:
    configure(retention_days=1)
    accounts.get("a1")
    configure(retention_days=2)
    accounts.forget()
    assert accounts.get("a1").retention_days == 2


def test_an_old_account_serves_while_ssm_does_not_answer(clock: Clock) -> None:
    configure(retention_days=1)
    accounts.get("a1")
    clock.now += 10 * CACHE_SECONDS
    with outage():
        assert accounts.get("a1").retention_days == 1
    configure(retention_days=2)
    clock.now += CACHE_SECONDS
    assert accounts.get("a1").retention_days == 2


def test_an_account_never_read_is_unavailable_while_ssm_does_not_answer() -> None:
    configure()
    with outage(), pytest.raises(UnavailableError) as caught:
        accounts.get("a1")
    assert caught.value.reason == "accounts_unavailable"


def test_an_account_that_became_invalid_is_not_served_from_memory(clock: Clock) -> None:
    configure()
    accounts.get("a1")
    configure(retention_days=0)
    clock.now += CACHE_SECONDS
    with pytest.raises(ConfigurationError):
        accounts.get("a1")


def test_a_removed_account_stays_removed_while_ssm_does_not_answer(clock: Clock) -> None:
    configure()
    accounts.get("a1")
    clients.ssm().delete_parameter(Name="/callvault/accounts/a1")
    clock.now += CACHE_SECONDS
    with pytest.raises(NotFoundError):
        accounts.get("a1")
    with outage(), pytest.raises((NotFoundError, UnavailableError)):
        accounts.get("a1")


@pytest.mark.parametrize("account_id", ["unknown", "", "a1/b", "../a1", "a1:1", "ä1", "a1\n", "a" * 129])
def test_an_unknown_account_is_not_found(account_id: str) -> None:
    configure("a1")
    with pytest.raises(NotFoundError):
        accounts.get(account_id)


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"provider": None}, ["provider"]),
        ({"provider": [SECRET]}, ["provider"]),
        ({"callback": SECRET}, ["callback"]),
        ({"callback": {"token": [SECRET]}}, ["callback.token"]),
        ({"callback": {"signing_keys": SECRET}}, ["callback.signing_keys"]),
        ({"callback": {"signing_keys": ["k", {"secrett": SECRET}]}},
         ["callback.signing_keys.1.secret", "callback.signing_keys.1.secrett"]),
        ({"callback": {"tokken": SECRET}}, ["callback.tokken"]),
        ({"callback": {"password": SECRET}}, ["callback"]),
        ({"callback": {"username": SECRET}}, ["callback"]),
        ({"api": {"password": SECRET}}, ["api.origin"]),
        ({"api": {"origin": f"http://{SECRET}.example.com"}}, ["api.origin"]),
        ({"api": {"origin": f"https://user:{SECRET}@voice.example.com"}}, ["api.origin"]),
        ({"api": {"origin": f"https://user:{SECRET}"}}, ["api.origin"]),
        ({"api": {"origin": f"https://[{SECRET}]"}}, ["api.origin"]),
        ({"api": {"origin": f"https://{SECRET}\N{ACCOUNT OF}.example.com"}}, ["api.origin"]),
        ({"api": {"origin": ORIGIN, "token_url": f"https://user:{SECRET}/token"}}, ["api.token_url"]),
        ({"api": {"origin": ORIGIN, "token_url": f"https://[{SECRET}/token"}}, ["api.token_url"]),
        ({"api": {"origin": ORIGIN, "key": SECRET}}, ["api.key"]),
        ({"media_origins": [ORIGIN, SECRET]}, ["media_origins.1"]),
        ({"readers": [reader("ops", "s"), {"name": "x", "sha256": SECRET}]}, ["readers.1.sha256"]),
        ({"readers": [{"name": "x", "sha256": "AB" * 32}]}, ["readers.0.sha256"]),
        ({"retention_days": SECRET, "delete_at_source_after_days": 0},
         ["retention_days", "delete_at_source_after_days"]),
        ({SECRET.upper(): SECRET}, [SECRET.upper()]),
    ],
)  # fmt: skip
def test_what_does_not_validate_is_named_but_never_shown(fields: dict[str, Any], wrong: list[str]) -> None:
    with pytest.raises(ConfigurationError) as caught:
        parse(**fields)
    assert caught.value.account_id == "a1"
    assert "a1" in str(caught.value)
    assert [field.partition(" (")[0] for field in caught.value.fields] == wrong
    assert all(name in str(caught.value) for name in wrong)
    assert SECRET not in "".join(traceback.format_exception(caught.value))


@pytest.mark.parametrize("text", ["", SECRET, f'"{SECRET}"', f'["{SECRET}"]', "null", "7", f'{{"provider": "{SECRET}"'])
def test_what_is_no_json_object_is_said_but_never_shown(text: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        accounts.parse("a1", text)
    assert caught.value.fields == ["account (must be a JSON object)"]
    assert SECRET not in "".join(traceback.format_exception(caught.value))


json_texts = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
).map(json.dumps)
account_texts = st.fixed_dictionaries(
    {}, optional={name: json_texts.map(json.loads) for name in Account.model_fields}
).map(json.dumps)


@settings(deadline=None)
@given(st.text() | json_texts | account_texts)
def test_no_text_makes_parsing_fail_in_another_way(text: str) -> None:
    try:
        account = accounts.parse("a1", text)
    except ConfigurationError as error:
        assert error.fields  # noqa: PT017 - either outcome is right
    else:
        assert account.account_id == "a1"


@pytest.mark.parametrize(
    ("written", "origin"),
    [
        ("https://voice.example.com", "https://voice.example.com"),
        ("https://voice.example.com/", "https://voice.example.com"),
        ("HTTPS://Voice.Example.COM:443", "https://voice.example.com"),
        ("https://voice.example.com:8443/", "https://voice.example.com:8443"),
        ("https://[2001:DB8::1]", "https://[2001:db8::1]"),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
        ("http://[::1]:8080/", "http://[::1]:8080"),
        ("http://LOCALHOST:80", "http://localhost"),
    ],
)
def test_an_origin_is_kept_in_one_spelling(written: str, origin: str) -> None:
    account = parse(api={"origin": written}, media_origins=[written])
    assert account.api is not None
    assert (account.api.origin, account.media_origins) == (origin, (origin,))


@pytest.mark.parametrize(
    "origin",
    [
        "",
        "voice.example.com",
        "//voice.example.com",
        "https://",
        "https://voice.example.com/api",
        "https://voice.example.com/?a=b",
        "https://voice.example.com#a",
        "https://user@voice.example.com",
        "https://:password@voice.example.com",
        "https://voice.example.com:99999",
        "ftp://voice.example.com",
        "http://voice.example.com",
        "http://127.0.0.1.example.com",
        "http://localhost.example.com",
        "http://127.0.0.1@voice.example.com",
        "http://10.0.0.1",
        r"https://voice.example.com\@other.example.com",
    ],
)
def test_what_is_no_safe_origin_is_refused(origin: str) -> None:
    with pytest.raises(ConfigurationError):
        parse(api={"origin": origin})
    with pytest.raises(ConfigurationError):
        parse(media_origins=[origin])


def test_a_token_address_is_kept_with_its_path() -> None:
    account = parse(api={"origin": ORIGIN, "token_url": "https://api.example.com/oauth2/token?a=b"})
    assert account.api is not None
    assert account.api.token_url == "https://api.example.com/oauth2/token?a=b"


@pytest.mark.parametrize(
    "url", ["http://api.example.com/token", "https:///token", "token", "https://u:p@api.example.com/token"]
)
def test_a_token_address_must_be_https(url: str) -> None:
    with pytest.raises(ConfigurationError):
        parse(api={"origin": ORIGIN, "token_url": url})


def test_a_token_address_may_be_http_on_loopback() -> None:
    account = parse(api={"origin": ORIGIN, "token_url": "http://127.0.0.1:9/token"})
    assert account.api is not None
    assert account.api.token_url == "http://127.0.0.1:9/token"


@pytest.mark.parametrize(
    "callback", [{"token": ""}, {"username": "", "password": ""}, {"hmac_key": ""}, {"signing_keys": [""]}]
)
def test_a_secret_that_everybody_knows_is_refused(callback: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError):
        parse(callback=callback)


def test_a_reader_is_known_by_the_secret() -> None:
    configure(readers=[reader("ops", "one"), reader("ann", "two", user_id="u1", can_delete=True)])
    account, ops = accounts.authenticate("a1", "one")
    assert account.account_id == "a1"
    assert (ops.name, ops.user_id, ops.can_delete) == ("ops", None, False)
    _, ann = accounts.authenticate("a1", "two")
    assert (ann.name, ann.user_id, ann.can_delete) == ("ann", "u1", True)


def test_a_secret_opens_its_own_account_only() -> None:
    configure("a1", readers=[reader("ops", "one")])
    configure("a2", readers=[reader("ops", "two")])
    with pytest.raises(UnauthenticatedError):
        accounts.authenticate("a2", "one")


def test_the_hash_itself_is_no_secret() -> None:
    known = reader("ops", "one")
    configure(readers=[known])
    with pytest.raises(UnauthenticatedError):
        accounts.authenticate("a1", known["sha256"])


def test_a_refusal_does_not_tell_whether_the_account_exists() -> None:
    configure("a1", readers=[reader("ops", "one")])
    configure("a2")
    refusals = set()
    for account_id, secret in [("a1", "wrong"), ("a1", ""), ("a2", "one"), ("unknown", "one"), ("no/id", "one")]:
        with pytest.raises(UnauthenticatedError) as caught:
            accounts.authenticate(account_id, secret)
        refusals.add((str(caught.value), caught.value.challenge, caught.value.status))
    assert len(refusals) == 1


def test_a_reader_is_told_to_come_back_while_ssm_does_not_answer() -> None:
    with outage(), pytest.raises(UnavailableError):
        accounts.authenticate("a1", "one")


def test_every_account_is_named_whether_it_validates_or_not() -> None:
    names = {f"account-{number}" for number in range(23)}
    for name in names:
        clients.ssm().put_parameter(Name=f"/callvault/accounts/{name}", Value="not json", Type="SecureString")
    clients.ssm().put_parameter(Name="/callvault/accounts-of-others/x", Value="{}", Type="SecureString")
    named = list(accounts.names())
    assert set(named) == names
    assert len(named) == len(names)


def test_names_that_cannot_be_had_are_unavailable() -> None:
    with Stubber(clients.ssm()) as stubber:
        stubber.add_client_error("get_parameters_by_path", "InternalServerError")
        with pytest.raises(UnavailableError):
            list(accounts.names())


def test_who_can_wait_waits_for_an_account_that_is_not_there(caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(UnavailableError) as caught:
        accounts.await_usable("a1")
    assert caught.value.reason == "no_account"
    assert [vars(told)["account"] for told in caplog.records] == ["a1"]


def test_who_can_wait_waits_for_an_account_that_does_not_validate(caplog: pytest.LogCaptureFixture) -> None:
    configure(readers=7)
    with pytest.raises(UnavailableError) as caught:
        accounts.await_usable("a1")
    [told] = caplog.records
    assert (caught.value.reason, vars(told)["account"]) == ("configuration", "a1")
    assert told.message == alarm_messages.ACCOUNT_INVALID
    assert "readers" in str(vars(told)["fields"])


def test_who_can_wait_gets_an_account_that_is_there() -> None:
    configure()
    assert accounts.await_usable("a1") == accounts.get("a1")
