"""The releases whose samples are kept, and what can be compared of two of them.

`tools.releases` says what the samples are. They are never changed after their release: a test that
fails names data that is in the table, the queues or the bucket of a running stack.
"""

import json
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from callvault.dialects import DIALECTS
from tests.conftest import ROOT
from tools.releases import keep, samples
from tools.releases.samples import Samples

TODAY = "today"
"""Stands for the code as it is."""
VERSIONS = sorted(
    (folder.parent.name for folder in keep.FOLDER.glob(f"*/{keep.ARCHIVE}")),
    key=lambda version: [int(number) for number in version.split(".")],
)
UPDATES = list(zip(VERSIONS, [*VERSIONS[1:], TODAY], strict=True))
"""Each release with the one after it; the last one with the code as it is."""


@cache
def written(version: str) -> Samples:
    """Return what a release wrote; for TODAY, write it now, with the clock stopped at NOW."""
    if version == TODAY:
        return samples.write()
    return {kind: _json(version, kind) for kind in samples.KINDS if (keep.FOLDER / version / f"{kind}.json").exists()}


def table(version: str) -> dict[str, Any]:
    """Return the definition of a release's table."""
    return keep.table(ROOT / "template.yaml") if version == TODAY else _json(version, "table")


@cache
def understood(version: str, following: str) -> Samples:
    """Return what the code of a release understands of what the following one wrote."""
    given = {"table": table(version), "samples": known(version, written(following))}
    answers: Samples = keep.run(keep.FOLDER / version / keep.ARCHIVE, "read", given)
    return answers


def known(version: str, of_following: Samples) -> Samples:
    """Return the samples for which a release has a reader.

    It has none for a queue, a dialect or a provider that it did not have, and no one sends it an
    event.
    """
    own = written(version)
    subjects = {kind: {_subject(sample) for sample in own[kind].values()} for kind in own}
    return {
        kind: {name: sample for name, sample in of_kind.items() if _subject(sample) in subjects[kind]}
        for kind, of_kind in of_following.items()
        if kind in own
    }


def differences(expected: Any, found: Any, path: str = "") -> Iterator[str]:
    """Yield what of `expected` is not the same in `found`, which may have more members."""
    match expected, found:
        case Mapping(), Mapping():
            for name, value in expected.items():
                if name in found:
                    yield from differences(value, found[name], f"{path}/{name}")
                else:
                    yield f"{path}/{name} is missing"
        case list(), list() if len(expected) == len(found):
            for number, (one, other) in enumerate(zip(expected, found, strict=True)):
                yield from differences(one, other, f"{path}/{number}")
        case _:
            if expected != found:
                yield f"{path}: {expected!r} became {found!r}"


def _json(version: str, name: str) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((keep.FOLDER / version / f"{name}.json").read_text())
    return content


def _subject(sample: Mapping[str, Any]) -> object:
    """Return the queue, type of event, dialect or account's provider of a sample, or None."""
    wrote = sample["written"]
    path = str(wrote.get("path"))
    dialect = next((name for name, one in DIALECTS.items() if path.startswith(one.PREFIXES)), None)
    provider = (wrote.get("account") or {}).get("provider")
    return wrote.get("queue") or wrote.get("detail_type") or dialect or provider
