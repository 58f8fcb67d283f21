"""Say which permissions a request to S3, DynamoDB, SQS, SSM or EventBridge needs.

Service Authorization Reference, the pages of Amazon SQS, AWS Systems Manager and Amazon EventBridge
(https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html).
"""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from tools.local.aws.operations import TARGETS
from tools.local.iam import dynamodb, s3, signatures
from tools.local.iam.calls import Call, Surroundings
from tools.local.iam.errors import UnknownError
from tools.local.iam.policies import Need

SQS_ACTIONS = {
    name: name.removesuffix("Batch")
    for name in (
        "ChangeMessageVisibility", "ChangeMessageVisibilityBatch", "DeleteMessage", "DeleteMessageBatch",
        "GetQueueAttributes", "PurgeQueue", "ReceiveMessage", "SendMessage", "SendMessageBatch",
    )
}  # fmt: skip
"""The permission for each operation on a queue; a batch has that of the single operation."""
SQS_KMS = {"SendMessage": ("Decrypt", "GenerateDataKey"), "ReceiveMessage": ("Decrypt",)}
"""What producers and consumers need of KMS.

SQS developer guide, "Key management", "Configuring KMS permissions for Amazon SQS".
"""

REGION_OF_QUEUE = re.compile(r"sqs\.([a-z0-9-]+)\.amazonaws\.com|([a-z0-9-]+)\.queue\.amazonaws\.com")
"""The hosts of AWS's queues, with their region."""


def service(call: Call) -> str:
    """Return the service of a request: `s3`, `sqs`, `dynamodb`, `ssm` or `events`.

    All the services have one address here. As in moto, X-Amz-Target names the service, or else the
    signature in the Authorization header. Raises UnknownError if moto might choose another service.
    """
    target = call.head.header("x-amz-target")
    if target is not None:
        name = target.partition(".")[0]
        if name not in TARGETS:
            raise UnknownError(f"The service of {target} is not known.")
        return TARGETS[name]
    signature = signatures.of(call.head)
    if signature and not signature.in_url and signature.service:
        return signature.service
    if _is_query(call) and signature:
        raise UnknownError("The service of a form whose signature does not tell it is not known.")
    return "sqs" if _is_query(call) else "s3"


def needs(call: Call, around: Surroundings) -> Iterator[Need]:
    """Yield the permissions that a request needs; raises UnknownError."""
    name = service(call)
    if name == "s3":
        return s3.needs(call, around)
    operation = (call.head.header("x-amz-target") or "").partition(".")[2]
    if name == "dynamodb":
        return dynamodb.needs(operation, call, around)
    if name not in {"sqs", "ssm", "events"}:
        raise UnknownError(f"The permissions for the service {name} are not known.")
    if _is_query(call) and operation:
        raise UnknownError(f"The operation of a form that also has the header of {operation} is not known.")
    if _is_query(call):
        request: dict[str, Any] = dict(parse_qsl(call.body.decode()))
        operation = request.pop("Action")
    else:
        request = json.loads(call.body or b"{}")
    return {"sqs": _sqs, "ssm": _ssm, "events": _events}[name](operation, request, around)


def _is_query(call: Call) -> bool:
    """Return whether a request has the form of SQS's older protocol."""
    return (call.head.header("content-type") or "").startswith("application/x-www-form-urlencoded")


def _sqs(operation: str, request: Mapping[str, Any], around: Surroundings) -> Iterator[Need]:
    if operation not in SQS_ACTIONS:
        raise UnknownError(f"SQS: the permission for {operation} is not known.")
    action = SQS_ACTIONS[operation]
    arn = queue_arn(request["QueueUrl"], around)
    yield Need(action=f"sqs:{action}", resource=arn)
    if key := around.kms_keys.get(arn):
        yield from (Need(action=f"kms:{name}", resource=key) for name in SQS_KMS.get(action, ()))


def queue_arn(url: str, around: Surroundings) -> str:
    """Return the ARN of the queue of a URL, which names the account and, on AWS, the region.

    SQS developer guide, "Queue and message identifiers"
    (https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-queue-message-identifiers.html).
    Raises UnknownError for any other URL.
    """
    parts = urlsplit(url)
    account, slash, name = parts.path.removeprefix("/").partition("/")
    if not (parts.netloc and account and slash and name) or "/" in name:
        raise UnknownError(f"SQS: the queue of {url} is not known.")
    found = REGION_OF_QUEUE.fullmatch(parts.hostname or "")
    region = found[1] or found[2] if found else around.region
    return f"arn:aws:sqs:{region}:{account}:{name}"


def _ssm(operation: str, request: Mapping[str, Any], around: Surroundings) -> Iterator[Need]:
    if operation in {"GetParameter", "GetParametersByPath"}:
        names = [request["Name" if operation == "GetParameter" else "Path"]]
    elif operation == "GetParameters":
        names = request["Names"]
    else:
        raise UnknownError(f"SSM: the permission for {operation} is not known.")
    for name in names:
        arn = parameter_arn(name, around)
        yield Need(action=f"ssm:{operation}", resource=arn)
        if request.get("WithDecryption"):
            # SSM decrypts with the permissions of the caller ("AWS KMS encryption for AWS Systems
            # Manager Parameter Store SecureString parameters"). The key aws/ssm allows everybody.
            yield from (
                Need(action="kms:Decrypt", resource=key)
                for path, key in around.kms_keys.items()
                if arn.startswith(path) and ":ssm:" in path
            )


def parameter_arn(name: str, around: Surroundings) -> str:
    """Return the ARN of a parameter by its name or ARN, without a version or label.

    SSM API reference, GetParameter, "Name"
    (https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParameter.html): a
    parameter of another account is named by its ARN; a version or label follows a colon.
    """
    if name.startswith("arn:"):
        *segments, resource = name.split(":", 5)
        return ":".join([*segments, resource.partition(":")[0]])
    return around.arn("ssm", f"parameter/{name.partition(':')[0].strip('/')}")


def _events(operation: str, request: Mapping[str, Any], around: Surroundings) -> Iterator[Need]:
    if operation != "PutEvents":
        raise UnknownError(f"EventBridge: the permission for {operation} is not known.")
    for bus in sorted({entry.get("EventBusName", "default") for entry in request["Entries"]}):
        arn = bus if bus.startswith("arn:") else around.arn("events", f"event-bus/{bus}")
        yield Need(action="events:PutEvents", resource=arn)
