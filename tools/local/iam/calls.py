"""A request to AWS, and what the evaluator knows about the account."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from tools.local.emulator.wire import Head


@dataclass(frozen=True, kw_only=True)
class Call:
    """A request to AWS."""

    head: Head
    body: bytes


@dataclass(frozen=True, kw_only=True)
class Surroundings:
    """What is known of the AWS account apart from a request."""

    account: str
    region: str
    kms_keys: Mapping[str, str] = field(default_factory=dict)
    """The ARN of the customer managed key of a bucket, table or queue, by the ARN of that.

    The key of SSM parameters stands under the ARN of their path.
    """
    partition_keys: Mapping[str, str] = field(default_factory=dict)
    """The name of the partition key, by the ARN of a table or an index."""

    def arn(self, service: str, resource: str) -> str:
        """Return the ARN of a resource of the account and its region."""
        return f"arn:aws:{service}:{self.region}:{self.account}:{resource}"
