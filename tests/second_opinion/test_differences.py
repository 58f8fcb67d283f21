"""Ask moto and, in `make second-opinion`, ministack what AWS would answer."""

from contextlib import nullcontext
from importlib import import_module
from pathlib import Path

import pytest

from tests.second_opinion import emulators, expected_failures
from tests.second_opinion.differences import DIFFERENCES
from tests.second_opinion.scenes import PROBES, Scene
from tools.local.aws import moto_fixes

HERE = Path(__file__).parent
for module in sorted((HERE / "probes").glob("*.py")):
    import_module(f"tests.second_opinion.probes.{module.stem}")
PAGES = ("https://docs.aws.amazon.com/", "https://github.com/")
EMULATORS = ["moto", "ministack"] if emulators.ministack_url() else ["moto"]


@pytest.fixture(autouse=True)
def plain_moto(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let moto answer without what the local AWS corrects."""
    for (owner, name), original in moto_fixes.ORIGINALS.items():
        monkeypatch.setattr(owner, name, original)


def expected(emulator: str, case: str) -> str:
    """Return the answer that an emulator is known to give."""
    return str(getattr(DIFFERENCES[case], emulator)) if case in DIFFERENCES else PROBES[case].aws


@pytest.mark.parametrize("emulator", EMULATORS)
@pytest.mark.parametrize("case", PROBES)
def test_an_emulator_answers_as_aws_does_or_as_the_table_says(emulator: str, case: str) -> None:
    # The fixture `world` lets ministack answer if there is one, and else moto.
    with emulators.moto() if emulator != EMULATORS[-1] else nullcontext():
        assert PROBES[case].answer(Scene()) == expected(emulator, case)


@pytest.mark.parametrize("case", DIFFERENCES)
def test_a_difference_says_who_answers_as_aws_does(case: str) -> None:
    right = [emulator for emulator in ("moto", "ministack") if expected(emulator, case) == PROBES[case].aws]
    assert len(right) < 2
    assert DIFFERENCES[case].right == (right[0] if right else "neither")


def test_every_probe_names_a_page() -> None:
    assert [case for case in PROBES if not PROBES[case].page.startswith(PAGES)] == []


def test_a_test_that_has_to_fail_is_marked_with_its_case(request: pytest.FixtureRequest) -> None:
    case, (own,) = next(iter(DIFFERENCES)), [item for item in request.session.items if item is request.node]
    marks = len(own.own_markers)
    expected_failures.mark([own], {own.nodeid: case})
    added = own.own_markers.pop()
    assert len(own.own_markers) == marks
    assert (added.name, added.kwargs["strict"]) == ("xfail", True)
    assert added.kwargs["reason"].startswith(f"{case}: ministack answers")
    expected_failures.mark([own], {"another test": case})
    assert len(own.own_markers) == marks
