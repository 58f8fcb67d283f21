"""Set up the storm's accounts on the stack, and its recordings at the providers' stand-ins."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace

from tools.local.faults.media import Stage
from tools.local.faults.replies import Reply
from tools.local.providers import scenarios, standins, telnyx_recordings, telnyx_scenarios
from tools.local.providers.kazoo_api import API_KEY
from tools.local.stack import Stack
from tools.storm.ledger import Ledger
from tools.storm.plan import Drawn, Way
from tools.storm.providers import LAML_PASSWORD, Providers

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
    providers: Providers
    ledger: Ledger
    kill: Callable[[int], None]
    """Kills the process that has the connection with a local port."""
    hang_seconds: float
    """Seconds that an answer hangs."""

    def configure(self) -> None:
        """Write the SSM parameters of the accounts."""
        providers, (user, password) = self.providers, standins.CREDENTIALS
        shared = {
            "media_origins": [providers.elsewhere.origin, providers.telnyx.storage.origin],
            "readers": [{"name": "storm", "sha256": hashlib.sha256(SECRET.encode()).hexdigest()}],
        }
        bandwidth = {
            "origin": providers.bandwidth.origin,
            "token_url": providers.bandwidth.origin + standins.TOKEN_PATH,
            "username": user,
            "password": password,
        }
        put = self.stack.put_account
        put(scenarios.BANDWIDTH, shared | {"provider": "bandwidth", "callback": {"token": TOKEN}, "api": bandwidth})
        keys = {"signing_keys": [SIGNING_KEY]}
        for laml in (providers.signalwire, providers.twilio):
            api = {"origin": laml.origin, "password": LAML_PASSWORD}
            put(laml.account_id, shared | {"provider": laml.provider, "callback": keys, "api": api})
        keys = {"public_keys": [telnyx_recordings.PUBLIC_KEY]}
        api = {"origin": providers.telnyx.origin, "api_key": telnyx_recordings.API_KEY}
        put(telnyx_scenarios.TELNYX, shared | {"provider": "telnyx", "callback": keys, "api": api})
        api = {"origin": providers.crossbar.origin, "api_key": API_KEY}
        put(scenarios.KAZOO, shared | {"provider": "kazoo", "callback": {"token": TOKEN}, "api": api})

    def serve(self, drawn: Drawn, recording_id: str, call_id: str, good: Reply) -> None:
        """Serve the audio of a recording, with its fault. `offers` serves Relay's audio."""
        script = self.script(drawn, recording_id, good)
        if drawn.way is Way.BANDWIDTH:
            path = f"/api/v2/accounts/{scenarios.BANDWIDTH}/calls/{call_id}/recordings/{recording_id}/media"
            self.providers.bandwidth.serve(path, *script)
        elif drawn.way in ROOTS:
            path = f"{ROOTS[drawn.way]}/Accounts/{ACCOUNTS[drawn.way]}/Recordings/{recording_id}.wav"
            self.providers.api(drawn.way).serve(path, *script)
        elif drawn.way is Way.TELNYX:
            self.providers.telnyx.keep(recording_id, good.body, script=script, duration_millis=drawn.seconds * 1000)
        elif drawn.way is Way.HOOK:
            self.providers.crossbar.state.audio[recording_id] = script

    def script(self, drawn: Drawn, recording_id: str, good: Reply) -> list[Reply]:
        """Return the answers to requests for the audio of a recording, in turn."""
        stage = Stage(good=good, redirected=self.redirected(drawn, recording_id), hang_seconds=self.hang_seconds)
        script = drawn.fault.script(stage)
        return [replace(script[0], halfway=self.kill), *script] if drawn.killed_halfway else script

    def redirected(self, drawn: Drawn, recording_id: str) -> Callable[[str, Reply], str]:
        """Return a function that serves a reply and returns its URL.

        For KAZOO, Relay, Telnyx and the name `elsewhere`, the URL is not at the API's origin.
        """

        def redirected(name: str, reply: Reply) -> str:
            near = name != "elsewhere" and drawn.way not in {Way.HOOK, Way.RELAY, Way.TELNYX}
            standin = self.providers.api(drawn.way) if near else self.providers.elsewhere
            path = f"/{name}/{recording_id}"
            standin.serve(path, reply if near else replace(reply, public=True))
            return standin.origin + path

        return redirected
