"""Find every route of the HTTP surface, and compare routes, descriptions and the template."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from samtranslator.yaml_helper import yaml_parse

from callvault import dialects
from callvault.dialects.dispatch import Action, Routes
from callvault.providers import PROVIDERS
from tools.local.emulator.routes import Route, Router
from tools.openapi import bandwidth, callback_routes, entries, kazoo, laml, path_parameters, relay, served, uploads
from tools.openapi.entries import DescribedRoute, Entry

ROOT = Path(__file__).parents[2]
TABLES = {"kazoo": kazoo, "bandwidth": bandwidth, "laml": laml, "relay": relay}
"""Packages that have the entries of the actions, by dialect."""
OTHERS: Mapping[tuple[str, str], Entry] = callback_routes.ENTRIES | uploads.ENTRIES | served.ENTRIES
"""Entries of the routes that belong to no dialect, by method and path."""

OWN_ACCOUNT = ("/v2/accounts/{account_id}/", "/v2/account/")
"""How KAZOO's dialect shortens a path that names the account of the caller's token."""


class UndescribedError(Exception):
    """Routes, descriptions and the template differ; the message has a line for each difference."""


def routes() -> list[DescribedRoute]:
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


def read_template(path: Path) -> Iterator[Route]:
    """Yield the routes of the HTTP API in a template."""
    for name, resource in yaml_parse(path.read_text())["Resources"].items():
        for event in resource.get("Properties", {}).get("Events", {}).values():
            if event["Type"] == "HttpApi":
                properties = event["Properties"]
                yield Route(method=properties["Method"].upper(), path=properties["Path"], function=name)


def concrete(path: str) -> list[str]:
    """Return the paths of the description for a path of the template.

    There is one path for each provider, and no path has a greedy variable.
    """
    plain = path.replace("{path+}", "{path}")
    return [plain.replace("{provider}", name) for name in PROVIDERS] if "{provider}" in plain else [plain]


def undescribed(tables: Mapping[str, Routes], described: Mapping[str, Mapping[Action, Entry]]) -> Iterator[str]:
    """Yield a message for each route without an entry, and for each entry without a route."""
    for name, table in tables.items():
        known = described.get(name, {})
        for method, path, action in _flat(table):
            if action not in known:
                yield f"{method} {path}: {_name(action)} has no entry in tools/openapi/{name} (ENTRIES)."
        routed = {action for _, _, action in _flat(table)}
        for action in known:
            if action not in routed:
                yield f"tools/openapi/{name} describes {_name(action)}, but the dialect has no route to it."


def unrouted(tables: Mapping[str, Routes], routed: list[Route]) -> Iterator[str]:
    """Yield a message for each route that only a dialect has or only the template has."""
    router = Router(routed)
    known: set[tuple[str, str]] = set()
    for table in tables.values():
        for method, path, _ in _flat(table):
            known |= {(method, _anonymous(path)), (method, _anonymous(path.replace(*OWN_ACCOUNT)))}
            if router.find(method, _anonymous(path)) is None:
                yield f"{method} {path}: template.yaml has no route for it."
    for one in routed:
        if (
            _is_dialects(one.path)
            and one.method not in {"ANY", "OPTIONS"}
            and (one.method, _anonymous(one.path)) not in known
        ):
            yield f"{one.method} {one.path}: template.yaml routes it to {one.function}, but no dialect has it."


def different(routed: set[tuple[str, str]], described: set[tuple[str, str]]) -> Iterator[str]:
    """Yield a message for each route without an entry, and for each entry without a route.

    Both sets hold the methods and paths of routes that belong to no dialect.
    """
    for method, path in sorted(routed - described):
        yield f"{method} {path}: template.yaml routes it, but no module of tools/openapi has an entry for it."
    for method, path in sorted(described - routed):
        yield f"{method} {path} is described, but template.yaml has no route for it."


def unnamed(paths: Iterator[str]) -> Iterator[str]:
    """Yield a message for each variable of a path that has no description."""
    for path in paths:
        for name in entries.NAME.findall(path):
            if name not in path_parameters.IN_PATHS:
                yield f"{path}: {{{name}}} has no entry in tools/openapi/path_parameters.py (IN_PATHS)."


def _of_dialects(
    tables: Mapping[str, Routes], described: Mapping[str, Mapping[Action, Entry]]
) -> Iterator[DescribedRoute]:
    for name, table in tables.items():
        for method, path, action in _flat(table):
            entry = described[name][action]
            words = entry.words or entries.docstring(action)
            yield DescribedRoute(
                tag=_tag(name, path),
                method=method,
                path=path,
                name=entry.name or _name(action),
                entry=entry,
                words=words,
            )
        for path, actions in table.items() if name == "kazoo" else ():
            entry, operation = kazoo.PREFLIGHT, f"preflight_{_name(next(iter(actions.values())))}"
            yield DescribedRoute(tag=name, method="OPTIONS", path=path, name=operation, entry=entry, words=entry.words)


def _of_others() -> Iterator[DescribedRoute]:
    for (method, path), entry in OTHERS.items():
        kind, provider, *_ = [*path.removeprefix("/").split("/"), ""]
        tag = {"callbacks": "callbacks", "uploads": "uploads"}.get(kind, "description")
        name = "_".join(filter(None, (provider.partition("{")[0], method.lower())))
        yield DescribedRoute(tag=tag, method=method, path=path, name=name, entry=entry, words=entry.words)


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
