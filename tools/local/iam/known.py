"""List the actions that the evaluator knows.

`s3`, `s3_options`, `dynamodb` and `services` name them.

A statement that names another action is an error, except in AWS's managed policies, because no
request of the local stack could show whether it is needed.
"""

from collections.abc import Iterable

from tools.local.iam import dynamodb, s3, s3_options, services
from tools.local.iam.errors import UnknownError
from tools.local.iam.patterns import action_matches
from tools.local.iam.policies import Statement

ACTIONS = {
    *(f"s3:{name}" for name in (*s3.OBJECT_ACTIONS.values(), *s3.BUCKET_ACTIONS.values())),
    *(f"s3:{name}" for name in s3_options.OPTIONS),
    *(f"dynamodb:{name}" for name in (*dynamodb.ITEM_OPERATIONS, *dynamodb.TRANSACTION_ACTIONS.values())),
    *(f"dynamodb:{name}" for name in ("BatchGetItem", "BatchWriteItem", "Query", "Scan")),
    *(f"sqs:{name}" for name in services.SQS_ACTIONS.values()),
    *(f"ssm:{name}" for name in ("GetParameter", "GetParameters", "GetParametersByPath")),
    "events:PutEvents",
    *(f"kms:{name}" for name in ("Decrypt", "GenerateDataKey")),
}


def check(statements: Iterable[Statement]) -> None:
    """Raise UnknownError if a statement names an action that is not known.

    The policies of AWS itself also allow what Lambda does with the role, such as writing logs.
    """
    for statement in statements:
        for pattern in (*statement.actions, *statement.not_actions):
            if not statement.managed and not any(action_matches(pattern, action) for action in ACTIONS):
                raise UnknownError(f"{statement.owner}: the action {pattern} is not known.")
