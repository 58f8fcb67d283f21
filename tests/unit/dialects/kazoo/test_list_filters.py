"""The filters of KAZOO 5 whose value is a JSON list match as its crossbar_filter.erl does.

Each refused value is one for which KAZOO's answer would be silently wrong.
"""

from typing import Any

import pytest

from callvault.models import State
from tests import worlds
from tests.crossbar import WINDOW, ask, ids, put, refusal

DOCUMENT: dict[str, Any] = {
    "recording_id": "yes",
    "provider": "kazoo",
    "direction": "inbound",
    "duration_ms": 61_240,
    "extra": {
        "transcribe": True,
        "tags": ["a", "b", 1, True, None, 1.5],
        "deep": {"tags": ["x"]},
        "none": [],
        "objects": [{"tags": ["y"]}],
    },
}

KEPT = [
    {"filter_any_direction": '["outbound","inbound"]'},
    {"filter_any_duration": '["60","61"]'},
    {"filter_any_transcribe": '["true"]'},
    {"filter_any_missing": '[""]'},
    {"filter_any_deep.tags": '["x"]'},
    {"filter_any_tags.2": '["b"]'},
    {"filter_none_direction": '["outbound"]'},
    {"filter_none_direction": '["Inbound"]'},
    {"filter_none_direction": "[]"},
    {"filter_none_missing": '["a"]'},
    {"filter_array_intersect_all_tags": '["b","a"]'},
    {"filter_array_intersect_all_tags": "[1,true,null,1.5]"},
    {"filter_array_intersect_all_tags": "[]"},
    {"filter_array_intersect_all_missing": "[]"},
    {"filter_array_intersect_all_deep.tags": '["x"]'},
    {"filter_array_intersect_all_objects.1.tags": '["y"]'},
    {"filter_array_intersect_any_tags": '["c","a"]'},
    {"filter_array_intersect_none_tags": '["c"]'},
    {"filter_array_intersect_none_none": '["c"]'},
    {"filter_array_intersect_none_missing": '["a"]'},
    {"filter_array_intersect_none_direction": '["inbound"]'},
    {"filter_any_direction": '["inbound"]', "filter_none_duration": '["60"]', "filter_transcribe": "true"},
]


@pytest.mark.parametrize("query", KEPT)
def test_a_filter_with_a_list_includes_matching_recordings(query: dict[str, str]) -> None:
    put(**DOCUMENT)
    assert ids(query) == ["yes"]


LEFT_OUT = [
    {"filter_any_direction": '["outbound"]'},
    {"filter_any_direction": "[]"},
    {"filter_any_direction": '["Inbound"]'},
    {"filter_any_tags": '["a"]'},
    {"filter_any_missing": '["a"]'},
    {"filter_none_direction": '["outbound","inbound"]'},
    {"filter_none_duration": '["61"]'},
    {"filter_none_missing": '[""]'},
    {"filter_array_intersect_all_tags": '["a","c"]'},
    {"filter_array_intersect_all_tags": '["1"]'},
    {"filter_array_intersect_all_tags": "[1.0]"},
    {"filter_array_intersect_all_tags": "[false]"},
    {"filter_array_intersect_all_direction": '["inbound"]'},
    {"filter_array_intersect_all_missing": '["a"]'},
    {"filter_array_intersect_any_tags": '["c"]'},
    {"filter_array_intersect_any_tags": "[]"},
    {"filter_array_intersect_any_missing": '["a"]'},
    {"filter_array_intersect_none_tags": '["a"]'},
    {"filter_array_intersect_none_deep.tags": '["x"]'},
    {"filter_any_direction": '["inbound"]', "filter_none_duration": '["61"]'},
]


@pytest.mark.parametrize("query", LEFT_OUT)
def test_a_filter_with_a_list_excludes_other_recordings(query: dict[str, str]) -> None:
    put(**DOCUMENT)
    assert ids(query) == []


REFUSED = [
    ("filter_any_direction", "inbound"),
    ("filter_any_direction", ""),
    ("filter_any_direction", '"inbound"'),
    ("filter_any_direction", '{"a":1}'),
    ("filter_any_direction", "[" * 5000),
    ("filter_any_duration", "[60,61]"),
    ("filter_any_direction", '["inbound",null]'),
    ("filter_none_direction", "inbound"),
    ("filter_none_direction", '["inbound"'),
    ("filter_none_transcribe", "[true]"),
    ("filter_array_intersect_all_tags", "a"),
    ("filter_array_intersect_all_tags", '[["a"]]'),
    ("filter_array_intersect_any_tags", '[{"a":1}]'),
    ("filter_array_intersect_any_tags", "a"),
    ("filter_array_intersect_none_tags", "a"),
    ("filter_array_intersect_none_tags", "[]"),
    ("filter_array_intersect_none_tags", '["a","c"]'),
    ("filter_array_intersect_tags", '["a"]'),
    ("filter_custom_channel_vars", '{"a":1}'),
    ("filter_not_custom_channel_vars", ' {"a":1}'),
    ("missing_value", "tags"),
]


@pytest.mark.parametrize(("name", "value"), REFUSED)
def test_a_value_that_has_no_right_answer_is_refused_by_its_name(name: str, value: str) -> None:
    put(**DOCUMENT)
    status, message, data = refusal(ask(query=WINDOW | {name: value}))
    assert (status, message, list(data)) == (400, "validation error", [name])


def test_a_retry_has_the_filters_with_lists() -> None:
    put("r1", state=State.FAILED, reason="http_403", direction="inbound")
    put("r2", state=State.FAILED, reason="http_403", direction="outbound")
    body = {"action": "retry", "data": {}}
    query = WINDOW | {"filter_any_direction": '["inbound"]'}
    assert worlds.content(ask(query=query, method="POST", body=body, reader="admin"))["data"]["queued"] == 1
    assert worlds.row("r2", "a1").state is State.FAILED
