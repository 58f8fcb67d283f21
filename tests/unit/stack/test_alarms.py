"""The template's alarms, metric filters and dashboard fit the functions and queues they watch."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from callvault import alarm_messages
from callvault.ingest import timing
from callvault.messaging import next_attempts
from callvault.providers import PROVIDERS
from callvault.upkeep import ignored, overdue, refusals, silence, sweep
from callvault.upkeep.reconcile import outcomes
from tests import filter_patterns, metric_math
from tests.unit.stack.test_template import resources, statements

ROOT = Path(__file__).parents[3]
NAMESPACE = {"Sub": "Callvault/${AWS::StackName}"}
ACTIONS = [{"If": ["HasAlarmTopic", {"Ref": "AlarmTopicArn"}, {"Ref": "AWS::NoValue"}]}]
COMMAND = re.compile(r"aws [a-z0-9-]+ [a-z-]+|tools/ops/callvault [a-z]+|https://|deploy with")
KINDS = {"function": "AWS::Serverless::Function", "queue": "AWS::SQS::Queue"}


def alarms(template: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return resources(template, "AWS::CloudWatch::Alarm")


def watched(alarm: dict[str, Any]) -> list[tuple[str, str, str]]:
    """Return namespace, metric and first dimension of what an alarm watches."""
    stats = [query["MetricStat"]["Metric"] for query in alarm.get("Metrics", []) if "MetricStat" in query] or [alarm]
    return [(str(stat["Namespace"]), stat["MetricName"], next(iter(value_of(stat)), "")) for stat in stats]


def value_of(stat: dict[str, Any]) -> list[str]:
    """Return the logical ids, or the texts, that a metric's dimensions mean."""
    found = []
    for dimension in stat.get("Dimensions", []):
        value = dimension["Value"]
        text = value.get("Ref") or value["GetAtt"] if isinstance(value, dict) else value
        found.append(text.partition(".")[0])
    return found


def every_watched(template: dict[str, Any]) -> set[tuple[str, str, str]]:
    return {one for alarm in alarms(template).values() for one in watched(alarm)}


def description(template: dict[str, Any], alarm: dict[str, Any]) -> str:
    """Return an alarm's text with its log pattern filled in."""
    return filter_patterns.written(template, alarm["AlarmDescription"])


def patterns(template: dict[str, Any]) -> dict[str, str]:
    """Return the pattern of each metric filter, by logical id."""
    filters = resources(template, "AWS::Logs::MetricFilter")
    return {name: filter_patterns.written(template, one["FilterPattern"]) for name, one in filters.items()}


def test_every_function_has_alarms_for_errors_and_throttles(template: dict[str, Any]) -> None:
    for name in resources(template, KINDS["function"]):
        assert ("AWS/Lambda", "Errors", name) in every_watched(template)
        assert ("AWS/Lambda", "Throttles", name) in every_watched(template)


def test_every_queue_has_an_alarm_for_its_age_and_one_for_its_dead_letters(
    template: dict[str, Any],
) -> None:
    for name in resources(template, KINDS["queue"]):
        letters = name.endswith("DeadLetters")
        metric = "ApproximateNumberOfMessagesVisible" if letters else "ApproximateAgeOfOldestMessage"
        assert ("AWS/SQS", metric, name) in every_watched(template)


def test_the_table_the_api_and_the_sweeps_schedule_have_alarms(template: dict[str, Any]) -> None:
    names = {(namespace, metric) for namespace, metric, _ in every_watched(template)}
    assert {("AWS/DynamoDB", "ThrottledRequests"), ("AWS/DynamoDB", "SystemErrors"), ("AWS/ApiGateway", "5xx")} <= names
    assert watched(alarms(template)["SweepStopped"]) == [("AWS/Lambda", "Invocations", "SweepRecordings")]


