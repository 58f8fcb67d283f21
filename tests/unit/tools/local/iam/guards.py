"""A guard of one function, and requests and clients of this function."""

from typing import Any

import boto3

from tools.local.emulator.wire import Head
from tools.local.iam import clients, keys, policies
from tools.local.iam.calls import Surroundings
from tools.local.iam.guard import Guard
from tools.local.iam.refusals import Refusal

AROUND = Surroundings(account="1", region="us-east-1")
MEDIA = "arn:aws:s3:::b/media/*"
KEY = keys.access_key("Fetch")
SCOPE = f"{KEY}/20261126/us-east-1/s3/aws4_request"


def guard(*statements: dict[str, Any], resource_policy: tuple[dict[str, Any], ...] = ()) -> Guard:
    """Return the guard of a function with these statements."""
    own = [policies.parse("Fetch", {"Effect": "Allow", **one}) for one in statements]
    return Guard({"Fetch": own}, [policies.parse("Policy", one, identity=False) for one in resource_policy], AROUND)


def head(method: str = "GET", target: str = "/b/media/a", **headers: str) -> Head:
    named = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    return Head(method=method, target=target, version="HTTP/1.1", headers=named)


def client(guard: Guard, service: str, *, key: str = KEY, answer: bytes = b"{}") -> Any:
    """Return a client that acts under the guard, and gets an answer to whatever passes."""
    session = boto3.session.Session(aws_access_key_id=key, aws_secret_access_key="x", region_name="us-east-1")
    made: Any = session.client(service, endpoint_url="http://127.0.0.1:1")  # type: ignore[call-overload]
    passed = Refusal(status=200, headers=(), body=answer)
    clients.enforce(made, guard).meta.events.register(
        "before-send", lambda request, **_: clients.response(request, passed)
    )
    return made
