"""The environment that the template promises, and the settings that read it."""

from typing import Any

import pytest
from pydantic import ValidationError

from callvault import settings
from callvault.settings import Settings
from tests.fuzz import properties


def variables(function: dict[str, Any]) -> set[str]:
    names = function.get("Environment", {}).get("Variables", {})
    return {name for name in names if not name.startswith("POWERTOOLS_")}


def test_the_template_sets_exactly_the_variables_that_the_settings_read(template: dict[str, Any]) -> None:
    functions = [
        resource["Properties"]
        for resource in template["Resources"].values()
        if resource["Type"] == "AWS::Serverless::Function"
    ]
    everywhere = variables(template["Globals"]["Function"])
    assert everywhere == {name.upper() for name in Settings.model_fields}
    assert functions
    assert all(variables(function) <= everywhere for function in functions)


def test_the_fuzzer_sets_the_same_variables() -> None:
    assert set(properties.ENVIRONMENT) == {name.upper() for name in Settings.model_fields}


def test_numbers_are_read_as_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ACCOUNT_CACHE_SECONDS", "7")
    assert settings.get().account_cache_seconds == 7


def test_the_environment_is_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    before = settings.get()
    monkeypatch.setenv("TABLE_NAME", "another")
    assert settings.get() is before


@pytest.mark.parametrize("name", [name.upper() for name in Settings.model_fields])
def test_a_missing_variable_is_named(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.delenv(name)
    with pytest.raises(ValidationError) as caught:
        settings.get()
    assert [error["loc"] for error in caught.value.errors()] == [(name.lower(),)]
