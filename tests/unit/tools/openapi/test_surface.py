"""Every difference between routes, descriptions and the template is reported."""

from collections.abc import Mapping

import pytest

from callvault import dialects
from callvault.dialects.dispatch import Routes
from callvault.web import Request, Response
from tools.local.emulator.routes import Route
from tools.openapi import surface
from tools.openapi.entries import Entry

ENTRY = Entry(answers={200: {"description": "Fine."}})


def stop(request: Request, names: Mapping[str, str]) -> Response:
    return Response(status=204)


def start(request: Request, names: Mapping[str, str]) -> Response:
    return Response(status=204)


ROUTES: Routes = {"/v2/calls/{call_id}": {"POST": start}}


def test_every_route_of_every_dialect_is_described() -> None:
    found = {(route.method, route.path) for route in surface.routes()}
    for dialect in dialects.DIALECTS.values():
        assert {(method, path) for path, actions in dialect.ROUTES.items() for method in actions} <= found


def test_every_route_of_the_template_is_described() -> None:
    found = {(route.method, route.path) for route in surface.routes()}
    assert ("GET", "/openapi.yaml") in found
    assert ("PUT", "/callbacks/kazoo/{account_id}/{token}") in found
    assert ("POST", "/uploads/kazoo/{account_id}/{token}/{path}") in found


def test_a_route_without_a_description_is_named() -> None:
    assert list(surface.undescribed({"kazoo": ROUTES}, {"kazoo": {}})) == [
        "POST /v2/calls/{call_id}: start has no entry in tools/openapi/kazoo (ENTRIES)."
    ]


def test_a_description_without_a_route_is_named() -> None:
    wrong = list(surface.undescribed({"kazoo": ROUTES}, {"kazoo": {start: ENTRY, stop: ENTRY}}))
    assert wrong == ["tools/openapi/kazoo describes stop, but the dialect has no route to it."]


def test_a_dialect_without_a_table_is_named_by_its_routes() -> None:
    assert "tools/openapi/new (ENTRIES)" in next(iter(surface.undescribed({"new": ROUTES}, {})))


def test_a_route_that_the_template_does_not_serve_is_named() -> None:
    assert list(surface.unrouted({"kazoo": ROUTES}, [])) == [
        "POST /v2/calls/{call_id}: template.yaml has no route for it."
    ]


def test_a_route_of_the_template_that_no_dialect_knows_is_named() -> None:
    routed = [
        Route(method="ANY", path="/v2/{path+}", function="QueryRecordings"),
        Route(method="POST", path="/v2/calls/{id}", function="ControlRecording"),
        Route(method="DELETE", path="/v2/calls/{id}", function="ControlRecording"),
    ]
    assert list(surface.unrouted({"kazoo": ROUTES}, routed)) == [
        "DELETE /v2/calls/{id}: template.yaml routes it to ControlRecording, but no dialect has it."
    ]


def test_other_routes_and_entries_that_differ_are_named() -> None:
    routed, described = {("GET", "/console"), ("GET", "/a")}, {("GET", "/a"), ("GET", "/gone")}
    assert list(surface.different(routed, described)) == [
        "GET /console: template.yaml routes it, but no module of tools/openapi has an entry for it.",
        "GET /gone is described, but template.yaml has no route for it.",
    ]


def test_a_variable_without_a_description_is_named() -> None:
    assert list(surface.unnamed(iter(["/v2/{account_id}/{leg_id}"]))) == [
        "/v2/{account_id}/{leg_id}: {leg_id} has no entry in tools/openapi/path_parameters.py (IN_PATHS)."
    ]


def test_all_differences_are_reported_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(surface, "OTHERS", {})
    with pytest.raises(surface.UndescribedError) as raised:
        surface.routes()
    assert "/openapi.yaml" in str(raised.value)
    assert "/callbacks/twilio/" in str(raised.value)


def test_a_path_of_the_template_stands_for_each_provider() -> None:
    assert surface.concrete("/callbacks/{provider}/{account_id}")[0] == "/callbacks/bandwidth/{account_id}"
    assert surface.concrete("/uploads/{token}/{path+}") == ["/uploads/{token}/{path}"]
