"""The deployed stack that is tried: its API, its AWS services, and the accounts of this run."""

import hashlib
import json
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import boto3

from tools.acceptance import wire

PREFIX = "acceptance-"
"""Every account of an acceptance begins with this."""
WAIT_SECONDS = 120
"""How long a step waits for the archive, at most."""


class FailedError(Exception):
    """The archive did not do what the step expects; the message says what it did."""


class SkippedError(Exception):
    """The step cannot be played here; the message says why."""


@dataclass(kw_only=True)
class Target:
    """A deployed stack."""

    stack: str
    outputs: dict[str, str]
    parameters: dict[str, str]
    local: bool
    """Whether this is the local stack and not AWS."""
    provider_url: str
    """The URL of the stand-in of Bandwidth's API."""
    credentials: str
    """`user:password` of the stand-in's API."""
    run: str = field(default_factory=lambda: secrets.token_hex(4))
    """The name of this run, a part of every id."""
    token: str = field(default_factory=lambda: secrets.token_hex(24))
    reader: str = field(default_factory=lambda: secrets.token_hex(24))
    accounts: list[str] = field(default_factory=list)

    @property
    def url(self) -> str:
        """Return the base URL of the API, without a slash at the end."""
        return self.outputs["ApiUrl"].rstrip("/")

    def aws(self, service: str) -> Any:  # noqa: ANN401 - a client of any service
        """Return a boto3 client with the operator's credentials."""
        return boto3.client(service)  # type: ignore[call-overload]

    def put_account(self, provider: str, **fields: object) -> str:
        """Write an account of this run and return its id."""
        account_id = f"{PREFIX}{self.run}-{provider}-{len(self.accounts)}"
        reader = {"name": "acceptance", "sha256": hashlib.sha256(self.reader.encode()).hexdigest(), "can_delete": True}
        self.aws("ssm").put_parameter(
            Name=f"/{self.stack}/accounts/{account_id}",
            Value=json.dumps({"provider": provider, "readers": [reader], **fields}),
            Type="SecureString",
            Overwrite=True,
        )
        self.accounts.append(account_id)
        return account_id

    def put_bandwidth_account(self) -> str:
        """Write an account whose API is the stand-in, and return its id."""
        user, _, password = self.credentials.partition(":")
        api = {"origin": self.provider_url, "username": user, "password": password}
        return self.put_account("bandwidth", callback={"token": self.token}, api=api)

    def announce(self, account_id: str, recording_id: str) -> None:
        """Send Bandwidth's callback for a recording; raises FailedError if it is refused."""
        content = {
            "eventType": "recordingAvailable",
            "accountId": account_id,
            "recordingId": recording_id,
            "callId": f"c-{self.run}",
            "status": "complete",
            "fileFormat": "wav",
        }
        path = f"/callbacks/bandwidth/{account_id}/{self.token}"
        status, _, _ = self.send("POST", path, {"content-type": "application/json"}, json.dumps(content).encode())
        if status != 204:  # noqa: PLR2004
            raise FailedError(f"the callback was answered with {status}, not 204")

    def send(
        self, method: str, path: str | bytes, headers: Mapping[str, str] | None = None, body: bytes = b""
    ) -> tuple[int, dict[str, str], bytes]:
        """Send a request to the API as it is given; see `wire.send`."""
        return wire.send(method, self.url, path if isinstance(path, bytes) else path.encode(), headers, body)

    def read(
        self, account_id: str, path: str, method: str = "GET", **headers: str
    ) -> tuple[int, dict[str, str], bytes]:
        """Send a reader's request in KAZOO's dialect."""
        known = {"x-auth-token": f"{account_id}.{self.reader}", **headers}
        return self.send(method, f"/v2/accounts/{account_id}{path}", known)

    def state(self, account_id: str, recording_id: str) -> str:
        """Return the state of a recording, or `HTTP <status>` if the answer is not a 200."""
        status, _, body = self.read(account_id, f"/recordings/{recording_id}")
        return str(json.loads(body)["data"]["archive"]["state"]) if status == 200 else f"HTTP {status}"  # noqa: PLR2004

    def await_verified(self, account_id: str, recording_id: str, seconds: float = WAIT_SECONDS) -> None:
        """Wait until a recording is verified; raises FailedError."""
        self.await_that(
            lambda: self.state(account_id, recording_id) == "verified",
            lambda: f"{recording_id} is {self.state(account_id, recording_id)} after {seconds:.0f} s, not verified",
            seconds,
        )

    @staticmethod
    def await_that(holds: Callable[[], bool], otherwise: Callable[[], str], seconds: float = WAIT_SECONDS) -> None:
        """Wait until something holds; raises FailedError with what `otherwise` says."""
        deadline = time.monotonic() + seconds
        while not holds():
            if time.monotonic() > deadline:
                raise FailedError(otherwise())
            time.sleep(0.5)

    def clean_up(self) -> None:
        """Delete the parameters of this run's accounts. What they archived stays in the stack."""
        names = [f"/{self.stack}/accounts/{account_id}" for account_id in self.accounts]
        for start in range(0, len(names), 10):  # SSM, DeleteParameters: at most ten names
            self.aws("ssm").delete_parameters(Names=names[start : start + 10])
