"""Accounts: what validates, how long it is kept, and who may read."""

import functools
import json
from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace

import pytest
from botocore.stub import Stubber

from callvault import accounts, alarm_messages, clients
from callvault.errors import ConfigurationError, NotFoundError, UnauthenticatedError, UnavailableError
from tests import worlds

SECRET = "hunter2"
ORIGIN = "https://voice.example.com"
CACHE_SECONDS = 30
"""As the environment of the tests says."""

put_account = functools.partial(worlds.put_account, account_id="a1")


class MonotonicClock:
    """A monotonic clock that a test moves."""

    def __init__(self) -> None:
        self.now = 1000.0

    def monotonic(self) -> float:
        """Return what the clock says."""
        return self.now


@pytest.fixture
def monotonic_clock(monkeypatch: pytest.MonkeyPatch) -> MonotonicClock:
    clock = MonotonicClock()
    monkeypatch.setattr(accounts, "time", SimpleNamespace(monotonic=clock.monotonic))
    return clock


@contextmanager
def outage() -> Iterator[None]:
    """Let SSM answer with a server's error."""
    stubber = Stubber(clients.ssm())
    for _ in range(10):
        stubber.add_client_error("get_parameter", "InternalServerError", http_status_code=500)
    with stubber:
        yield


def test_while_ssm_fails_it_is_asked_for_unread_accounts_once_a_second(monotonic_clock: MonotonicClock) -> None:
    worlds.put_account("a1")
    with outage(), pytest.raises(UnavailableError):
        accounts.get("a2")
    with pytest.raises(UnavailableError):
        accounts.get("a1")
    monotonic_clock.now += accounts.PAUSE_SECONDS
    assert accounts.get("a1").account_id == "a1"


def test_while_ssm_fails_an_account_that_was_read_is_asked_for(monotonic_clock: MonotonicClock) -> None:
    worlds.put_account("a1")
    accounts.get("a1")
    monotonic_clock.now += 1000
    with outage(), pytest.raises(UnavailableError):
        accounts.get("a2")
    worlds.put_account("a1", callback={"token": "new"})
    assert accounts.get("a1").callback.token is not None


def test_a_parameter_becomes_an_account_with_its_secrets_readable() -> None:
    api = {"origin": ORIGIN, "username": "u", "password": SECRET}
    worlds.put_parameter(json.dumps(worlds.parameter(callback={"token": SECRET}, api=api)), "a1")
    account = accounts.get("a1")
    assert account.account_id == account.provider_account_id == "a1"
    assert account.callback.token is not None
    assert account.callback.token.get_secret_value() == SECRET
    assert account.api is not None
    assert account.api.origin == ORIGIN


def test_an_account_is_cached_until_it_expires(monotonic_clock: MonotonicClock) -> None:
    put_account(provider_account_id="1")
    accounts.get("a1")
    put_account(provider_account_id="2")
    monotonic_clock.now += CACHE_SECONDS - 1
    assert accounts.get("a1").provider_account_id == "1"
    monotonic_clock.now += 1
    assert accounts.get("a1").provider_account_id == "2"


def test_each_account_is_cached_separately() -> None:
    put_account(provider_account_id="1")
    put_account(account_id="a2", provider_account_id="2")
    assert [accounts.get(name).provider_account_id for name in ("a1", "a2", "a1")] == ["1", "2", "1"]


def test_an_emptied_cache_reads_ssm_again() -> None:
    put_account(provider_account_id="1")
    accounts.get("a1")
    put_account(provider_account_id="2")
    accounts.forget()
    assert accounts.get("a1").provider_account_id == "2"


def test_an_expired_account_is_used_while_ssm_does_not_answer(monotonic_clock: MonotonicClock) -> None:
    put_account(provider_account_id="1")
    accounts.get("a1")
    monotonic_clock.now += 10 * CACHE_SECONDS
    with outage():
        assert accounts.get("a1").provider_account_id == "1"
    put_account(provider_account_id="2")
    monotonic_clock.now += CACHE_SECONDS
    assert accounts.get("a1").provider_account_id == "2"


