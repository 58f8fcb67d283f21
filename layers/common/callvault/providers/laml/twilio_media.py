"""Read how and where Twilio keeps the media of a recording.

Two settings of an account at Twilio decide what a request for the media returns
(https://www.twilio.com/docs/voice/recording-settings):

- Voice Recording encryption
  (https://www.twilio.com/docs/voice/tutorials/voice-recording-encryption): the media is ciphertext,
  and `.mp3` is refused (https://www.twilio.com/docs/api/errors/16109). `encryption_details` of the
  resource, and `EncryptionDetails` of the callback, say how to decrypt it.
- Voice Recording external storage: Twilio uploads the media to the customer's own S3 bucket and
  keeps no copy. "When stored externally, this is the full URL location of the media file" is what
  Twilio's OpenAPI document says of `media_url` of the resource.

It is not documented how Twilio's own URL of the media answers if the media is stored externally,
nor whether `RecordingUrl` of the callback then leads to the bucket. So the archive requests the
media first, and reads the resource only if that fails.
"""

import re
from collections.abc import Mapping
from typing import Any

from callvault import urls
from callvault.models import Recording
from callvault.providers import look_ups
from callvault.providers.laml.resource_fields import ENCRYPTION

NO_DETAILS = ("", "{}", "null")
"""Values of the field EncryptionDetails of a recording that is not encrypted."""
HOST = re.compile(r"(?:.+\.)?twilio\.com").fullmatch
"""Matches the hosts of Twilio, also those of its regions (`api.dublin.ie1.twilio.com`)."""
EXPLAINED = re.compile(r"not_audio|empty|short_body|forbidden_redirect|redirect_loop|http_4(?!29)[0-9]{2}").fullmatch
"""Matches the reasons of failed fetches that the resource may explain.

After a 429 and a 5xx, another request would only add to the load.
"""
NOT_SERVED = re.compile(r"forbidden_redirect|redirect_loop|http_4(?:00|03|04|10)").fullmatch
"""Matches the reasons that show that Twilio does not serve the media. Others may be temporary."""


def is_encrypted(recording: Recording) -> bool:
    """Return whether the recording is encrypted with the account's public key."""
    return str(recording.extra.get(ENCRYPTION) or "") not in NO_DETAILS


def explain(recording: Recording, resource: Mapping[str, Any], origin: str, reason: str) -> Recording | None:
    """Return a recording as its resource describes it, or None if the resource adds nothing.

    `origin` is that of the account's API, and `reason` says why the fetch failed. Encrypted media
    is always WAVE. Media is stored elsewhere only if Twilio does not serve it.
    """
    if resource.get("sid") != recording.recording_id:
        return None
    details, found = resource.get("encryption_details"), recording
    if details and not is_encrypted(recording):
        found = recording.model_copy(update={"format": "wav", "extra": recording.extra | {ENCRYPTION: details}})
    place = look_ups.place(resource.get("media_url"))
    if place is not None and NOT_SERVED(reason) and not _is_at_twilio(place, origin):
        return look_ups.stored_elsewhere(found, place)
    return None if found is recording else found


def _is_at_twilio(place: str, origin: str) -> bool:
    """Return whether a place is at Twilio or at the origin of the account's API."""
    host = urls.parse_url(place).host or ""
    return host == urls.parse_url(origin).host or HOST(host) is not None
