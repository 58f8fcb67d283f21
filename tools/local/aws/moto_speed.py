"""Make boto3 and moto faster: together they take most of the time of the tests."""

# ruff: noqa: ANN401, SLF001 - this module handles moto's own types and internals

from functools import cache
from typing import Any

from botocore import useragent
from moto.core import responses
from moto.core.serialize import JSONSerializer
from moto.core.utils import method_names_from_class

from tools.local.aws.moto_fixes import replace


def remember_constants() -> None:
    """Compute once what botocore 1.44 and moto 5.2.5 compute for each request.

    It depends on the arguments alone: a part of the user agent, and the names of the operations of
    a service.
    """
    clean = cache(useragent.sanitize_user_agent_string_component)
    replace(useragent, sanitize_user_agent_string_component=clean)
    replace(responses, method_names_from_class=cache(method_names_from_class))


def serialize_values() -> None:
    """Serialize only the member that an attribute value of DynamoDB has, such as `S` or `N`.

    moto 5.2.5 looks for all ten members of each value, in each spelling that its own classes could
    give them. A value is a dictionary, and spells its member as DynamoDB does.
    """
    serialize = JSONSerializer._serialize_type_structure

    def structure(serializer: Any, serialized: Any, value: Any, shape: Any, key: str) -> None:
        if shape.name != "AttributeValue" or type(value) is not dict:
            serialize(serializer, serialized, value, shape, key)
            return
        wrapper: dict[str, Any] = {}
        for name, member in value.items():
            serializer._serialize(wrapper, member, shape.members[name], name)
        serializer._default_serialize(serialized, wrapper, shape, key)

    replace(JSONSerializer, _serialize_type_structure=structure)
