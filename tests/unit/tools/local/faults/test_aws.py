"""When AWS fails, the same for the same seed."""

from tools.local.faults.aws import AwsFaults, Effect, Rule


def drawn(faults: AwsFaults, operation: str, times: int) -> list[bool]:
    return [faults.draw(operation) is not None for _ in range(times)]


def test_the_same_seed_gives_the_same_faults() -> None:
    rules = [Rule(operations="s3.*", effect=Effect.ERROR, probability=0.5)]
    first = drawn(AwsFaults(rules, seed=1), "s3.PutObject", 50)
    assert first == drawn(AwsFaults(rules, seed=1), "s3.PutObject", 50)
    assert first != drawn(AwsFaults(rules, seed=2), "s3.PutObject", 50)
    assert 10 < sum(first) < 40


def test_a_rule_affects_its_operations_only_up_to_its_maximum() -> None:
    faults = AwsFaults([Rule(operations="dynamodb.*", effect=Effect.LOSE, max_count=2)])
    assert drawn(faults, "s3.PutObject", 3) == [False] * 3
    assert drawn(faults, "dynamodb.PutItem", 3) == [True, True, False]
    assert faults.struck == {"dynamodb.PutItem lose": 2}
    assert faults.carried_out == {"s3.PutObject": 3, "dynamodb.PutItem": 3}


def test_a_rule_affects_requests_of_its_time_only() -> None:
    later = Rule(operations="*", effect=Effect.ERROR, since=1000)
    over = Rule(operations="*", effect=Effect.ERROR, until=0)
    assert drawn(AwsFaults([later, over]), "ssm.GetParameter", 5) == [False] * 5
