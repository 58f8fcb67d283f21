"""Start and stop recordings at KAZOO, as far as its API does.

`POST /v2/accounts/{A}/channels/{CALL_ID}` with action `start_record` or `stop_record` is KAZOO 5's, and takes nothing
else. Where Crossbar has no such action (4.3) it answers 400 `invalid data`, and before that 404 `bad_identifier` to a
call that it does not know; without the module, 404 `not_found` (cb_channels.erl of both, api_util.erl). What remains is
a metaflow, PUT to the same address, which Konami runs if it is there: Crossbar says 202 either way. So it is told to
the caller, who knows whether Konami runs, and not sent.
"""

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from callvault.accounts import Account
from callvault.errors import InvalidRequestError, NotFoundError, UnprocessableError
from callvault.providers import callback_urls, commands
from callvault.providers.commands import Outcome, Progress, Start, Update
from callvault.providers.fields import json_object
from callvault.transport import Answer

type Post = Callable[[str, dict[str, Any]], Answer]
"""Sends an envelope to a path of the account's."""

NO_SUCH_ACTION = {400, 404, 405}
UNKNOWN = 404
SEGMENTS = {".", ".."}
"""What a path takes for something else than a name."""
MAX_CALL_ID = 256
METAFLOW = {
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
"""What schema `metaflows.record_call` has, 4.3 and 5."""
ACTIONS: dict[Progress, str] = {"paused": "mask", "in-progress": "unmask", "stopped": "stop"}
"""Of the metaflow: what is masked is silence."""


def start(account: Account, command: Start, base: str, post: Post) -> Outcome:
    """Start to record a call; raises NotFoundError, UnprocessableError, UnavailableError."""
    path = _channel(command.call_id)
    data = {METAFLOW[name]: value for name, value in command.said.items() if name in METAFLOW}
    data = {"action": "start", "url": callback_urls.upload(account, base), **data}
    lost = commands.names_of(command.said.keys() - METAFLOW.keys())
    instead = _instead(account, path, data, f" It cannot say {lost}." if lost else "")
    if command.said:
        names = commands.names_of(set(command.said))
        raise UnprocessableError(f"KAZOO's start_record takes no parameters such as {names}. {instead}")
    _do(post(path, {"action": "start_record", "data": {}}), instead)
    return Outcome(None, "in-progress")


def update(account: Account, command: Update, post: Post) -> Outcome:
    """Stop recording a call; raises NotFoundError, UnprocessableError, UnavailableError."""
    path = _channel(command.call_id)
    if command.recording_id is not None:
        raise UnprocessableError(
            "KAZOO tells a recording's id when it is over. The one that runs is Twilio.CURRENT, or that of "
            "POST …/calls/{call_id}/recordings."
        )
    instead = _instead(account, path, {"action": ACTIONS[command.progress]})
    if command.progress != "stopped":
        raise UnprocessableError(f"KAZOO's API does not pause or resume a recording. {instead}")
    _do(post(path, {"action": "stop_record", "data": {}}), instead)
    return Outcome(None, "stopped")


def _channel(call_id: str) -> str:
    """Return the path of a call, below the account's."""
    if call_id in SEGMENTS or len(call_id) > MAX_CALL_ID or not call_id.isprintable():
        raise NotFoundError("The provider knows no such call or recording.")
    return f"channels/{quote(call_id, safe='')}"


def _instead(account: Account, path: str, data: dict[str, Any], note: str = "") -> str:
    """Return the request that does it, for the caller to send."""
    envelope = {"action": "metaflow", "data": {"module": "record_call", "data": data}}
    address = f"/v2/accounts/{account.provider_account_id}/{path}"
    return f"A metaflow may do it: PUT {address} with {json.dumps(envelope, ensure_ascii=False)}.{note}"


def _do(answer: Answer, instead: str) -> None:
    """Raise what an answer means unless it says that it was done."""
    if 200 <= answer.status < 300:  # noqa: PLR2004
        return
    try:
        message = json_object(answer.body).get("message")
    except InvalidRequestError:
        message = None
    if answer.status == UNKNOWN and message == "bad_identifier":
        raise NotFoundError("KAZOO knows no such call in this account.")
    if answer.status in NO_SUCH_ACTION:
        raise UnprocessableError(f"This KAZOO does not start or stop recordings by its API. {instead}")
    commands.refuse(answer, message)
