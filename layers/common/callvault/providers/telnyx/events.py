"""Name the events of Telnyx's webhooks that report no recording.

Source: the models `*WebhookEvent` of the SDK (telnyx 4.189). TeXML's callbacks have no event type.
"""

from callvault.providers.base import OTHER

TEXML = "texml"
"""Event of TeXML's callbacks that report no recording."""
EVENTS = frozenset(
    {
        "call.ai_gather.ended", "call.ai_gather.message_history_updated", "call.ai_gather.partial_results",
        "call.analyzed", "call.answered", "call.bridged", "call.conversation.created", "call.conversation.ended",
        "call.conversation.start_failed", "call.conversation_insights.generated", "call.cost",
        "call.deepfake_detection.error", "call.deepfake_detection.result", "call.dequeued", "call.dtmf.received",
        "call.enqueued", "call.fork.started", "call.fork.stopped", "call.gather.ended", "call.hangup", "call.hold",
        "call.initiated", "call.machine.detection.ended", "call.machine.greeting.ended",
        "call.machine.premium.call_screening.detected", "call.machine.premium.detection.ended",
        "call.machine.premium.detection.started", "call.machine.premium.greeting.ended", "call.payment.completed",
        "call.payment.progress", "call.playback.ended", "call.playback.started", "call.refer.completed",
        "call.refer.failed", "call.refer.started", "call.speak.ended", "call.speak.started", "call.transcription",
        "call.unhold", "conference.created", "conference.ended", "conference.floor.changed",
        "conference.participant.joined", "conference.participant.left", "conference.participant.playback.ended",
        "conference.participant.playback.started", "conference.participant.speak.ended",
        "conference.participant.speak.started", "conference.playback.ended", "conference.playback.started",
        "conference.speak.ended", "conference.speak.started", "siprec.failed", "siprec.started", "siprec.stopped",
        "streaming.failed", "streaming.started", "streaming.stopped",
    }
)  # fmt: skip


GROUPS = (
    "call.ai_gather", "call.conversation", "call.deepfake_detection", "call.fork", "call.machine", "call.payment",
    "call.playback", "call.refer", "call.speak", "conference", "siprec", "streaming",
)  # fmt: skip
"""Beginnings of event types that are named together, so that the metric has few of them."""


def of(kind: str | None) -> str:
    """Return an event type, or its group, if it is in the list, or else OTHER."""
    if kind is None or kind not in EVENTS:
        return OTHER
    return next((group for group in GROUPS if kind.startswith(f"{group}.")), kind)
