"""Define how a provider's answer to a request for audio fails, and how each recording has to end.

A fault is a script of a stand-in's answers: some bad ones and then the audio, or only bad ones.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache

from tools import audio_samples
from tools.local.faults.replies import Reply

type Redirected = Callable[[str, Reply], str]
"""Serves a reply under a name and returns its URL. The name `elsewhere` is at another origin."""

HTML, XML = b"<html><body>Service unavailable</body></html>", b"<?xml version='1.0'?><Error><Code>Slow</Code></Error>"
JSON, PNG = b'{"error": "try again later"}', b"\x89PNG\r\n\x1a\n" + bytes(64)


@dataclass(frozen=True, kw_only=True)
class Stage:
    """The stand-in that plays a fault."""

    good: Reply
    """The answer with the audio."""
    redirected: Redirected
    hang_seconds: float = 35
    """Seconds that an answer hangs: more than the read timeout (transport.connections.TIMEOUT)."""


@dataclass(frozen=True, kw_only=True)
class Fault:
    """One fault."""

    name: str
    script: Callable[[Stage], list[Reply]]
    """Returns the answers in turn; the last one repeats."""
    reason: str | None = None
    """The reason with which the recording fails; None if it ends verified."""
    exhausts: bool = False
    """Whether the recording fails only after a day of attempts."""
    expired: bool = False
    """Whether the provider deletes the recording soon after it announced it."""


def _status(status: int, **headers: str) -> Reply:
    return Reply(status=status, body=b"{}", headers={name.replace("_", "-"): value for name, value in headers.items()})


def _text(body: bytes, content_type: str) -> Reply:
    return Reply(body=body, headers={"content-type": content_type})


def _redirect(location: str, status: int = 302) -> Reply:
    return Reply(status=status, headers={"location": location})


def _once(name: str, bad: Callable[[Stage], Reply]) -> Fault:
    """Return a fault of the first answer only."""
    return Fault(name=name, script=lambda stage: [bad(stage), stage.good])


def _always(name: str, reason: str, bad: Callable[[Stage], Reply], *, exhausts: bool = False) -> Fault:
    """Return a fault of every answer."""
    return Fault(name=name, script=lambda stage: [bad(stage)], reason=reason, exhausts=exhausts)


def _broken(**changes: object) -> Callable[[Stage], Reply]:
    """Return a function that returns the good answer with changes."""
    return lambda stage: replace(stage.good, **changes)  # type: ignore[arg-type]  # of Reply's own fields


def _cut(**changes: object) -> Callable[[Stage], Reply]:
    """Return a function that returns the good answer, ended in the middle."""
    return lambda stage: replace(stage.good, send_bytes=len(stage.good.body) // 2, **changes)  # type: ignore[arg-type]


def _chain(stage: Stage) -> Reply:
    third = stage.redirected("hop-3", stage.good)
    second = stage.redirected("hop-2", _redirect(third, 307))
    return _redirect(stage.redirected("hop-1", _redirect(second, 301)))


def _elsewhere(stage: Stage) -> Reply:
    return _redirect(stage.redirected("elsewhere", replace(stage.good, public=True)))


def _loop(stage: Stage) -> Reply:
    location = stage.redirected("loop", Reply())
    stage.redirected("loop", _redirect(location))
    return _redirect(location)


@cache
def _huge() -> bytes:
    """Return 18 MB of audio: too much for a stack whose MaxMediaBytes is MAX_BYTES."""
    return audio_samples.wav(1125)


MAX_BYTES = 16 * 1024 * 1024
"""The parameter MaxMediaBytes of a stack on which these faults are played."""

TRANSIENT = (
    _once("not_yet_404", lambda _: _status(404)),
    _once("unauthorized_once", lambda _: _status(401)),
    _once("forbidden_once", lambda _: _status(403)),
    _once("rate_limited", lambda _: _status(429, retry_after="2")),
    _once("server_error", lambda _: _status(500)),
    _once("unavailable", lambda _: _status(503, retry_after="1")),
    Fault(name="many_502", script=lambda stage: [_status(502), _status(502), _status(504), stage.good]),
    _once("html_200", lambda _: _text(HTML, "text/html")),
    _once("xml_200", lambda _: _text(XML, "application/xml")),
    _once("json_200", lambda _: _text(JSON, "audio/vnd.wave")),
    _once("empty_200", _broken(body=b"")),
    _once("hang", lambda stage: Reply(silent=True, delay_seconds=stage.hang_seconds)),
    _once("hung_up", lambda _: Reply(silent=True)),
    _once("reset", lambda _: Reply(silent=True, reset=True)),
    _once("reset_in_body", _cut(reset=True)),
    _once("reset_without_length", _cut(reset=True, framing="close")),
    _once("truncated", _cut()),
    _once("truncated_without_length", _cut(framing="close")),
    _once("truncated_chunked", _cut(framing="chunked")),
    _once("length_too_long", lambda stage: replace(stage.good, length=len(stage.good.body) + 1000)),
    _once("length_too_short", lambda stage: replace(stage.good, length=len(stage.good.body) - 1000)),
    _once("redirect_loop_once", _loop),
    _once("growing", lambda stage: replace(stage.good, body=stage.good.body[: len(stage.good.body) * 2 // 3])),
    Fault(name="slow_drip", script=lambda stage: [replace(stage.good, drip_seconds=2)]),
    Fault(name="late", script=lambda stage: [replace(stage.good, delay_seconds=2)]),
    Fault(name="without_length", script=lambda stage: [replace(stage.good, framing="close")]),
    Fault(name="chunked", script=lambda stage: [replace(stage.good, framing="chunked")]),
    Fault(name="wrong_type_header", script=lambda stage: [replace(stage.good, headers={"content-type": "text/html"})]),
    Fault(name="redirect_chain", script=lambda stage: [_chain(stage)]),
    Fault(name="redirect_elsewhere", script=lambda stage: [_elsewhere(stage)]),
)
"""Faults that end, or do no harm: the recording ends verified."""

PERMANENT = (
    _always("deleted_410", "http_410", lambda _: _status(410)),
    _always("bad_request", "http_400", lambda _: _status(400)),
    _always("wrong_type", "not_audio", lambda _: _text(PNG, "image/png")),
    _always("huge", "too_large", _broken(length=MAX_BYTES + 1)),
    _always("huge_without_length", "too_large", lambda _: Reply(body=_huge(), framing="close")),
    _always("forbidden_redirect", "forbidden_redirect", lambda _: _redirect("http://127.0.0.2:9/audio.wav")),
    Fault(name="gone", script=lambda _: [_status(404)], reason="gone", expired=True),
)
"""Faults after which the recording fails at once."""

EXHAUSTING = (
    _always("missing", "http_404", lambda _: _status(404), exhausts=True),
    _always("refused", "http_403", lambda _: _status(403), exhausts=True),
    _always("down", "http_503", lambda _: _status(503), exhausts=True),
    _always("always_html", "not_audio", lambda _: _text(HTML, "text/html"), exhausts=True),
    _always("always_xml", "not_audio", lambda _: _text(XML, "audio/mpeg"), exhausts=True),
    _always("always_json", "not_audio", lambda _: _text(JSON, "application/json"), exhausts=True),
    _always("always_empty", "empty", _broken(body=b""), exhausts=True),
    _always("always_truncated", "unreachable", _cut(), exhausts=True),
    _always("always_truncated_without_length", "short_body", _cut(framing="close"), exhausts=True),
    _always("redirect_loop", "redirect_loop", _loop, exhausts=True),
)
"""Faults after which the recording fails when a day of attempts is over."""

FAULTS = {fault.name: fault for fault in (*TRANSIENT, *PERMANENT, *EXHAUSTING)}
NONE = Fault(name="none", script=lambda stage: [stage.good])
