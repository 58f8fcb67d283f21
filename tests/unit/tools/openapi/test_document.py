"""The description is valid, whole, and what is committed."""

import re
from pathlib import Path

import pytest
import yaml

from tools.openapi import __main__ as command
from tools.openapi import document, surface, writer

DESCRIPTION = document.build()
TEXT = writer.write(DESCRIPTION)
OPERATIONS = [one for methods in DESCRIPTION["paths"].values() for one in methods.values()]


def test_the_description_is_openapi_3_1() -> None:
    assert command.invalid(DESCRIPTION) == []


def test_an_invalid_description_is_not_written(
    monkeypatch: pytest.MonkeyPatch, written: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(document, "build", lambda: {"openapi": "3.1.0", "info": {"title": "Small"}, "paths": {}})
    assert command.main([]) == 1
    assert "version" in capsys.readouterr().err
    assert not written.exists()


def test_the_committed_file_matches_the_code() -> None:
    assert writer.is_current(TEXT)


def test_the_file_at_the_root_is_the_one_that_is_deployed() -> None:
    assert (surface.ROOT / "openapi.yaml").resolve() == writer.PATH


def test_the_text_reads_back_to_the_same_description() -> None:
    assert yaml.safe_load(TEXT) == DESCRIPTION


def test_the_text_has_no_anchors_and_no_long_lines_of_references() -> None:
    assert not re.search(r"[&*]id\d+", TEXT)
    assert "{$ref: '#/components/responses/Bandwidth401'}" in TEXT


def test_every_operation_has_an_id_of_its_own() -> None:
    ids = [one["operationId"] for one in OPERATIONS]
    assert len(set(ids)) == len(ids)


def test_every_reference_leads_to_a_component_and_every_component_is_referred_to() -> None:
    used = set(re.findall(r"#/components/([\w/.-]+)", TEXT))
    components = DESCRIPTION["components"]
    known = {f"{kind}/{name}" for kind in ("parameters", "responses", "schemas") for name in components[kind]}
    assert used == known


def test_every_tag_is_described() -> None:
    assert {tag for one in OPERATIONS for tag in one["tags"]} == {tag["name"] for tag in DESCRIPTION["tags"]}


def test_the_description_names_no_server_of_a_user() -> None:
    assert [server["url"] for server in DESCRIPTION["servers"]] == ["/"]


def test_only_public_operations_need_no_credentials() -> None:
    open_paths = {
        path
        for path, methods in DESCRIPTION["paths"].items()
        for method, one in methods.items()
        if one.get("security") == [] and method != "options" and "{token}" not in path
    }
    assert open_paths == {"/v2/api_auth", "/v2/user_auth", "/openapi.yaml"}


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Have a small description written elsewhere: the whole one takes seconds to validate."""
    small = {"openapi": "3.1.0", "info": {"title": "Small", "version": "1"}, "paths": {}}
    monkeypatch.setattr(document, "build", lambda: small)
    monkeypatch.setattr(writer, "PATH", tmp_path / "openapi.yaml")
    return tmp_path / "openapi.yaml"


def test_the_command_writes_the_file_and_finds_it_current(written: Path) -> None:
    assert command.main(["--check"]) == 1
    assert command.main([]) == 0
    assert command.main(["--check"]) == 0


def test_an_edited_file_is_reported(written: Path, capsys: pytest.CaptureFixture[str]) -> None:
    written.write_text("# mine\n")
    assert command.main(["--check"]) == 1
    assert "make openapi" in capsys.readouterr().err


def test_a_route_without_a_description_fails_the_check(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(surface, "OTHERS", {})
    assert command.main(["--check"]) == 1
    assert "GET /openapi.yaml: template.yaml routes it" in capsys.readouterr().err
