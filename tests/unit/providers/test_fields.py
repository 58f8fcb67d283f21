"""The fields of a payload are read one by one, and the other fields are kept."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from callvault.errors import InvalidRequestError
from callvault.messaging import fetch_requests
from callvault.models import Recording, State
from callvault.providers import fields
from callvault.providers.fields import Fields
from callvault.storage import rows, table
from callvault.web import Request

unhurried = settings(deadline=None)
"""Settings without a deadline, because the machine may be busy."""
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
)


def test_a_field_that_was_read_is_not_in_rest() -> None:
    callback = Fields({"tag": "t", "other": 1, "none": None})
    assert callback.take("tag", fields.text) == "t"
    assert callback.rest == {"other": 1}


def test_a_field_that_cannot_be_read_is_kept() -> None:
    callback = Fields({"channels": "many", "direction": ["inbound"]})
    assert callback.take("channels", fields.integer) is None
    assert callback.take("direction", fields.one_of("inbound")) is None
    assert callback.rest == {"channels": "many", "direction": ["inbound"]}


def test_an_empty_field_is_none_and_not_kept() -> None:
    callback = Fields({"tag": ""})
    assert callback.take("tag", fields.text) is None
    assert callback.rest == {}


def test_a_missing_field_is_none() -> None:
    assert Fields({}).take("tag", fields.text) is None


def test_zero_is_a_value() -> None:
    callback = Fields({"duration": 0})
    assert callback.take("duration", fields.integer) == 0
    assert callback.rest == {}


def test_redundant_fields_can_be_dropped() -> None:
    callback = Fields({"mediaUrl": "u", "tag": "t"})
    callback.drop("mediaUrl", "missing")
    assert callback.rest == {"tag": "t"}


def test_the_given_mapping_is_not_modified() -> None:
    given_fields = {"tag": "t"}
    Fields(given_fields).take("tag", fields.text)
    assert given_fields == {"tag": "t"}


def test_an_id_that_was_read_is_not_in_rest() -> None:
    callback = Fields({"callId": "c-1"})
    assert callback.identify("callId", str.isprintable) == "c-1"
    assert callback.rest == {}


@pytest.mark.parametrize("values", [{}, {"callId": None}, {"callId": ""}])
def test_a_missing_id_is_none_unless_it_is_required(values: dict[str, Any]) -> None:
    assert Fields(values).identify("callId", str.isprintable) is None
    with pytest.raises(InvalidRequestError) as caught:
        Fields(values).require("callId", str.isprintable)
    assert caught.value.field == "callId"


@pytest.mark.parametrize("value", [7, ["c-1"], {"a": 1}, False, "a/b", "a" * 257, "ü" * 129])
def test_a_malformed_id_is_refused_with_its_name_and_not_its_value(value: object) -> None:
    with pytest.raises(InvalidRequestError) as caught:
        Fields({"callId": value}).require("callId", lambda text: "/" not in text)
    assert caught.value.field == "callId"
    assert str(value) not in str(caught.value)


def test_the_longest_id_is_allowed() -> None:
    assert Fields({"callId": "a" * 256}).require("callId", str.isprintable) == "a" * 256


@pytest.mark.parametrize(("value", "read"), [("a", "a"), ("", ""), (15551234567, "15551234567"), (0, "0")])
def test_a_number_is_read_as_text(value: object, read: str) -> None:
    assert fields.text(value) == read


@pytest.mark.parametrize("value", [None, True, 1.5, [], {}])
def test_other_values_than_text_are_none(value: object) -> None:
    assert fields.text(value) is None


@pytest.mark.parametrize(("value", "read"), [(2, 2), ("2", 2), ("007", 7), (0, 0), ("9" * 15, 10**15 - 1)])
def test_a_whole_number_may_be_quoted(value: object, read: int) -> None:
    assert fields.integer(value) == read


@pytest.mark.parametrize("value", [None, True, -1, "-1", 1.5, "1.5", "", " 1", "1e3", "²", "٣", "9" * 16, [1]])
def test_other_values_than_whole_numbers_are_none(value: object) -> None:
    assert fields.integer(value) is None


def test_a_word_is_read_in_any_case() -> None:
    read = fields.one_of("inbound", "outBound")
    assert [read("INBOUND"), read("outbound"), read("sideways"), read(None), read(["inbound"])] == [
        "inbound",
        "outBound",
        None,
        None,
        None,
    ]


@unhurried
@given(anything)
def test_no_value_raises_in_a_reader(value: Any) -> None:
    for read in (fields.text, fields.integer, fields.one_of("inbound")):
        callback = Fields({"field": value})
        result = callback.take("field", read)
        assert (result is None) or callback.rest == {}


def test_a_json_object_is_read() -> None:
    assert fields.json_object('{"tag": "ü", "none": null}'.encode()) == {"tag": "ü", "none": None}


def test_numbers_that_standard_json_cannot_express_are_null() -> None:
    content = fields.json_object(b'{"a": NaN, "b": [Infinity, {"c": -Infinity}], "d": 1e999, "e": -1.5, "f": 2}')
    assert content == {"a": None, "b": [None, {"c": None}], "d": None, "e": -1.5, "f": 2}


@pytest.mark.parametrize(
    "body", [b"", b"tag=1", b"[]", b'"text"', b"null", b"7", b'{"tag": ', b"\xff\xfe\xfd", b"[" * 200_000]
)
def test_a_body_that_is_not_a_json_object_is_refused(body: bytes) -> None:
    with pytest.raises(InvalidRequestError) as caught:
        fields.json_object(body)
    assert caught.value.field == "body"


@unhurried
@given(st.binary())
def test_any_body_is_read_or_refused(body: bytes) -> None:
    assert all(isinstance(value, str) for value in fields.form(Request(method="POST", path="/", body=body)).values())
    try:
        content = fields.json_object(body)
    except InvalidRequestError:
        return
    assert isinstance(content, dict)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-be", "utf-32-le"])
def test_a_lone_surrogate_does_not_reject_a_recording(encoding: str) -> None:
    body = r'{"tag": "a\ud800", "deep": [{"\udfff": "\ud800"}]}'.encode(encoding)
    callback = Fields(fields.json_object(body))
    recording = Recording(
        account_id="a1",
        recording_id="r1",
        provider="bandwidth",
        state=State.PENDING,
        tag=callback.take("tag", fields.text),
        extra=callback.rest,
    )
    fetch_requests.send(recording)
    assert rows.read(rows.write(table.put(recording, "callback pending"))).tag == "a?"


@pytest.mark.parametrize(
    ("body", "read"),
    [
        (b"From=%2B1555&Name=a+b", {"From": "+1555", "Name": "a b"}),
        (b"a=1&a=2&b=", {"a": "1", "b": ""}),
        ("a=ü".encode(), {"a": "ü"}),
        (b"a=%FF&b=\xff", {"a": "\N{REPLACEMENT CHARACTER}", "b": "\N{REPLACEMENT CHARACTER}"}),
        (b"", {}),
    ],
)
def test_a_form_body_is_decoded_and_the_first_of_a_repeated_parameter_counts(body: bytes, read: dict[str, str]) -> None:
    assert fields.form(Request(method="POST", path="/", body=body)) == read


@pytest.mark.parametrize(
    ("kind", "body", "json"),
    [
        ("application/json; charset=utf-8", b"a=b", True),
        ("application/x-www-form-urlencoded", b'{"a": 1}', False),
        ("", b' \n{"a": 1}', True),
        ("text/plain", b'{"a": 1}', True),
        ("", b"a=b", False),
        ("", b"", False),
    ],
)
def test_a_body_is_json_by_its_type_or_its_first_character(kind: str, body: bytes, *, json: bool) -> None:
    request = Request(method="POST", path="/", headers={"content-type": kind} if kind else {}, body=body)
    assert fields.is_json(request) is json


@pytest.mark.parametrize(
    ("given", "read"), [("a" * 4096, "a" * 4096), ("a" * 4097, None), ("é" * 2049, None), (7, "7")]
)
def test_text_is_read_up_to_its_maximum_length(given: object, read: str | None) -> None:
    assert fields.text(given) == read


@pytest.mark.parametrize(
    ("body", "value"),
    [
        (b'{"tag": "M\xfcller"}', "M�ller"),
        ('{"tag": "Müller"}'.encode("utf-16"), "Müller"),
        ('\ufeff{"tag": "Müller"}'.encode(), "Müller"),
        (b'{"tag": ' + b"9" * 5000 + b"}", "9" * 5000),
        (b'{"tag": ' + b"9" * 50 + b"}", int("9" * 50)),
    ],
)
def test_a_stray_byte_and_a_number_of_many_digits_lose_no_callback(body: bytes, value: object) -> None:
    assert fields.json_object(body) == {"tag": value}


@pytest.mark.parametrize("separator", [b"&", b"=&"])
def test_a_form_of_too_many_fields_is_refused(separator: bytes) -> None:
    most = separator.join([b"a"] * fields.MAX_FORM_FIELDS)
    assert fields.form(Request(method="POST", path="/", body=most)) == {"a": ""}
    with pytest.raises(InvalidRequestError, match="more than 1000 fields"):
        fields.form(Request(method="POST", path="/", body=most + separator + b"a"))
