"""Run ministack on loopback, in an environment of its own."""

import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.sdks import environments
from tools.local.aws.process import ACCOUNT, REGION

SERVICES = "s3,sqs,dynamodb,ssm,events,cloudwatch"
START_SECONDS = 30


@contextmanager
def running() -> Iterator[str]:
    """Run ministack within the block, and give its URL.

    Raises RuntimeError if it does not start.
    """
    interpreter = environments.python("ministack")
    with tempfile.TemporaryDirectory() as folder:
        log, port = Path(folder) / "ministack.log", _free_port()
        environment = {
            "AUTH": "true",  # verify signatures
            "AWS_ACCESS_KEY_ID": "testing",
            "AWS_SECRET_ACCESS_KEY": "testing",
            "BIND_HOST": "127.0.0.1",  # by default it listens on every interface
            "GATEWAY_PORT": str(port),
            "HOME": folder,
            "LOG_LEVEL": "WARNING",
            "MINISTACK_ACCOUNT_ID": ACCOUNT,
            "MINISTACK_REGION": REGION,
            "PATH": "/usr/bin:/bin",
            "SERVICES": SERVICES,
            "TMPDIR": folder,
        }
        with log.open("wb") as output:
            process = subprocess.Popen(
                [interpreter, "-m", "ministack"], cwd=folder, env=environment, stdout=output, stderr=output
            )
        try:
            url = f"http://127.0.0.1:{port}"
            _wait(process, url, log)
            yield url
        finally:
            process.terminate()
            process.wait(10)


def _free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def _wait(process: subprocess.Popen[bytes], url: str, log: Path) -> None:
    deadline, direct = time.monotonic() + START_SECONDS, urllib.request.build_opener(urllib.request.ProxyHandler({}))
    while time.monotonic() < deadline and process.poll() is None:
        try:
            direct.open(f"{url}/_ministack/health", timeout=5).close()
        except urllib.error.URLError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError(f"ministack does not start: {log.read_text(errors='replace')[-2000:]}")
