"""How the local stack configures a bucket."""

from typing import Any

import boto3
import pytest

from tools.local.aws import buckets

QUEUE_ARN = "arn:aws:sqs:us-east-1:123456789012:callvault-objects"


@pytest.fixture
def bucket() -> Any:
    """Create an empty bucket and return a client."""
    client = boto3.client("s3")
    client.create_bucket(Bucket="plain")
    return client


def test_a_bucket_gets_the_properties_of_the_template(bucket: Any) -> None:
    properties = {
        "VersioningConfiguration": {"Status": "Enabled"},
        "PublicAccessBlockConfiguration": {"BlockPublicAcls": True, "BlockPublicPolicy": True},
        "OwnershipControls": {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]},
        "BucketEncryption": {
            "ServerSideEncryptionConfiguration": [{"ServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]
        },
        "LifecycleConfiguration": {
            "Rules": [
                {"Id": "Abort", "Status": "Enabled", "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 2}},
                {"Status": "Enabled", "Prefix": "old/", "ExpirationInDays": "7"},
                {
                    "Status": "Enabled",
                    "TagFilters": [{"Key": "a", "Value": "b"}],
                    "Transitions": [{"TransitionInDays": 30, "StorageClass": "GLACIER"}],
                },
            ]
        },
        "CorsConfiguration": {"CorsRules": [{"AllowedMethods": ["GET"], "AllowedOrigins": ["*"], "MaxAge": 60}]},
        "NotificationConfiguration": {
            "QueueConfigurations": [
                {
                    "Event": "s3:ObjectCreated:*",
                    "Queue": QUEUE_ARN,
                    "Filter": {"S3Key": {"Rules": [{"Name": "prefix", "Value": "media/"}]}},
                }
            ]
        },
    }

    buckets.configure(bucket, "plain", properties)

    assert bucket.get_bucket_versioning(Bucket="plain")["Status"] == "Enabled"
    assert bucket.get_public_access_block(Bucket="plain")["PublicAccessBlockConfiguration"]["BlockPublicPolicy"]
    rules = bucket.get_bucket_lifecycle_configuration(Bucket="plain")["Rules"]
    assert rules[0]["AbortIncompleteMultipartUpload"] == {"DaysAfterInitiation": 2}
    assert rules[1]["Expiration"] == {"Days": 7}
    assert rules[2]["Transitions"] == [{"Days": 30, "StorageClass": "GLACIER"}]
    assert bucket.get_bucket_cors(Bucket="plain")["CORSRules"][0]["MaxAgeSeconds"] == 60
    notification = bucket.get_bucket_notification_configuration(Bucket="plain")["QueueConfigurations"][0]
    assert notification["QueueArn"] == QUEUE_ARN
    assert notification["Filter"]["Key"]["FilterRules"] == [{"Name": "prefix", "Value": "media/"}]


def test_a_bucket_without_properties_stays_as_it_is(bucket: Any) -> None:
    buckets.configure(bucket, "plain", {})

    assert "Status" not in bucket.get_bucket_versioning(Bucket="plain")
