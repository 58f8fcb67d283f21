"""The recordings of the demo that SWML's `record_call` makes: signed JSON, media elsewhere."""

import time

from tools import audio_samples
from tools.local.faults.replies import Reply
from tools.local.providers import relay_recordings
from tools.local.providers.scenarios import MP3, SIGNALWIRE, SIGNING_KEY, Scenario
from tools.local.providers.standins import Standin
from tools.local.stack import Stack


def signalwire(stack: Stack, standin: Standin) -> list[Scenario]:
    """Return the scenarios of SignalWire's account, which `scenarios.signalwire` configures."""
    url = f"{stack.url}/callbacks/signalwire/{SIGNALWIRE}?owner_id=alice&from=%2B15551112222&to=%2B15553334444"

    def scenario(title: str, number: int, audio: bytes, *early: Reply, **audio_fields: object) -> Scenario:
        recording_id = f"{number}d4f9d3a-6f0e-4a53-9a4e-6b2c9d7f1e05"
        media = relay_recordings.keep(standin, recording_id, audio, *early)
        params = {"url": media, "record": {"audio": audio_fields}}
        end = {"size": len(audio), "duration": 14, "start_time": time.time() - 60}
        bodies = [
            relay_recordings.event(SIGNALWIRE, recording_id, "recording", **params),
            relay_recordings.event(SIGNALWIRE, recording_id, "finished", **params, **end),
        ]
        requests = tuple(lambda body=body: relay_recordings.send(url, body, SIGNING_KEY) for body in bodies)
        return Scenario(SIGNALWIRE, recording_id, title, audio, requests)

    wav, mp3 = audio_samples.wav(14, channels=2, seed=14), audio_samples.mp3(14, seed=15)
    cut = Reply(body=mp3[: len(mp3) - 500], headers={"content-type": MP3}, public=True)
    return [
        scenario("SWML record_call", 1, wav, format="wav", direction="both", stereo=True),
        scenario("SWML, cut short at first", 2, mp3, cut, format="mp3", direction="both", stereo=False),
    ]
