"""The sizes that SSM and EventBridge limit, and the local stack with them."""

from tools.local.aws import size_rules


def test_a_standard_parameter_has_at_most_four_kilobytes() -> None:
    assert size_rules.parameter("x" * 4096, "Standard") is None
    text = size_rules.parameter("x" * 4097, "Standard")
    assert text is not None
    assert text.startswith("Standard tier parameters support a maximum parameter value of 4096 characters.")
    assert size_rules.parameter("ü" * 2049, "Standard")


def test_an_advanced_parameter_has_at_most_eight_kilobytes() -> None:
    assert size_rules.parameter("x" * 8192, "Advanced") is None
    assert size_rules.parameter("x" * 8193, "Advanced")


def test_a_large_parameter_becomes_advanced_only_if_that_is_allowed() -> None:
    assert size_rules.tier("x" * 4097, None) == "Standard"
    assert size_rules.tier("x" * 4096, "Intelligent-Tiering") == "Standard"
    assert size_rules.tier("x" * 4097, "Intelligent-Tiering") == "Advanced"


def test_the_entries_of_a_request_are_limited_together_in_bytes() -> None:
    entry = {"Source": "s", "DetailType": "ü", "Detail": "x" * 100, "Resources": ["r"], "Time": "2026-01-01T00:00:00Z"}
    rest = "x" * (size_rules.MAX_EVENTS_BYTES - (1 + 2 + 100 + 1 + 14))
    assert size_rules.events([entry, {"Detail": rest}]) is None
    assert size_rules.events([entry, {"Detail": rest + "x"}])
