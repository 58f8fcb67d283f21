"""Configure buckets through S3's API: moto's CloudFormation ignores most of their properties."""

from collections.abc import Mapping
from typing import Any

CORS_NAMES = {"ExposedHeaders": "ExposeHeaders", "Id": "ID", "MaxAge": "MaxAgeSeconds"}
"""The name in S3's API of each property of a CORS rule that CloudFormation names differently."""


def configure(s3: Any, bucket: str, properties: Mapping[str, Any]) -> None:  # noqa: ANN401 - a boto3 client
    """Apply a template's properties to a bucket."""
    if versioning := properties.get("VersioningConfiguration"):
        s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration=versioning)
    if access := properties.get("PublicAccessBlockConfiguration"):
        s3.put_public_access_block(Bucket=bucket, PublicAccessBlockConfiguration=access)
    if ownership := properties.get("OwnershipControls"):
        s3.put_bucket_ownership_controls(Bucket=bucket, OwnershipControls=ownership)
    if encryption := properties.get("BucketEncryption"):
        names = {"ServerSideEncryptionByDefault": "ApplyServerSideEncryptionByDefault"}
        rules = {"Rules": [_renamed(rule, names) for rule in encryption["ServerSideEncryptionConfiguration"]]}
        s3.put_bucket_encryption(Bucket=bucket, ServerSideEncryptionConfiguration=rules)
    if lifecycle := properties.get("LifecycleConfiguration"):
        rules = {"Rules": [_lifecycle_rule(rule) for rule in lifecycle["Rules"]]}
        s3.put_bucket_lifecycle_configuration(Bucket=bucket, LifecycleConfiguration=rules)
    if cors := properties.get("CorsConfiguration"):
        s3.put_bucket_cors(
            Bucket=bucket, CORSConfiguration={"CORSRules": [_renamed(rule, CORS_NAMES) for rule in cors["CorsRules"]]}
        )
    if notification := properties.get("NotificationConfiguration"):
        s3.put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration=_notification(notification))


def _lifecycle_rule(rule: Mapping[str, Any]) -> dict[str, Any]:
    tags = [{"Key": tag["Key"], "Value": tag["Value"]} for tag in rule.get("TagFilters", ())]
    prefix = {"Prefix": rule.get("Prefix", "")}
    result: dict[str, Any] = {
        "Status": rule["Status"],
        "Filter": {"And": {**prefix, "Tags": tags}} if tags else prefix,
    }
    if "Id" in rule:
        result["ID"] = rule["Id"]
    if "ExpirationInDays" in rule:
        result["Expiration"] = {"Days": int(rule["ExpirationInDays"])}
    elif "ExpiredObjectDeleteMarker" in rule:
        result["Expiration"] = {"ExpiredObjectDeleteMarker": rule["ExpiredObjectDeleteMarker"]}
    for name in ("AbortIncompleteMultipartUpload", "NoncurrentVersionExpiration"):
        if name in rule:
            result[name] = {key: int(value) for key, value in rule[name].items()}
    if "Transitions" in rule:
        result["Transitions"] = [
            {"Days": int(step["TransitionInDays"]), "StorageClass": step["StorageClass"]}
            for step in rule["Transitions"]
        ]
    return result


def _renamed(rule: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    """Return a rule with CloudFormation's names replaced by those of S3's API."""
    return {names.get(key, key): value for key, value in rule.items()}


def _notification(configuration: Mapping[str, Any]) -> dict[str, Any]:
    """Return the notifications to queues and EventBridge; the template has no others."""
    queues = []
    for queue in configuration.get("QueueConfigurations", ()):
        entry: dict[str, Any] = {"QueueArn": queue["Queue"], "Events": [queue["Event"]]}
        if "Filter" in queue:
            entry["Filter"] = {"Key": {"FilterRules": queue["Filter"]["S3Key"]["Rules"]}}
        queues.append(entry)
    result: dict[str, Any] = {"QueueConfigurations": queues}
    if "EventBridgeConfiguration" in configuration:
        result["EventBridgeConfiguration"] = {}
    return result
