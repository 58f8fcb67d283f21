"""Create the storm's recordings at the providers, and enter them into the ledger."""

import hashlib
import time
from dataclasses import replace

from tools.local.faults.media import FAULTS
from tools.local.providers import sealed_media
from tools.storm import books, offers, sounds, variants
from tools.storm.ledger import Entry, Text
from tools.storm.plan import LAML, UPLOADS, Drawn, Way
from tools.storm.variants import Variant
from tools.storm.world import ACCOUNTS, World


def enter(world: World, seed: int, drawn: Drawn) -> tuple[Entry, bytes, str]:
    """Create a recording, serve its audio, and enter it into the ledger.

    Return the entry, the audio and the id of the call.
    """
    recording_id, call_id = _ids(seed, drawn)
    audio = sounds.NO_AUDIO + recording_id.encode() if drawn.wrong else sounds.audio(drawn, recording_id)
    details = None
    if drawn.variant in variants.SEALED:
        audio, details = sealed_media.seal(audio, offers.key())
    state, reason = _expected(drawn)
    if drawn.way not in {*UPLOADS, Way.INCOMING}:
        served = replace(drawn, fault=FAULTS[refusal]) if (refusal := _refusal(drawn)) else drawn
        first = sounds.part(drawn, recording_id) if drawn.partial else audio
        world.serve(served, recording_id, call_id, sounds.reply(drawn, first))
    entry = Entry(
        drawn=drawn,
        account_id=ACCOUNTS[drawn.way],
        recording_id=recording_id,
        sha256=hashlib.sha256(audio).hexdigest(),
        size=len(audio),
        state=state,
        reason=reason,
        text=_text(drawn, recording_id),
        details=details,
        place=f"{offers.BUCKET}/{recording_id}" if drawn.variant is Variant.ELSEWHERE else None,
        owed=drawn.listed,
        listed=drawn.listed,
    )
    kept = books.kept(entry, call_id, audio)
    offers.describe(world, entry, kept, audio)
    world.ledger.open(entry)
    if entry.listed:
        world.providers.book(drawn.way).add([kept])
    return entry, audio, call_id


def _expected(drawn: Drawn) -> tuple[str, str | None]:
    """Return the state, and its reason, in which a recording has to end."""
    if drawn.absent:
        return "absent", {Way.BANDWIDTH: "error", Way.RELAY: "no_input"}.get(drawn.way, "absent")
    if drawn.variant is Variant.ELSEWHERE:
        return "absent", "stored_elsewhere"
    if drawn.wrong and drawn.way is Way.INCOMING:
        return "absent", "no_audio"  # the object stays, and Crossbar says that it has no audio either
    if drawn.wrong:
        return "failed", "not_audio"
    return ("failed", drawn.fault.reason) if drawn.fault.reason else ("verified", None)


def _refusal(drawn: Drawn) -> str | None:
    """Return the fault of the answers about media that is not at its provider, or None."""
    is_elsewhere = drawn.variant is Variant.ELSEWHERE
    return variants.REFUSALS[drawn.number % len(variants.REFUSALS)] if is_elsewhere else None


def _text(drawn: Drawn, recording_id: str) -> Text | None:
    """Return the texts of a recording's transcriptions, if it has any."""
    if drawn.text is None:
        return None
    bodies = [offers.text_of(recording_id, number) for number in range(1 + drawn.text_again)]
    return Text({hashlib.sha256(body).hexdigest(): len(body) for body in bodies}, drawn.text.reason)


def _ids(seed: int, drawn: Drawn) -> tuple[str, str]:
    """Return the ids of a recording and of its call, in the form of the provider."""
    digits = hashlib.sha256(f"{seed} {drawn.number}".encode()).hexdigest()[:32]
    if drawn.way is Way.BANDWIDTH:
        return f"r-{digits}", f"c-{digits}"
    if drawn.way is Way.TELNYX:
        return _uuid(digits), f"v3:{digits[::-1]}"
    if drawn.way in {Way.RELAY, *LAML}:
        return (f"RE{digits}", f"CA{digits}") if drawn.way is Way.TWILIO else (_uuid(digits), _uuid(digits[::-1]))
    return f"{time.strftime('%Y%m', time.gmtime())}-{digits}", f"call-{digits[:12]}"


def _uuid(digits: str) -> str:
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))
