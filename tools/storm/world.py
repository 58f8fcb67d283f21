"""Set up the storm's accounts on the stack, and its recordings at the providers' stand-ins."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, replace

from tools.local.faults.media import Stage
from tools.local.faults.replies import Reply
from tools.local.providers import scenarios, standins, telnyx_recordings, telnyx_scenarios
from tools.local.providers.kazoo_api import API_KEY, Crossbar
from tools.local.providers.standins import Standin
from tools.local.providers.telnyx_recordings import Telnyx
from tools.local.stack import Stack
from tools.storm.ledger import Ledger
from tools.storm.plan import Drawn, Way

TOKEN, SIGNING_KEY, SECRET = "storm-callback-token", "storm-signing-key", "storm-reader-secret"
ACCOUNTS = {
    Way.BANDWIDTH: scenarios.BANDWIDTH,
    Way.SIGNALWIRE: scenarios.SIGNALWIRE,
    Way.RELAY: scenarios.SIGNALWIRE,
    Way.TWILIO: scenarios.TWILIO,
    Way.TELNYX: telnyx_scenarios.TELNYX,
    Way.HOOK: scenarios.KAZOO,
    Way.PUT: scenarios.KAZOO,
    Way.POST: scenarios.KAZOO,
    Way.INCOMING: scenarios.KAZOO,
}
ROOTS = {Way.SIGNALWIRE: "/api/laml/2010-04-01", Way.TWILIO: "/2010-04-01"}


@dataclass(frozen=True)
class World:
    """The stack, the stand-ins and the ledger of a storm."""

    stack: Stack
    standin: Standin
    """The stand-in that serves the audio of Bandwidth, SignalWire and Twilio."""
    elsewhere: Standin
    """The target of redirects that the accounts allow, and the place of Relay's media. It needs no
    credentials, and must never receive any."""
    crossbar: Crossbar
    telnyx: Telnyx
    ledger: Ledger
    kill: Callable[[int], None]
    """Kills the process that has the connection with a local port."""
    hang_seconds: float
    """Seconds that an answer hangs."""

    def configure(self) -> None:
        """Write the SSM parameters of the accounts."""
        user, password = standins.CREDENTIALS
        shared = {
            "media_origins": [self.elsewhere.origin, self.telnyx.storage.origin],
            "readers": [{"name": "storm", "sha256": hashlib.sha256(SECRET.encode()).hexdigest()}],
        }
        token_url = self.standin.origin + standins.TOKEN_PATH
        bandwidth = {
            "origin": self.standin.origin,
            "token_url": token_url,
            "username": user,
            "password": password,
        }
        laml = {"origin": self.standin.origin, "password": "storm-api-token"}
        put = self.stack.put_account
        put(scenarios.BANDWIDTH, shared | {"provider": "bandwidth", "callback": {"token": TOKEN}, "api": bandwidth})
        keys = {"signing_keys": [SIGNING_KEY]}
        put(scenarios.SIGNALWIRE, shared | {"provider": "signalwire", "callback": keys, "api": laml})
        put(scenarios.TWILIO, shared | {"provider": "twilio", "callback": keys, "api": laml})
        keys = {"public_keys": [telnyx_recordings.PUBLIC_KEY]}
        api = {"origin": self.telnyx.origin, "api_key": telnyx_recordings.API_KEY}
        put(telnyx_scenarios.TELNYX, shared | {"provider": "telnyx", "callback": keys, "api": api})
        api = {"origin": self.crossbar.origin, "api_key": API_KEY}
        put(scenarios.KAZOO, shared | {"provider": "kazoo", "callback": {"token": TOKEN}, "api": api})

    def serve(self, drawn: Drawn, recording_id: str, call_id: str, good: Reply) -> None:
        """Serve the audio of a recording, with its fault. `offers` serves Relay's audio."""
        script = self.script(drawn, recording_id, good)
        if drawn.way is Way.BANDWIDTH:
            path = f"/api/v2/accounts/{scenarios.BANDWIDTH}/calls/{call_id}/recordings/{recording_id}/media"
            self.standin.serve(path, *script)
        elif drawn.way in ROOTS:
            path = f"{ROOTS[drawn.way]}/Accounts/{ACCOUNTS[drawn.way]}/Recordings/{recording_id}.wav"
            self.standin.serve(path, *script)
        elif drawn.way is Way.TELNYX:
            self.telnyx.keep(recording_id, good.body, script=script, duration_millis=drawn.seconds * 1000)
        elif drawn.way is Way.HOOK:
            self.crossbar.state.audio[recording_id] = script

    def script(self, drawn: Drawn, recording_id: str, good: Reply) -> list[Reply]:
        """Return the answers to requests for the audio of a recording, in turn."""
        stage = Stage(good=good, redirected=self.redirected(drawn, recording_id), hang_seconds=self.hang_seconds)
        script = drawn.fault.script(stage)
        return [replace(script[0], halfway=self.kill), *script] if drawn.killed_halfway else script

    def keep_document(self, drawn: Drawn, recording_id: str, call_id: str) -> None:
        """Add the document of a recording to Crossbar."""
        document = {
            "id": recording_id,
            "name": f"{recording_id}.{drawn.format}",
            "media_type": drawn.format,
            "call_id": call_id,
            "from": "1000@example.com",
            "to": "1001@example.com",
            "duration_ms": drawn.seconds * 1000,
        }
        self.crossbar.keep(scenarios.KAZOO, document)
        if drawn.described_late:
            envelope = json.dumps({"data": document, "status": "success"}).encode()
            whole = Reply(body=envelope, headers={"content-type": "application/json"})
            self.crossbar.state.documents[recording_id] = [Reply(status=404), Reply(status=503), whole]

    def redirected(self, drawn: Drawn, recording_id: str) -> Callable[[str, Reply], str]:
        """Return a function that serves a reply and returns its URL.

        For KAZOO, Relay, Telnyx and the name `elsewhere`, the URL is not at the API's origin.
        """

        def redirected(name: str, reply: Reply) -> str:
            near = name != "elsewhere" and drawn.way not in {Way.HOOK, Way.RELAY, Way.TELNYX}
            standin = self.standin if near else self.elsewhere
            path = f"/{name}/{recording_id}"
            standin.serve(path, reply if near else replace(reply, public=True))
            return standin.origin + path

        return redirected
