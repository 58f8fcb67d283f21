"""Ask an emulator questions, in a scene that has a bucket, a table and a queue.

A probe is a function that asks one question, and says what AWS answers and where AWS says so.
"""

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

BUCKET = "probed-bucket"
TABLE = "probed-table"
QUEUE = "probed-queue"
ACCEPTED = "accepted"
"""The answer to a request that is not refused, if the probe asks for nothing else."""
CONFIG = Config(
    connect_timeout=2,
    read_timeout=30,
    retries={"mode": "standard", "total_max_attempts": 1},
    parameter_validation=False,  # the server has to refuse, not the client
    signature_version="v4",
)


@functools.cache
def client(service: str, *, plain: bool = False) -> Any:
    """Return a client; a `plain` one adds no checksum to what it sends."""
    config = CONFIG.merge(Config(signature_version="s3v4")) if service == "s3" else CONFIG
    if plain:
        config = config.merge(Config(request_checksum_calculation="when_required"))
    keys = {"aws_access_key_id": "testing", "aws_secret_access_key": "testing"}
    return boto3.client(service, region_name="us-east-1", config=config, **keys)  # type: ignore[call-overload]


class Scene:
    """A versioned bucket, a table with an index, and a queue.

    Each is made when a probe first uses it.
    """

    @functools.cached_property
    def s3(self) -> Any:
        """Return a client of S3, in which the bucket exists."""
        made = client("s3")
        made.create_bucket(Bucket=BUCKET)
        made.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
        return made

    @functools.cached_property
    def dynamodb(self) -> Any:
        """Return a client of DynamoDB, in which the table exists."""
        made = client("dynamodb")
        names = ("pk", "sk", "index_pk", "index_sk")
        made.create_table(
            TableName=TABLE,
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in names],
            KeySchema=_keys("pk", "sk"),
            GlobalSecondaryIndexes=[
                {
                    "IndexName": "by_index",
                    "KeySchema": _keys("index_pk", "index_sk"),
                    "Projection": {"ProjectionType": "KEYS_ONLY"},
                }
            ],
        )
        return made

    @functools.cached_property
    def sqs(self) -> Any:
        """Return a client of SQS."""
        return client("sqs")

    @functools.cached_property
    def queue(self) -> str:
        """Return the URL of the queue."""
        return str(self.sqs.create_queue(QueueName=QUEUE)["QueueUrl"])

    def put(self, body: bytes = b"0123456789", key: str = "key", **options: Any) -> Any:
        """Write an object."""
        return self.s3.put_object(Bucket=BUCKET, Key=key, Body=body, **options)

    def get(self, key: str = "key", **options: Any) -> Any:
        """Read an object."""
        return self.s3.get_object(Bucket=BUCKET, Key=key, **options)

    def delete(self, key: str = "key", **options: Any) -> Any:
        """Delete an object."""
        return self.s3.delete_object(Bucket=BUCKET, Key=key, **options)

    def write(self, pk: str = "a", sk: str = "1", *, options: dict[str, Any] | None = None, **more: Any) -> Any:
        """Write an item; `more` are attributes as DynamoDB writes them."""
        return self.dynamodb.put_item(TableName=TABLE, Item=item(pk, sk) | more, **options or {})

    def send(self, body: str = "message", **options: Any) -> Any:
        """Send a message."""
        return self.sqs.send_message(QueueUrl=self.queue, MessageBody=body, **options)

    def receive(self, **options: Any) -> list[Any]:
        """Receive messages."""
        return list(self.sqs.receive_message(QueueUrl=self.queue, **options).get("Messages", []))


def _keys(partition: str, sort: str) -> list[dict[str, str]]:
    return [{"AttributeName": partition, "KeyType": "HASH"}, {"AttributeName": sort, "KeyType": "RANGE"}]


def item(pk: str = "a", sk: str = "1") -> dict[str, Any]:
    """Return the key of an item."""
    return {"pk": {"S": pk}, "sk": {"S": sk}}


@dataclass(frozen=True)
class Probe:
    """A question, and the answer that AWS gives."""

    aws: str
    page: str
    """The page on which AWS says so."""
    ask: Callable[[Scene], object]

    def answer(self, scene: Scene) -> str:
        """Return the answer; a refusal is its status and its code."""
        try:
            given = self.ask(scene)
        except ClientError as error:
            return refusal(error)
        except (KeyError, TypeError) as error:  # moto's own, which its server answers with 500
            return f"raised {type(error).__name__}"
        return ACCEPTED if given is None else str(given)


def refusal(error: ClientError) -> str:
    """Return the status and the code of a refusal."""
    return f"{error.response['ResponseMetadata']['HTTPStatusCode']} {error.response['Error']['Code']}"


def status_of(ask: Callable[[], object]) -> str:
    """Return the status alone, for a refusal of which AWS does not document the code."""
    try:
        ask()
    except ClientError as error:
        return str(error.response["ResponseMetadata"]["HTTPStatusCode"])
    return ACCEPTED


PROBES: dict[str, Probe] = {}
"""The probes by their names."""


def probe(aws: str, page: str) -> Callable[[Callable[[Scene], object]], Callable[[Scene], object]]:
    """Register a function as a probe, with the answer that AWS gives and AWS's page."""

    def register(ask: Callable[[Scene], object]) -> Callable[[Scene], object]:
        assert ask.__name__ not in PROBES
        PROBES[ask.__name__] = Probe(aws, page, ask)
        return ask

    return register
