"""The content of an account's parameter, and the error for an invalid one."""

import json
import traceback
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from callvault import account_parameter, alarm_messages
from callvault.account_parameter import NOT_IN_FORCE, Account
from callvault.errors import ConfigurationError
from tests import worlds

SECRET = "hunter2"
ORIGIN = "https://voice.example.com"
CACHE_SECONDS = 30
"""As the environment of the tests says."""


def parse(**fields: Any) -> Account:
    return account_parameter.parse("a1", json.dumps({"provider": "bandwidth"} | fields))


def test_an_account_may_have_another_id_at_its_provider() -> None:
    assert parse(provider_account_id="9900000").provider_account_id == "9900000"


def test_a_parameter_cannot_claim_another_accounts_id() -> None:
    assert parse(account_id="a2").account_id == "a1"


def test_an_account_does_not_show_its_secrets() -> None:
    account = parse(callback={"token": SECRET, "signing_keys": [SECRET], "username": "u", "password": SECRET})
    assert SECRET not in f"{account!r}{account}{account.model_dump_json()}"


def test_a_signing_key_may_have_a_name() -> None:
    keys = parse(callback={"signing_keys": ["one", {"id": "SK2", "secret": "two"}]}).callback.signing_keys
    assert [(key.id, key.secret.get_secret_value()) for key in keys] == [(None, "one"), ("SK2", "two")]


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"provider": None}, ["provider"]),
        ({"provider": [SECRET]}, ["provider"]),
        ({"provider": SECRET}, ["provider"]),
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
        ({"readers": [worlds.reader("ops", "s"), {"name": "x", "sha256": SECRET}]}, ["readers.1.sha256"]),
        ({"readers": [{"name": "x", "sha256": "AB" * 32}]}, ["readers.0.sha256"]),
        ({SECRET.upper(): SECRET}, [SECRET.upper()]),
    ],
)  # fmt: skip
def test_an_invalid_field_is_named_but_its_value_is_not_shown(fields: dict[str, Any], wrong: list[str]) -> None:
    with pytest.raises(ConfigurationError) as caught:
        parse(**fields)
    assert caught.value.account_id == "a1"
    assert "a1" in str(caught.value)
    assert [field.partition(" (")[0] for field in caught.value.fields] == wrong
    assert all(name in str(caught.value) for name in wrong)
    assert SECRET not in "".join(traceback.format_exception(caught.value))


@pytest.mark.parametrize("provider", ["twillio", "Twilio", " twilio", ""])
def test_a_provider_that_does_not_exist_is_refused_with_those_that_do(provider: str) -> None:
    with pytest.raises(ConfigurationError, match=f"must be one of {', '.join(account_parameter.PROVIDER_NAMES)}"):
        parse(provider=provider)


@pytest.mark.parametrize("text", ["", SECRET, f'"{SECRET}"', f'["{SECRET}"]', "null", "7", f'{{"provider": "{SECRET}"'])
def test_a_parameter_that_is_not_a_json_object_is_refused_and_not_shown(text: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        account_parameter.parse("a1", text)
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
def test_no_text_makes_parsing_raise_another_error(text: str) -> None:
    try:
        account = account_parameter.parse("a1", text)
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
def test_an_origin_is_normalized(written: str, origin: str) -> None:
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
def test_an_unsafe_origin_is_refused(origin: str) -> None:
    with pytest.raises(ConfigurationError):
        parse(api={"origin": origin})
    with pytest.raises(ConfigurationError):
        parse(media_origins=[origin])


def test_a_token_url_keeps_its_path() -> None:
    account = parse(api={"origin": ORIGIN, "token_url": "https://api.example.com/oauth2/token?a=b"})
    assert account.api is not None
    assert account.api.token_url == "https://api.example.com/oauth2/token?a=b"


@pytest.mark.parametrize(
    "url", ["http://api.example.com/token", "https:///token", "token", "https://u:p@api.example.com/token"]
)
def test_a_token_url_must_be_https(url: str) -> None:
    with pytest.raises(ConfigurationError):
        parse(api={"origin": ORIGIN, "token_url": url})


def test_a_token_url_may_be_http_on_loopback() -> None:
    account = parse(api={"origin": ORIGIN, "token_url": "http://127.0.0.1:9/token"})
    assert account.api is not None
    assert account.api.token_url == "http://127.0.0.1:9/token"


def test_an_upload_token_may_not_be_the_token() -> None:
    with pytest.raises(ConfigurationError, match="must differ from token"):
        worlds.account(provider="kazoo", callback={"token": "same", "upload_token": "same"})
    account = worlds.account(provider="kazoo", callback={"token": "one", "upload_token": "other"})
    assert account.callback.for_uploads().token == account.callback.upload_token


@pytest.mark.parametrize(
    "callback", [{"token": ""}, {"username": "", "password": ""}, {"hmac_key": ""}, {"signing_keys": [""]}]
)
def test_an_empty_secret_is_refused(callback: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError):
        parse(callback=callback)


@pytest.mark.parametrize(
    "fields", [{"retention_days": 30}, {"delete_at_source_after_days": None}, dict.fromkeys(NOT_IN_FORCE, SECRET)]
)
def test_fields_that_are_not_in_force_are_logged_and_the_account_stays_usable(
    caplog: pytest.LogCaptureFixture, fields: dict[str, Any]
) -> None:
    assert parse(**fields) == parse()
    [logged] = caplog.records
    assert (logged.levelname, logged.message) == ("ERROR", alarm_messages.ACCOUNT_FIELDS_NOT_IN_FORCE)
    assert (vars(logged)["account"], vars(logged)["fields"]) == ("a1", list(fields))
    assert SECRET not in str(vars(logged))


def test_a_field_that_is_not_in_force_does_not_hide_an_invalid_one() -> None:
    with pytest.raises(ConfigurationError) as caught:
        parse(retention_days=30, readers=7)
    assert [field.partition(" (")[0] for field in caught.value.fields] == ["readers"]
