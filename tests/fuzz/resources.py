"""Make random resources of recordings at Twilio, and read them as after a failed fetch."""

from random import Random

from callvault.models import Recording
from callvault.providers import look_ups
from callvault.providers.fields import json_object
from callvault.providers.laml import twilio_media
from tests import samples
from tests.fuzz import values

ORIGIN = "https://api.twilio.com"
BUCKET = "https://key:secret@acme-calls.s3.us-east-1.amazonaws.com/voice/RE1"
"""A place outside Twilio, with what must never be kept."""
SAMPLES = [one.body for one in samples.of("twilio").look_ups]


def explain(random: Random, recording: Recording) -> Recording | None:
    """Return what a random resource explains about a recording of Twilio's, or None."""
    if recording.provider != "twilio":
        return None
    known = {**random.choice(SAMPLES), "sid": recording.recording_id}
    if random.random() < 0.5:
        known["media_url"] = f"{BUCKET}?X-Amz-Signature={values.text(random)[:200]}#{values.text(random)[:50]}"
    if random.random() < 0.3:
        known["encryption_details"] = values.value(random)
    fields = values.pairs(random, list(known.items()), list(known))
    fields.append(("sid", recording.recording_id))
    return twilio_media.explain(recording, json_object(values.document(random, fields)), ORIGIN, "http_404")


def shows_credentials(recording: Recording) -> bool:
    """Return whether the place of a recording that is stored elsewhere has more than a path."""
    place = look_ups.external_url(recording)
    return place is not None and ("?" in place or "#" in place or "@" in place.split("/")[2])
