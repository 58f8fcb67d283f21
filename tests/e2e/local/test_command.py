"""The commands that run the local stack and a stand-in: `make run` and `make standin`."""

import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests import worlds
from tests.e2e.local.small_stack import call
from tools.local.aws.process import PACKAGE_ROOT, StartError
from tools.local.providers import standins
from tools.local.start import running


def test_a_port_that_is_in_use_is_reported(small_template: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(StartError, match=f"Port {port} is taken"), running(small_template, port=port):
            """It does not come to this."""
        with pytest.raises(StartError, match="taken"), running(small_template, aws_port=port):
            """It does not come to this."""


def test_the_stand_in_reports_a_port_that_is_taken_in_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        monkeypatch.setenv("PORT", str(port))
        assert standins.main() == 1
    assert capsys.readouterr().err == f"callvault: Port {port} cannot be used: Address already in use.\n"


@pytest.mark.parametrize("port", ["x", "70000"])
def test_the_stand_in_reports_an_invalid_port_in_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], port: str
) -> None:
    monkeypatch.setenv("PORT", port)
    assert standins.main() == 1
    assert capsys.readouterr().err == f"callvault: PORT is not a port number: {port}.\n"


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
def test_no_process_outlives_the_command(tmp_path: Path, how: signal.Signals) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "tools.local"],
        cwd=PACKAGE_ROOT,
        env={**os.environ, "PORT": "0", "CALLVAULT_LOCAL_LOGS": str(tmp_path)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as command:
        assert command.stdout
        assert command.stderr
        words = command.stdout.readline().split()
        assert words[0::2] == ["ready", "aws"]
        control = command.stderr.readline().split()[1].rstrip(",")
        _, processes, _ = call(f"{control}/processes")
        command.send_signal(how)
        code = command.wait(20)
        assert command.stdout.read() == ""

    pids = [pid for found in json.loads(processes).values() for pid in found]
    worlds.until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in pids))
    assert code == (-9 if how == signal.SIGKILL else 0)
