"""How CloudFormation evaluates a template's expressions for the local stack."""

from typing import Any

from tools.local.aws import expressions


def computed(node: Any, answers: dict[str, str]) -> Any:
    """Resolve a value; `answers` are CloudFormation's, by expression."""
    outputs = expressions.outputs(node)
    values = {
        name: answers[str(output["Value"])] for name, output in outputs.items() if str(output["Value"]) in answers
    }
    return expressions.resolve(node, values)


def test_each_expression_is_replaced_by_its_value() -> None:
    node = {"a": [{"Ref": "X"}, 1], "b": {"c": {"Fn::GetAtt": ["Y", "Arn"]}}}

    assert computed(node, {"{'Ref': 'X'}": "x", "{'Fn::GetAtt': ['Y', 'Arn']}": "y"}) == {
        "a": ["x", 1],
        "b": {"c": "y"},
    }


def test_a_reference_to_no_value_is_left_out() -> None:
    assert computed({"a": {"Ref": "AWS::NoValue"}, "b": [{"Ref": "AWS::NoValue"}, 2]}, {}) == {"b": [2]}


def test_a_condition_may_choose_between_structures() -> None:
    node = {"Fn::If": ["Wide", {"width": [{"Ref": "X"}]}, {"Ref": "AWS::NoValue"}]}
    test = "{'Fn::If': ['Wide', 'true', 'false']}"

    assert computed([node], {test: "true", "{'Ref': 'X'}": "9"}) == [{"width": ["9"]}]
    assert computed([node], {test: "false"}) == []


def test_references_to_resources_that_moto_does_not_create_are_replaced() -> None:
    def stand_in(name: str, attribute: str | None) -> Any:
        return {("Api", None): "id", ("Api", "Url"): "http://x", ("Alias", None): {"Fn::GetAtt": ["F", "Arn"]}}.get(
            (name, attribute)
        )

    node = [
        {"Ref": "Api"},
        {"Ref": "Kept"},
        {"Fn::GetAtt": ["Api", "Url"]},
        {"Fn::GetAtt": "Api.Url"},
        {"Fn::Sub": "${Api.Url}/${Kept}/${Api}/${!Literal}"},
        {"Fn::Sub": ["${Alias}:${V}", {"V": {"Ref": "Api"}}]},
    ]

    assert expressions.replace(node, stand_in) == [
        "id",
        {"Ref": "Kept"},
        "http://x",
        "http://x",
        {"Fn::Sub": "http://x/${Kept}/id/${!Literal}"},
        {"Fn::Sub": ["${LocalAlias}:${V}", {"V": "id", "LocalAlias": {"Fn::GetAtt": ["F", "Arn"]}}]},
    ]
