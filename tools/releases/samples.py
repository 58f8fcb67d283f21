"""Write and read the samples of every kind by the package that is on the path."""

from collections.abc import Mapping
from typing import Any, Protocol

from tools.releases import callback_urls, dead_letters, events, messages, objects, pages, rows, world


class Kind(Protocol):
    """A module for one kind of sample."""

    def write(self) -> dict[str, Any]:
        """Return what the package writes, by the name of the sample, as JSON."""

    def read(self, written: Any) -> Any:  # noqa: ANN401 - JSON
        """Return what the package understands of a sample, as JSON."""


KINDS: dict[str, Kind] = {
    "rows": rows,
    "messages": messages,
    "dead_letters": dead_letters,
    "pages": pages,
    "callback_urls": callback_urls,
    "objects": objects,
    "events": events,
}

type Samples = dict[str, dict[str, Any]]
"""Samples by kind and name."""


def write() -> Samples:
    """Return what the package writes, each sample with what the package itself understands."""
    written: Samples = {}
    for name, kind in KINDS.items():
        world.clear()
        written[name] = {sample: {"written": content} for sample, content in kind.write().items()}
    understood = read(written)
    return {
        kind: {name: sample | {"understood": understood[kind][name]} for name, sample in of_kind.items()}
        for kind, of_kind in written.items()
    }


def read(samples: Mapping[str, Mapping[str, Any]]) -> Samples:
    """Return what the package reads in each sample, for the kinds that it knows."""
    understood: Samples = {}
    for kind in KINDS.keys() & samples.keys():
        world.clear()
        understood[kind] = {name: _read(KINDS[kind], sample["written"]) for name, sample in samples[kind].items()}
    return understood


def _read(kind: Kind, written: Any) -> Any:  # noqa: ANN401 - JSON
    """Return what the package understands of one sample, or that it crashed."""
    try:
        return kind.read(written)
    except Exception as error:  # noqa: BLE001 - every error means that the sample is not understood
        return {"crashed": f"{type(error).__name__}: {error}"}