def test_the_tables_alarm_watches_every_operation_that_the_functions_may_do(template: dict[str, Any]) -> None:
    allowed = set()
    for _, statement in statements(template):
        actions = statement["Action"]
        allowed |= {actions} if isinstance(actions, str) else set(actions)
    operations = {action.removeprefix("dynamodb:") for action in allowed if action.startswith("dynamodb:")}
    queries = alarms(template)["TableRefuses"]["Metrics"][1:]
    told = {query["MetricStat"]["Metric"]["Dimensions"][1]["Value"] for query in queries}
    # An alarm has at most ten metrics (CloudWatch, "Limits that apply to alarms based on metric
    # math expressions"). A refused deletion of a count of parked callbacks loses nothing.
    assert told == operations - {"DeleteItem"}
    assert len(queries) <= 10


@pytest.mark.parametrize("name", ["TableRefuses", "FunctionsThrottled"])
def test_an_alarm_about_refusals_ends_with_them(template: dict[str, Any], name: str) -> None:
    states = metric_math.states(alarms(template)[name], {"m0": [None, 9, None, None, None, None, None, None]})
    assert states == ["OK", "ALARM", *["OK"] * 6]


def test_the_sweeps_alarm_does_not_go_off_before_the_first_run(template: dict[str, Any]) -> None:
    states = metric_math.states(alarms(template)["SweepStopped"], {"runs": [None] * 6 + [2] * 6})
    assert "ALARM" not in states
    assert states[-1] == "OK"


def test_the_sweeps_alarm_lasts_from_half_an_hour_without_a_run_until_it_runs_again(template: dict[str, Any]) -> None:
    states = metric_math.states(alarms(template)["SweepStopped"], {"runs": [2] * 6 + [None] * 20 + [2] * 4})
    assert states[4:8] == ["OK"] * 4
    assert set(states[8:26]) == {"ALARM"}
    assert states[-1] == "OK"


def test_the_alarm_about_slow_recordings_watches_every_provider(template: dict[str, Any]) -> None:
    alarm = alarms(template)["RecordingsSlow"]
    assert set(watched(alarm)) == {(str(NAMESPACE), timing.VERIFIED, provider) for provider in PROVIDERS}
    assert {query["MetricStat"]["Stat"] for query in alarm["Metrics"] if "MetricStat" in query} == {"p99"}
    assert metric_math.states(alarm, {"m1": [None, 5, 1201, 5, None]}) == ["OK", "OK", "ALARM", "OK", "OK"]


def test_a_recording_is_slow_if_its_first_four_attempts_did_not_do(template: dict[str, Any]) -> None:
    longest = sum(next_attempts.GAPS[:4]) * 1.2
    assert longest < alarms(template)["RecordingsSlow"]["Threshold"] < next_attempts.GAPS[4]


def test_the_dashboard_shows_how_long_each_providers_recordings_take(template: dict[str, Any]) -> None:
    for metric in (timing.STORED, timing.VERIFIED):
        found = [
            one for widget in widgets(template) for one in widget["properties"].get("metrics", []) if metric in one
        ]
        assert {(one[3], one[4]["stat"]) for one in found} == {(name, p) for name in PROVIDERS for p in ("p50", "p99")}


def test_every_alarm_describes_what_to_do_and_notifies_the_topic_if_there_is_one(template: dict[str, Any]) -> None:
    for name, alarm in alarms(template).items():
        assert COMMAND.search(description(template, alarm)), name
        assert len(description(template, alarm)) < 800, name  # 1,024 with what is substituted
        assert alarm["AlarmActions"] == alarm["OKActions"] == ACTIONS, name
        assert alarm["TreatMissingData"] == ("ignore" if name == "SweepStopped" else "notBreaching"), name


def test_every_resource_that_descriptions_and_dashboard_name_exists(template: dict[str, Any]) -> None:
    texts = [description(template, alarm) for alarm in alarms(template).values()]
    texts += [body["DashboardBody"]["Sub"] for body in resources(template, "AWS::CloudWatch::Dashboard").values()]
    known = set(template["Resources"]) | {"AWS::StackName", "AWS::Region"}
    for text in texts:
        named = {name.partition(".")[0] for name in re.findall(r"\$\{([^}]+)\}", text)}
        assert named <= known


