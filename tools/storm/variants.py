"""The variants of a provider's recordings: how the media is kept, and how it is announced."""

import random
from enum import StrEnum

from tools.local.faults import media
from tools.local.faults.media import Fault


class Variant(StrEnum):
    """A variant of a recording."""

    PLAIN = "plain"
    SEALED = "encrypted"
    """Twilio encrypts the media, and the callback says how."""
    SEALED_SILENTLY = "encrypted without a word"
    """Twilio encrypts the media, and only the recording's resource says how."""
    ELSEWHERE = "stored elsewhere"
    """Twilio keeps no copy: the media is in the customer's own bucket."""
    ENVELOPE = "in an envelope"
    """SignalWire's event is in the envelope of JSON-RPC."""
    FLAT = "flat"
    """SignalWire's event has no `params`, which is no documented form. The archive has to ask."""


SEALED = {Variant.SEALED, Variant.SEALED_SILENTLY}
TWILIO = {Variant.PLAIN: 70, Variant.SEALED: 12, Variant.SEALED_SILENTLY: 10, Variant.ELSEWHERE: 8}
RELAY = {Variant.PLAIN: 70, Variant.ENVELOPE: 15, Variant.FLAT: 15}
"""How often each variant is drawn, relative to the others."""
UNSEEN = {"without_length", "length_too_short", "growing", "huge_without_length", "wrong_type"}
"""Faults with another outcome for encrypted media, which may be any bytes of any length."""
REFUSALS = ("missing", "refused", "bad_request", "deleted_410")
"""Faults that stand for Twilio's answers to a request for media that is stored elsewhere."""


def draw(chance: random.Random, weights: dict[Variant, int], *, absent: bool) -> Variant:
    """Return a variant. One without a recording has no media that could be kept in another way."""
    drawn = chance.choices(list(weights), list(weights.values()))[0]
    return Variant.PLAIN if absent and drawn in {*SEALED, Variant.ELSEWHERE} else drawn


def fault_of(variant: Variant, fault: Fault) -> Fault:
    """Return the fault of a recording of this variant: the drawn one, or none."""
    unseen = variant in SEALED and fault.name in UNSEEN
    return media.NONE if unseen or variant is Variant.ELSEWHERE else fault
