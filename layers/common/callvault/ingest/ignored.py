"""Log and count callbacks that are acknowledged and not kept, because they report no recording.

A provider sends callbacks about calls, conferences and messages too, if the archive's URL is
entered for them. Nothing is lost by that. But an event that a provider has only begun to send would
be lost without a trace.
"""

from collections.abc import Mapping

from aws_lambda_powertools import Logger

from callvault.ingest import tallies
from callvault.messaging import metrics
from callvault.storage.daily_counts import Kind

METRIC = "IgnoredCallbacks"
"""It has the dimensions `provider` and `event`."""

logger = Logger(child=True)


def note(parameters: Mapping[str, str], event: str) -> None:
    """Log and count a callback; `event` is a word of the provider's list of events, or `other`.

    `parameters` are those of the path. What the callback contains is not logged.
    """
    provider, account_id = parameters["provider"], parameters["account_id"]
    fields = {"account": account_id, "provider": provider, "event": event}
    logger.info("A callback reports no recording and is not kept", extra=fields)
    metrics.publish_event(METRIC, {"provider": provider, "event": event})
    tallies.note(Kind.IGNORED, account_id)