def test_an_account_never_read_is_unavailable_while_ssm_does_not_answer() -> None:
    put_account()
    with outage(), pytest.raises(UnavailableError) as caught:
        accounts.get("a1")
    assert caught.value.reason == "accounts_unavailable"


def test_an_account_that_became_invalid_is_not_read_from_the_cache(monotonic_clock: MonotonicClock) -> None:
    put_account()
    accounts.get("a1")
    put_account(media_format="flac")
    monotonic_clock.now += CACHE_SECONDS
    with pytest.raises(ConfigurationError):
        accounts.get("a1")


def test_a_removed_account_stays_removed_while_ssm_does_not_answer(monotonic_clock: MonotonicClock) -> None:
    put_account()
    accounts.get("a1")
    clients.ssm().delete_parameter(Name="/callvault/accounts/a1")
    monotonic_clock.now += CACHE_SECONDS
    with pytest.raises(NotFoundError):
        accounts.get("a1")
    with outage(), pytest.raises((NotFoundError, UnavailableError)):
        accounts.get("a1")


def test_an_unknown_account_is_remembered_for_five_seconds(monotonic_clock: MonotonicClock) -> None:
    with pytest.raises(NotFoundError):
        accounts.get("a1")
    put_account()
    monotonic_clock.now += accounts.UNUSABLE_SECONDS - 0.1
    with pytest.raises(NotFoundError):
        accounts.get("a1")
    monotonic_clock.now += 0.1
    assert accounts.get("a1").account_id == "a1"


def test_an_invalid_account_is_remembered_for_five_seconds(monotonic_clock: MonotonicClock) -> None:
    put_account(media_format="flac")
    with pytest.raises(ConfigurationError):
        accounts.get("a1")
    put_account()
    monotonic_clock.now += accounts.UNUSABLE_SECONDS - 0.1
    with pytest.raises(ConfigurationError) as caught:
        accounts.get("a1")
    assert [field.partition(" ")[0] for field in caught.value.fields] == ["media_format"]
    monotonic_clock.now += 0.1
    assert accounts.get("a1").account_id == "a1"


