"""Which stack `make acceptance` tries: never one that archives calls."""

import os
import subprocess

import pytest

from tests import worlds
from tests.conftest import ROOT
from tools.acceptance import __main__ as acceptance
from tools.acceptance import deploy_steps, provider_stack, target
from tools.acceptance.target import FailedError


def command(*arguments: str) -> str:
    """Return what make would run, where the terminal has exported the name of another stack."""
    made = ["make", "--dry-run", "acceptance", *arguments]
    environment = {**os.environ, "STACK": "callvault"}
    return subprocess.run(made, cwd=ROOT, env=environment, capture_output=True, text=True, check=True).stdout


def test_a_stack_that_the_terminal_exported_is_not_tried() -> None:
    assert "tools.acceptance --local\n" in command()


def test_the_stack_that_the_command_names_is_tried() -> None:
    assert 'tools.acceptance --stack "callvault-acceptance"\n' in command("STACK=callvault-acceptance")


def test_a_stack_with_accounts_is_refused_before_anything_is_created(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    worlds.put_account("5555555")
    for module, name in ((provider_stack, "running"), (deploy_steps, "deploy")):
        monkeypatch.setattr(module, name, lambda *_: pytest.fail("created"))
    assert acceptance.main(["--stack", "callvault"]) == 1
    assert "callvault has 1 accounts of its own" in capsys.readouterr().err


def test_accounts_of_an_acceptance_and_of_other_stacks_do_not_count() -> None:
    worlds.put_account(f"{target.PREFIX}0a1b-bandwidth-0")
    acceptance.refuse_accounts_of_others("callvault")
    worlds.put_account("5555555")
    acceptance.refuse_accounts_of_others("callvault-acceptance")
    with pytest.raises(FailedError):
        acceptance.refuse_accounts_of_others("callvault")
