"""Crossbar's filters choose the recordings of a list."""

from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.crossbar import START, WINDOW, ask, ids, put
from tests.worlds import content

FILTERED: dict[str, Any] = {
    "recording_id": "yes",
    "provider": "kazoo",
    "direction": "inbound",
    "caller": "+15551112222",
    "callee": "+15553334444",
    "call_id": "c1",
    "conference_id": "f1",
    "owner_id": "u1",
    "duration_ms": 61_240,
    "extra": {
        "origin": "callflow : main",
        "transcribe": True,
        "nothing": None,
        "blank": "",
        "zero": 0,
        "list": ["a"],
        "off": False,
        "words": ["a", ["b"], 99],
        "mixed": ["a", 1, True, None, 1.5],
        "custom_channel_vars": {"account_id": "a1", "deep": {"er": "x"}},
    },
}


KEPT: list[dict[str, str]] = [
    {"filter_direction": "inbound"},
    {"filter_call_id": "c1"},
    {"filter_conference_id": "f1"},
    {"filter_owner_id": "u1"},
    {"filter_from": "+15551112222"},
    {"filter_to": "+15553334444"},
    {"filter_from": "+15551112222", "filter_to": "+15553334444", "filter_owner_id": "u1"},
    {"filter_from": '["x", "+15551112222"]'},
    {"filter_duration": "61"},
    {"filter_duration": "[60, 61]"},
    {"filter_transcribe": "true"},
    {"filter_nothing": "null"},
    {"filter_list": "a"},
    {"filter_list.1": "a"},
    {"filter_words": "abc"},
    {"filter_words.2.1": "b"},
    {"filter_mixed": ""},
    {"filter_mixed.3": "true"},
    {"filter_off": "false"},
    {"filter_direction": '"inbound"'},
    {"filter_direction": ' [ "inbound" ] '},
    {"filter_not_custom_channel_vars": ""},
    {"filter_missing": ""},
    {"filter_blank": ""},
    {"filter_custom_channel_vars.account_id": "a1"},
    {"filter_custom_channel_vars.deep.er": "x"},
    {"filter_archive.provider": "kazoo"},
    {"filter_not_direction": "outbound"},
    {"filter_not_missing": "x"},
    {"filter_not_from": '["x", "y"]'},
    {"filter_not_from": "[broken"},
    {"has_key": "origin"},
    {"has_key": "nothing"},
    {"has_key": "custom_channel_vars.deep"},
    {"key_missing": "missing"},
    {"key_missing": "origin.missing"},
    {"has_value": "origin"},
    {"has_value": "list"},
    {"has_value": "off"},
    {"has_key": "list.1"},
    {"key_missing": "list.2"},
    {"key_missing": "list.0"},
    {"key_missing": "list.x"},
    {"key_missing": "list.9999999999"},
    {"value_missing": "blank"},
    {"value_missing": "zero"},
    {"value_missing": "nothing"},
    {"value_missing": "missing"},
    {"filter_pvt_created": str(START)},
    {"filter_from": " 15551112222", "filter_to": " 15553334444"},
    {"filter_not_to": " 15551112222"},
    {"modified_from": "63000000000"},
    {"modified_from": "2020-01-01"},
    {"modified_from": ""},
    {"modified_to": "99999999999"},
    {"unknown": "x"},
    {"filter_origin": "callflow : main", "has_key": "transcribe", "filter_not_to": "x"},
]


def test_a_filter_includes_matching_recordings() -> None:
    put(**FILTERED)
    for query in KEPT:
        assert ids(query) == ["yes"], query


LEFT_OUT: list[dict[str, str]] = [
    {"filter_direction": "outbound"},
    {"filter_direction": ""},
    {"filter_direction": "Inbound"},
    {"filter_direction": "inbound "},
    {"filter_direction": '"outbound"'},
    {"filter_call_id": "c2"},
    {"filter_list": ""},
    {"filter_list": "b"},
    {"filter_off": "False"},
    {"filter_custom_channel_vars": ""},
    {"value_missing": "off"},
    {"filter_from": "15551112222"},
    {"filter_from": "x" * 5000},
    {"filter_from": "[]"},
    {"filter_from": "[" * 5000},
    {"filter_owner_id": "u2", "filter_call_id": "c1"},
    {"filter_call_id": "c1", "filter_from": "x"},
    {"filter_missing": "x"},
    {"filter_custom_channel_vars": "a1"},
    {"filter_url": "x"},
    {"filter_not_direction": "inbound"},
    {"filter_not_direction": '["inbound"]'},
    {"filter_not_missing": ""},
    {"has_key": "missing"},
    {"has_key": "origin.missing"},
    {"key_missing": "origin"},
    {"has_value": "blank"},
    {"has_value": "zero"},
    {"has_value": "missing"},
    {"value_missing": "origin"},
    {"filter_not_from": " 15551112222"},
    {"modified_from": "99999999999"},
    {"modified_to": "946684800"},
    {"modified_to": "2020-12-31T23:59:59Z"},
    {"filter_direction": "inbound", "key_missing": "origin"},
]


def test_a_filter_excludes_other_recordings() -> None:
    put(**FILTERED)
    for query in LEFT_OUT:
        assert ids(query) == [], query


def test_a_page_is_filled_with_matching_recordings() -> None:
    for number in range(12):
        put(f"r{number:02}", direction="inbound" if number % 3 == 0 else "outbound")
    page = content(ask(query=WINDOW | {"filter_direction": "inbound", "page_size": 3, "ascending": "true"}))
    assert [item["id"] for item in page["data"]] == ["r00", "r03", "r06"]
    rest = {"filter_direction": "inbound", "page_size": 3, "ascending": "true", "start_key": page["next_start_key"]}
    assert ids(rest) == ["r09"]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    query=st.dictionaries(
        st.one_of(
            st.sampled_from(["page_size", "start_key", "created_from", "created_to", "has_key", "accept", "jsonp"]),
            st.text().map(lambda text: f"filter_{text}"),
            st.text(),
        ),
        st.text(),
        max_size=4,
    )
)
def test_no_query_breaks_a_list(query: dict[str, str]) -> None:
    assert ask(query=query).status in {200, 400, 404}