def test_no_more_than_a_thousand_unknown_accounts_are_remembered(
    monotonic_clock: MonotonicClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(accounts, "MAX_UNUSABLE", 3)
    for name in ("a1", "a2", "a3", "a4"):
        with pytest.raises(NotFoundError):
            accounts.get(name)
        worlds.put_account(name)
    assert accounts.get("a1").account_id == "a1"
    with pytest.raises(NotFoundError):
        accounts.get("a2")


def test_a_malformed_id_is_refused_without_asking_ssm() -> None:
    with outage(), pytest.raises(NotFoundError):
        accounts.get("a1/b")


def test_a_reader_is_authenticated_by_a_stale_account_for_five_minutes_at_most(monotonic_clock: MonotonicClock) -> None:
    put_account(readers=[worlds.reader("ops", SECRET)])
    accounts.get("a1")
    monotonic_clock.now += CACHE_SECONDS + accounts.MAX_STALE_SECONDS
    with outage():
        assert accounts.authenticate("a1", SECRET)[1].name == "ops"
        monotonic_clock.now += 1
        with pytest.raises(UnavailableError):
            accounts.authenticate("a1", SECRET)


def test_a_reader_gets_in_as_soon_as_ssm_answers_again(monotonic_clock: MonotonicClock) -> None:
    put_account(readers=[worlds.reader("ops", SECRET)])
    accounts.get("a1")
    monotonic_clock.now += CACHE_SECONDS + accounts.MAX_STALE_SECONDS + 1
    with outage():
        accounts.get("a1")
        with pytest.raises(UnavailableError):
            accounts.authenticate("a1", SECRET)
    assert accounts.authenticate("a1", SECRET)[1].name == "ops"


def test_an_account_too_stale_for_readers_still_serves_callbacks(monotonic_clock: MonotonicClock) -> None:
    put_account(readers=[worlds.reader("ops", SECRET)])
    accounts.get("a1")
    monotonic_clock.now += 100 * accounts.MAX_STALE_SECONDS
    with outage():
        with pytest.raises(UnavailableError):
            accounts.authenticate("a1", SECRET)
        assert accounts.get("a1").account_id == "a1"


@pytest.mark.parametrize("account_id", ["unknown", "", "a1/b", "../a1", "a1:1", "ä1", "a1\n", "a" * 129])
def test_an_unknown_account_is_not_found(account_id: str) -> None:
    put_account()
    with pytest.raises(NotFoundError):
        accounts.get(account_id)


def test_a_reader_is_authenticated_by_its_secret() -> None:
    put_account(readers=[worlds.reader("ops", "one"), worlds.reader("ann", "two", user_id="u1", can_delete=True)])
    account, ops = accounts.authenticate("a1", "one")
    assert account.account_id == "a1"
    assert (ops.name, ops.user_id, ops.can_delete) == ("ops", None, False)
    _, ann = accounts.authenticate("a1", "two")
    assert (ann.name, ann.user_id, ann.can_delete) == ("ann", "u1", True)


def test_a_secret_is_valid_for_its_own_account_only() -> None:
    put_account(readers=[worlds.reader("ops", "one")])
    put_account(account_id="a2", readers=[worlds.reader("ops", "two")])
    with pytest.raises(UnauthenticatedError):
        accounts.authenticate("a2", "one")


def test_the_hash_of_a_secret_is_not_accepted_as_the_secret() -> None:
    known = worlds.reader("ops", "one")
    put_account(readers=[known])
    with pytest.raises(UnauthenticatedError):
        accounts.authenticate("a1", known["sha256"])


def test_a_refusal_does_not_tell_whether_the_account_exists() -> None:
    put_account(readers=[worlds.reader("ops", "one")])
    put_account(account_id="a2")
    refusals = set()
    for account_id, secret in [("a1", "wrong"), ("a1", ""), ("a2", "one"), ("unknown", "one"), ("no/id", "one")]:
        with pytest.raises(UnauthenticatedError) as caught:
            accounts.authenticate(account_id, secret)
        refusals.add((str(caught.value), caught.value.challenge, caught.value.status))
    assert len(refusals) == 1


def test_authentication_is_unavailable_while_ssm_does_not_answer() -> None:
    with outage(), pytest.raises(UnavailableError):
        accounts.authenticate("a1", "one")


def test_names_include_valid_and_invalid_accounts() -> None:
    names = {f"account-{number}" for number in range(23)}
    for name in names:
        clients.ssm().put_parameter(Name=f"/callvault/accounts/{name}", Value="not json", Type="SecureString")
    clients.ssm().put_parameter(Name="/callvault/accounts-of-others/x", Value="{}", Type="SecureString")
    named = list(accounts.names())
    assert set(named) == names
    assert len(named) == len(names)


def test_names_are_unavailable_while_ssm_fails() -> None:
    with Stubber(clients.ssm()) as stubber:
        stubber.add_client_error("get_parameters_by_path", "InternalServerError")
        with pytest.raises(UnavailableError):
            list(accounts.names())


def test_waiting_for_a_missing_account_raises_unavailable(caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(UnavailableError) as caught:
        accounts.await_usable("a1")
    assert caught.value.reason == "no_account"
    assert [vars(told)["account"] for told in caplog.records] == ["a1"]


def test_waiting_for_an_invalid_account_raises_unavailable(caplog: pytest.LogCaptureFixture) -> None:
    put_account(readers=7)
    with pytest.raises(UnavailableError) as caught:
        accounts.await_usable("a1")
    [told] = caplog.records
    assert (caught.value.reason, vars(told)["account"]) == ("configuration", "a1")
    assert told.message == alarm_messages.ACCOUNT_INVALID
    assert "readers" in str(vars(told)["fields"])


def test_waiting_for_a_valid_account_returns_it() -> None:
    put_account()
    assert accounts.await_usable("a1") == accounts.get("a1")


def test_fields_that_are_not_in_force_are_logged_once_for_each_read_from_ssm(
    monotonic_clock: MonotonicClock, caplog: pytest.LogCaptureFixture
) -> None:
    put_account(retention_days=30)
    for _ in range(3):
        accounts.get("a1")
    assert [logged.message for logged in caplog.records] == [alarm_messages.ACCOUNT_FIELDS_NOT_IN_FORCE]
    monotonic_clock.now += CACHE_SECONDS
    accounts.get("a1")
    assert len(caplog.records) == 2
