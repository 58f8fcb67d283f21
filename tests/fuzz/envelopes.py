"""Put the events of SignalWire's Relay into envelopes.

An event comes as the `params` of JSON-RPC, and other layers may be around that.
"""

import json
from dataclasses import replace
from random import Random
from typing import Any

from callvault.web import Request
from tests.fuzz import values
from tests.samples import Sample

SHARE, MUTATED = 0.15, 0.3
"""Share of the events that are put into envelopes, and share of the envelopes that are mutated."""
INNER = ("params", "event", "payload", "data")


def is_event(sample: Sample) -> bool:
    """Return whether a sample is an event of Relay that reports a recording."""
    return sample.name.startswith("relay_") and sample.recording is not None


def around(random: Random, fields: list[tuple[str, Any]]) -> list[tuple[str, Any]]:
    """Return the fields of random envelopes, one in the other, around the fields of an event."""
    for _ in range(random.choice((1, 1, 2, 4))):
        outer = _one(random, fields)
        fields = values.pairs(random, outer, list(INNER)) if random.random() < MUTATED else outer
    return fields


def whole(random: Random, request: Request) -> Request:
    """Return an unchanged event in one to three envelopes, which the archive has to open."""
    fields: list[tuple[str, Any]] = list(json.loads(request.body).items())
    for _ in range(random.randrange(1, 4)):
        fields = _one(random, fields)
    return replace(request, body=json.dumps(dict(fields)).encode())


def _one(random: Random, fields: list[tuple[str, Any]]) -> list[tuple[str, Any]]:
    """Return the fields of an envelope."""
    return [("jsonrpc", "2.0"), ("method", "signalwire.event"), (random.choice(INNER), dict(fields))]
