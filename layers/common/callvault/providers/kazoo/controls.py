"""Start and stop recordings at KAZOO 5; refuse other commands, and say what to send instead.

KAZOO 5 has `POST /v2/accounts/{A}/channels/{CALL_ID}` with the actions `start_record` and
`stop_record`, which accept no parameters. Other versions refuse these actions: 4.3 answers 400
`invalid data`, but 404 `bad_identifier` if it does not know the call; an installation without
the module answers 404 `not_found` (cb_channels.erl of both versions, api_util.erl).

A KAZOO metaflow can also pause and resume a recording, and it accepts parameters. It is sent by a
PUT to the same URL, and the application Konami carries it out. Crossbar answers 202 even if Konami
is not running, so the archive could not tell whether the metaflow had an effect. The archive
therefore refuses such a command and shows the metaflow, so that the caller can send it.
"""

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from callvault.account_parameter import Account
from callvault.errors import NotFoundError, UnprocessableError
from callvault.providers import callback_urls, commands
from callvault.providers.commands import Outcome, Progress, Start, Update
from callvault.providers.fields import json_object_or_empty
from callvault.transport import Answer

type Post = Callable[[str, dict[str, Any]], Answer]
"""Sends an envelope to a path below the account's URL."""

NO_SUCH_ACTION = {400, 404, 405}
NOT_FOUND = 404
DOT_SEGMENTS = {".", ".."}
"""Call ids that a URL parser would resolve as path segments (RFC 3986 5.2.4), even
percent-encoded."""
MAX_CALL_ID_CHARACTERS = 256
METAFLOW_NAMES = {
    "format": "format",
    "label": "label",
    "name": "media_name",
    "upload_method": "method",
    "origin": "origin",
    "min_seconds": "record_min_sec",
    "on_answer": "record_on_answer",
    "on_bridge": "record_on_bridge",
    "sample_rate": "record_sample_rate",
    "max_seconds": "time_limit",
    "upload_url": "url",
}
"""Names in the schema `metaflows.record_call` (4.3 and 5), by the name of our option."""
METAFLOW_ACTIONS: dict[Progress, str] = {"paused": "mask", "in-progress": "unmask", "stopped": "stop"}
"""Actions of the metaflow for an update. A masked part of a recording is silence."""


def start(account: Account, command: Start, base: str, post: Post) -> Outcome:
    """Start to record a call; `base` is the public URL.

    Raises NotFoundError, UnprocessableError, UnavailableError.
    """
    path = _channel_path(command.call_id)
    data = {METAFLOW_NAMES[name]: value for name, value in command.options.items() if name in METAFLOW_NAMES}
    data = {"action": "start", "url": callback_urls.upload(account, base), **data}
    missing = commands.parameter_names(command.options.keys() - METAFLOW_NAMES.keys())
    advice = _advise_metaflow(account, path, data)
    if missing:
        advice += f" A metaflow has no equivalent of {missing}."
    if command.options:
        names = commands.parameter_names(set(command.options))
        raise UnprocessableError(f"KAZOO's start_record accepts no parameters, but the request has {names}. {advice}")
    _require_success(account, post(path, {"action": "start_record", "data": {}}), advice)
    return Outcome(None, "in-progress")


def update(account: Account, command: Update, post: Post) -> Outcome:
    """Stop recording a call; raises NotFoundError, UnprocessableError, UnavailableError."""
    path = _channel_path(command.call_id)
    if command.recording_id is not None:
        raise UnprocessableError(
            "KAZOO reports a recording's id when the recording ends. Address the recording in progress as "
            f"{commands.CURRENT_RECORDING}, or by POST …/calls/{{call_id}}/recordings."
        )
    advice = _advise_metaflow(account, path, {"action": METAFLOW_ACTIONS[command.progress]})
    if command.progress != "stopped":
        raise UnprocessableError(f"KAZOO's API does not pause or resume a recording. {advice}")
    _require_success(account, post(path, {"action": "stop_record", "data": {}}), advice)
    return Outcome(None, "stopped")


def _channel_path(call_id: str) -> str:
    """Return a call's path below the account's URL; raises NotFoundError for a bad id."""
    if call_id in DOT_SEGMENTS or len(call_id) > MAX_CALL_ID_CHARACTERS or not call_id.isprintable():
        raise NotFoundError(commands.UNKNOWN_CALL)
    return f"channels/{quote(call_id, safe='')}"


def _advise_metaflow(account: Account, path: str, data: dict[str, Any]) -> str:
    """Return a sentence with the metaflow request that the caller can send instead."""
    envelope = {"action": "metaflow", "data": {"module": "record_call", "data": data}}
    url = f"/v2/accounts/{account.provider_account_id}/{path}"
    return f"A metaflow may do it: PUT {url} with {json.dumps(envelope, ensure_ascii=False)}."


def _require_success(account: Account, answer: Answer, advice: str) -> None:
    """Raise the error that an answer means, unless KAZOO carried out the request."""
    if commands.succeeded(answer):
        return
    message = json_object_or_empty(answer.body).get("message")
    if answer.status == NOT_FOUND and message == "bad_identifier":
        raise NotFoundError("KAZOO knows no such call in this account.")
    if answer.status in NO_SUCH_ACTION:
        raise UnprocessableError(f"This KAZOO installation does not start or stop recordings by its API. {advice}")
    commands.raise_refusal(account, answer, message)
