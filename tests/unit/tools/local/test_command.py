"""The command that runs the local stack."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import pytest

from tools.local import __main__
from tools.local.aws.process import StartError
from tools.local.iam.errors import DeniedError


@pytest.fixture(autouse=True)
def signals() -> Iterator[None]:
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_either_signal_ends_the_stack_and_a_second_one_is_ignored(
    monkeypatch: pytest.MonkeyPatch, how: signal.Signals
) -> None:
    ended = []

    @contextmanager
    def running(**_: Any) -> Iterator[SimpleNamespace]:
        try:
            os.kill(os.getpid(), how)
            yield SimpleNamespace(url="", aws_url="", control_url="", logs="")
        finally:
            os.kill(os.getpid(), how)
            ended.append(how)

    monkeypatch.setattr(__main__, "running", running)
    assert __main__.main() == 0
    assert ended == [how]


def test_a_failed_start_is_reported(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def running(**_: Any) -> Any:
        raise StartError("Port 80 is taken.")

    monkeypatch.setattr(__main__, "running", running)
    assert __main__.main() == 1
    assert capsys.readouterr().err == "callvault: Port 80 is taken.\n"


def test_requests_that_were_denied_are_reported_at_the_end(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    @contextmanager
    def running(**_: Any) -> Iterator[SimpleNamespace]:
        try:
            os.kill(os.getpid(), signal.SIGINT)
            yield SimpleNamespace(url="", aws_url="", control_url="", logs="")
        except KeyboardInterrupt:
            raise DeniedError("Fetch was denied s3:GetObject.") from None

    monkeypatch.setattr(__main__, "running", running)
    assert __main__.main() == 1
    assert capsys.readouterr().err.endswith("Fetch was denied s3:GetObject.\n")


@pytest.mark.parametrize("port", ["x", "70000", "-1"])
def test_an_invalid_port_is_reported(monkeypatch: pytest.MonkeyPatch, port: str) -> None:
    monkeypatch.setenv("PORT", port)
    assert __main__.main() == 1
