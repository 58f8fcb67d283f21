"""Compare the archive's copy with the usual way, by memory and by time: `make bench`.

The usual way, here called the peer, is that of most code samples: read the whole body into memory,
then call put_object. Both copy the same recording from the same stand-in into the same local S3, in
turn and each in a new process. Only the ratio counts, because the absolute figures depend on the
machine.
"""

import json
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import urllib3

from callvault import account_parameter, clients, providers, settings
from callvault.ingest import media
from callvault.models import Recording, State
from tools import audio_samples
from tools.local.providers.standins import Standin
from tools.local.start import running

ROUNDS = 3
SIZES = {"5 min mono": 4_800_000, "1 h stereo": 115_200_000, "2 h stereo": 230_400_000}
"""The recordings, and their sizes in bytes as 8 kHz, 16 bit PCM."""
PATH = "/api/v2/accounts/a/calls/c/recordings/{}/media"


def main() -> None:
    """Run the comparison and print it."""
    with running() as stack, Standin() as standin:
        environment = os.environ | stack.environment("FetchMedia")
        environment["PYTHONPATH"] = f"{Path.cwd()}/layers/common:{Path.cwd()}"
        print(f"{'recording':12} {'peak MB':>16} {'ratio':>7} {'seconds':>16} {'ratio':>7}")
        for title, size in SIZES.items():
            frames = audio_samples.wav(size / 16000)
            runs: dict[str, list[dict[str, float]]] = {"ours": [], "peer": []}
            for number in range(ROUNDS):
                for who, figures in runs.items():
                    name = f"{who}-{size}-{number}"
                    standin.audio(PATH.format(name), frames)
                    command = [sys.executable, "-m", "tools.bench.copy", who, standin.origin, name]
                    printed = subprocess.run(command, env=environment, check=True, capture_output=True).stdout
                    figures.append(json.loads(printed))
            memory, seconds = ([median(runs[who], what) for who in runs] for what in ("peak", "seconds"))
            print(
                f"{title:12} {pair(memory)} {memory[0] / memory[1]:7.2f} {pair(seconds)} {seconds[0] / seconds[1]:7.2f}"
            )


def median(runs: list[dict[str, float]], what: str) -> float:
    """Return the median of the figure that is named `what`."""
    return statistics.median(run[what] for run in runs)


def pair(figures: list[float]) -> str:
    """Return the figure of the archive and that of the peer."""
    return f"{figures[0]:7.2f} {figures[1]:8.2f}"


def copy_once(who: str, origin: str, name: str) -> None:
    """Copy one recording in this process and print its peak memory and time."""
    fields = {"account_id": "a", "recording_id": name, "provider": "bandwidth", "state": State.PENDING, "call_id": "c"}
    recording = Recording.model_validate(fields | {"media_key": f"media/a/2026/01/01/{name}.wav"})
    api: Any = {"origin": origin, "username": "user", "password": "password"}
    account = account_parameter.parse("a", json.dumps({"provider": "bandwidth", "api": api}))
    began = time.perf_counter()
    if who == "ours":
        media.copy(recording, providers.of(account), time.monotonic() + 600)
    else:
        url, headers = origin + PATH.format(name), {"authorization": "Basic eDp4"}
        body = urllib3.PoolManager().request("GET", url, headers=headers).data
        clients.s3().put_object(Bucket=settings.get().bucket_name, Key=str(recording.media_key), Body=body)
    # Not ru_maxrss, which starts with the parent's memory.
    status = Path("/proc/self/status").read_text()
    peak = int(status.split("VmHWM:")[1].split()[0]) / 1024
    print(json.dumps({"peak": peak, "seconds": time.perf_counter() - began}))


if __name__ == "__main__":
    copy_once(*sys.argv[1:]) if len(sys.argv) > 1 else main()
