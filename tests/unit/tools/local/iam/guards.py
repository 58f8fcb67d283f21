"""A guard of one function, and heads of requests to it."""

from typing import Any

from tools.local.emulator.wire import Head
from tools.local.iam import keys, policies
from tools.local.iam.calls import Surroundings
from tools.local.iam.guard import Guard

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