def test_every_used_metric_is_created_and_every_created_metric_is_on_the_dashboard(template: dict[str, Any]) -> None:
    filtered = {
        transformation["MetricName"]
        for one in resources(template, "AWS::Logs::MetricFilter").values()
        for transformation in one["MetricTransformations"]
    }
    published = {*sweep.WAITING_METRICS.values(), *sweep.COUNT_METRICS.values(), silence.METRIC, refusals.METRIC}
    published |= {ignored.METRIC, overdue.METRIC, outcomes.UNEXPLAINED, outcomes.WITHOUT_CALLBACKS}
    published |= {timing.STORED, timing.VERIFIED}
    alarmed = {(metric, value) for namespace, metric, value in every_watched(template) if namespace == str(NAMESPACE)}
    assert {metric for metric, service in alarmed if not service} == filtered
    assert {metric for metric, service in alarmed if service} <= published
    assert {service for _, service in alarmed} == {"", "callvault", *PROVIDERS}
    assert filtered | published == set(shown(template, "Callvault/${AWS::StackName}"))


def widgets(template: dict[str, Any]) -> list[dict[str, Any]]:
    [dashboard] = resources(template, "AWS::CloudWatch::Dashboard").values()
    found: list[dict[str, Any]] = json.loads(dashboard["DashboardBody"]["Sub"])["widgets"]
    return found


def shown(template: dict[str, Any], namespace: str) -> dict[str, set[str]]:
    """Return the metrics of a namespace that the dashboard shows, and of what."""
    found: dict[str, set[str]] = {}
    for widget in widgets(template):
        for metric in widget["properties"].get("metrics", []):
            if metric[0] == namespace:
                found.setdefault(metric[1], set()).add(metric[3] if len(metric) > 3 else "")
    return found


def test_the_dashboard_shows_every_alarm_function_and_queue(template: dict[str, Any]) -> None:
    listed = {name for widget in widgets(template) for name in widget["properties"].get("alarms", [])}
    assert listed == {f"${{{name}.Arn}}" for name in alarms(template)}
    functions, queues = shown(template, "AWS/Lambda"), shown(template, "AWS/SQS")
    for name in resources(template, KINDS["function"]):
        assert all(f"${{{name}}}" in functions[metric] for metric in ("Errors", "Duration", "Throttles"))
    for name in resources(template, KINDS["queue"]):
        metric = "ApproximateNumberOfMessagesVisible" if name.endswith("Letters") else "ApproximateAgeOfOldestMessage"
        assert f"${{{name}.QueueName}}" in queues[metric]


def test_the_dashboards_widgets_do_not_overlap(template: dict[str, Any]) -> None:
    taken: set[tuple[int, int]] = set()
    for widget in widgets(template):
        place = {
            (x, y)
            for x in range(widget["x"], widget["x"] + widget["width"])
            for y in range(widget["y"], widget["y"] + widget["height"])
        }
        assert not place & taken
        assert max(x for x, _ in place) < 24
        taken |= place


def test_every_filter_pattern_is_supported_and_reads_a_log_of_the_stack(template: dict[str, Any]) -> None:
    logs = resources(template, "AWS::Logs::LogGroup")
    for name, one in resources(template, "AWS::Logs::MetricFilter").items():
        assert not filter_patterns.matches(patterns(template)[name], '{"message": "Swept", "status": 204}')
        assert one["LogGroupName"]["Ref"] in logs
        [transformation] = one["MetricTransformations"]
        assert (transformation["MetricNamespace"], transformation["MetricValue"]) == (NAMESPACE, "1")


