"""The weather of the storm: the rules by which AWS fails.

Each operation fails at a low rate all the time, and some services fail completely for a while.
"""

from tools.local.faults.aws import Effect, Rule

STALL_SECONDS = 3.4
"""Duration of a stall, in seconds: longer than the timeout of clients with a waiting caller
(clients.QUICK)."""

RATES: dict[str, dict[Effect, float]] = {
    "dynamodb.*": {
        Effect.THROTTLE: 0.006,
        Effect.ERROR: 0.003,
        Effect.LOSE: 0.006,
        Effect.RESET: 0.003,
        Effect.CUT: 0.002,
        Effect.STALL: 0.001,
        Effect.KILL: 0.001,
    },
    "sqs.SendMessage": {
        Effect.THROTTLE: 0.01,
        Effect.UNAVAILABLE: 0.01,
        Effect.LOSE: 0.02,
        Effect.STALL: 0.002,
        Effect.KILL: 0.002,
    },
    "sqs.ChangeMessageVisibility": {Effect.ERROR: 0.03, Effect.LOSE: 0.01},
    "sqs.DeleteMessageBatch": {Effect.LOSE: 0.03},
    "ssm.*": {Effect.ERROR: 0.03, Effect.THROTTLE: 0.03, Effect.STALL: 0.01},
    "events.*": {Effect.ERROR: 0.02, Effect.LOSE: 0.01},
    "s3.CreateMultipartUpload": {Effect.LOSE: 0.15, Effect.KILL: 0.05},
    "s3.UploadPart": {Effect.LOSE: 0.05, Effect.KILL: 0.04, Effect.CUT: 0.03},
    "s3.CompleteMultipartUpload": {Effect.LOSE: 0.1, Effect.KILL: 0.1, Effect.ERROR_IN_200: 0.1},
    "s3.PutObjectTagging": {Effect.LOSE: 0.05, Effect.KILL: 0.1},
    "s3.GetObject": {Effect.CUT: 0.02, Effect.KILL: 0.001},
    "s3.PutObject": {Effect.LOSE: 0.02, Effect.KILL: 0.004},
    "s3.DeleteObject": {Effect.LOSE: 0.05, Effect.KILL: 0.02},
    "s3.*": {Effect.UNAVAILABLE: 0.006, Effect.ERROR: 0.006, Effect.RESET: 0.004, Effect.STALL: 0.002},
}
"""The rate of each effect, as a fraction of the requests of an operation."""
OUTAGES = {"dynamodb.*": (0.3, 0.33), "sqs.SendMessage": (0.5, 0.55), "s3.*": (0.65, 0.7), "ssm.*": (0.8, 0.85)}
"""Begin and end of each service's outage, as fractions of the storm. In it, every answer is 503."""


def rules(seconds: float) -> tuple[Rule, ...]:
    """Return the rules of a storm of this length."""
    outages = (
        Rule(operations=operations, effect=Effect.UNAVAILABLE, since=since * seconds, until=until * seconds)
        for operations, (since, until) in OUTAGES.items()
    )
    rates = (
        Rule(operations=operations, effect=effect, probability=probability, seconds=STALL_SECONDS, until=seconds)
        for operations, effects in RATES.items()
        for effect, probability in effects.items()
    )
    return (*outages, *rates)
