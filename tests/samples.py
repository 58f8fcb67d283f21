"""Read the sample callbacks of `events/<provider>/`, with what its `contract.json` says of them.

| file | request |
|---|---|
| `*.form` | POST of a form |
| `*.json` | POST of JSON |
| `*.query` | GET with this query |

`contract.json` has the `account` that the samples are for, without its id; the `url` that they were sent to; `headers`
that come with each; the `acknowledgement`; and under `samples`, by file name, where they apply: `headers` and `query`
beside the common ones, `recording`: some of the fields that the callback says, or null if it says nothing that concerns
us, and `media_url`, where the audio would be fetched.

`look_up` has a `recording` that was announced, the `url` that the provider's API is asked at, the `resource` of it when
it is finished, and `answers`. Each has a `name`; the `status`, if not 200; the `body`, else the `changes` to the
resource and, if it comes in an array, how many `times`; if the audio is asked for, the status of that as `audio`; and
`news`: some of the fields that the answer means, or the reason why the recording waits on.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from callvault import account_parameter
from callvault.account_parameter import Account
from callvault.web import Request, Response

EVENTS = Path(__file__).parents[1] / "events"


@dataclass(frozen=True)
class Sample:
    """One callback as it came."""

    name: str
    request: Request
    recording: Mapping[str, Any] | None
    media_url: str | None


@dataclass(frozen=True)
class LookUp:
    """An announced recording, and one way that a provider's API answers for it."""

    name: str
    recording: Mapping[str, Any]
    url: str
    status: int
    body: Any
    news: Mapping[str, Any] | str
    audio: int | None = None


@dataclass(frozen=True)
class Contract:
    """What a provider's samples have in common."""

    account_id: str
    parameter: Mapping[str, Any]
    acknowledgement: Response
    samples: tuple[Sample, ...]
    look_ups: tuple[LookUp, ...]

    def account(self, **changes: Any) -> Account:
        """Return the account that the samples are for, with changes."""
        return account_parameter.parse(self.account_id, json.dumps({**self.parameter, **changes}))

    def sample(self, name: str) -> Sample:
        """Return a sample by its file's name."""
        return next(sample for sample in self.samples if sample.name == name)


def of(provider: str) -> Contract:
    """Return a provider's contract."""
    folder = EVENTS / provider
    content = json.loads((folder / "contract.json").read_text())
    request = _request(content["url"], content.get("headers", {}))
    return Contract(
        account_id=request.parameters["account_id"],
        parameter=content["account"],
        acknowledgement=Response(**content["acknowledgement"]),
        samples=tuple(_sample(folder / name, facts, request) for name, facts in content["samples"].items()),
        look_ups=tuple(_look_ups(content["look_up"])),
    )


def _look_ups(content: Mapping[str, Any]) -> Iterator[LookUp]:
    """Yield the ways in which the API answers."""
    for answer in content["answers"]:
        body = answer.get("body", {**content["resource"], **answer.get("changes", {})})
        yield LookUp(
            name=answer["name"],
            recording=content["recording"],
            url=content["url"],
            status=answer.get("status", 200),
            body=[body] * answer["times"] if "times" in answer else body,
            news=answer["news"],
            audio=answer.get("audio"),
        )


def _request(url: str, headers: Mapping[str, str]) -> Request:
    """Return what all requests to a callback's URL have in common."""
    parts = urlsplit(url)
    names = zip(("provider", "account_id", "token"), parts.path.split("/")[2:], strict=False)
    origin = f"{parts.scheme}://{parts.netloc}"
    return Request(method="POST", origin=origin, path=parts.path, headers=headers, parameters=dict(names))


def _sample(path: Path, facts: Mapping[str, Any], request: Request) -> Sample:
    """Return the sample of a file."""
    content = path.read_bytes()
    headers = {**request.headers, **facts.get("headers", {})}
    if path.suffix == ".query":
        request = replace(request, method="GET", headers=headers, raw_query=content.decode())
    else:
        request = replace(request, headers=headers, raw_query=facts.get("query", ""), body=content)
    return Sample(path.name, request, facts["recording"], facts.get("media_url"))
