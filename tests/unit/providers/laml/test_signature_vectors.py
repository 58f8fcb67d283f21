"""The test vectors of the vendors' own validators, through the providers.

`signature_vectors.json` has a list of validators, with the file that the vectors come from. A
vector has the URL, the key, the form's fields or the JSON body, the signature, and whether the
vendor's validator accepts it. `here` is what the archive does instead, with the reason.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote, urlencode, urlsplit

import pytest

from callvault import providers
from callvault.errors import ForbiddenError
from callvault.web import Request
from tests import samples, worlds

VALIDATORS = json.loads((Path(__file__).parent / "signature_vectors.json").read_text())
NUMBER = {
    "twilio/twilio-python": 7,
    "twilio/twilio-node": 20,
    "twilio/twilio-php": 12,
    "twilio/twilio-ruby": 16,
    "twilio/twilio-java": 22,
    "twilio/twilio-csharp": 20,
    "twilio/twilio-go": 10,
    "signalwire/compatibility-api-js": 19,
    "signalwire/signalwire-python": 17,
    "signalwire/signalwire-php": 18,
}
"""Number of vectors by repository."""


@dataclass(frozen=True)
class Vector:
    """One vector, and the vendor whose validator it is for."""

    vendor: str
    content: dict[str, Any]

    @property
    def request(self) -> Request:
        """Return the request as API Gateway passes it on: its host is in lower case."""
        parts, content = urlsplit(self.content["url"]), self.content
        user, _, host = parts.netloc.rpartition("@")
        headers = {"host": host, content.get("header", "x-twilio-signature"): content["signature"]}
        headers["content-type"] = "application/json" if "json" in content else "application/x-www-form-urlencoded"
        if user:
            headers |= worlds.basic_header(*(user.split(":") if ":" in user else (user, "")))
        return Request(
            method="POST",
            origin=f"{parts.scheme}://{host.lower()}",
            path=unquote(parts.path),
            raw_query=quote(parts.query, "&=+%'"),
            headers=headers,
            body=content["json"].encode()
            if "json" in content
            else urlencode(list(map(tuple, content["fields"]))).encode(),
        )

    @property
    def is_accepted(self) -> bool:
        """Say whether the archive accepts the request."""
        account = samples.of(self.vendor).account(callback={"signing_keys": [self.content["key"]]})
        try:
            providers.of(account).authenticate(self.request)
        except ForbiddenError:
            return False
        return True


def vectors() -> Iterator[Any]:
    """Yield each vector with a name for the test."""
    for validator in VALIDATORS:
        vendor, name = re.findall(r"github.com/(\w+)/(.+)", validator["repository"])[0]
        for content in validator["vectors"]:
            yield pytest.param(Vector(vendor, content), id=f"{name}: {content['name']}")


@pytest.mark.parametrize("vector", list(vectors()))
def test_a_vector_is_accepted_where_the_vendors_validator_accepts_it(vector: Vector) -> None:
    assert vector.is_accepted is vector.content.get("here", vector.content["accepted"])


def test_no_vector_is_lost() -> None:
    number: dict[str, int] = {}
    for validator in VALIDATORS:
        repository = validator["repository"].removeprefix("github.com/")
        number[repository] = number.get(repository, 0) + len(validator["vectors"])
    assert number == NUMBER


def test_what_a_validator_accepts_is_accepted_by_the_provider() -> None:
    """Where the archive decides otherwise, another validator of the same vendor accepts."""
    differing = [vector for found in VALIDATORS for vector in found["vectors"] if "here" in vector]
    assert all(vector["here"] and vector["why"] for vector in differing)
