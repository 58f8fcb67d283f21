"""Start the AWS process, and create its clients."""

import os
import subprocess
import threading
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config

from tools.local.emulator.children import Children

ACCOUNT = "123456789012"
REGION = "us-east-1"
OPERATOR = "testing"
"""The access key of the operator's clients."""
PACKAGE_ROOT = Path(__file__).parents[3]


class StartError(Exception):
    """The local stack cannot start; the message says why."""


class Aws:
    """The AWS process: a moto server. `seed` decides which events of S3 it repeats or delays."""

    def __init__(self, children: Children, *, port: int, log: Path, seed: int = 0) -> None:
        self._log = log
        with log.open("ab") as stderr:
            self._process = children.start(
                "tools.local.aws.moto_server",
                [str(port), str(seed)],
                cwd=PACKAGE_ROOT,
                environment={
                    "PATH": os.environ.get("PATH", ""),
                    "AWS_ACCESS_KEY_ID": OPERATOR,
                    "AWS_SECRET_ACCESS_KEY": "testing",
                    "AWS_DEFAULT_REGION": REGION,
                },
                stdout=subprocess.PIPE,
                stderr=stderr,
            )
        self._url = ""
        self._lock = threading.Lock()
        self._clients: dict[tuple[str, str, str], Any] = {}

    @property
    def url(self) -> str:
        """Wait until the process serves, and return its URL; raises StartError if it has ended."""
        if not self._url:
            assert self._process.stdout  # noqa: S101 - the process was started with a pipe
            port = self._process.stdout.readline().strip().decode()
            if not port:
                raise StartError(
                    f"The AWS process does not start: {self._log.read_text(errors='replace').strip()[-2000:]}"
                )
            self._url = f"http://127.0.0.1:{port}"
        return self._url

    @property
    def pid(self) -> int:
        """Return the process id."""
        return self._process.pid

    def client(self, service: str, url: str | None = None, access_key: str = OPERATOR) -> Any:  # noqa: ANN401 - a client of any service
        """Return a boto3 client of a service, at `url` or by default at the AWS process."""
        with self._lock:
            key = (service, url or self.url, access_key)
            if key not in self._clients:
                self._clients[key] = boto3.session.Session().client(
                    service,  # type: ignore[call-overload]
                    endpoint_url=key[1],
                    region_name=REGION,
                    aws_access_key_id=access_key,
                    aws_secret_access_key="testing",  # noqa: S106
                    config=Config(
                        signature_version="s3v4" if service == "s3" else None,
                        max_pool_connections=50,
                        # Requests to loopback go to no proxy.
                        proxies={},
                        retries={"mode": "standard", "total_max_attempts": 1},
                    ),
                )
            return self._clients[key]

    def close(self) -> None:
        """Close the clients; `Children.close` ends the process."""
        for client in self._clients.values():
            client.close()
