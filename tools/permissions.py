"""Read the permissions of the functions' roles, each with a test that fails without it."""

from pathlib import Path

KEPT = {
    "ControlRecording kms:GenerateDataKey KmsKeyArn": (
        "AWS's own key aws/dynamodb gives it to every user of a table (the key policy in the DynamoDB developer "
        "guide, on encryption at rest). No test can show that DynamoDB never needs it."
    ),
}
"""Permissions that no test needs, each with the reason why it stays."""


def read(text: str) -> dict[str, str]:
    """Return the permissions with their tests; a permission and its test are two lines."""
    lines = [line.strip() for line in text.splitlines() if line.strip() and not line.startswith("#")]
    return dict(zip(lines[::2], lines[1::2], strict=True))


PERMISSIONS = read(Path(__file__).with_suffix(".txt").read_text())
