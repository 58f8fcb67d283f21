"""A deployed change is served: no event source is bound to code or settings of before."""

from typing import Any

import pytest

from tests.unit.stack import transforms

FUNCTION = "AWS::Lambda::Function"
BEFORE = transforms.deployed()
LAYER_CHANGED = transforms.deployed(added_line="\n# one more line\n")
URL_CHANGED = transforms.deployed(PublicUrl="https://calls.example.com")


def of(kind: str, resources: dict[str, Any]) -> dict[str, Any]:
    return {name: one["Properties"] for name, one in resources.items() if one["Type"] == kind}


FUNCTIONS = sorted(of(FUNCTION, BEFORE))


def targets() -> dict[str, str]:
    """Return what each event source calls, by the event source."""
    [api] = of("AWS::ApiGatewayV2::Api", BEFORE).values()
    found = {
        f"{method} {path}": operation["x-amazon-apigateway-integration"]["uri"].split("/functions/")[1].split("/")[0]
        for path, methods in api["Body"]["paths"].items()
        for method, operation in methods.items()
    }
    found |= {name: one["FunctionName"] for name, one in of("AWS::Lambda::EventSourceMapping", BEFORE).items()}
    found |= {name: one["Target"]["Arn"] for name, one in of("AWS::Scheduler::Schedule", BEFORE).items()}
    return found


def test_every_event_source_calls_a_function_itself_not_a_version() -> None:
    called = {source: target.removeprefix("callvault:").removesuffix(".Arn") for source, target in targets().items()}
    assert {name: target for name, target in called.items() if target not in FUNCTIONS} == {}
    assert set(called.values()) == set(FUNCTIONS)


def test_every_permission_to_call_is_for_a_function_itself() -> None:
    permissions = of("AWS::Lambda::Permission", BEFORE)
    assert {one["FunctionName"].removeprefix("callvault:") for one in permissions.values()} <= set(FUNCTIONS)


def test_no_version_or_alias_of_a_function_is_published() -> None:
    kinds = {one["Type"] for one in BEFORE.values()}
    assert not kinds & {"AWS::Lambda::Version", "AWS::Lambda::Alias"}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_changed_line_of_the_layer_changes_each_functions_layer(name: str) -> None:
    before, after = (of(FUNCTION, one)[name]["Layers"] for one in (BEFORE, LAYER_CHANGED))
    assert len(before) == len(after) == 1
    assert before != after
    assert after[0].removeprefix("callvault:") in of("AWS::Lambda::LayerVersion", LAYER_CHANGED)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_changed_parameter_changes_each_functions_environment(name: str) -> None:
    before, after = (of(FUNCTION, one)[name]["Environment"]["Variables"] for one in (BEFORE, URL_CHANGED))
    assert (before["PUBLIC_URL"], after["PUBLIC_URL"]) == ("", "https://calls.example.com")


def test_a_changed_line_of_the_layer_changes_no_functions_own_code() -> None:
    """Therefore SAM would publish no new version: it looks at the code alone."""
    before, after = of(FUNCTION, BEFORE), of(FUNCTION, LAYER_CHANGED)
    assert {name: one["Code"] for name, one in before.items()} == {name: one["Code"] for name, one in after.items()}


@pytest.mark.parametrize("name", ["MediaBucket", "RecordingsTable"])
def test_what_holds_recordings_is_kept_when_it_is_replaced_or_removed(name: str) -> None:
    resource = BEFORE[name]
    assert resource["DeletionPolicy"] in {"Retain", "RetainExceptOnCreate"}
    assert resource["UpdateReplacePolicy"] == "Retain"


@pytest.mark.parametrize(("name", "replacing"), [("MediaBucket", {"BucketName"}), ("RecordingsTable", {"KeySchema"})])
def test_only_name_and_key_would_make_an_update_replace_bucket_or_table(name: str, replacing: set[str]) -> None:
    [schema] = transforms.schemas({BEFORE[name]["Type"]})
    pointers = [*schema["createOnlyProperties"], *schema.get("conditionalCreateOnlyProperties", ())]
    assert {pointer.split("/")[2] for pointer in pointers} & set(BEFORE[name]["Properties"]) == replacing


def test_the_tables_key_is_that_of_every_release() -> None:
    assert BEFORE["RecordingsTable"]["Properties"]["KeySchema"] == [{"AttributeName": "pk", "KeyType": "HASH"}]


def test_nobody_deletes_the_table_by_one_command() -> None:
    table = BEFORE["RecordingsTable"]["Properties"]
    assert table["DeletionProtectionEnabled"] is True
    assert table["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"] is True


def test_an_object_that_is_overwritten_or_deleted_stays_as_a_version() -> None:
    assert BEFORE["MediaBucket"]["Properties"]["VersioningConfiguration"] == {"Status": "Enabled"}
