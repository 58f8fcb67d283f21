"""Every fenced block of the documentation is tested, or says what it would need."""

import re

import pytest

from tests.docs import blocks
from tests.docs.blocks import Block, Fate

EVERY = blocks.every()


@pytest.mark.parametrize("block", EVERY, ids=str)
def test_a_block_is_run_or_checked_or_says_what_it_needs(block: Block) -> None:
    assert blocks.fate(block) is not None, f"{block}: mark it with <!-- needs: aws --> or <!-- needs: provider -->"


@pytest.mark.parametrize("block", [one for one in EVERY if blocks.fate(one) is Fate.PARSED], ids=str)
def test_a_block_of_json_or_xml_can_be_parsed(block: Block) -> None:
    blocks.parse(block)


def test_a_block_of_make_commands_names_targets_that_exist() -> None:
    made = {target for block in EVERY for target in blocks.targets(block) or ()}
    assert made
    assert made <= set(re.findall(r"^([a-z-]+):", (blocks.ROOT / "Makefile").read_text(), re.MULTILINE))


def test_every_page_that_is_typed_has_blocks_to_type() -> None:
    assert {block.page for block in EVERY if blocks.fate(block) is Fate.TYPED} == set(blocks.PAGES)


@pytest.mark.parametrize(
    ("page", "text"),
    [
        ("docs/control.md", "```sh\ncurl x\n```\n"),
        ("docs/query.md", "<!-- needs: luck -->\n```sh\ncurl x\n```\n"),
        ("docs/query.md", "```\ncurl x\n```\n"),
        ("docs/control.md", "<!-- needs: aws -->\n\n```sh\ncurl x\n```\n"),
        ("docs/control.md", "```sh\nmake demo\ncurl x\n```\n"),
    ],
)
def test_a_block_that_is_neither_run_nor_marked_is_noticed(page: str, text: str) -> None:
    assert [blocks.fate(block) for block in blocks.read(page, text)] == [None]


def test_a_block_without_an_end_is_noticed() -> None:
    with pytest.raises(ValueError, match=r"docs/query.md:2 has no end"):
        list(blocks.read("docs/query.md", "x\n```sh\ncurl x\n"))


def test_no_example_sends_a_secret_on_to_s3() -> None:
    """Hold the examples to -u, which curl keeps from another host, unlike a header of -H."""
    for block in blocks.every():
        for command in block.text.replace("\\\n", " ").splitlines():
            follows = re.search(r"curl\b.* -\w*L\b|--location", command)
            assert not (follows and re.search(r"X-Auth-Token|Authorization", command)), f"{block}: {command}"
