"""A release adds or removes at most one index, and changes the keys of none.

DynamoDB creates or deletes one global secondary index in one UpdateTable
(https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateTable.html), and
CloudFormation makes one update of the table for one update of the stack. It refuses a second index
with "Cannot perform more than one GSI creation or deletion in a single update". An index with other
keys or another projection is a new one, and CloudFormation replaces a table with another primary
key (https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-dynamodb-table.html).
"""

import copy
from collections.abc import Iterator
from typing import Any

import pytest

from tests.releases import releases
from tests.releases.releases import TODAY, UPDATES, VERSIONS


def refused(before: dict[str, Any], after: dict[str, Any]) -> Iterator[str]:
    """Yield what CloudFormation would refuse, or lose, in an update of the table."""
    old, new = (
        {index["IndexName"]: index for index in definition["GlobalSecondaryIndexes"]} for definition in (before, after)
    )
    if len(changed := sorted(old.keys() ^ new.keys())) > 1:
        yield f"more than one index is added or removed: {', '.join(changed)}"
    yield from (f"the index {name} is changed" for name in sorted(old.keys() & new.keys()) if old[name] != new[name])
    if before["KeySchema"] != after["KeySchema"]:
        yield "the table is replaced"
    kinds, now = (
        {one["AttributeName"]: one["AttributeType"] for one in definition["AttributeDefinitions"]}
        for definition in (before, after)
    )
    yield from (
        f"the type of {name} is changed" for name in sorted(kinds.keys() & now.keys()) if kinds[name] != now[name]
    )


@pytest.mark.parametrize(("version", "following"), UPDATES)
def test_cloudformation_can_update_the_table_of_a_release_to_the_following_one(version: str, following: str) -> None:
    assert list(refused(releases.table(version), releases.table(following))) == []


def _without(*names: str) -> dict[str, Any]:
    table = copy.deepcopy(releases.table(TODAY))
    indexes = table["GlobalSecondaryIndexes"]
    table["GlobalSecondaryIndexes"] = [index for index in indexes if index["IndexName"] not in names]
    return table


def test_one_index_may_be_added_or_removed_but_not_two() -> None:
    table = releases.table(TODAY)
    for other, problems in ((_without("by_due"), 0), (_without("by_due", "by_call"), 1)):
        assert len(list(refused(table, other))) == len(list(refused(other, table))) == problems


def test_a_renamed_index_is_one_added_and_one_removed() -> None:
    other = _without()
    other["GlobalSecondaryIndexes"][0]["IndexName"] = "by_another_name"
    assert len(list(refused(releases.table(TODAY), other))) == 1


@pytest.mark.parametrize("member", ["KeySchema", "Projection"])
def test_an_index_keeps_its_keys_and_its_projection(member: str) -> None:
    other = _without()
    other["GlobalSecondaryIndexes"][0][member] = other["GlobalSecondaryIndexes"][1][member] = "another"
    assert len(list(refused(releases.table(VERSIONS[-1]), other))) == 2


def test_the_table_keeps_its_primary_key_and_the_types_of_its_attributes() -> None:
    other = _without()
    other["KeySchema"] = [{"AttributeName": "listed_at", "KeyType": "HASH"}]
    other["AttributeDefinitions"][0]["AttributeType"] = "N"
    assert list(refused(releases.table(TODAY), other)) == ["the table is replaced", "the type of pk is changed"]
