"""Measure how long recordings wait behind a slow account, without and with fair queues.

One account has a backlog, and its provider is slow. Then a dozen quiet accounts get one recording
each. The peer is the same queue without message groups. Only the ratio counts. The queue is the
local stack's, which delivers messages in the order that SQS documents
(tools/local/aws/moto_fairness.py).
"""

import statistics
import time
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from callvault.models import Recording, State
from callvault.storage import rows
from tools import audio_samples
from tools.local.faults.replies import Reply
from tools.local.providers import standins
from tools.local.stack import Stack
from tools.local.start import running

BACKLOG = 40
"""Number of recordings of the slow account."""
SLOW_SECONDS = 2
"""Seconds before each answer of the slow account's provider."""
QUIET = 12
"""Number of quiet accounts."""
MAX_SECONDS = 180
"""Maximum time for a recording to be stored, in seconds."""
SLOW = "slow"


def main() -> None:
    """Run the comparison and print it."""
    waits = {who: measure(grouped=who == "ours") for who in ("ours", "peer")}
    print(f"{'quiet accounts wait':20} {'ours':>8} {'peer':>8} {'ratio':>7}")
    show("median s", statistics.median(waits["ours"]), statistics.median(waits["peer"]))
    show("longest s", max(waits["ours"]), max(waits["peer"]))


def show(what: str, ours: float, peer: float) -> None:
    """Print a line of the comparison."""
    print(f"{what:20} {ours:8.2f} {peer:8.2f} {ours / peer:7.2f}", flush=True)


def measure(*, grouped: bool) -> list[float]:
    """Return the seconds that each quiet account's recording waits until it is stored.

    `grouped` sends the messages with message groups.
    """
    with standins.Standin() as standin, running() as stack:
        user, password = standins.CREDENTIALS
        api = {"origin": standin.origin, "token_url": standin.origin + standins.TOKEN_PATH}
        account = {"provider": "bandwidth", "api": api | {"username": user, "password": password}}
        quiet = [f"quiet-{number}" for number in range(QUIET)]
        for account_id in [SLOW, *quiet]:
            stack.put_account(account_id, account)
        standin.otherwise = Reply(body=audio_samples.wav(1), headers={"content-type": "audio/vnd.wave"})
        for number in range(BACKLOG):
            path = f"/api/v2/accounts/{SLOW}/calls/c/recordings/r-{number}/media"
            standin.serve(path, replace(standin.otherwise, delay_seconds=SLOW_SECONDS))
            send(stack, SLOW, f"r-{number}", grouped=grouped)
        sent = datetime.now(UTC)
        for account_id in quiet:
            send(stack, account_id, "r-0", grouped=grouped)
        return [(stored_time(stack, account_id) - sent).total_seconds() for account_id in quiet]


def send(stack: Stack, account_id: str, recording_id: str, *, grouped: bool) -> None:
    """Queue a fetch as `fetch_requests.send` does; without `grouped`, omit the message group."""
    recording = Recording(
        account_id=account_id, recording_id=recording_id, provider="bandwidth", state=State.PENDING, call_id="c"
    )
    group: Any = {"MessageGroupId": account_id} if grouped else {}
    queue_url = stack.environment("FetchMedia")["FETCH_QUEUE_URL"]
    stack.client("sqs").send_message(QueueUrl=queue_url, MessageBody=recording.model_dump_json(), **group)


def stored_time(stack: Stack, account_id: str) -> datetime:
    """Wait until an account's recording is stored, and return when that was.

    Raises TimeoutError after MAX_SECONDS.
    """
    deadline = time.monotonic() + MAX_SECONDS
    while time.monotonic() < deadline:
        table, key = stack.outputs["TableName"], rows.key(account_id, "r-0")
        item = stack.client("dynamodb").get_item(TableName=table, Key=key, ConsistentRead=True).get("Item")
        history = rows.read(item).history if item else ()
        for event in history:
            if event.what == "stored":
                return event.time
        time.sleep(0.1)
    raise TimeoutError(account_id)


if __name__ == "__main__":
    main()
