"""The limits of SQS that the local stack adds to moto's."""

import pytest

from tools.local.aws import sqs_rules


def code(body: str = "x", *, group: str | None = None, delay: int = 0, most: int = 100, **texts: str) -> str | None:
    return refused(body, texts, group=group, delay=delay, most=most)


def refused(body: str, texts: dict[str, str], *, group: str | None = None, delay: int = 0, most: int) -> str | None:
    values = {name: {"DataType": "String", "StringValue": value} for name, value in texts.items()}
    refusal = sqs_rules.message(body, values, group=group, delay=delay, most=most)
    return refusal.code if refusal else None


@pytest.mark.parametrize("character", ["\ufffe", "\uffff", "\0", "\x0b", "\x1f", "\ud800"])
def test_a_character_outside_the_documented_set_is_refused(character: str) -> None:
    assert code(f"a{character}") == "InvalidMessageContents"
    assert code(note=f"a{character}") == "InvalidParameterValue"


@pytest.mark.parametrize("character", ["\t", "\n", "\r", "\x7f", "\ufffd", "\ue000", "\U0001fffe", "\U0010ffff"])
def test_a_character_of_the_documented_set_is_accepted(character: str) -> None:
    assert code(f"a{character}") is None
    assert code(note=f"a{character}") is None


def test_a_group_has_at_most_128_characters_of_printable_ascii_without_the_space() -> None:
    assert code(group="!" * 128) is None
    assert code(group="a~" * 64) is None
    for group in ("a" * 129, "", "a b", "ü", "a\n"):
        assert code(group=group) == "InvalidParameterValue"


def test_a_message_is_limited_in_bytes_with_its_attributes() -> None:
    assert code("ü" * 50) is None
    assert code("ü" * 50 + "x") == "InvalidParameterValue"
    assert code("x" * 100, a="") == "InvalidParameterValue"
    assert code("x" * 90, abc="x") is None
    assert code("x" * 90, abcd="x") == "InvalidParameterValue"


def test_a_message_without_text_is_refused() -> None:
    assert code("") == "MissingParameter"


def test_a_message_has_at_most_ten_attributes() -> None:
    assert refused("x", {f"a{number}": "x" for number in range(10)}, most=1000) is None
    assert refused("x", {f"a{number}": "x" for number in range(11)}, most=1000) == "InvalidParameterValue"


def test_a_delay_is_at_most_fifteen_minutes() -> None:
    assert code(delay=900) is None
    assert code(delay=901) == code(delay=-1) == "InvalidParameterValue"


def test_a_batch_is_limited_to_one_mebibyte() -> None:
    assert sqs_rules.batch([1024 * 1024 - 1, 1]) is None
    refusal = sqs_rules.batch([1024 * 1024, 1])
    assert refusal is not None
    assert refusal.code == "BatchRequestTooLong"


def test_a_visibility_timeout_is_at_most_twelve_hours() -> None:
    assert sqs_rules.hidden(0) is sqs_rules.hidden(43200) is None
    assert sqs_rules.hidden(-1)
    assert sqs_rules.hidden(43201)
