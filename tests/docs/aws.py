"""Stand in for the AWS CLI where the pages call it: `aws SERVICE OPERATION --name value …`.

The CLI itself pins another botocore than the project. Options become the operation's parameters by
botocore's model, as the CLI does it: text, numbers, flags, JSON for the rest, and `file://` for the
content of a file.
"""

import json
import sys
from typing import Any

import boto3
from botocore import xform_name


def main(service: str, operation: str, *arguments: str) -> None:
    """Call the operation and print its answer as JSON."""
    client: Any = boto3.client(service)  # type: ignore[call-overload]  # any service
    method = operation.replace("-", "_")
    members = client.meta.service_model.operation_model(client.meta.method_to_api_mapping[method]).input_shape.members
    named = {"--" + xform_name(name, "-"): (name, shape.type_name) for name, shape in members.items()}
    given: dict[str, Any] = {}
    rest = iter(arguments)
    for option in rest:
        name, kind = named[option]
        given[name] = True if kind == "boolean" else _value(kind, next(rest))
    answer = getattr(client, method)(**given)
    answer.pop("ResponseMetadata")
    print(json.dumps(answer, default=str))  # noqa: T201 - its output


def _value(kind: str, text: str) -> Any:
    """Return what an option's text means."""
    if text.startswith("file://"):
        with open(text.removeprefix("file://")) as file:  # noqa: PTH123 - relative to where the command is typed
            text = file.read()
    return text if kind == "string" else json.loads(text)


if __name__ == "__main__":
    main(*sys.argv[1:])
