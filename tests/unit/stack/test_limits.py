"""Concurrency and throttles: callbacks and uploads are never short of what readers may use up."""

from typing import Any

from tests.unit.stack.test_template import resources
from tools.local.emulator.template import Template

DEFAULT_LIMIT = 1000
"""Lambda's default limit of concurrent executions for an AWS account (Lambda, "Quotas")."""
RESERVED_FOR_CALLBACKS_AND_QUERIES = 500


def route_keys(template: dict[str, Any], function: str) -> set[str]:
    events = [event["Properties"] for event in template["Resources"][function]["Properties"]["Events"].values()]
    return {f"{event['Method']} {event['Path']}" for event in events}


def test_exactly_the_routes_of_readers_have_throttles_of_their_own(template: dict[str, Any]) -> None:
    throttled = template["Resources"]["Api"]["Properties"]["RouteSettings"]
    assert set(throttled) == route_keys(template, "QueryRecordings") | route_keys(template, "ControlRecording")


def test_the_stage_throttles_routes_that_exist_after_the_transform(translated: Template) -> None:
    [api] = translated.of("AWS::ApiGatewayV2::Api").values()
    [stage] = translated.of("AWS::ApiGatewayV2::Stage").values()
    made = {
        f"{'ANY' if method == 'x-amazon-apigateway-any-method' else method.upper()} {path}"
        for path, methods in api["Properties"]["Body"]["paths"].items()
        for method in methods
    }
    throttled = stage["Properties"]["RouteSettings"]
    assert set(throttled) <= made
    assert not [key for key in made - set(throttled) if "/callbacks/" not in key and "/uploads/" not in key]


def test_every_throttle_has_a_rate_and_a_burst(template: dict[str, Any]) -> None:
    for settings in template["Resources"]["Api"]["Properties"]["RouteSettings"].values():
        assert set(settings) == {"ThrottlingRateLimit", "ThrottlingBurstLimit"}


def test_the_defaults_leave_half_of_the_accounts_concurrency_for_callbacks_and_queries(
    template: dict[str, Any],
) -> None:
    parameters, used = template["Parameters"], 0
    for function in resources(template, "AWS::Serverless::Function").values():
        for event in function["Events"].values():
            if event["Type"] == "SQS":
                limit = event["Properties"]["ScalingConfig"]["MaximumConcurrency"]
                used += parameters[limit["Ref"]]["Default"] if isinstance(limit, dict) else limit
    assert 0 < used <= DEFAULT_LIMIT - RESERVED_FOR_CALLBACKS_AND_QUERIES


def test_nothing_is_reserved_by_default(template: dict[str, Any]) -> None:
    for function, parameter in {
        "IngestCallback": "ReservedIngestConcurrency",
        "ReceiveUpload": "ReservedUploadConcurrency",
    }.items():
        assert template["Parameters"][parameter]["Default"] == 0
        reserved = template["Resources"][function]["Properties"]["ReservedConcurrentExecutions"]
        assert reserved["If"][1:] == [{"Ref": parameter}, {"Ref": "AWS::NoValue"}]


def test_a_backfill_takes_nothing_from_the_fetches_of_live_callbacks(template: dict[str, Any]) -> None:
    """Each queue has an event source of its own, whose concurrency the other cannot use up."""
    sources = template["Resources"]["FetchMedia"]["Properties"]["Events"]
    found = {event["Properties"]["Queue"]["GetAtt"]: event["Properties"]["ScalingConfig"] for event in sources.values()}
    assert found == {
        "FetchQueue.Arn": {"MaximumConcurrency": {"Ref": "FetchConcurrency"}},
        "BackfillQueue.Arn": {"MaximumConcurrency": {"Ref": "BackfillConcurrency"}},
    }
    parameters = template["Parameters"]
    assert parameters["BackfillConcurrency"]["Default"] * 10 <= parameters["FetchConcurrency"]["Default"]
    assert "ReservedConcurrentExecutions" not in template["Resources"]["FetchMedia"]["Properties"]
