"""Name the events of SignalWire's and Twilio's callbacks that report no recording.

Each kind of callback has a parameter that no other kind has (https://www.twilio.com/docs/voice/twiml
and https://www.twilio.com/docs/messaging/guides/track-outbound-message-status).
"""

from collections.abc import Mapping
from typing import Any

from callvault.providers.base import OTHER

EVENTS = {
    "TranscriptionStatus": "transcription",
    "TranscriptionEvent": "transcription",
    "StatusCallbackEvent": "conference",
    "StreamEvent": "stream",
    "MessageStatus": "message",
    "SmsStatus": "message",
    "CallStatus": "call",
}
"""The event by the parameter that shows it. A callback about a call may have CallStatus too, so it
is the last."""


def of(fields: Mapping[str, Any]) -> str:
    """Return the event that the fields of a callback show, or OTHER."""
    return next((event for name, event in EVENTS.items() if fields.get(name)), OTHER)
