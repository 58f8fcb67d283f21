"""AWS's public list prices: the only place that has them.

They are those of us-east-1, in US dollars, without free tiers, discounts for volume, and taxes.
docs/getting-started.md quotes some of them; a test compares the two.
"""

from dataclasses import dataclass

AS_OF = "2026-11-26"
"""The day on which the prices were valid."""
REGION = "us-east-1"


@dataclass(frozen=True)
class Price:
    """The price of one thing."""

    what: str
    usd: float
    per: int
    """The number of units that cost `usd`."""
    source: str
    """AWS's page that has the price."""

    def cost(self, amount: float) -> float:
        """Return the price of an amount, in US dollars."""
        return amount * self.usd / self.per


MILLION = 1_000_000
LAMBDA, S3 = "https://aws.amazon.com/lambda/pricing/", "https://aws.amazon.com/s3/pricing/"
DYNAMODB = "https://aws.amazon.com/dynamodb/pricing/on-demand/"

GB_SECONDS = Price("Lambda GB-seconds (arm64)", 0.0000133334, 1, LAMBDA)
INVOCATIONS = Price("Lambda requests", 0.20, MILLION, LAMBDA)
WRITE_UNITS = Price("DynamoDB write request units", 0.625, MILLION, DYNAMODB)
READ_UNITS = Price("DynamoDB read request units", 0.125, MILLION, DYNAMODB)
S3_WRITES = Price("S3 requests that write", 0.005, 1_000, S3)
S3_READS = Price("S3 requests that read", 0.0004, 1_000, S3)
# 0.40 for a standard queue, and 0.10 more because the messages have a group (fair queues).
SQS_REQUESTS = Price("SQS requests", 0.50, MILLION, "https://aws.amazon.com/sqs/pricing/")
EVENTS = Price("EventBridge events", 1.00, MILLION, "https://aws.amazon.com/eventbridge/pricing/")
LOG_GB = Price("CloudWatch Logs, GB", 0.50, 1, "https://aws.amazon.com/cloudwatch/pricing/")
STORAGE_GB_MONTH = Price("S3 Standard, GB a month", 0.023, 1, S3)
