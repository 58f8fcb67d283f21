"""Name the events of Bandwidth's callbacks that report no recording.

Source: https://dev.bandwidth.com/docs/voice/webhooks/ and the models `*Callback` of bandwidth-sdk.
"""

from callvault.providers.base import OTHER

EVENTS = frozenset(
    {
        "answer", "bridgeComplete", "bridgeTargetComplete", "conferenceCompleted", "conferenceCreated",
        "conferenceMemberExit", "conferenceMemberJoin", "conferenceRedirect", "disconnect", "dtmf", "gather",
        "initiate", "machineDetectionComplete", "realTimeTranscriptionAvailable", "realTimeTranscriptionRejected",
        "realTimeTranscriptionStarted", "realTimeTranscriptionStopped", "redirect", "transferAnswer",
        "transferComplete", "transferDisconnect",
    }
)  # fmt: skip


def of(kind: str | None) -> str:
    """Return an event type if it is in the list, or else OTHER."""
    return kind if kind in EVENTS else OTHER
