"""A table of the documentation has no escaped pipe in a code span."""

from pathlib import Path

import pytest

from tools.docs import tables


@pytest.mark.parametrize("span", [r"`a\|b`", r"``a`\|b``"])
def test_an_escaped_pipe_in_a_code_span_of_a_table_is_refused(tmp_path: Path, span: str) -> None:
    (tmp_path / "x.md").write_text(f"text\n\n| a |\n|---|\n| `c` {span} |\n")
    assert tables.check(tmp_path) == [r"x.md:5: a code span of the table contains \|"]


@pytest.mark.parametrize(
    "text", [r"| `a` \| `b` |", r"Text with `a\|b`", "| `a` | `b` |", "```sh\n| `a\\|b`\n```"], ids=repr
)
def test_an_escaped_pipe_elsewhere_is_accepted(tmp_path: Path, text: str) -> None:
    (tmp_path / "x.md").write_text(f"{text}\n")
    assert tables.check(tmp_path) == []
