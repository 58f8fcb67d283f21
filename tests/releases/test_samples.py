"""Each release reads what the one before wrote, and the one before survives what this one writes.

The first matters after an update of the stack, the second after its rollback and while both run.
"""

import copy
import re
import zipfile
from typing import Any

import pytest

from callvault import providers
from callvault.dialects import DIALECTS
from callvault.messaging.event_bus import DetailType
from callvault.messaging.queues import Queue
from callvault.models import Event, Media, Recording, State
from callvault.storage import rows, table
from tests.conftest import ROOT
from tests.releases import releases
from tests.releases.releases import TODAY, UPDATES, VERSIONS, differences
from tests.worlds import Clock
from tools.releases import keep, messages, pages, samples, world

EXCEPTIONS: dict[tuple[str, str], str] = {
    ("0.2.0", "upload_sha256"): (
        "Without it, the history tells whether the audio was pushed, and the hash of what is stored stands for it."
    ),
    ("0.2.0", "transcript"): (
        "The text stays in the bucket. Bandwidth's next callback, or a request, fetches it again, and deleting the "
        "recording deletes it."
    ),
    ("0.2.0", "attempt"): "It only describes the last failed attempt; the next one writes it again.",
}
"""Attributes of a row that a release loses when it updates the row, and why that is harmless.

The key is the release and the attribute. A release writes a row without the attributes that it does
not know, so a new field of a recording has its entry here until the release after it.
"""


@pytest.fixture(autouse=True)
def _now(clock: Clock) -> None:
    clock.stop(world.NOW)


@pytest.mark.parametrize("kind", samples.KINDS)
@pytest.mark.parametrize("version", VERSIONS)
def test_the_code_understands_what_a_release_wrote(version: str, kind: str) -> None:
    wrote = releases.written(version)[kind]
    now = samples.read({kind: wrote})[kind]
    assert list(differences({name: sample["understood"] for name, sample in wrote.items()}, now)) == []


@pytest.mark.parametrize("kind", samples.KINDS)
@pytest.mark.parametrize(("version", "following"), UPDATES[-2:])
def test_a_release_understands_what_the_following_one_writes(version: str, following: str, kind: str) -> None:
    wrote = releases.known(version, releases.written(following))[kind]
    before = copy.deepcopy(releases.understood(version, following)[kind])
    for row in before.values() if kind == "rows" else ():
        row["lost"] = [name for name in row.get("lost", []) if (version, name) not in EXCEPTIONS]
    assert before.keys() == wrote.keys() != set()
    assert list(differences(before, {name: sample["understood"] for name, sample in wrote.items()})) == []


def test_a_release_without_mp4_reads_a_row_of_mp4_without_its_format() -> None:
    known = {"account_id": "acme", "recording_id": "of MP4", "provider": "kazoo", "state": State.VERIFIED}
    row = table.put(Recording.model_validate(known | {"format": "mp4", "call_id": "c-1"}), "callback verified")
    given = {"table": releases.table("0.2.0"), "samples": {"rows": {"of MP4": {"written": rows.write(row)}}}}
    read = keep.run(keep.FOLDER / "0.2.0" / keep.ARCHIVE, "read", given)["rows"]["of MP4"]
    assert (read["recording"]["format"], read["recording"]["call_id"]) == (None, "c-1")
    assert table.get("acme", "of MP4") == row


def test_the_newest_release_in_the_changelog_has_samples() -> None:
    changelog = (ROOT / "CHANGELOG.md").read_text()
    assert VERSIONS[-1] == re.findall(r"^## \[(\d[^]]*)\]", changelog, re.MULTILINE)[0]


@pytest.mark.parametrize("version", VERSIONS)
def test_a_release_is_kept_with_its_own_code(version: str) -> None:
    with zipfile.ZipFile(keep.FOLDER / version / keep.ARCHIVE) as archive:
        assert f'"{version}"' in archive.read("callvault/__init__.py").decode()
        assert "callvault/openapi.yaml" not in archive.namelist()


@pytest.mark.parametrize("kind", ["messages", "dead_letters"])
def test_every_queue_has_a_sample(kind: str) -> None:
    queues = {sample["written"]["queue"] for sample in releases.written(TODAY)[kind].values()}
    assert queues == set(Queue), "Add the queue to SEND and READ in tools/releases/messages.py."
    assert messages.READ.keys() == set(Queue)


def test_every_state_and_every_provider_has_a_row() -> None:
    rows = [sample["understood"]["recording"] for sample in releases.written(TODAY)["rows"].values()]
    assert {row["state"] for row in rows} == set(State)
    assert {row["provider"] for row in rows} == providers.PROVIDERS.keys()


@pytest.mark.parametrize(
    ("model", "place"),
    [(Recording, ()), (Media, ("media", "M")), (Event, ("history", "L", 0, "M"))],
    ids=["recording", "media", "event"],
)
def test_every_field_of_a_recording_is_in_a_row(model: type[Recording | Media | Event], place: tuple[Any, ...]) -> None:
    found: set[str] = set()
    for sample in releases.written(TODAY)["rows"].values():
        value = sample["written"]
        for step in place:
            value = value.get(step, {}) if isinstance(value, dict) else value[step]
        found |= value.keys()
    assert model.model_fields.keys() - found == set(), "Add the field to FIELDS or MEDIA in tools/releases/rows.py."


def test_every_dialect_with_pages_has_a_page_token() -> None:
    prefixes = {name: dialect.PREFIXES for name, dialect in DIALECTS.items() if name != "bandwidth"}  # it has no pages
    paths = [wanted.path for wanted in pages.LISTS.values()]
    assert all(any(path.startswith(prefix) for path in paths) for some in prefixes.values() for prefix in some)


def test_every_page_token_leads_to_a_page_with_recordings() -> None:
    found = {name: sample["understood"] for name, sample in releases.written(TODAY)["pages"].items()}
    assert [name for name, page in found.items() if page["status"] not in {200, 202} or not page["page"]] == []


def test_every_provider_has_the_url_of_its_callbacks() -> None:
    urls = releases.written(TODAY)["callback_urls"].values()
    assert {sample["written"]["account"]["provider"] for sample in urls} == providers.PROVIDERS.keys()


def test_every_type_of_event_has_a_sample() -> None:
    assert releases.written(TODAY)["events"].keys() == set(DetailType)


def test_no_sample_crashes_the_code_that_wrote_it() -> None:
    crashed = [
        f"{version}: {kind}: {name}"
        for version in (*VERSIONS, TODAY)
        for kind, of_kind in releases.written(version).items()
        for name, sample in of_kind.items()
        if "crashed" in sample["understood"] or (kind == "rows" and sample["understood"]["lost"])
    ]
    assert crashed == []
