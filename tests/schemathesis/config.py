"""Configure schemathesis: as whom it asks for what, and which checks hold here."""

import json
from collections.abc import Mapping

from callvault.providers import PROVIDERS, commands
from tests.schemathesis import world

CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "ignored_auth",
)
"""The checks to run. The others do not fit this API:

- negative_data_rejection, missing_required_header: the dialects tolerate unknown input, as the
  providers' APIs do.
- positive_data_acceptance: values that are valid by themselves may contradict each other, as dates
  do, or be a page token of another list.
- unsupported_method: the gateway answers 404 for some methods.
- use_after_free, ensure_resource_availability: no operation creates what another one finds at once.
"""
POOLS: dict[str, list[str]] = {
    "recordings": [*world.VARIANTS, world.PUSHED],
    "doomed": world.DOOMED,
    "calls": [world.CALL],
    "conferences": [world.CONFERENCE],
    "users": [world.USER],
    "controlled": [world.CONTROLLED + provider for provider in world.CONTROLLABLE],
    "running": [commands.CURRENT_RECORDING, *world.RUNNING.values()],
    "failed": world.FAILED,
}
REQUEST_SECONDS = 30
"""Timeout of a request, in seconds: that of the API. A retry of a list may read for 15 seconds."""
USUAL = 0.9
"""How often an id is one that is there."""
CONTROL, RETRY = "(Control|Start|Update)Recording", "RetryRecording"
"""What the ids of operations that act on recordings have in them."""


def write() -> str:
    """Return schemathesis.toml."""
    lines = [f"request-timeout = {REQUEST_SECONDS}"]
    lines += [f"[dictionaries.{name}]\nvalues = {json.dumps(values)}" for name, values in POOLS.items()]
    lines.append("[checks]\nenabled = false")
    lines += [f"{name} = {{enabled = true}}" for name in CHECKS]
    for tag, account in world.READING.items():
        where = {"include-tag": tag, "exclude-method": "DELETE", "exclude-operation-id-regex": f"{CONTROL}|{RETRY}"}
        lines.append(_operations(where, {"account_id": account}, "recordings"))
    where = {"include-method": "DELETE"}
    lines.append(_operations(where, {"account_id": world.DELETING}, "doomed"))
    lines.append(_operations({"include-operation-id-regex": CONTROL}, {}, "running"))
    lines.append('parameters."path.account_id" = {dictionary = "controlled", probability = 1.0}')
    lines.append(_operations({"include-operation-id-regex": RETRY}, {"account_id": world.RETRYING}, "failed"))
    for provider in PROVIDERS:
        where = {"include-path-regex": f"^/(callbacks|uploads)/{provider}/.*/.token"}
        fixed = {
            "account_id": world.CALLED + provider,
            "token": world.TOKEN,
            "path": f"{world.PUSHED}/call_recording_{world.CALL}.wav",
        }
        lines.append(_operations(where, fixed, "recordings"))
        where = {"include-path": f"/callbacks/{provider}/{{account_id}}"}
        lines.append(_operations(where, {"account_id": world.BARE + provider}, "recordings"))
    return "\n".join(lines) + "\n"


def _operations(where: Mapping[str, str], fixed: Mapping[str, str], recordings: str) -> str:
    """Return what holds for some operations; `fixed` are variables of paths."""
    lines = ["[[operations]]", *(f"{name} = {json.dumps(value)}" for name, value in where.items())]
    lines += [f'parameters."path.{name}" = {json.dumps(value)}' for name, value in fixed.items()]
    pools = {"recording_id": recordings, "call_id": "calls", "conference_id": "conferences", "user_id": "users"}
    lines += [
        f'parameters."path.{name}" = {{dictionary = "{pool}", probability = {USUAL}}}' for name, pool in pools.items()
    ]
    return "\n".join(lines)