def test_every_function_that_reads_accounts_has_a_filter_for_invalid_accounts(
    template: dict[str, Any],
) -> None:
    filters = resources(template, "AWS::Logs::MetricFilter")
    invalid = [name for name, one in patterns(template).items() if alarm_messages.ACCOUNT_INVALID in one]
    read = {filters[name]["LogGroupName"]["Ref"] for name in invalid}
    assert read == {f"{name}Logs" for name in resources(template, KINDS["function"])}


def access_line(template: dict[str, Any], route: str, status: int, function_status: int | None = None) -> str:
    """Return a line of the API's log; `function_status` is None if no function answered."""
    told = {"routeKey": route, "status": str(status), "integration.status": str(function_status or "-")}
    written = template["Resources"]["Api"]["Properties"]["AccessLogSettings"]["Format"]
    return re.sub(r"\$context\.([\w.]+)", lambda name: told.get(name[1], "-"), written)


def routes(template: dict[str, Any], function: str) -> list[str]:
    """Return the route keys of a function."""
    events = [event["Properties"] for event in template["Resources"][function]["Properties"]["Events"].values()]
    return [f"{event['Method']} {event['Path']}" for event in events]


@pytest.mark.parametrize(
    ("name", "status", "function_status"), [("UploadsTooLarge", 413, None), ("UploadsNotAudio", 415, 415)]
)
def test_an_upload_that_is_not_stored_matches_a_filter_of_the_apis_log(
    template: dict[str, Any], name: str, status: int, function_status: int | None
) -> None:
    pattern = patterns(template)[name]
    for route in routes(template, "ReceiveUpload"):
        assert filter_patterns.matches(pattern, access_line(template, route, status, function_status))
        assert not filter_patterns.matches(pattern, access_line(template, route, 201, 201))
    assert not filter_patterns.matches(pattern, access_line(template, "GET /api/v2/{path+}", status))


def test_one_alarm_counts_the_uploads_that_are_not_stored(template: dict[str, Any]) -> None:
    filters, alarms = (resources(template, f"AWS::{kind}") for kind in ("Logs::MetricFilter", "CloudWatch::Alarm"))
    metrics = {
        filters[name]["MetricTransformations"][0]["MetricName"] for name in ("UploadsTooLarge", "UploadsNotAudio")
    }
    assert metrics == {alarms["UploadsRefused"]["MetricName"]}


@pytest.mark.parametrize("status", [429, 503])
def test_a_callback_or_an_upload_that_the_gateway_throttles_matches_a_filter_of_its_log(
    template: dict[str, Any], status: int
) -> None:
    pattern = patterns(template)["CallbackThrottles"]
    for function in ("IngestCallback", "ReceiveUpload"):
        for route in routes(template, function):
            assert filter_patterns.matches(pattern, access_line(template, route, status))
    for route in routes(template, "QueryRecordings"):
        assert not filter_patterns.matches(pattern, access_line(template, route, status))


def test_a_503_of_the_function_is_no_throttled_callback(template: dict[str, Any]) -> None:
    pattern = patterns(template)["CallbackThrottles"]
    for route in routes(template, "IngestCallback"):
        assert not filter_patterns.matches(pattern, access_line(template, route, 503, 503))


@pytest.mark.parametrize("pattern", ["message", "{ $.a IS NULL }", "{ $.a = b }"])
def test_a_filter_pattern_of_another_form_is_not_supported(pattern: str) -> None:
    with pytest.raises(ValueError, match=re.escape(pattern.strip("{} "))):
        filter_patterns.matches(pattern, "{}")


def test_the_page_on_cost_counts_the_metrics_that_alarms_watch(template: dict[str, Any]) -> None:
    """CloudWatch charges for each metric of an alarm (Amazon CloudWatch pricing)."""
    page = (ROOT / "docs" / "getting-started.md").read_text()
    [said] = re.findall(r"^\| alarms \| about (\d+) metrics", page, re.MULTILINE)
    assert abs(int(said) - sum(len(watched(alarm)) for alarm in alarms(template).values())) <= 5
