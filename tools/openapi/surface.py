"""Find every route of the surface, and hold routes, descriptions and the template's routing equal."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from samtranslator.yaml_helper import yaml_parse

from callvault import dialects
from callvault.dialects.dispatch import Action, Routes
from callvault.providers import PROVIDERS
from tools.local.emulator import routes as gateway
from tools.openapi import bandwidth, callbacks, entries, kazoo, laml, path_parameters, served, uploads
from tools.openapi.entries import Entry, Route

ROOT = Path(__file__).parents[2]
TABLES = {"kazoo": kazoo, "bandwidth": bandwidth, "laml": laml}
"""Packages with the entries of the actions, by dialect."""
OTHERS: Mapping[tuple[str, str], Entry] = callbacks.ENTRIES | uploads.ENTRIES | served.ENTRIES
"""By method and path, the entries of what no dialect answers."""


class UndescribedError(Exception):
    """Routes, descriptions and the template differ; the message has a line for each difference."""


def routes() -> list[Route]:
    """Return every route with its entry, in the order of the tables; raises UndescribedError."""
    routed = list(read_template(ROOT / "template.yaml"))
    described = {name: table.ENTRIES for name, table in TABLES.items()}
    tables = {name: dialect.ROUTES for name, dialect in dialects.DIALECTS.items()}
    others = {(one.method, path) for one in routed if not _is_dialects(one.path) for path in concrete(one.path)}
    wrong = [
        *undescribed(tables, described),
        *unrouted(tables, routed),
        *different(others, set(OTHERS)),
        *unnamed(path for known in (*tables.values(), dict.fromkeys(path for _, path in OTHERS)) for path in known),
    ]
    if wrong:
        raise UndescribedError("\n".join(wrong))
    return [*_of_dialects(tables, described), *_of_others()]


def read_template(path: Path) -> Iterator[gateway.Route]:
    """Yield the routes of the HTTP API in a template."""
    for name, resource in yaml_parse(path.read_text())["Resources"].items():
        for event in resource.get("Properties", {}).get("Events", {}).values():
            if event["Type"] == "HttpApi":
                properties = event["Properties"]
                yield gateway.Route(method=properties["Method"].upper(), path=properties["Path"], function=name)


def concrete(path: str) -> list[str]:
    """Return the paths that stand for a path of the template here: one for each provider, nothing greedy."""
    plain = path.replace("{path+}", "{path}")
    return [plain.replace("{provider}", name) for name in PROVIDERS] if "{provider}" in plain else [plain]


def undescribed(tables: Mapping[str, Routes], described: Mapping[str, Mapping[Action, Entry]]) -> Iterator[str]:
    """Say which routes have no entry, and which entries no route."""
    for name, routes in tables.items():
        entries = described.get(name, {})
        for method, path, action in _flat(routes):
            if action not in entries:
                yield f"{method} {path}: {_name(action)} has no entry in tools/openapi/{name} (ENTRIES)."
        served = {action for _, _, action in _flat(routes)}
        for action in entries:
            if action not in served:
                yield f"tools/openapi/{name} describes {_name(action)}, which no route of the dialect leads to."


def unrouted(tables: Mapping[str, Routes], routed: list[gateway.Route]) -> Iterator[str]:
    """Say which routes of the dialects the template leads nowhere, and which of its routes no dialect knows."""
    router = gateway.Router(routed)
    known: set[tuple[str, str]] = set()
    for routes in tables.values():
        for method, path, _ in _flat(routes):
            known.add((method, _anonymous(path)))
            if router.find(method, _anonymous(path)) is None:
                yield f"{method} {path}: template.yaml has no route for it."
    for one in routed:
        if _is_dialects(one.path) and one.method != "ANY" and (one.method, _anonymous(one.path)) not in known:
            yield f"{one.method} {one.path}: {one.function} has it in template.yaml, but no dialect in its ROUTES."


def different(routed: set[tuple[str, str]], described: set[tuple[str, str]]) -> Iterator[str]:
    """Say which of the template's other routes have no entry, and which entries no route."""
    for method, path in sorted(routed - described):
        yield f"{method} {path}: template.yaml routes it, but no module of tools/openapi has an entry for it."
    for method, path in sorted(described - routed):
        yield f"{method} {path} is described, but template.yaml has no route for it."


def unnamed(paths: Iterator[str]) -> Iterator[str]:
    """Say which variables of paths are described nowhere."""
    for path in paths:
        for name in entries.NAME.findall(path):
            if name not in path_parameters.IN_PATHS:
                yield f"{path}: {{{name}}} has no entry in tools/openapi/path_parameters.py (IN_PATHS)."


def _of_dialects(tables: Mapping[str, Routes], described: Mapping[str, Mapping[Action, Entry]]) -> Iterator[Route]:
    for name, routes in tables.items():
        for method, path, action in _flat(routes):
            entry = described[name][action]
            words = entry.words or entries.spoken(action)
            yield Route(
                tag=_tag(name, path),
                method=method,
                path=path,
                name=entry.name or _name(action),
                entry=entry,
                words=words,
            )
        for path, actions in routes.items() if name == "kazoo" else ():
            entry, asked = kazoo.PREFLIGHT, f"preflight_{_name(next(iter(actions.values())))}"
            yield Route(tag=name, method="OPTIONS", path=path, name=asked, entry=entry, words=entry.words)


def _of_others() -> Iterator[Route]:
    for (method, path), entry in OTHERS.items():
        kind, provider, *_ = [*path.removeprefix("/").split("/"), ""]
        tag = {"callbacks": "callbacks", "uploads": "uploads"}.get(kind, "description")
        name = "_".join(filter(None, (provider.partition("{")[0], method.lower())))
        yield Route(tag=tag, method=method, path=path, name=name, entry=entry, words=entry.words)


def _flat(routes: Routes) -> Iterator[tuple[str, str, Action]]:
    for path, actions in routes.items():
        for method, action in actions.items():
            yield method, path, action


def _tag(dialect: str, path: str) -> str:
    if dialect != "laml":
        return dialect
    return "signalwire" if path.startswith("/api/laml/") else "twilio"


def _is_dialects(path: str) -> bool:
    return path.startswith(tuple(prefix for one in dialects.DIALECTS.values() for prefix in one.PREFIXES))


def _anonymous(path: str) -> str:
    return re.sub(r"\{\w+\}", "x", path)


def _name(action: object) -> str:
    return str(getattr(action, "__name__", action))
