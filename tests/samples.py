"""Read the sample callbacks of `events/<provider>/` and the `contract.json` that describes them.

| file | request |
|---|---|
| `*.form` | POST of a form |
| `*.json` | POST of JSON |
| `*.query` | GET with this query |

`contract.json` has these members:

- `account`: the parameter of the account that receives the samples, without its id.
- `url`: the URL that the samples were sent to.
- `headers`: headers of every sample (optional).
- `arrived`: when the samples arrived, for a provider whose signatures expire (optional).
- `other_callback`: the `callback` section of another account (optional). By default all secrets of
  the account's own are changed, which is no valid section if they have a fixed form.
- `acknowledgement`: the response to an accepted callback.
- `samples`: by file name, `headers` and `query` in addition to the common ones; `recording`, some
  fields of the recording that the callback reports, or null if it reports none; and `media_url`,
  where the audio would be fetched.
- `look_up`: an announced `recording`, the `url` that the provider's API is asked at, the `resource`
  of the finished recording, and `answers`. An answer has a `name`; a `status`, by default 200; a
  `body`, by default the resource with `changes`; `times`, the length of an array that repeats the
  body (optional); `audio`, the status of a request for the audio, and `audio_body`, its JSON (both
  optional); and `expected`, which is some fields of the resulting recording, or the reason for
  which it stays announced.
  `shows_progress` is false if no answer says that a recording is still in progress (optional).
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from callvault import account_parameter
from callvault.account_parameter import Account
from callvault.web import Request, Response

EVENTS = Path(__file__).parents[1] / "events"


@dataclass(frozen=True)
class Sample:
    """One callback."""

    name: str
    request: Request
    recording: Mapping[str, Any] | None
    media_url: str | None


@dataclass(frozen=True)
class LookUp:
    """An announced recording, and one answer of a provider's API about it."""

    name: str
    recording: Mapping[str, Any]
    url: str
    status: int
    body: Any
    expected: Mapping[str, Any] | str
    audio: int | None = None
    audio_body: Any = None


@dataclass(frozen=True)
class Contract:
    """The samples and look-ups of one provider."""

    account_id: str
    parameter: Mapping[str, Any]
    other_callback: Mapping[str, Any] | None
    acknowledgement: Response
    samples: tuple[Sample, ...]
    look_ups: tuple[LookUp, ...]
    shows_progress: bool
    """Whether an answer of the API can say that a recording is still in progress."""

    def account(self, **changes: Any) -> Account:
        """Return the account that receives the samples, with changes."""
        return account_parameter.parse(self.account_id, json.dumps({**self.parameter, **changes}))

    def sample(self, name: str) -> Sample:
        """Return a sample by its file's name."""
        return next(sample for sample in self.samples if sample.name == name)


def of(provider: str) -> Contract:
    """Return a provider's contract."""
    folder = EVENTS / provider
    content = json.loads((folder / "contract.json").read_text())
    request = _request(content["url"], content.get("headers", {}))
    if "arrived" in content:
        request = replace(request, arrived=datetime.fromisoformat(content["arrived"]))
    return Contract(
        account_id=request.parameters["account_id"],
        parameter=content["account"],
        other_callback=content.get("other_callback"),
        acknowledgement=Response(**content["acknowledgement"]),
        samples=tuple(_sample(folder / name, facts, request) for name, facts in content["samples"].items()),
        look_ups=tuple(_look_ups(content["look_up"])),
        shows_progress=content["look_up"].get("shows_progress", True),
    )


def _look_ups(content: Mapping[str, Any]) -> Iterator[LookUp]:
    """Yield a look-up for each answer of the API."""
    for answer in content["answers"]:
        body = answer.get("body", {**content["resource"], **answer.get("changes", {})})
        yield LookUp(
            name=answer["name"],
            recording=content["recording"],
            url=content["url"],
            status=answer.get("status", 200),
            body=[body] * answer["times"] if "times" in answer else body,
            expected=answer["expected"],
            audio=answer.get("audio"),
            audio_body=answer.get("audio_body"),
        )


def _request(url: str, headers: Mapping[str, str]) -> Request:
    """Return the parts of a request that all samples share; `url` is that of the callbacks."""
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
