"""Each message that an alarm depends on is once in the code and once, equal, in the template."""

import ast
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from callvault import alarm_messages
from tests import filter_patterns

ROOT = Path(__file__).parents[2]
MESSAGES = {name: text for name, text in vars(alarm_messages).items() if name.isupper()}


def texts(path: Path) -> Iterator[str]:
    """Yield every literal text of a Python file."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def test_template_and_code_have_the_same_messages(template: dict[str, Any]) -> None:
    patterns = [pattern for one in template["Mappings"]["LogPatterns"].values() for pattern in one.values()]
    found = [message for pattern in patterns for message in filter_patterns.messages(pattern)]
    assert Counter(found) == Counter(MESSAGES.values())


def test_the_template_repeats_no_message() -> None:
    template = (ROOT / "template.yaml").read_text()
    for message in MESSAGES.values():
        assert template.count(f'"{message}"') == 1
    assert template.count("$.message") == len(MESSAGES)


def test_no_other_module_repeats_a_message_and_each_message_is_used() -> None:
    home = Path(alarm_messages.__file__)
    modules = [path for path in [*home.parent.rglob("*.py"), *(ROOT / "functions").rglob("*.py")] if path != home]
    assert len(modules) > 50
    for path in modules:
        assert not set(texts(path)) & set(MESSAGES.values()), path
    code = "\n".join(path.read_text() for path in modules)
    for name in MESSAGES:
        assert f"alarm_messages.{name}" in code


def test_every_pattern_of_the_template_is_used(template: dict[str, Any]) -> None:
    text = (ROOT / "template.yaml").read_text()
    for group, patterns in template["Mappings"]["LogPatterns"].items():
        for name in patterns:
            assert f"!FindInMap [LogPatterns, {group}, {name}]" in text
